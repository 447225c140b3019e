//! Recorded traffic: how many requests arrived in each period, without gaps.

use jiff::Timestamp;

use crate::domain::signal::{Series, TimeWindow};

/// Requests of consecutive periods of equal length, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic {
    period_seconds: u32,
    counts: Vec<u64>,
}

impl Traffic {
    /// Requests minute by minute.
    pub fn by_minute(counts: Vec<u64>) -> Self {
        Self { period_seconds: 60, counts }
    }

    /// Requests second by second, as access logs give them.
    pub fn by_second(counts: Vec<u64>) -> Self {
        Self { period_seconds: 1, counts }
    }

    /// The minutes of `window` from a series of sums. A minute without a point had no requests:
    /// AWS leaves out what is zero. The window should end before the minutes that CloudWatch
    /// hasn't published yet.
    pub fn of_series(series: &Series, window: TimeWindow) -> Self {
        Self::by_minute(window.minutes().map(|minute| whole(series.at(minute).unwrap_or(0.0))).collect())
    }

    /// The seconds of `window`, from the times of single requests.
    pub fn of_requests(times: impl IntoIterator<Item = Timestamp>, window: TimeWindow) -> Self {
        let start = window.start.as_second();
        let seconds = usize::try_from(window.end.as_second() - start).unwrap_or(0);
        let mut counts = vec![0_u64; seconds];
        for time in times {
            let place = usize::try_from(time.as_second() - start).ok();
            if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
                *count += 1;
            }
        }
        Self::by_second(counts)
    }

    /// The minutes of `window`, from the times of single requests.
    pub fn of_times(times: impl IntoIterator<Item = Timestamp>, window: TimeWindow) -> Self {
        let seconds = Self::of_requests(times, window);
        Self::by_minute(seconds.counts.chunks(60).map(|minute| minute.iter().sum()).collect())
    }

    pub fn period_seconds(&self) -> u32 {
        self.period_seconds
    }

    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    pub fn total(&self) -> u64 {
        self.counts.iter().fold(0, |total, count| total.saturating_add(*count))
    }

    /// Requests per second over the last so many periods.
    #[expect(clippy::cast_precision_loss, reason = "a rate for display and for thresholds")]
    pub fn recent_per_second(&self, periods: usize) -> f64 {
        let recent = &self.counts[self.counts.len().saturating_sub(periods)..];
        let seconds = recent.len() as f64 * f64::from(self.period_seconds);
        if recent.is_empty() { 0.0 } else { recent.iter().sum::<u64>() as f64 / seconds }
    }

    /// The last so many periods alone.
    #[must_use]
    pub fn last(&self, periods: usize) -> Self {
        self.with_counts(self.counts[self.counts.len().saturating_sub(periods)..].to_vec())
    }

    /// So much of it, 0 to 1, period by period: whole requests that add up to the part of all of them.
    #[must_use]
    pub fn part(&self, share: f64) -> Self {
        self.parts(|_| share)
    }

    /// So much of each period, 0 to 1: whole requests that add up to the parts of all of them.
    #[must_use]
    pub fn parts(&self, share_of: impl Fn(usize) -> f64) -> Self {
        let (mut arrived, mut given) = (0.0, 0_u64);
        let of_period = |(period, count): (usize, &u64)| {
            #[expect(clippy::cast_precision_loss, reason = "requests are far below 2^52")]
            {
                arrived += *count as f64 * share_of(period).clamp(0.0, 1.0);
            }
            let due = whole(arrived).saturating_sub(given).min(*count);
            given += due;
            due
        };
        self.with_counts(self.counts.iter().enumerate().map(of_period).collect())
    }

    /// The most requests per second, averaged over a period.
    #[expect(clippy::cast_precision_loss, reason = "a rate for display")]
    pub fn peak_per_second(&self) -> f64 {
        self.counts.iter().max().map_or(0.0, |most| *most as f64 / f64::from(self.period_seconds))
    }
}

impl Traffic {
    /// Other requests in the same periods.
    pub(super) fn with_counts(&self, counts: Vec<u64>) -> Self {
        Self { counts, ..*self }
    }

    /// Adds the requests of `other`, period by period.
    pub fn add(&mut self, other: &Self) {
        let longer = self.counts.len().max(other.counts.len());
        self.counts.resize(longer, 0);
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count = count.saturating_add(*more);
        }
    }
}

/// CloudWatch's sums are whole, negative never.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from a float saturates, and what is not a number becomes zero"
)]
fn whole(sum: f64) -> u64 {
    sum.round() as u64
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use crate::domain::signal::PERIOD_SECONDS;

    use super::*;

    fn window(minutes: i64) -> TimeWindow {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        TimeWindow { start, end: start + SignedDuration::from_secs(minutes * PERIOD_SECONDS) }
    }

    #[test]
    fn a_minute_without_a_point_had_no_requests() {
        let window = window(3);
        let last = window.start + SignedDuration::from_mins(2);
        let outside = window.start + SignedDuration::from_mins(9);
        let series = Series::new(vec![(window.start, 120.0), (last, 60.4), (outside, 9.0)]);
        let traffic = Traffic::of_series(&series, window);
        assert_eq!(traffic.counts(), [120, 0, 60]);
        assert!((traffic.peak_per_second() - 2.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_part_adds_up_and_the_last_minutes_tell_the_rate() {
        let traffic = Traffic::by_minute(vec![3, 3, 3, 3]);
        assert_eq!(traffic.part(0.25).counts(), [1, 1, 0, 1]);
        assert_eq!(traffic.part(1.5), traffic);
        assert_eq!(traffic.last(1).counts(), [3]);
        assert!((traffic.recent_per_second(2) - 0.05).abs() < 1e-9);
        assert!(Traffic::by_minute(Vec::new()).recent_per_second(5).abs() < f64::EPSILON);
    }

    #[test]
    fn requests_fall_into_their_seconds() {
        let window = window(1);
        let at = |milliseconds| window.start + SignedDuration::from_millis(milliseconds);
        let traffic = Traffic::of_requests([at(0), at(999), at(59_000), at(60_000), at(-1_000)], window);
        assert_eq!((traffic.counts()[0], traffic.counts()[59], traffic.total()), (2, 1, 3));
    }
}
