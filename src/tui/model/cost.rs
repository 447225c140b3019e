//! What the console's CloudWatch reads cost, from the count of series asked for.

use jiff::Timestamp;

/// AWS: "Amazon CloudWatch pricing", GetMetricData, 0.01 USD for 1,000 metrics requested
/// (us-east-1; other regions differ little).
const DOLLARS_PER_METRIC: f64 = 0.01 / 1_000.0;
/// Below this a rate would say more about the first reading than about the running cost.
const SHORTEST_SPAN_SECONDS: i64 = 120;
const LONGEST_SPAN_SECONDS: i64 = 3_600;

/// Counts of the last hour, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    samples: Vec<(Timestamp, u64)>,
}

impl Cost {
    /// Takes the number of series asked for since the start.
    pub fn take(&mut self, at: Timestamp, metrics_requested: u64) {
        if self.samples.last().is_some_and(|(_, count)| *count == metrics_requested) {
            return;
        }
        self.samples.push((at, metrics_requested));
        let oldest = at - jiff::SignedDuration::from_secs(LONGEST_SPAN_SECONDS);
        self.samples.retain(|(sampled, _)| *sampled >= oldest);
    }

    /// US dollars an hour at the pace so far. None until something was asked for.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52, for display")]
    pub fn dollars_per_hour(&self, now: Timestamp) -> Option<f64> {
        let (first_at, first) = *self.samples.first()?;
        let (_, last) = *self.samples.last()?;
        let span = now.duration_since(first_at).as_secs();
        let per_hour = if span < SHORTEST_SPAN_SECONDS {
            // One reading a minute, each as large as what was read so far.
            last as f64 * 60.0
        } else {
            (last - first.min(last)) as f64 * 3_600.0 / span as f64
        };
        (last > 0).then_some(per_hour * DOLLARS_PER_METRIC)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_pace_gives_its_hourly_cost() {
        let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
        let mut cost = Cost::default();
        assert_eq!(cost.dollars_per_hour(at(0)), None);
        for minute in 0..=30_u32 {
            cost.take(at(i64::from(minute) * 60), u64::from(minute + 1) * 100);
        }
        // 100 series a minute are 6,000 an hour, at 0.01 for 1,000.
        let dollars = cost.dollars_per_hour(at(30 * 60)).unwrap();
        assert!((dollars - 0.06).abs() < 1e-9, "{dollars}");
    }
}
