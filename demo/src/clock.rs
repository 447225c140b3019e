//! The region's clock: wall time, a time that runs faster, or one that only moves when it is told to.
//!
//! Everything in the region asks this clock, so a test can live through an hour of traffic in an instant.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// Where the region takes the time from. Clones share one source.
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
}

/// How many times as fast as the wall's a region's time may run. Beyond, a step of the traffic takes longer than the
/// time that it plays.
pub const SPEEDS: RangeInclusive<u32> = 1..=1_000;

#[derive(Clone, Debug)]
enum Source {
    Wall,
    /// Runs from a time of its own at a pace of its own. The machine's monotonic clock measures: a wall clock that is
    /// set anew must not make it jump.
    Scaled {
        start: Timestamp,
        begun: Instant,
        speed: u32,
    },
    /// Microseconds since the epoch: fine enough for AWS, which tells milliseconds, and one atomic word.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn wall() -> Self {
        Self { source: Source::Wall }
    }

    /// A clock that shows `start` now, and from now on runs `speed` times as fast as the machine's; a speed out of
    /// [`SPEEDS`] counts as the nearest one within.
    pub fn scaled(start: Timestamp, speed: u32) -> Self {
        let speed = speed.clamp(*SPEEDS.start(), *SPEEDS.end());
        Self { source: Source::Scaled { start, begun: Instant::now(), speed } }
    }

    /// A clock that stands at `start` until [`Clock::advance`] moves it.
    pub fn manual(start: Timestamp) -> Self {
        Self { source: Source::Manual(Arc::new(AtomicI64::new(start.as_microsecond()))) }
    }

    /// A clock of the same kind that shows `at`, and the time that has passed on the machine's since. A manual clock
    /// stands at the later one of `at` and its own time.
    #[must_use]
    pub fn resumed(&self, at: Timestamp, passed: SignedDuration) -> Self {
        match self.source {
            Source::Wall | Source::Scaled { .. } => {
                Self::scaled(at.saturating_add(passed).unwrap_or(Timestamp::MAX), self.speed())
            }
            Source::Manual(_) => Self::manual(self.now().max(at)),
        }
    }

    /// Whether time stands still until it is told to move.
    pub fn is_manual(&self) -> bool {
        matches!(self.source, Source::Manual(_))
    }

    /// How many times as fast as the machine's it runs; 1 for a manual clock, too.
    pub fn speed(&self) -> u32 {
        match self.source {
            Source::Scaled { speed, .. } => speed,
            Source::Wall | Source::Manual(_) => 1,
        }
    }

    /// The time now, at microsecond resolution for a manual clock.
    pub fn now(&self) -> Timestamp {
        match &self.source {
            Source::Wall => Timestamp::now(),
            Source::Scaled { start, begun, speed } => scaled(*start, begun.elapsed(), *speed),
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

/// The time that a clock of this speed shows so long after its start.
fn scaled(start: Timestamp, elapsed: Duration, speed: u32) -> Timestamp {
    let elapsed = elapsed.checked_mul(speed).and_then(|passed| SignedDuration::try_from(passed).ok());
    elapsed.and_then(|passed| start.checked_add(passed).ok()).unwrap_or(Timestamp::MAX)
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
    fn a_scaled_clock_lives_an_hour_in_a_minute() {
        let start: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        assert_eq!(scaled(start, Duration::from_mins(1), 60), start + SignedDuration::from_hours(1));
        assert_eq!(scaled(start, Duration::MAX, 60), Timestamp::MAX);
        let clock = Clock::scaled(start, 1_000_000);
        assert_eq!(clock.speed(), 1_000);
        let (first, second) = (clock.now(), clock.now());
        assert!(start <= first && first <= second);
        clock.advance(SignedDuration::from_hours(24));
        assert!(clock.now() < start + SignedDuration::from_hours(24), "only a manual clock is set");
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
