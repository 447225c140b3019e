//! One look at all buckets: who of those that wait may go now, and when the
//! others may. Pure, but for the levels that it alters.

use std::collections::BTreeMap;
use std::time::Duration;

use super::store::{Entries, Entry};
use crate::aws::operations::Operation;
use crate::aws::operations::quotas::{self, API_GATEWAY, Quota};
use crate::domain::token_bucket::Nanoseconds;

/// How long a 429 halves the pace.
const PENALTY: Duration = Duration::from_mins(1);

/// What to do with the buckets in one step.
#[derive(Debug, Default)]
pub struct Demand {
    /// Those that wait, the most urgent first.
    pub waiting: Vec<&'static Operation>,
    /// Operations of which only the wait is asked, behind all that wait.
    pub asked: Vec<&'static Operation>,
    /// Tokens that were granted to someone who had gone by then.
    pub returned: Vec<Grant>,
    /// Operations that AWS answered with 429.
    pub penalised: Vec<&'static Operation>,
}

/// A token of each of an operation's buckets.
#[derive(Clone, Copy, Debug)]
pub struct Grant {
    pub operation: &'static Operation,
    /// The time at which it was granted tells which weight was taken.
    pub at: Nanoseconds,
}

/// The outcome for one that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Now,
    In(Duration),
}

/// What came of a [`Demand`].
#[derive(Debug)]
pub struct Settlement {
    pub at: Nanoseconds,
    /// One for each that waited, in the same order.
    pub turns: Vec<Turn>,
    /// The wait of each that was asked for, in the same order.
    pub answers: Vec<Duration>,
    /// When to look again: the first time at which someone may go.
    pub next: Option<Duration>,
    /// Control-plane tokens left.
    pub left: u32,
    /// The control plane's pace now.
    pub pace: f64,
    /// The latest end of a penalty that lasts.
    pub penalty_until: Option<Nanoseconds>,
}

/// Returns tokens, applies penalties, then grants in order. An operation takes
/// from all of its buckets or from none, and one that can't go holds back none
/// of those behind it: the bucket that it lacks is empty for them as well.
pub fn settle(entries: &mut Entries, demand: &Demand, share: f64, now: Nanoseconds) -> Settlement {
    for grant in &demand.returned {
        for quota in quotas::of(grant.operation) {
            let entry = entry_of(entries, quota);
            let level = quota.bucket(share).give_back(entry.level(), weight(entry, grant.at));
            entry.set_level(level);
        }
    }
    for operation in &demand.penalised {
        for quota in quotas::of(operation) {
            let entry = entry_of(entries, quota);
            entry.set_level(quota.bucket(share).emptied(entry.level(), now));
            entry.penalty_until = now.saturating_add(nanoseconds(PENALTY));
        }
    }
    // A penalty from before the clock was set back would never end.
    for entry in entries.values_mut() {
        entry.penalty_until = entry.penalty_until.min(now.saturating_add(nanoseconds(PENALTY)));
    }
    let granted: Vec<bool> =
        demand.waiting.iter().map(|operation| grant(entries, operation, share, now)).collect();
    let next = demand
        .waiting
        .iter()
        .zip(&granted)
        .filter(|(_, granted)| !**granted)
        .map(|(operation, _)| wait(entries, operation, share, now))
        .min();
    let turns = turns(entries, &demand.waiting, &granted, share, now);
    let ask = |operation: &&'static Operation| {
        let waiting: Vec<_> = demand.waiting.iter().copied().chain([*operation]).collect();
        let granted: Vec<bool> = granted.iter().copied().chain([false]).collect();
        match self::turns(entries, &waiting, &granted, share, now).pop() {
            Some(Turn::In(wait)) => wait,
            Some(Turn::Now) | None => Duration::ZERO,
        }
    };
    let answers = demand.asked.iter().map(ask).collect();
    let pool = API_GATEWAY.bucket(share);
    let entry = entry_of(entries, &API_GATEWAY);
    Settlement {
        at: now,
        turns,
        answers,
        next,
        left: pool.left(entry.level(), now) / weight(entry, now),
        pace: pool.pace() / f64::from(weight(entry, now)),
        penalty_until: entries.values().map(|entry| entry.penalty_until).filter(|until| *until > now).max(),
    }
}

/// Takes a token of each bucket, if each has one.
fn grant(entries: &mut Entries, operation: &'static Operation, share: f64, now: Nanoseconds) -> bool {
    if !wait(entries, operation, share, now).is_zero() {
        return false;
    }
    for quota in quotas::of(operation) {
        let entry = entry_of(entries, quota);
        let level = quota.bucket(share).take(entry.level(), now, weight(entry, now));
        entry.set_level(level);
    }
    true
}

/// How long until all of an operation's buckets have a token.
fn wait(entries: &mut Entries, operation: &'static Operation, share: f64, now: Nanoseconds) -> Duration {
    quotas::of(operation)
        .map(|quota| {
            let level = entry_of(entries, quota).level();
            quota.bucket(share).wait(level, now)
        })
        .max()
        .unwrap_or_default()
}

/// The turn of each, counting those ahead of it in each of its buckets.
fn turns(
    entries: &mut Entries,
    waiting: &[&'static Operation],
    granted: &[bool],
    share: f64,
    now: Nanoseconds,
) -> Vec<Turn> {
    let mut ahead: BTreeMap<&'static str, u32> = BTreeMap::new();
    let mut turns = Vec::with_capacity(waiting.len());
    for (operation, granted) in waiting.iter().zip(granted) {
        if *granted {
            turns.push(Turn::Now);
            continue;
        }
        let mut longest = Duration::ZERO;
        for quota in quotas::of(operation) {
            let entry = entry_of(entries, quota);
            let before = ahead.entry(quota.name).or_default();
            longest =
                longest.max(quota.bucket(share).wait_behind(entry.level(), now, *before, weight(entry, now)));
            *before += 1;
        }
        turns.push(Turn::In(longest));
    }
    turns
}

fn entry_of<'a>(entries: &'a mut Entries, quota: &Quota) -> &'a mut Entry {
    if !entries.contains_key(quota.name) {
        entries.insert(quota.name.to_owned(), Entry::default());
    }
    entries.entry(quota.name.to_owned()).or_default()
}

fn weight(entry: &Entry, at: Nanoseconds) -> u32 {
    if entry.penalty_until > at { 2 } else { 1 }
}

fn nanoseconds(duration: Duration) -> Nanoseconds {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::operations::{GET_RESOURCES, GET_STAGES};

    const NOW: Nanoseconds = 1_000_000_000_000;

    #[test]
    fn a_token_that_nobody_took_goes_back_to_every_bucket() {
        let mut entries = Entries::new();
        let ask = |count| Demand { waiting: vec![&GET_RESOURCES; count], ..Demand::default() };
        let first = settle(&mut entries, &ask(2), 0.5, NOW);
        assert_eq!((first.turns, first.left), (vec![Turn::Now; 2], 18));
        let returned = vec![Grant { operation: &GET_RESOURCES, at: NOW }];
        let second = settle(&mut entries, &Demand { returned, ..ask(2) }, 0.5, NOW);
        assert_eq!(second.turns, [Turn::Now, Turn::In(Duration::from_millis(800))]);
        assert_eq!(second.left, 18);
    }

    #[test]
    fn whoever_waits_for_its_own_quota_takes_nothing_from_the_pool() {
        let mut entries = Entries::new();
        let waiting = [vec![&GET_RESOURCES; 3], vec![&GET_STAGES; 18]].concat();
        let settled = settle(&mut entries, &Demand { waiting, ..Demand::default() }, 0.5, NOW);
        assert_eq!(settled.turns.iter().filter(|turn| **turn == Turn::Now).count(), 20);
        assert_eq!(settled.turns[2], Turn::In(Duration::from_millis(800)));
        assert_eq!(settled.left, 0);
    }
}
