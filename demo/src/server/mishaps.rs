//! The mishaps that hold now, and what they do to a request.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::response::Response;
use rand::Rng;

use super::connection::Hangup;
use super::fault::{Fault, Protocol};
use super::mishap::{Kind, Mishap};

/// The mishaps that hold now; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Mishaps {
    list: Arc<RwLock<Vec<Mishap>>>,
}

/// What becomes of one request.
#[derive(Debug, Default)]
pub struct Fate {
    delay: Duration,
    /// The answer instead of the service's.
    refusal: Option<Refusal>,
    ending: Ending,
}

#[derive(Debug)]
enum Refusal {
    Fault(Fault),
    Throttled,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Ending {
    #[default]
    Whole,
    Dropped,
    Cut,
    WebPage,
}

impl Mishaps {
    /// All that hold, in the order in which they came.
    pub fn list(&self) -> Vec<Mishap> {
        self.list.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets one more go wrong.
    pub fn add(&self, mishap: Mishap) {
        self.list.write().unwrap_or_else(PoisonError::into_inner).push(mishap);
    }

    /// Lets all be well again.
    pub fn clear(&self) {
        self.list.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Seconds by which the region's clock is off.
    pub fn skew_seconds(&self) -> i64 {
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        list.iter()
            .filter_map(|mishap| match mishap.kind {
                Kind::Skew { seconds } => Some(seconds),
                _ => None,
            })
            .sum()
    }

    /// Draws what becomes of a request for this operation.
    pub fn fate(&self, service: &str, operation: &str) -> Fate {
        let list = self.list.read().unwrap_or_else(PoisonError::into_inner);
        let mut fate = Fate::default();
        let mut rng = rand::rng();
        for mishap in list.iter().filter(|mishap| mishap.meets(service, operation)) {
            if rng.random::<f64>() >= mishap.scope.share {
                continue;
            }
            match &mishap.kind {
                Kind::Latency { milliseconds, spread } => {
                    fate.delay += Duration::from_millis(milliseconds + rng.random_range(0..=*spread));
                }
                Kind::Error { status, code } => {
                    let message = "The request failed on demand of whoever runs this region";
                    fate.refuse(Refusal::Fault(Fault::named(*status, code, message)));
                }
                Kind::Throttle => fate.refuse(Refusal::Throttled),
                Kind::Expired => {
                    let message = "The security token included in the request is expired";
                    fate.refuse(Refusal::Fault(Fault::new(403, "ExpiredTokenException", message)));
                }
                Kind::Drop | Kind::Gone => fate.ending = Ending::Dropped,
                Kind::Cut if fate.ending == Ending::Whole => fate.ending = Ending::Cut,
                Kind::ContentType if fate.ending == Ending::Whole => fate.ending = Ending::WebPage,
                Kind::Cut | Kind::ContentType | Kind::Skew { .. } => {}
            }
        }
        fate
    }
}

impl Fate {
    /// How much later the answer comes.
    pub fn delay(&self) -> Duration {
        self.delay
    }

    /// Whether the service shall not hear of the request.
    pub fn refusal(&self, protocol: Protocol) -> Option<Fault> {
        match self.refusal.as_ref()? {
            Refusal::Fault(fault) => Some(fault.clone()),
            Refusal::Throttled => Some(Fault::throttled(protocol)),
        }
    }

    /// Whether no answer is to be had: nothing is done, and the connection breaks off.
    pub fn is_dropped(&self) -> bool {
        self.ending == Ending::Dropped
    }

    /// What the client gets of an answer.
    pub async fn spoil(&self, response: Response, hangup: &Hangup) -> Response {
        match self.ending {
            Ending::Whole => response,
            Ending::Dropped => {
                hangup.sever();
                response
            }
            Ending::Cut => cut(response, hangup.clone()).await,
            Ending::WebPage => {
                let mut response = Response::new(Body::from("<html><body>Please sign in</body></html>"));
                response.headers_mut().insert("content-type", HeaderValue::from_static("text/html"));
                response
            }
        }
    }

    /// The first refusal holds.
    fn refuse(&mut self, refusal: Refusal) {
        self.refusal.get_or_insert(refusal);
    }
}

/// Announces the whole body, sends the half of it, and breaks off.
async fn cut(response: Response, hangup: Hangup) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    // An answer without a body is cut before its end all the same: one byte was announced.
    let announced = body.len().max(1);
    parts.headers.insert("content-length", HeaderValue::from(announced));
    let half = body.slice(..body.len() / 2);
    let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    tokio::spawn(async move {
        // The client may be gone already; then there is nothing to break off.
        if sender.send(Ok(half)).await.is_ok() {
            // Taken from the channel, the half is on its way before the connection breaks.
            sender.reserve().await.ok();
            tokio::time::sleep(Duration::from_millis(20)).await;
            hangup.sever();
            let _ = sender.send(Err(std::io::Error::other("cut on demand"))).await;
        }
    });
    Response::from_parts(parts, Body::from_stream(Receiving(receiver)))
}

/// A channel as a stream.
struct Receiving(tokio::sync::mpsc::Receiver<Result<Bytes, std::io::Error>>);

impl futures_core::Stream for Receiving {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}
