//! The region's clock: wall time, or a time that only moves when it is told to.
//!
//! Everything in the region asks this clock, so a test can live through an hour of traffic in an instant.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Where the region takes the time from. Clones share one source.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Wall,
    /// Microseconds since the epoch: fine enough for AWS, which tells milliseconds, and one atomic word.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn wall() -> Self {
        Self { source: Source::Wall }
    }

    /// A clock that stands at `start` until [`Clock::advance`] moves it.
    pub fn manual(start: Timestamp) -> Self {
        Self { source: Source::Manual(Arc::new(AtomicI64::new(start.as_microsecond()))) }
    }

    /// Whether time stands still until it is told to move.
    pub fn is_manual(&self) -> bool {
        matches!(self.source, Source::Manual(_))
    }

    /// The time now, at microsecond resolution for a manual clock.
    pub fn now(&self) -> Timestamp {
        match &self.source {
            Source::Wall => Timestamp::now(),
            Source::Manual(microseconds) => {
                Timestamp::from_microsecond(microseconds.load(Ordering::Acquire)).unwrap_or(Timestamp::MAX)
            }
        }
    }

    /// Moves a manual clock forward, for all its clones. A wall clock moves by itself, and a negative
    /// duration is ignored: metrics and journals rely on time that never runs backwards.
    pub fn advance(&self, by: SignedDuration) {
        if let Source::Manual(microseconds) = &self.source
            && by.is_positive()
        {
            let step = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            let latest = Timestamp::MAX.as_microsecond();
            let moved = |now: i64| Some(now.saturating_add(step).min(latest));
            // The closure never declines, so there is no error to report.
            let _ = microseconds.fetch_update(Ordering::AcqRel, Ordering::Acquire, moved);
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::wall()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_manual_clock_share_the_time() {
        let start: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let clock = Clock::manual(start);
        let other = clock.clone();
        clock.advance(SignedDuration::from_millis(1_500));
        assert_eq!(other.now(), start + SignedDuration::from_millis(1_500));
    }

    #[test]
    fn time_never_runs_backwards_nor_past_the_end() {
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        clock.advance(SignedDuration::from_secs(-5));
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        clock.advance(SignedDuration::MAX);
        clock.advance(SignedDuration::MAX);
        assert!(clock.now() <= Timestamp::MAX);
    }
}
