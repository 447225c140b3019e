//! What the traffic asks of AWS WAF: the facts of a request, and who judges them.

use std::net::IpAddr;

use jiff::Timestamp;

use crate::estate::{Waf, WebAcl};
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
