//! Counting customers by cell: counters alone, what a scan would cost, and how fast it may go.

mod cost;
mod pace;
mod tally;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::cost::ScanCost;
pub use self::pace::Pace;
pub use self::tally::Tally;
use super::page_key::PageKey;

/// A count that came to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Count {
    pub table: String,
    pub method: Method,
    /// When it ended, in the region's time.
    pub at: Timestamp,
    pub tally: Tally,
    /// Read units that it took.
    pub read_units: f64,
    /// How long it took, interruptions left out.
    pub seconds: f64,
}

/// How customers were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Cell by cell through the index on the cell: cells that nobody knows of are missed.
    Index,
    /// By reading the whole table.
    Scan,
}

/// How far a scan has come. What was counted and where each segment goes on belong together: they are
/// written in one go, so that whoever resumes counts nothing twice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scan {
    pub table: String,
    pub started: Timestamp,
    pub tally: Tally,
    pub read_units: f64,
    pub seconds: f64,
    pub segments: Vec<Segment>,
}

/// One of the parts that a table is read in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Where it goes on; none at its beginning.
    pub next: Option<PageKey>,
    pub done: bool,
}

impl Scan {
    pub fn new(table: &str, segments: usize, started: Timestamp) -> Self {
        let segments = vec![Segment::default(); segments.max(1)];
        Self {
            table: table.to_owned(),
            started,
            tally: Tally::default(),
            read_units: 0.0,
            seconds: 0.0,
            segments,
        }
    }

    /// Takes a page of a segment.
    pub fn take(&mut self, segment: usize, page: &Tally, next: Option<PageKey>, read_units: f64) {
        self.tally.merge(page);
        self.read_units += read_units;
        if let Some(segment) = self.segments.get_mut(segment) {
            segment.done = next.is_none();
            segment.next = next;
        }
    }

    pub fn is_done(&self) -> bool {
        self.segments.iter().all(|segment| segment.done)
    }
}

#[cfg(test)]
mod tests;
