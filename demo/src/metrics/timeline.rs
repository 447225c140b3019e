//! What happened minute by minute, oldest first: a record for each minute in which something happened.

use std::collections::VecDeque;

use super::summary::Summary;

/// A minute since the epoch.
pub type Minute = i64;

/// Minutes that AWS calls recent, and charts too: the past has a record for each of them.
pub const FINE_MINUTES: Minute = 3 * 60;

/// A record that can be made smaller when its minute is over.
pub trait Shrink {
    /// Trades the precision of percentiles for memory.
    fn coarsen(&mut self);
    /// Gives back memory that is only needed while values are added.
    fn compact(&mut self);
}

impl Shrink for Summary {
    fn coarsen(&mut self) {
        Self::coarsen(self);
    }

    fn compact(&mut self) {
        Self::compact(self);
    }
}

/// For how many minutes records are kept. AWS keeps one-minute points for 15 days; a region in memory keeps what fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Minutes with percentiles at full precision.
    pub fine: Minute,
    /// Minutes for which there is anything.
    pub kept: Minute,
}

/// Records of all series together that keep full precision: a kilobyte each at most, packed as they are.
const FINE_RECORDS: Minute = 40_000;
/// Records of all series together that are kept: half a kilobyte each at most.
const KEPT_RECORDS: Minute = 500_000;

impl Retention {
    /// What fits for this number of series. A small region keeps a working day, three hours of it in full precision;
    /// one with thousands of APIs keeps the last hour at least.
    pub fn for_series(series: usize) -> Self {
        let series = Minute::try_from(series).unwrap_or(Minute::MAX).max(1);
        Self {
            fine: (FINE_RECORDS / series).clamp(3, FINE_MINUTES),
            kept: (KEPT_RECORDS / series).clamp(75, 12 * 60),
        }
    }
}

/// The records of one thing's minutes.
#[derive(Clone, Debug)]
pub struct Timeline<T> {
    minutes: VecDeque<(Minute, T)>,
    /// All minutes before this one are coarse already.
    coarse_before: Minute,
    /// All minutes before this one take no more memory than they need.
    compact_before: Minute,
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self { minutes: VecDeque::new(), coarse_before: 0, compact_before: 0 }
    }
}

impl<T: Default + Shrink> Timeline<T> {
    /// The last minute with a record, and the record.
    pub fn latest(&self) -> Option<(Minute, &T)> {
        self.minutes.back().map(|(minute, record)| (*minute, record))
    }

    /// The record of a minute, to be added to. Minutes may come in any order.
    pub fn at(&mut self, minute: Minute) -> &mut T {
        let at = match self.minutes.back() {
            Some((last, _)) if *last == minute => self.minutes.len() - 1,
            Some((last, _)) if *last < minute => self.append(minute),
            None => self.append(minute),
            Some(_) => match self.minutes.binary_search_by_key(&minute, |(minute, _)| *minute) {
                Ok(at) => at,
                Err(at) => {
                    self.minutes.insert(at, (minute, T::default()));
                    at
                }
            },
        };
        &mut self.minutes[at].1
    }

    /// The minutes with a record from `from` up to and without `to`, ascending.
    pub fn range(&self, from: Minute, to: Minute) -> impl Iterator<Item = (Minute, &T)> {
        let first = self.minutes.partition_point(|(minute, _)| *minute < from);
        let range = self.minutes.range(first..).take_while(move |(minute, _)| *minute < to);
        range.map(|(minute, record)| (*minute, record))
    }

    /// Forgets what is too old, and the fine detail of what is older than recent.
    pub fn retain(&mut self, now: Minute, retention: Retention) {
        while self.minutes.front().is_some_and(|(minute, _)| *minute < now - retention.kept) {
            self.minutes.pop_front();
        }
        let coarse_before = now - retention.fine;
        self.between(self.coarse_before, coarse_before).for_each(Shrink::coarsen);
        self.coarse_before = self.coarse_before.max(coarse_before);
        self.between(self.compact_before, now).for_each(Shrink::compact);
        self.compact_before = self.compact_before.max(now);
    }

    fn between(&mut self, from: Minute, to: Minute) -> impl Iterator<Item = &mut T> {
        let first = self.minutes.partition_point(|(minute, _)| *minute < from);
        let minutes = self.minutes.range_mut(first..).take_while(move |(minute, _)| *minute < to);
        minutes.map(|(_, record)| record)
    }

    fn append(&mut self, minute: Minute) -> usize {
        if self.minutes.len() == self.minutes.capacity() {
            // Thousands of these grow at the same time: twice as much room each would be half of it in vain.
            self.minutes.reserve_exact((self.minutes.len() / 8).max(4));
        }
        self.minutes.push_back((minute, T::default()));
        self.minutes.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_may_come_in_any_order() {
        let mut timeline: Timeline<Summary> = Timeline::default();
        for minute in [5, 3, 4, 5] {
            timeline.at(minute).add(1.0, 1.0);
        }
        let counts: Vec<_> =
            timeline.range(3, 9).map(|(minute, summary)| (minute, summary.count())).collect();
        assert_eq!(counts, [(3, 1.0), (4, 1.0), (5, 2.0)]);
        assert_eq!(timeline.latest().map(|(minute, _)| minute), Some(5));
    }

    #[test]
    fn old_minutes_are_coarsened_and_then_forgotten() {
        let mut timeline: Timeline<Summary> = Timeline::default();
        for minute in 0..2_000 {
            timeline.at(minute).add(10.0, 1.0);
            timeline.retain(minute, Retention::for_series(10));
        }
        let kept: Vec<_> = timeline.range(0, 2_000).collect();
        assert_eq!(kept.len(), 721);
        assert_eq!(kept[0].0, 1_279);
        assert!(kept.iter().all(|(_, summary)| (summary.sum() - 10.0).abs() < 1e-9));
    }

    #[test]
    fn many_series_are_kept_for_an_hour_at_least() {
        assert_eq!(Retention::for_series(60), Retention { fine: 180, kept: 720 });
        let many = Retention::for_series(6_000);
        assert!(many.kept >= 75 && many.fine >= 3 && many.kept < 100);
    }
}
