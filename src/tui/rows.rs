//! The rows of the tables: made from the estate and the signals, filtered and sorted by column.

mod acl_rule;
mod api;
mod cell;
mod change;
mod columns;
mod customer;
mod ip_set;
mod key;
mod listed;
mod mapping;
mod plan;
mod stage;
mod throttle;
mod vpc_link;
mod web_acl;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

pub use self::acl_rule::{RuleRow, action};
pub use self::api::ApiRow;
pub use self::change::{ChangeRow, rows as change_rows};
pub use self::columns::{Column, columns};
pub use self::customer::{CountRow, CustomerRow};
pub use self::ip_set::IpSetRow;
pub use self::key::KeyRow;
pub use self::listed::Listed;
pub use self::mapping::MappingRow;
pub use self::plan::{KeyCount, PlanRow};
pub use self::stage::StageRow;
pub use self::throttle::{Layer, ThrottleRow, overrides, plans_of};
pub use self::vpc_link::VpcLinkRow;
pub use self::web_acl::AclRow;
use super::model::{Model, Scope};
use crate::domain::estate::RegionSlot;
use crate::domain::failure::FailureKind;
use crate::domain::filter::Value;
use crate::domain::fleet::{CellRow, HISTORY_MINUTES, Signals, TrafficSeries, note_changes};
use crate::domain::id::{ApiId, ApiKeyId, CellId, ChangeId, StageName, UsagePlanId};
use crate::domain::method::MethodKey;
use crate::domain::part::Part;
use crate::domain::signal::Series;
use crate::ops::fleet;

/// What a row is, however the table is sorted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    Cell(CellId),
    Api(RegionSlot, ApiId),
    /// Without a stage, the row that says why an API's stages can't be shown.
    Stage(RegionSlot, ApiId, Option<StageName>),
    /// Without a stage, the row that says why an API's stages can't be shown.
    Throttle(RegionSlot, ApiId, Option<(StageName, MethodKey)>),
    Plan(RegionSlot, UsagePlanId),
    Key(RegionSlot, ApiKeyId),
    /// By ARN.
    WebAcl(RegionSlot, String),
    /// The ARN of its web ACL, and its name.
    Rule(RegionSlot, String, String),
    /// By ARN.
    IpSet(RegionSlot, String),
    /// The domain's name, or its id where it has one, and the path; none where it has no path.
    Mapping(RegionSlot, String, Option<String>),
    VpcLink(RegionSlot, String),
    /// A customer's id, as stored.
    Customer(String),
    /// Without a text, the change that runs and is not in the journal yet.
    Change(ChangeId),
}

impl RowKey {
    /// The region that it is in; none where it may be in several.
    pub fn slot(&self) -> Option<RegionSlot> {
        match self {
            Self::Cell(_) | Self::Customer(_) | Self::Change(_) => None,
            Self::Api(slot, _)
            | Self::Stage(slot, ..)
            | Self::Throttle(slot, ..)
            | Self::Plan(slot, _)
            | Self::Key(slot, _)
            | Self::WebAcl(slot, _)
            | Self::Rule(slot, ..)
            | Self::IpSet(slot, _)
            | Self::Mapping(slot, ..)
            | Self::VpcLink(slot, _) => Some(*slot),
        }
    }
}

/// A row as far as filtering, sorting and scoping go.
pub trait TableRow {
    fn key(&self) -> RowKey;
    /// All of its text, for the filter's words.
    fn text(&self) -> String;
    fn value(&self, column: &str, now: Timestamp) -> Value;
    fn is_in(&self, scope: &Scope) -> bool;
}

/// The rows of all screens.
#[derive(Debug, Default)]
pub struct Rows {
    pub cells: Vec<CellRow>,
    pub apis: Vec<ApiRow>,
    pub stages: Vec<StageRow>,
    /// Those that are made only while they are on screen.
    pub listed: Listed,
    /// Of all APIs together, minute by minute over the last hour, oldest first.
    pub all_requests: Vec<Option<f64>>,
    pub all_errors_5xx: Vec<Option<f64>>,
    /// The minute that the figures stand for.
    pub minute: Option<Timestamp>,
}

impl Rows {
    pub fn build(model: &Model) -> Self {
        let signals = merged_signals(&model.signals);
        let settings = &model.settings;
        let mut cells = fleet::rows(&model.estate, &signals, &settings.cells, &settings.thresholds);
        let journal = model.journal.value().into_iter().flat_map(|listing| &listing.changes);
        note_changes(&mut cells, journal.map(AsRef::as_ref), &model.estate.keys());
        let mut cells_of: BTreeMap<(RegionSlot, ApiId), Vec<CellId>> = BTreeMap::new();
        for row in &cells {
            for api in &row.cell.apis {
                cells_of.entry(api.clone()).or_default().push(row.id.clone());
            }
        }
        let apis = model
            .estate
            .apis()
            .into_iter()
            .map(|(slot, entry)| {
                let cells = cells_of.remove(&(slot, entry.api.id.clone())).unwrap_or_default();
                ApiRow::new(slot, entry, cells, &signals)
            })
            .collect();
        Self {
            listed: Listed::build(model, &cells),
            cells,
            apis,
            stages: stage::rows(model),
            all_requests: sum(&signals, |traffic| &traffic.requests),
            all_errors_5xx: sum(&signals, |traffic| &traffic.errors_5xx),
            minute: signals.minute,
        }
    }
}

/// One series summed over all APIs, for the last hour.
fn sum(signals: &Signals, pick: impl Fn(&TrafficSeries) -> &Series) -> Vec<Option<f64>> {
    let mut total = Series::default();
    for traffic in signals.apis.values() {
        total.add(pick(traffic));
    }
    last_hour(&total, signals.minute)
}

/// The minutes of the last hour up to `until`, oldest first.
fn last_hour(series: &Series, until: Option<Timestamp>) -> Vec<Option<f64>> {
    let Some(until) = until else { return Vec::new() };
    (0..HISTORY_MINUTES).rev().map(|back| series.at(until - SignedDuration::from_mins(back))).collect()
}

/// The signals of all regions in one. A region whose figures can't be read any more, since nothing of it can be
/// reached, counts as one that is gone.
pub(super) fn merged_signals(parts: &[Part<Signals>]) -> Signals {
    let mut merged = Signals::default();
    for (place, part) in parts.iter().enumerate() {
        let failure = part.failure().map(|failure| failure.kind);
        if matches!(failure, Some(FailureKind::Unreachable | FailureKind::Timeout | FailureKind::Credentials))
        {
            merged.unreachable.insert(RegionSlot(place));
        }
        if let Some(signals) = part.value() {
            merged.merge(RegionSlot(place), signals.clone());
        }
    }
    merged
}

/// Orders two values of a column; what is absent comes last either way.
pub fn compare(one: &Value, other: &Value, descending: bool) -> Ordering {
    let ascending = match (one, other) {
        (Value::Absent, Value::Absent) => return Ordering::Equal,
        (Value::Absent, _) => return Ordering::Greater,
        (_, Value::Absent) => return Ordering::Less,
        (Value::Text(one), Value::Text(other)) => one.to_lowercase().cmp(&other.to_lowercase()),
        (Value::Number(one), Value::Number(other)) | (Value::Share(one), Value::Share(other)) => {
            one.total_cmp(other)
        }
        (Value::Age(one), Value::Age(other)) => one.cmp(other),
        _ => Ordering::Equal,
    };
    if descending { ascending.reverse() } else { ascending }
}

fn number(value: Option<f64>) -> Value {
    value.map_or(Value::Absent, Value::Number)
}

fn share(value: Option<f64>) -> Value {
    value.map_or(Value::Absent, Value::Share)
}

fn age(since: Option<Timestamp>, now: Timestamp) -> Value {
    since.map_or(Value::Absent, |since| {
        let age = now.duration_since(since).max(SignedDuration::ZERO);
        Value::Age(age.unsigned_abs())
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn count(value: usize) -> Value {
    Value::Number(value as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_comes_last_in_either_order() {
        let some = Value::Number(1.0);
        for descending in [false, true] {
            assert_eq!(compare(&some, &Value::Absent, descending), Ordering::Less);
            assert_eq!(compare(&Value::Absent, &some, descending), Ordering::Greater);
        }
    }
}
