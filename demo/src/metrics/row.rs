//! All that is measured of one thing in one minute, in one record: a few counters, and the spread of two quantities.
//!
//! A region with thousands of stages has hundreds of thousands of these, so a counter is four bytes, and the series
//! that AWS has of it (a rate, an average, a sum) are made out when they are read, see [`super::layout`].

use super::summary::Summary;
use super::timeline::Shrink;

/// How many counters a row has.
pub const COUNTERS: usize = 6;
/// How many quantities with a distribution it has.
pub const SPREADS: usize = 2;

/// The measurements of one minute.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    counters: [u32; COUNTERS],
    bytes: f32,
    spreads: [Option<Box<Summary>>; SPREADS],
}

impl Row {
    /// Adds to a counter; one that a row doesn't have counts nothing.
    pub fn count(&mut self, counter: usize, events: u64) {
        if let Some(counter) = self.counters.get_mut(counter) {
            *counter = counter.saturating_add(u32::try_from(events).unwrap_or(u32::MAX));
        }
    }

    /// The state of a counter.
    pub fn counter(&self, counter: usize) -> u32 {
        self.counters.get(counter).copied().unwrap_or_default()
    }

    /// Adds bytes.
    pub fn add_bytes(&mut self, bytes: u64) {
        #[expect(clippy::cast_precision_loss, reason = "the bytes of a minute need seven digits, not twenty")]
        let bytes = bytes as f32;
        self.bytes += bytes;
    }

    /// The bytes of the minute.
    pub fn bytes(&self) -> f64 {
        f64::from(self.bytes)
    }

    /// Adds values of a quantity.
    pub fn spread(&mut self, quantity: usize, values: &Summary) {
        if values.count() <= 0.0 {
            return;
        }
        if let Some(place) = self.spreads.get_mut(quantity) {
            place.get_or_insert_default().merge(values);
        }
    }

    /// The values of a quantity; `None` where there were none.
    pub fn values(&self, quantity: usize) -> Option<&Summary> {
        self.spreads.get(quantity)?.as_deref()
    }

    /// Adds another row of the same kind.
    pub fn merge(&mut self, other: &Self) {
        for (own, more) in self.counters.iter_mut().zip(other.counters) {
            *own = own.saturating_add(more);
        }
        self.bytes += other.bytes;
        for (quantity, values) in other.spreads.iter().enumerate() {
            if let Some(values) = values {
                self.spread(quantity, values);
            }
        }
    }

    /// Whether nothing was measured.
    pub fn is_empty(&self) -> bool {
        self.counters.iter().all(|counter| *counter == 0) && self.spreads.iter().all(Option::is_none)
    }

    /// How much memory the row takes, in bytes, about.
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.spreads.iter().flatten().map(|values| values.size()).sum::<usize>()
    }
}

impl Shrink for Row {
    fn coarsen(&mut self) {
        self.spreads.iter_mut().flatten().for_each(|values| values.coarsen());
    }

    fn compact(&mut self) {
        self.spreads.iter_mut().flatten().for_each(|values| values.compact());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_that_is_not_there_counts_nothing() {
        let mut row = Row::default();
        row.count(COUNTERS, 5);
        row.spread(SPREADS, &Summary::from_totals(1.0, 2.0, 2.0, 2.0));
        assert!(row.is_empty());
        row.count(0, u64::MAX);
        row.count(0, 1);
        assert_eq!(row.counter(0), u32::MAX);
        assert!(!row.is_empty() && row.size() >= size_of::<Row>());
    }
}
