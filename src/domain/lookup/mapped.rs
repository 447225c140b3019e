//! A customer's item of the mapping table, and what its stamps tell of the last move.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::id::CellId;
use crate::domain::journal::Record;
use crate::domain::moves::run::{Run, runs};

/// What the table says of one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// There is no item.
    Absent,
    To(Mapped),
    /// There is an item that a router can't use.
    Unusable {
        why: String,
    },
}

/// An item with a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapped {
    pub cell: CellId,
    /// The other attributes, as text; sets, lists and maps say only what they are.
    pub attributes: BTreeMap<String, String>,
}

/// A time at which a customer was moved, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PastMove {
    pub from: Option<CellId>,
    pub to: Option<CellId>,
    /// As it was written down.
    pub at: Option<String>,
    pub by: Option<String>,
    pub reason: Option<String>,
    /// What tells of it: `mapping` or `journal`.
    pub source: &'static str,
}

impl Mapped {
    /// What the stamps of the last move say, where whoever moved the customer left some.
    pub fn last_move(&self) -> Option<PastMove> {
        let stamp = |name: &str| self.attributes.get(name).filter(|text| !text.is_empty()).cloned();
        let [from, at, by, reason] = ["prevCellId", "updatedAt", "updatedBy", "reason"].map(stamp);
        if [&from, &at, &by].iter().all(|stamp| stamp.is_none()) {
            return None;
        }
        let from = from.map(CellId::new);
        Some(PastMove { from, to: Some(self.cell.clone()), at, by, reason, source: "mapping" })
    }
}

/// The moves of one customer that the journal has, oldest first.
pub fn moves_in_journal(records: &[Record], customer: &str) -> Vec<PastMove> {
    let past = |run: &Run| {
        let (_, passenger) = run.moved().find(|(_, passenger)| passenger.customer == customer)?;
        Some(PastMove {
            from: passenger.from.cloned(),
            to: passenger.to.cloned(),
            at: Some(run.at.to_string()),
            by: Some(run.operator.clone()),
            reason: None,
            source: "journal",
        })
    };
    runs(records).iter().filter_map(past).collect()
}
