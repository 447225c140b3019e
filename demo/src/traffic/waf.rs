//! What the traffic asks of AWS WAF: the facts of a request, and who judges them.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use jiff::{SignedDuration, Timestamp};

use super::gate::Step;
use super::layout::Known;
use super::payload;
use super::source::Entry;
use crate::estate::{Estate, RouteKey, Waf, WebAcl};
use crate::ledger::Verdict;

/// What is known of a request before API Gateway looks at it. All requests of one source to one method in one
/// second share their facts.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestFacts {
    /// An address that is typical of the source: every other one lies in the same network.
    pub client: IpAddr,
    /// The length of the network's prefix in bits.
    pub prefix: u8,
    /// Two capital letters.
    pub country: &'static str,
    /// `GET`, `POST`, ...
    pub method: String,
    /// The path with its parameters filled in, after the stage: `/prod/orders/o-17`.
    pub path: String,
    /// Without the question mark; empty for none.
    pub query: String,
    pub user_agent: &'static str,
    /// Names in lower case, in the order in which they were sent; `host` and `user-agent` are among them.
    pub headers: Vec<(&'static str, String)>,
    pub body_bytes: u32,
    /// The beginning of the body.
    pub body: String,
}

/// Judges requests by one web ACL. Rate rules remember, everything else doesn't.
pub trait WebAclEngine: Send + std::fmt::Debug {
    /// The verdict by the statements that need no memory.
    fn judge(&self, facts: &RequestFacts) -> Verdict;

    /// The verdict on all requests of one source to one method in one second, by rate rules too. The requests
    /// are spread evenly over so many addresses of the source's network.
    fn observe(&mut self, at: Timestamp, facts: &RequestFacts, requests: u64, addresses: u32) -> Verdict;
}

/// Makes the engine of a web ACL. IP sets and rule groups that it refers to are in the account's WAF.
pub type CompileWebAcl = fn(&WebAcl, &Waf) -> Box<dyn WebAclEngine>;

/// The web ACLs of one account as the data plane knows them.
#[derive(Debug)]
pub struct Wall {
    compile: CompileWebAcl,
    acls: HashMap<String, Box<dyn WebAclEngine>>,
    /// The lock tokens of all that the engines were made of.
    tokens: Vec<String>,
    /// What the estate says since when, if that is something else.
    next: Option<(Vec<String>, Timestamp)>,
}

impl Wall {
    /// No ACL yet.
    pub fn new(compile: CompileWebAcl) -> Self {
        Self { compile, acls: HashMap::new(), tokens: Vec::new(), next: None }
    }

    /// Takes up what the estate says, `propagation` after it began to say it.
    pub fn follow(&mut self, estate: &Estate, now: Timestamp, propagation: SignedDuration) {
        let tokens = tokens(&estate.waf);
        if tokens == self.tokens {
            self.next = None;
            return;
        }
        let since = match &self.next {
            Some((next, since)) if *next == tokens => *since,
            _ if self.tokens.is_empty() => Timestamp::MIN,
            _ => now,
        };
        if since == Timestamp::MIN || now.duration_since(since) >= propagation {
            let acls = estate.waf.web_acls.iter();
            self.acls = acls.map(|acl| (acl.arn.clone(), (self.compile)(acl, &estate.waf))).collect();
            self.tokens = tokens;
            self.next = None;
        } else {
            self.next = Some((tokens, since));
        }
    }

    /// What an ACL says of some requests with these facts; `None` where there is no such ACL. Without a step
    /// nothing is remembered.
    pub fn judge(
        &mut self,
        arn: &str,
        facts: &RequestFacts,
        step: Option<(Step, u64, u32)>,
    ) -> Option<Verdict> {
        let engine = self.acls.get_mut(arn)?;
        let Some((step, requests, addresses)) = step else { return Some(engine.judge(facts)) };
        // A longer step is as many seconds with a share of the requests each; the last one's verdict stands for all.
        let each = requests.div_ceil(u64::from(step.seconds.max(1)));
        let mut verdict = engine.observe(step.start, facts, each, addresses);
        for second in 1..i64::from(step.seconds) {
            verdict = engine.observe(step.start + SignedDuration::from_secs(second), facts, each, addresses);
        }
        Some(verdict)
    }
}

/// Changes whenever an ACL or what it refers to does.
fn tokens(waf: &Waf) -> Vec<String> {
    let acls = waf.web_acls.iter().map(|acl| &acl.lock_token);
    let sets = waf.ip_sets.iter().map(|set| &set.lock_token);
    let patterns = waf.regex_pattern_sets.iter().map(|set| &set.lock_token);
    let groups = waf.rule_groups.iter().map(|group| &group.lock_token);
    let versions = waf.managed_versions.iter().map(|(group, version)| format!("{group}#{version}"));
    acls.chain(sets).chain(patterns).chain(groups).cloned().chain(versions).collect()
}

/// What WAF sees of a source's requests to a route.
pub fn facts(entry: &Entry, stage: &str, known: &Known) -> RequestFacts {
    let (verb, _) = known.key.http().unwrap_or(("GET", "/"));
    let body_bytes = payload::body_bytes(&known.key, known.large, 0.5);
    let mut headers = vec![
        ("host", "api.shop.example".to_owned()),
        ("user-agent", entry.user_agent.to_owned()),
        ("accept", "application/json".to_owned()),
    ];
    if body_bytes > 0 {
        headers.push(("content-type", "application/json".to_owned()));
        headers.push(("content-length", body_bytes.to_string()));
    }
    if entry.key.is_some() {
        headers.push(("x-api-key", "present".to_owned()));
    }
    RequestFacts {
        client: IpAddr::V4(Ipv4Addr::from(entry.network.0.wrapping_add(1))),
        prefix: entry.network.1,
        country: entry.country,
        method: verb.to_owned(),
        path: format!("/{stage}{}", payload::path(&known.key, None, 0.3)),
        query: String::new(),
        user_agent: entry.user_agent,
        headers,
        body_bytes,
        body: body(&known.key, body_bytes),
    }
}

/// The beginning of a body.
fn body(key: &RouteKey, bytes: u32) -> String {
    match key.http() {
        _ if bytes == 0 => String::new(),
        Some((_, path)) if path.starts_with("/orders") => {
            r#"{"cart":"cart-000317","currency":"EUR","positions":[{"sku":"SKU-000042","quantity":1}"#
                .to_owned()
        }
        _ => r#"{"name":"example","quantity":1}"#.to_owned(),
    }
}
