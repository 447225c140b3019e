//! Which metrics, in AWS's words, are made out from the rows of a panel.

use std::borrow::Cow;

use super::row::Row;
use super::summary::Summary;

/// The metrics that rows of one kind show up as.
#[derive(Debug, PartialEq)]
pub struct Layout {
    pub namespace: &'static str,
    pub measures: &'static [Measure],
}

/// One metric of a layout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    pub name: &'static str,
    /// One of AWS's `StandardUnit`.
    pub unit: &'static str,
    pub reading: Reading,
}

impl Measure {
    /// A measure of this name, unit and reading.
    pub const fn new(name: &'static str, unit: &'static str, reading: Reading) -> Self {
        Self { name, unit, reading }
    }
}

/// How a metric is made out from a row; numbers are those of counters and quantities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    /// A value of 1 for each event: `Sum` and `SampleCount` are both the number of events.
    Events(usize),
    /// The same value for each event.
    Each { value: f64, events: usize },
    /// 1 for each hit and 0 for each other event: `Sum` is the number of hits, `Average` their share.
    Rate { hits: usize, of: usize },
    /// The bytes, spread evenly over the events.
    Bytes { of: usize },
    /// The values of a quantity.
    Values(usize),
    /// How many of the events were under way at once, from their number in a minute and how long they took (in
    /// milliseconds, Little's law).
    Concurrency { events: usize, took: usize },
}

impl Layout {
    /// The measure of this name.
    pub fn measure(&self, name: &str) -> Option<&'static Measure> {
        self.measures.iter().find(|measure| measure.name == name)
    }
}

impl Reading {
    /// The values that a row has; an empty summary where there is no data.
    pub fn of(self, row: &Row) -> Summary {
        let count = |counter| f64::from(row.counter(counter));
        let mut summary = Summary::default();
        match self {
            Self::Events(events) => summary.add(1.0, count(events)),
            Self::Each { value, events } => summary.add(value, count(events)),
            Self::Rate { hits, of } => summary.add_rate(row.counter(hits).into(), row.counter(of).into()),
            Self::Bytes { of } => summary.add(row.bytes() / count(of).max(1.0), count(of)),
            Self::Values(quantity) => summary = row.values(quantity).map(Cow::into_owned).unwrap_or_default(),
            Self::Concurrency { events, took } => {
                if let Some(took) = row.values(took).filter(|_| row.counter(events) > 0) {
                    let milliseconds = took.sum() / took.count();
                    summary.add((count(events) / 60.0 * milliseconds / 1_000.0).ceil().max(1.0), 1.0);
                }
            }
        }
        summary
    }

    /// Whether a row has data.
    pub fn has_data(self, row: &Row) -> bool {
        match self {
            Self::Events(events)
            | Self::Each { events, .. }
            | Self::Rate { of: events, .. }
            | Self::Bytes { of: events }
            | Self::Concurrency { events, .. } => row.counter(events) > 0,
            Self::Values(quantity) => row.has_values(quantity),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reading_makes_out_its_metric() {
        let mut row = Row::default();
        row.count(0, 120);
        row.count(1, 3);
        row.add_bytes(1_200);
        row.spread(0, &Summary::from_totals(120.0, 120_000.0, 1_000.0, 1_000.0));
        let read = |reading: Reading| {
            assert!(reading.has_data(&row));
            let summary = reading.of(&row);
            (summary.count(), summary.sum())
        };
        assert_eq!(read(Reading::Events(0)), (120.0, 120.0));
        assert_eq!(read(Reading::Rate { hits: 1, of: 0 }), (120.0, 3.0));
        assert_eq!(read(Reading::Each { value: 0.5, events: 0 }), (120.0, 60.0));
        assert_eq!(read(Reading::Bytes { of: 0 }), (120.0, 1_200.0));
        // 2 a second that take a second each: two at once.
        assert_eq!(read(Reading::Concurrency { events: 0, took: 0 }), (1.0, 2.0));
        assert!(!Reading::Events(2).has_data(&row) && Reading::Events(2).of(&row).count() <= 0.0);
    }
}
