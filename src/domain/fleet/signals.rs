//! What CloudWatch said, of one region or of several in one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Highest;
use crate::domain::alarm::Alarm;
use crate::domain::estate::RegionSlot;
use crate::domain::failure::Failure;
use crate::domain::id::{ApiId, CellId};
use crate::domain::signal::Series;

/// The series of one API or one cell, minute by minute. Sums can be added up, percentiles can't.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrafficSeries {
    pub requests: Series,
    pub errors_4xx: Series,
    pub errors_5xx: Series,
    pub p99_ms: Series,
}

/// What CloudWatch said about the fleet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signals {
    /// The minute that the figures stand for.
    pub minute: Option<Timestamp>,
    pub apis: BTreeMap<ApiId, TrafficSeries>,
    /// The custom metrics of namespace `CellBasedArchitecture/ApiGateway`, by cell.
    pub cells: BTreeMap<CellId, TrafficSeries>,
    /// Requests that the web ACLs of cells blocked.
    pub blocked: BTreeMap<CellId, Series>,
    /// The highest load that cells were ever seen under.
    pub highest: BTreeMap<CellId, Highest>,
    /// The alarms that fire; none where they were not read.
    pub alarms: Option<Vec<Alarm>>,
    /// What could not be read beside the figures.
    pub shortfalls: Vec<Failure>,
    /// The regions that can't be reached now, whose figures are old.
    pub unreachable: BTreeSet<RegionSlot>,
}

impl Signals {
    /// Takes those of another region in. The minute is the older one, so that no region shows a minute that it
    /// hasn't got.
    pub fn merge(&mut self, other: Self) {
        self.minute = match (self.minute, other.minute) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.apis.extend(other.apis);
        self.cells.extend(other.cells);
        self.blocked.extend(other.blocked);
        for (cell, highest) in other.highest {
            let known = self.highest.entry(cell).or_insert(highest);
            if highest.requests_per_second > known.requests_per_second {
                *known = highest;
            }
        }
        if let Some(alarms) = other.alarms {
            self.alarms.get_or_insert_default().extend(alarms);
        }
        self.shortfalls.extend(other.shortfalls);
        self.unreachable.extend(other.unreachable);
    }
}
