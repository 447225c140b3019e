//! What CloudWatch said, of one region or of several in one.
//!
//! A cell may be in two regions, and its figures are those of both together. Two sessions of one account and region say
//! the same twice, and that is counted once.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Highest;
use crate::domain::alarm::Alarm;
use crate::domain::estate::RegionSlot;
use crate::domain::failure::Failure;
use crate::domain::id::{ApiId, CellId};
use crate::domain::identity::RegionKey;
use crate::domain::signal::Series;

/// The series of one API or one cell, minute by minute. Sums can be added up, percentiles can't.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrafficSeries {
    pub requests: Series,
    pub errors_4xx: Series,
    pub errors_5xx: Series,
    pub p99_ms: Series,
}

impl TrafficSeries {
    /// With what the same cell does elsewhere: sums are added up, and the slower of two percentiles stands for both.
    fn add(&mut self, other: &Self) {
        self.requests.add(&other.requests);
        self.errors_4xx.add(&other.errors_4xx);
        self.errors_5xx.add(&other.errors_5xx);
        self.p99_ms = Series::highest([&self.p99_ms, &other.p99_ms]);
    }
}

/// What CloudWatch said about the fleet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signals {
    /// Whose figures these are.
    pub regions: BTreeSet<RegionKey>,
    /// The minute that the figures stand for.
    pub minute: Option<Timestamp>,
    pub apis: BTreeMap<ApiId, TrafficSeries>,
    /// The custom metrics of namespace `CellBasedArchitecture/ApiGateway`, by cell.
    pub cells: BTreeMap<CellId, TrafficSeries>,
    /// Requests that the web ACLs of cells blocked.
    pub blocked: BTreeMap<CellId, Series>,
    /// The highest load that cells were ever seen under.
    pub highest: BTreeMap<CellId, Highest>,
    /// The alarms that fire, of each region where they were read.
    pub alarms: BTreeMap<RegionSlot, Vec<Alarm>>,
    /// What could not be read beside the figures.
    pub shortfalls: Vec<Failure>,
    /// The regions that can't be reached now, whose figures are old.
    pub unreachable: BTreeSet<RegionSlot>,
}

impl Signals {
    /// Takes those of another session in, which are of the region at `slot`. The minute is the older one, so that no
    /// region shows a minute that it hasn't got.
    pub fn merge(&mut self, slot: RegionSlot, other: Self) {
        self.minute = match (self.minute, other.minute) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let is_told_already = !other.regions.is_empty() && other.regions.is_subset(&self.regions);
        for (api, series) in other.apis {
            self.apis.entry(api).or_insert(series);
        }
        join(&mut self.cells, other.cells, is_told_already, TrafficSeries::add);
        join(&mut self.blocked, other.blocked, is_told_already, Series::add);
        join(&mut self.highest, other.highest, is_told_already, Highest::add);
        self.alarms.extend(other.alarms.into_values().map(|alarms| (slot, alarms)));
        self.shortfalls.extend(other.shortfalls);
        self.unreachable.extend(other.unreachable);
        self.regions.extend(other.regions);
    }
}

/// Adds what others say of each cell, unless it is what was said before.
fn join<T>(
    known: &mut BTreeMap<CellId, T>,
    others: BTreeMap<CellId, T>,
    is_told_already: bool,
    add: impl Fn(&mut T, &T),
) {
    for (cell, other) in others {
        match known.entry(cell) {
            Entry::Vacant(vacant) => {
                vacant.insert(other);
            }
            Entry::Occupied(mut occupied) if !is_told_already => add(occupied.get_mut(), &other),
            Entry::Occupied(_) => {}
        }
    }
}
