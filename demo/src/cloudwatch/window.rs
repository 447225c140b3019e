//! The stretch of time that a request asks for, rounded as CloudWatch rounds it.

use jiff::Timestamp;

use super::error::Fault;
use super::input::Input;
use crate::metrics::{Bins, MINUTE, Minute};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// AWS: one-minute points are kept for 15 days, five-minute points for 63, hourly points for 455.
const RESOLUTIONS: [(i64, i64); 3] = [(15 * DAY, MINUTE), (63 * DAY, 5 * MINUTE), (455 * DAY, HOUR)];

/// AWS: data may be stamped up to two hours ahead, so there is nothing to read beyond.
const AHEAD: i64 = 2 * HOUR;

/// A stretch of time, start inclusive, end exclusive, in seconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    start: i64,
    end: i64,
    now: i64,
    /// The finest period that has data as old as the start.
    resolution: i64,
}

impl Window {
    /// Reads `StartTime` and `EndTime`; `None` when the start isn't before the end, for which each operation
    /// has words of its own.
    pub fn read(input: &Input<'_>, now: Timestamp) -> Result<Option<Self>, Fault> {
        let start = input.required("StartTime", input.time("StartTime")?)?;
        let end = input.required("EndTime", input.time("EndTime")?)?;
        Ok((start < end).then(|| Self::new(start, end, now)))
    }

    /// A window as seen from now. AWS rounds both ends down: the start to the resolution that its age has, the
    /// end to the minute.
    pub fn new(start: Timestamp, end: Timestamp, now: Timestamp) -> Self {
        let (start, end, now) = (start.as_second(), end.as_second(), now.as_second());
        let finest = RESOLUTIONS.into_iter().find(|(age, _)| now - start <= *age);
        let resolution = finest.map_or(HOUR, |(_, resolution)| resolution);
        Self { start: floor(start, resolution), end: floor(end, MINUTE), now, resolution }
    }

    /// The periods of the window. AWS: they start at the window's start, wherever the clock stands then. None
    /// when the period is finer than data of that age.
    pub fn bins(self, period: i64) -> Bins {
        // Below a minute only high-resolution metrics have more points, and this region has none.
        let period = period.max(MINUTE);
        if period % self.resolution != 0 {
            return Bins { start: self.start, end: self.start, period };
        }
        let oldest = self.now - RESOLUTIONS[2].0;
        let skipped = if oldest > self.start { (oldest - self.start) / period * period } else { 0 };
        let latest = floor(self.now + AHEAD, MINUTE) + MINUTE;
        Bins { start: self.start + skipped, end: self.end.min(latest), period }
    }

    /// The minute two weeks before now. AWS: a search finds metrics that had data since.
    pub fn two_weeks_ago(self) -> Minute {
        (self.now - 14 * DAY).div_euclid(MINUTE)
    }

    /// How many points a metric could have in the window.
    pub fn points(self, period: i64) -> i64 {
        let length = self.end - self.start;
        (length + period - 1) / period.max(1)
    }
}

/// Whether AWS takes this period, in seconds.
pub fn is_legal_period(period: i64) -> bool {
    matches!(period, 1 | 5 | 10 | 20 | 30) || (period > 0 && period % MINUTE == 0 && period <= 366 * DAY)
}

fn floor(second: i64, step: i64) -> i64 {
    second - second.rem_euclid(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start: &str, end: &str, now: &str) -> Window {
        Window::new(start.parse().unwrap(), end.parse().unwrap(), now.parse().unwrap())
    }

    #[test]
    fn both_ends_are_rounded_down_to_the_minute() {
        let window = window("2026-11-20T11:24:40Z", "2026-11-20T11:26:40Z", "2026-11-20T11:27:00Z");
        let starts: Vec<_> = window.bins(60).starts().map(|start| start % 3_600).collect();
        assert_eq!(starts, [24 * 60, 25 * 60]);
    }

    #[test]
    fn periods_start_with_the_window() {
        let window = window("2026-11-20T11:02:10Z", "2026-11-20T11:12:10Z", "2026-11-20T11:27:00Z");
        let starts: Vec<_> = window.bins(300).starts().map(|start| start % 3_600).collect();
        assert_eq!(starts, [2 * 60, 7 * 60]);
    }

    #[test]
    fn old_data_needs_longer_periods() {
        let window = window("2026-10-20T11:00:00Z", "2026-11-20T11:00:00Z", "2026-11-20T11:00:00Z");
        assert_eq!(window.bins(60).starts().count(), 0);
        assert_eq!(window.bins(300).starts().count(), 31 * 24 * 12);
    }

    #[test]
    fn the_widest_window_has_a_bounded_number_of_periods() {
        let window = window("-009999-01-02T01:59:59Z", "9999-12-30T22:00:00Z", "2026-11-20T11:00:00Z");
        assert!(window.bins(3_600).starts().count() < 456 * 24);
        assert_eq!(window.bins(60).starts().count(), 0);
    }
}
