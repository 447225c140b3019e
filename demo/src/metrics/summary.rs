//! What is kept of the values of one minute, or of any stretch of minutes.

use super::distribution::Distribution;
use super::packed::{Reader, Writer};

/// Count, sum, extremes and distribution of a set of values. Two summaries merge into the summary of both.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    count: f64,
    sum: f64,
    minimum: f64,
    maximum: f64,
    spread: Spread,
}

/// How the values are spread between the extremes.
#[derive(Clone, Debug, Default, PartialEq)]
enum Spread {
    /// All values are 0 or 1, as for counts of requests and errors: count and sum say how many of each, and a
    /// region full of such series costs no distributions.
    #[default]
    Binary,
    Buckets(Box<Distribution>),
}

impl Summary {
    /// Counts `weight` values of `value`. A weight of zero or less, and a value that isn't a number, is nothing.
    pub fn add(&mut self, value: f64, weight: f64) {
        if weight <= 0.0 || !weight.is_finite() || !value.is_finite() {
            return;
        }
        #[expect(clippy::float_cmp, reason = "exactly the values that the binary spread can hold")]
        let binary = value == 0.0 || value == 1.0;
        if !binary {
            self.unfold();
        }
        if let Spread::Buckets(distribution) = &mut self.spread {
            distribution.add(value, weight);
        }
        self.widen(value, value);
        self.count += weight;
        self.sum += value * weight;
    }

    /// Counts `total` requests of which `hits` had the property: values of 1 and 0.
    pub fn add_rate(&mut self, hits: u64, total: u64) {
        self.add(1.0, as_weight(hits.min(total)));
        self.add(0.0, as_weight(total.saturating_sub(hits)));
    }

    /// Counts everything of `other` too.
    pub fn merge(&mut self, other: &Self) {
        if other.count <= 0.0 {
            return;
        }
        if let Spread::Buckets(theirs) = &other.spread {
            self.unfold();
            if let Spread::Buckets(ours) = &mut self.spread {
                ours.merge(theirs);
            }
        } else if let Spread::Buckets(ours) = &mut self.spread {
            add_binary(ours, other);
        }
        self.widen(other.minimum, other.maximum);
        self.count += other.count;
        self.sum += other.sum;
    }

    /// A set of values of which only the totals are known (AWS: `StatisticValues` of PutMetricData). Percentiles
    /// of such a set are only right when all values are equal, as on AWS.
    pub fn from_totals(count: f64, sum: f64, minimum: f64, maximum: f64) -> Self {
        let mut distribution = Distribution::default();
        distribution.add(sum / count, count);
        Self { count, sum, minimum, maximum, spread: Spread::Buckets(Box::new(distribution)) }
    }

    /// Trades the precision of percentiles for memory, see [`Distribution::coarsen`].
    pub fn coarsen(&mut self) {
        if let Spread::Buckets(distribution) = &mut self.spread {
            distribution.coarsen();
        }
    }

    /// Gives back memory that was kept for more values.
    pub fn compact(&mut self) {
        if let Spread::Buckets(distribution) = &mut self.spread {
            distribution.compact();
        }
    }

    /// Writes it down exactly.
    pub fn pack(&self, writer: &mut Writer) {
        for number in [self.count, self.sum, self.minimum, self.maximum] {
            writer.number(number);
        }
        match &self.spread {
            Spread::Binary => writer.whole(0),
            Spread::Buckets(distribution) => {
                writer.whole(1);
                distribution.pack(writer);
            }
        }
    }

    /// Reads what [`Self::pack`] wrote.
    pub fn unpack(reader: &mut Reader<'_>) -> Self {
        let [count, sum, minimum, maximum] = std::array::from_fn(|_| reader.number());
        let spread = match reader.whole() {
            0 => Spread::Binary,
            _ => Spread::Buckets(Box::new(Distribution::unpack(reader))),
        };
        Self { count, sum, minimum, maximum, spread }
    }

    /// The same values so many times as often.
    #[must_use]
    pub fn times(mut self, factor: f64) -> Self {
        self.count *= factor;
        self.sum *= factor;
        if let Spread::Buckets(distribution) = &mut self.spread {
            distribution.scale(factor);
        }
        self
    }

    /// How much memory it takes beside its own place, in bytes, about.
    pub fn size(&self) -> usize {
        size_of::<Self>()
            + match &self.spread {
                Spread::Binary => 0,
                Spread::Buckets(distribution) => distribution.size(),
            }
    }

    /// The values in their buckets, ascending: how many lie at about this value.
    pub fn buckets(&self) -> Vec<(f64, f64)> {
        match &self.spread {
            Spread::Binary => {
                let zeros = self.count - self.sum;
                let both = [(0.0, zeros), (1.0, self.sum)];
                both.into_iter().filter(|(_, weight)| *weight > 0.0).collect()
            }
            Spread::Buckets(distribution) => distribution
                .values()
                .map(|(value, weight)| (value.clamp(self.minimum, self.maximum), weight))
                .collect(),
        }
    }

    /// How many values there were; samples may stand for a fraction of a value.
    pub fn count(&self) -> f64 {
        self.count
    }

    /// The sum of all values.
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// The smallest value, 0 when there was none.
    pub fn minimum(&self) -> f64 {
        self.minimum
    }

    /// The largest value, 0 when there was none.
    pub fn maximum(&self) -> f64 {
        self.maximum
    }

    /// The percentile (0 to 100), or `None` when there was no value.
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        if self.count <= 0.0 {
            return None;
        }
        match &self.spread {
            Spread::Binary => {
                let zeros = self.count - self.sum;
                let rank = self.count * percent / 100.0;
                Some(if zeros > 0.0 && rank <= zeros { 0.0 } else { self.maximum })
            }
            Spread::Buckets(distribution) => {
                distribution.percentile(percent).map(|value| value.clamp(self.minimum, self.maximum))
            }
        }
    }

    fn widen(&mut self, minimum: f64, maximum: f64) {
        if self.count > 0.0 {
            self.minimum = self.minimum.min(minimum);
            self.maximum = self.maximum.max(maximum);
        } else {
            (self.minimum, self.maximum) = (minimum, maximum);
        }
    }

    fn unfold(&mut self) {
        if matches!(self.spread, Spread::Binary) {
            let mut distribution = Distribution::default();
            add_binary(&mut distribution, self);
            self.spread = Spread::Buckets(Box::new(distribution));
        }
    }
}

fn add_binary(distribution: &mut Distribution, binary: &Summary) {
    let zeros = binary.count - binary.sum;
    if zeros > 0.0 {
        distribution.add(0.0, zeros);
    }
    if binary.sum > 0.0 {
        distribution.add(1.0, binary.sum);
    }
}

/// A number of requests as the weight of a value.
#[expect(clippy::cast_precision_loss, reason = "2^53 requests in a minute are out of reach")]
pub fn as_weight(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[f64]) -> Summary {
        let mut summary = Summary::default();
        for value in values {
            summary.add(*value, 1.0);
        }
        summary
    }

    #[test]
    fn a_rate_is_the_average_and_its_sum_the_count() {
        let mut summary = Summary::default();
        summary.add_rate(5, 200);
        assert!((summary.sum() - 5.0).abs() < 1e-9);
        assert!((summary.sum() / summary.count() - 0.025).abs() < 1e-9);
        assert_eq!(summary.percentile(97.0), Some(0.0));
        assert_eq!(summary.percentile(98.0), Some(1.0));
    }

    #[test]
    fn values_that_are_no_numbers_count_for_nothing() {
        let mut summary = of(&[2.0]);
        summary.add(f64::NAN, 1.0);
        summary.add(f64::INFINITY, 1.0);
        summary.add(3.0, 0.0);
        assert_eq!(summary, of(&[2.0]));
    }

    proptest! {
        #[test]
        fn merging_equals_adding_together(
            one in prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.5_f64..9.0], 0..40),
            other in prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.5_f64..9.0], 0..40),
            percent in 0.0_f64..=100.0,
        ) {
            let mut merged = of(&one);
            merged.merge(&of(&other));
            let together = of(&[one, other].concat());
            prop_assert!((merged.count() - together.count()).abs() < 1e-6);
            prop_assert!((merged.sum() - together.sum()).abs() < 1e-6);
            prop_assert_eq!((merged.minimum(), merged.maximum()), (together.minimum(), together.maximum()));
            prop_assert_eq!(merged.percentile(percent), together.percentile(percent));
        }

        #[test]
        fn what_was_packed_is_the_same(values in prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), -50.0_f64..5e4], 0..60)) {
            for packed in [of(&values), of(&values).times(0.3)] {
                let mut writer = Writer::default();
                packed.pack(&mut writer);
                prop_assert_eq!(Summary::unpack(&mut Reader::new(&writer.into_bytes())), packed);
            }
        }

        #[test]
        fn percentiles_lie_between_the_extremes(values in prop::collection::vec(-50.0_f64..50.0, 1..40)) {
            let summary = of(&values);
            let median = summary.percentile(50.0).unwrap();
            prop_assert!(summary.minimum() <= median && median <= summary.maximum());
        }
    }
}
