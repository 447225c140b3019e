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

/// Parts of a window that are told apart; the oldest is left out as a whole. AWS: a rule estimates its counts, and may
/// be some seconds late. A large region has thousands of sources, and no room for each of their seconds.
const PARTS: i64 = 30;

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
    /// Requests by the part in which they came, ascending: its number since 1970-01-01.
    parts: VecDeque<(u32, u32)>,
    addresses: u32,
    over: bool,
}

impl Window {
    /// Adds requests. A longer step comes source by source, so that its seconds come again and again.
    fn count(&mut self, part: u32, requests: u64) {
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        let place = self.parts.partition_point(|(other, _)| *other < part);
        match self.parts.get_mut(place) {
            Some((other, counted)) if *other == part => *counted = counted.saturating_add(requests),
            _ => self.parts.insert(place, (part, requests)),
        }
    }
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

    /// The number of the part that a time lies in.
    fn part(&self, at: Timestamp) -> u32 {
        let seconds = (self.window.as_secs() / PARTS).max(1);
        u32::try_from(at.as_second().div_euclid(seconds)).unwrap_or(0)
    }

    /// Counts requests, and looks at the counts when it is time.
    pub fn count(&mut self, facts: &RequestFacts, load: &Load, rule: &str) {
        let (source, part) = (self.source(facts), self.part(load.at));
        let window = self.counts.sources.entry(source).or_default();
        window.addresses = if self.together { 1 } else { load.addresses.max(1) };
        window.count(part, load.requests);
        if self.counts.checked.is_none_or(|checked| load.at.duration_since(checked) >= CHECK) {
            self.check(load, rule);
        }
    }

    fn check(&mut self, load: &Load, rule: &str) {
        self.counts.checked = Some(load.at);
        let begin = self.part(load.at.saturating_sub(self.window).unwrap_or(Timestamp::MIN));
        let mut limited = Vec::new();
        self.counts.sources.retain(|source, window| {
            while window.parts.pop_front_if(|(part, _)| *part <= begin).is_some() {}
            let requests: u64 = window.parts.iter().map(|(_, requests)| u64::from(*requests)).sum();
            window.over = requests / u64::from(window.addresses.max(1)) > self.limit;
            if let (true, Some(network)) = (window.over, source.network) {
                let room = MOST_ADDRESSES.saturating_sub(limited.len());
                let wanted = usize::try_from(window.addresses).unwrap_or(usize::MAX).min(room);
                limited.extend(network.hosts().take(wanted));
            }
            !window.parts.is_empty()
        });
        load.limited.set(&load.acl, rule, limited);
    }

    fn source(&self, facts: &RequestFacts) -> Source {
        let network = IpNet::new(facts.client, facts.prefix).ok().map(|network| network.trunc());
        Source { network: network.filter(|_| !self.together) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_that_come_again_add_up_in_few_parts() {
        let mut window = Window::default();
        for _ in 0..4 {
            (0..600_u32).for_each(|second| window.count(second / 10, 2));
        }
        assert_eq!(window.parts.len(), 60);
        assert!(window.parts.iter().zip(0..).all(|(part, number)| *part == (number, 80)));
        window.count(3, u64::MAX);
        assert_eq!(window.parts[3], (3, u32::MAX));
    }
}
