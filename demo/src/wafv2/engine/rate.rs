//! Rate-based rules: addresses that send more than a limit within a window.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};

use super::statement::{Context, Statement};
use crate::traffic::waf::RequestFacts;

/// AWS: how often a rate rule looks at its counts, about.
const CHECK: SignedDuration = SignedDuration::from_secs(10);
/// AWS: addresses that one rule limits at once.
const MOST_ADDRESSES: usize = 10_000;

/// The requests of one source in one second.
#[derive(Debug)]
pub struct Load {
    pub at: Timestamp,
    pub requests: u64,
    /// How many addresses they come from, evenly.
    pub addresses: u32,
    pub limited: Arc<Limited>,
    pub acl: String,
}

/// Which addresses each rule of each web ACL limits now. Shared by the engines that fill it and the service that
/// shows it.
#[derive(Debug, Default)]
pub struct Limited {
    by_rule: Mutex<BTreeMap<(String, String), Vec<IpAddr>>>,
}

impl Limited {
    /// The addresses that a rule limits now.
    pub fn addresses(&self, acl_arn: &str, rule: &str) -> Vec<IpAddr> {
        let by_rule = self.by_rule.lock().unwrap_or_else(PoisonError::into_inner);
        by_rule.get(&(acl_arn.to_owned(), rule.to_owned())).cloned().unwrap_or_default()
    }

    fn set(&self, acl_arn: &str, rule: &str, addresses: Vec<IpAddr>) {
        let mut by_rule = self.by_rule.lock().unwrap_or_else(PoisonError::into_inner);
        by_rule.insert((acl_arn.to_owned(), rule.to_owned()), addresses);
    }
}

/// A rate rule and what it has counted.
#[derive(Debug)]
pub struct RateRule {
    /// Requests of one address within the window.
    pub limit: u64,
    pub window: SignedDuration,
    /// Whether all requests count together, whatever their address.
    pub together: bool,
    pub scope_down: Option<Box<Statement>>,
    pub counts: Counts,
}

/// Requests by source, and which sources are over the limit.
#[derive(Debug, Default)]
pub struct Counts {
    sources: HashMap<Source, Window>,
    checked: Option<Timestamp>,
}

/// A network of addresses that behave alike.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Source {
    network: Option<IpNet>,
}

#[derive(Debug, Default)]
struct Window {
    /// Requests by the second in which they came.
    seconds: VecDeque<(Timestamp, u64)>,
    addresses: u32,
    over: bool,
}

impl RateRule {
    /// Whether the rule counts such requests at all.
    pub fn is_meant(&self, context: &Context<'_>) -> bool {
        self.scope_down.as_ref().is_none_or(|scope| scope.matches(context))
    }

    /// Whether the source was over the limit when the rule last looked.
    pub fn is_over(&self, facts: &RequestFacts) -> bool {
        self.counts.sources.get(&self.source(facts)).is_some_and(|window| window.over)
    }

    /// Counts requests, and looks at the counts when it is time.
    pub fn count(&mut self, facts: &RequestFacts, load: &Load, rule: &str) {
        let source = self.source(facts);
        let window = self.counts.sources.entry(source).or_default();
        window.addresses = if self.together { 1 } else { load.addresses.max(1) };
        match window.seconds.back_mut() {
            Some((at, requests)) if *at == load.at => *requests += load.requests,
            _ => window.seconds.push_back((load.at, load.requests)),
        }
        if self.counts.checked.is_none_or(|checked| load.at.duration_since(checked) >= CHECK) {
            self.check(load, rule);
        }
    }

    fn check(&mut self, load: &Load, rule: &str) {
        self.counts.checked = Some(load.at);
        let begin = load.at.saturating_sub(self.window).unwrap_or(Timestamp::MIN);
        let mut limited = Vec::new();
        self.counts.sources.retain(|source, window| {
            while window.seconds.front().is_some_and(|(at, _)| *at <= begin) {
                window.seconds.pop_front();
            }
            let requests: u64 = window.seconds.iter().map(|(_, requests)| requests).sum();
            window.over = requests / u64::from(window.addresses.max(1)) > self.limit;
            if let (true, Some(network)) = (window.over, source.network) {
                let room = MOST_ADDRESSES.saturating_sub(limited.len());
                let wanted = usize::try_from(window.addresses).unwrap_or(usize::MAX).min(room);
                limited.extend(network.hosts().take(wanted));
            }
            !window.seconds.is_empty()
        });
        load.limited.set(&load.acl, rule, limited);
    }

    fn source(&self, facts: &RequestFacts) -> Source {
        let network = IpNet::new(facts.client, facts.prefix).ok().map(|network| network.trunc());
        Source { network: network.filter(|_| !self.together) }
    }
}
