//! A proxy that stands between AWS clients and a server, counts what passes, and makes it fail.
//!
//! Faults take the shape that AWS gives them in the protocol of the call: restJson1 for API Gateway,
//! RPC v2 CBOR for CloudWatch, awsJson for DynamoDB, and awsQuery's XML for STS.

use std::collections::BTreeMap;
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::http::{Request, Response};
use super::wire::{Protocol, operation_of};

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The answer comes this much later.
    Delay(Duration),
    /// Refused as too many requests: 429, or 400 where the protocol says so.
    Throttle,
    /// An error of the service, with status 500.
    InternalFailure,
    /// An error of the service, with status 503.
    ServiceUnavailable,
    /// Refused because the session's token has expired.
    ExpiredToken,
    /// Refused because the caller's policies don't allow the call.
    AccessDenied,
    /// The connection closes before an answer.
    DropConnection,
    /// The connection closes in the middle of the body.
    CutBody,
    /// The body is broken: neither JSON nor CBOR nor XML.
    MalformedBody,
    /// The answer is a page of HTML with status 200, as captive portals give it.
    ForeignContent,
    /// The request loses its page size on the way, so that the server's own holds.
    LostPageSize,
}

/// Which requests of an operation a fault meets.
#[derive(Debug, Clone, Copy)]
pub enum Occurrence {
    Every,
    /// The first so many, counted from the rule's making.
    First(usize),
    /// Only this one, counted from 1 and from the rule's making.
    Nth(usize),
}

#[derive(Debug)]
struct Rule {
    /// An operation's name, or a part of the path and query.
    matches: String,
    occurrence: Occurrence,
    fault: Fault,
    seen: usize,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    requests: BTreeMap<String, usize>,
    stopped: bool,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Told when the proxy stops, so that delays end with it.
    stopped: Condvar,
    /// Held while a request is at the server, where they come to it one after the other.
    turn: Option<Mutex<()>>,
}

/// A running proxy, which stops when it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: String,
    shared: Arc<Shared>,
}

impl FaultProxy {
    /// Starts a proxy on a free loopback port before `upstream`, a URL such as `http://127.0.0.1:4566`.
    pub fn before(upstream: &str) -> Self {
        Self::start(upstream, Shared::default())
    }

    /// The same, but requests come to the server one after the other: emulators that look at a condition and write
    /// afterwards are no judges of what comes at the same time.
    pub fn one_at_a_time_before(upstream: &str) -> Self {
        Self::start(upstream, Shared { turn: Some(Mutex::default()), ..Shared::default() })
    }

    fn start(upstream: &str, shared: Shared) -> Self {
        let upstream =
            upstream.strip_prefix("http://").expect("the server speaks HTTP").trim_end_matches('/');
        let upstream: Arc<str> = upstream.into();
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port is free");
        let address = listener.local_addr().expect("the listener has an address").to_string();
        let shared = Arc::new(shared);
        thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    if shared.lock().stopped {
                        break;
                    }
                    let (shared, upstream) = (Arc::clone(&shared), Arc::clone(&upstream));
                    thread::spawn(move || {
                        // A client that went away is part of what the tests do.
                        drop(shared.serve(&stream, &upstream));
                        drop(stream.shutdown(Shutdown::Both));
                    });
                }
            }
        });
        Self { address, shared }
    }

    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes requests fail whose operation is `matches`, or whose path and query contain it.
    pub fn inject(&self, matches: &str, occurrence: Occurrence, fault: Fault) -> &Self {
        self.shared.lock().rules.push(Rule { matches: matches.to_owned(), occurrence, fault, seen: 0 });
        self
    }

    /// Takes all faults away.
    pub fn heal(&self) -> &Self {
        self.shared.lock().rules.clear();
        self
    }

    /// How many requests of each operation came to the proxy.
    pub fn requests(&self) -> BTreeMap<String, usize> {
        self.shared.lock().requests.clone()
    }

    /// How many requests of one operation came to the proxy.
    pub fn count(&self, operation: &str) -> usize {
        self.shared.lock().requests.get(operation).copied().unwrap_or_default()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        self.shared.stopped.notify_all();
        // The listener wakes for one more connection, and sees that it has been stopped.
        drop(TcpStream::connect(&self.address));
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no holder of the proxy's state panics")
    }

    fn serve(&self, stream: &TcpStream, upstream: &str) -> io::Result<()> {
        let Some(request) = Request::read(stream)? else { return Ok(()) };
        let protocol = Protocol::of(&request);
        let fault = self.lock().meet(&operation_of(&request), &request.target);
        let forward = || {
            let _turn = self.turn.as_ref().map(|turn| turn.lock().expect("no holder of the turn panics"));
            request.forward(upstream)
        };
        match fault {
            None => {
                let answer = forward()?;
                answer.send(stream, answer.body.len())
            }
            Some(Fault::Delay(delay)) => {
                self.wait(delay);
                let answer = forward()?;
                answer.send(stream, answer.body.len())
            }
            Some(Fault::DropConnection) => Ok(()),
            Some(Fault::CutBody) => {
                let answer = forward()?;
                answer.send(stream, answer.body.len() / 2)
            }
            Some(Fault::MalformedBody) => {
                let mut answer = forward()?;
                answer.body = protocol.malformed_body();
                answer.send(stream, answer.body.len())
            }
            Some(Fault::ForeignContent) => {
                let body = b"<html><body>Please log in to the network</body></html>".to_vec();
                let mut answer = Response { status: 200, headers: Vec::new(), body };
                answer.set_header("content-type", "text/html");
                answer.send(stream, answer.body.len())
            }
            Some(Fault::LostPageSize) => {
                let answer = request.without_parameters(&["limit", "maxResults"]).forward(upstream)?;
                answer.send(stream, answer.body.len())
            }
            Some(Fault::Throttle) => protocol.throttled().send(stream, usize::MAX),
            Some(Fault::InternalFailure) => {
                protocol.error(500, "InternalFailure", "We had a problem.").send(stream, usize::MAX)
            }
            Some(Fault::ServiceUnavailable) => protocol
                .error(503, "ServiceUnavailableException", "Try again later.")
                .send(stream, usize::MAX),
            Some(Fault::ExpiredToken) => protocol.expired_token().send(stream, usize::MAX),
            Some(Fault::AccessDenied) => protocol.access_denied().send(stream, usize::MAX),
        }
    }

    fn wait(&self, delay: Duration) {
        let deadline = Instant::now() + delay;
        let mut state = self.lock();
        while !state.stopped {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.stopped.wait_timeout(state, left).expect("no holder of the proxy's state panics").0;
        }
    }
}

impl State {
    /// Counts a request, and says which fault it meets: that of the first rule that fits.
    fn meet(&mut self, operation: &str, target: &str) -> Option<Fault> {
        *self.requests.entry(operation.to_owned()).or_default() += 1;
        let mut fault = None;
        for rule in
            self.rules.iter_mut().filter(|rule| rule.matches == operation || target.contains(&rule.matches))
        {
            rule.seen += 1;
            let met = match rule.occurrence {
                Occurrence::Every => true,
                Occurrence::First(number) => rule.seen <= number,
                Occurrence::Nth(number) => rule.seen == number,
            };
            if met && fault.is_none() {
                fault = Some(rule.fault);
            }
        }
        fault
    }
}
