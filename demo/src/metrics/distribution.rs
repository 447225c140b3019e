//! A compact picture of how values were spread, from which any percentile can be read.
//!
//! Values are counted in buckets whose borders grow by a constant factor, so that distributions of different
//! minutes or series can be merged bucket by bucket: a percentile over an hour is the percentile of all values
//! of the hour, and not an average of sixty percentiles.

use super::packed::{Reader, Writer};

/// How far a percentile may be off, as a share of the value: 1 %.
pub const RELATIVE_ERROR: f64 = 0.01;

/// How many fine buckets [`Distribution::coarsen`] folds into one; the error grows to about 5 %.
const COARSE: i16 = 5;

/// The ratio of a bucket's upper to its lower border that keeps its middle within [`RELATIVE_ERROR`] of each
/// value inside.
const GAMMA: f64 = (1.0 + RELATIVE_ERROR) / (1.0 - RELATIVE_ERROR);

/// Bucket numbers are shifted by this much so that their sign is the value's sign. AWS takes values from
/// -2^360 to 2^360 (PutMetricData), which are buckets -12,476 to 12,476 before the shift.
const SHIFT: i16 = 16_000;
const LARGEST: f64 = 14_000.0;

/// Weights of values by bucket, in the order of the values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distribution {
    // Two lists and not one of pairs: a pair would be padded from six bytes to eight.
    buckets: Vec<i16>,
    weights: Vec<f32>,
}

impl Distribution {
    /// Counts `weight` values of `value`.
    pub fn add(&mut self, value: f64, weight: f64) {
        self.add_bucket(bucket_of(value), weight);
    }

    /// Counts everything of `other` too.
    pub fn merge(&mut self, other: &Self) {
        if other.buckets.len() * 8 < self.buckets.len() {
            // Few values, as each second has: cheaper to insert than to write everything anew.
            other.entries().for_each(|(bucket, weight)| self.add_bucket(bucket, f64::from(weight)));
        } else {
            *self = self.merged(other);
        }
    }

    fn merged(&self, other: &Self) -> Self {
        let length = self.buckets.len() + other.buckets.len();
        let (mut buckets, mut weights) = (Vec::with_capacity(length), Vec::with_capacity(length));
        let (mut ours, mut theirs) = (self.entries().peekable(), other.entries().peekable());
        // Both are in order, so the smaller of the two fronts comes next.
        while let Some(bucket) = match (ours.peek(), theirs.peek()) {
            (Some((one, _)), Some((other, _))) => Some(*one.min(other)),
            (Some((only, _)), None) | (None, Some((only, _))) => Some(*only),
            (None, None) => None,
        } {
            let ours = ours.next_if(|(ours, _)| *ours == bucket).map_or(0.0, |(_, weight)| weight);
            let theirs = theirs.next_if(|(theirs, _)| *theirs == bucket).map_or(0.0, |(_, weight)| weight);
            buckets.push(bucket);
            weights.push(ours + theirs);
        }
        Self { buckets, weights }
    }

    fn entries(&self) -> impl Iterator<Item = (i16, f32)> {
        self.buckets.iter().copied().zip(self.weights.iter().copied())
    }

    /// Trades precision for memory, for minutes long past.
    pub fn coarsen(&mut self) {
        let mut coarse = Self::default();
        for (bucket, weight) in self.buckets.iter().zip(&self.weights) {
            // The middle of each group of buckets stands for the group.
            let group = if *bucket == 0 { 0 } else { bucket.div_euclid(COARSE) * COARSE + COARSE / 2 };
            coarse.add_bucket(group, f64::from(*weight));
        }
        coarse.compact();
        *self = coarse;
    }

    /// The same values so many times as often.
    pub fn scale(&mut self, factor: f64) {
        for weight in &mut self.weights {
            #[expect(clippy::cast_possible_truncation, reason = "a weight needs seven digits, not sixteen")]
            let scaled = (f64::from(*weight) * factor) as f32;
            *weight = scaled;
        }
    }

    /// Writes it down exactly.
    pub fn pack(&self, writer: &mut Writer) {
        writer.whole(self.buckets.len() as u64);
        let mut last = i16::MIN;
        for (bucket, weight) in self.entries() {
            writer.whole(bucket.abs_diff(last).into());
            writer.single(weight);
            last = bucket;
        }
    }

    /// Reads what [`Self::pack`] wrote.
    pub fn unpack(reader: &mut Reader<'_>) -> Self {
        let mut distribution = Self::default();
        let mut last = i16::MIN;
        for _ in 0..reader.whole() {
            // Each bucket is as far above the one before as was written, within the range of an i16.
            last = last.saturating_add_unsigned(u16::try_from(reader.whole()).unwrap_or(u16::MAX));
            distribution.buckets.push(last);
            distribution.weights.push(reader.single());
        }
        distribution
    }

    /// How much memory it takes, in bytes, about.
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.buckets.capacity() * 2 + self.weights.capacity() * 4
    }

    /// The middle of each bucket with its weight, ascending.
    pub fn values(&self) -> impl Iterator<Item = (f64, f64)> {
        self.entries().map(|(bucket, weight)| (value_of(bucket), f64::from(weight)))
    }

    /// Gives back memory that was kept for more values.
    pub fn compact(&mut self) {
        self.buckets.shrink_to_fit();
        self.weights.shrink_to_fit();
    }

    /// The value below which `percent` (0 to 100) of the weight lies, within [`RELATIVE_ERROR`]; `None` when
    /// nothing was counted.
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        let total: f64 = self.weights.iter().map(|weight| f64::from(*weight)).sum();
        let rank = total * percent / 100.0;
        let mut below = 0.0;
        for (bucket, weight) in self.buckets.iter().zip(&self.weights) {
            below += f64::from(*weight);
            // Sums of fractions fall short of a whole by a rounding error.
            if below >= rank - total * 1e-9 {
                return Some(value_of(*bucket));
            }
        }
        self.buckets.last().map(|bucket| value_of(*bucket))
    }

    fn add_bucket(&mut self, bucket: i16, weight: f64) {
        #[expect(clippy::cast_possible_truncation, reason = "a weight needs seven digits, not sixteen")]
        let weight = weight as f32;
        match self.buckets.binary_search(&bucket) {
            Ok(at) => self.weights[at] += weight,
            Err(at) => {
                self.buckets.insert(at, bucket);
                self.weights.insert(at, weight);
            }
        }
    }
}

fn bucket_of(value: f64) -> i16 {
    if value == 0.0 || value.is_nan() {
        return 0;
    }
    let position = (value.abs().ln() / GAMMA.ln()).ceil().clamp(-LARGEST, LARGEST);
    #[expect(clippy::cast_possible_truncation, reason = "clamped to the range of an i16")]
    let shifted = position as i16 + SHIFT;
    if value > 0.0 { shifted } else { -shifted }
}

fn value_of(bucket: i16) -> f64 {
    if bucket == 0 {
        return 0.0;
    }
    let position = bucket.abs() - SHIFT;
    let middle = 2.0 * GAMMA.powi(i32::from(position)) / (GAMMA + 1.0);
    if bucket > 0 { middle } else { -middle }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[f64]) -> Distribution {
        let mut distribution = Distribution::default();
        for value in values {
            distribution.add(*value, 1.0);
        }
        distribution
    }

    /// The smallest value with at least `percent` of all values at or below it.
    fn exact(values: &[f64], percent: f64) -> f64 {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let mut below = 0.0;
        let rank = f64::from(u32::try_from(values.len()).unwrap()) * percent / 100.0;
        for value in &sorted {
            below += 1.0;
            if below >= rank - 1e-6 {
                return *value;
            }
        }
        sorted[sorted.len() - 1]
    }

    #[test]
    fn nothing_counted_has_no_percentile() {
        assert_eq!(Distribution::default().percentile(50.0), None);
    }

    proptest! {
        #[test]
        fn percentiles_are_within_the_error(
            values in prop::collection::vec(0.001_f64..1e9, 1..300),
            percent in 0.1_f64..100.0,
        ) {
            let right = exact(&values, percent);
            let read = of(&values).percentile(percent).unwrap();
            prop_assert!((read - right).abs() <= right * (RELATIVE_ERROR + 1e-9), "{read} for {right}");
        }

        #[test]
        fn values_of_both_signs_keep_their_order(values in prop::collection::vec(-1e12_f64..1e12, 1..100)) {
            let right = exact(&values, 50.0);
            let read = of(&values).percentile(50.0).unwrap();
            prop_assert!((read - right).abs() <= right.abs() * (RELATIVE_ERROR + 1e-9), "{read} for {right}");
        }

        #[test]
        fn merging_equals_counting_together(
            one in prop::collection::vec(0.1_f64..1e5, 0..100),
            other in prop::collection::vec(0.1_f64..1e5, 0..100),
        ) {
            let mut merged = of(&one);
            merged.merge(&of(&other));
            prop_assert_eq!(merged, of(&[one, other].concat()));
        }

        #[test]
        fn coarsening_keeps_percentiles_within_five_percent(values in prop::collection::vec(1.0_f64..1e5, 1..300)) {
            let mut coarse = of(&values);
            coarse.coarsen();
            let right = exact(&values, 99.0);
            let read = coarse.percentile(99.0).unwrap();
            prop_assert!((read - right).abs() <= right * 0.053, "{read} for {right}");
        }
    }
}
