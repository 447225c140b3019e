//! Moves of customers from cell to cell: what is asked, in which order it is done, and what became of each
//! customer.
//!
//! One customer is one conditional write to the mapping table. A move is announced in the journal range by range
//! before its writes, so that after a crash at most one range is in doubt; the table itself tells which of its
//! customers were moved. Nothing here reads or writes: [`run`] is what the journal knows, [`verdict`] what an
//! item that was found means.

pub mod aftermath;
pub mod hook;
pub mod intake;
pub mod load;
pub mod outcome;
pub mod report;
pub mod roster;
pub mod run;
pub mod selection;
pub mod settings;
pub mod settled;
pub mod verdict;
pub mod waves;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::api::ApiKind;
use super::change::{BlastRadius, FieldChange, Lever, Plan, Risk, Target, Undo};
use super::id::{CellId, ChangeId};
use super::identity::RegionKey;
use hook::HookKind;
use intake::Intake;
use roster::{Pair, Roster};
use settings::MoveTable;
use waves::Waves;

/// AWS: the longest partition key, in bytes.
pub const LONGEST_CUSTOMER: usize = 2_048;

/// A move as the journal announces it, without its customers, which follow in parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoveHeader {
    /// The account and region that the move is pinned to.
    pub region: RegionKey,
    pub table: MoveTable,
    /// How many customers the roster has.
    pub customers: u32,
    /// Every way that a customer of it goes.
    pub pairs: Vec<Pair>,
    pub waves: Waves,
    /// How many customers are announced at once.
    pub range: u32,
    /// How many of them are written at the same time.
    pub at_once: u32,
    /// The condition on both cells' signals that is watched between waves; none where nothing is.
    pub gate: Option<Gate>,
    pub data: DataRule,
    /// Which commands are run around each wave; what they are is configured where the move is carried out.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub hooks: BTreeSet<HookKind>,
    /// How the customers were chosen, where that was not by name or at random.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
    /// Whether the first customer who was changed meanwhile stops the move.
    pub stop_on_conflict: bool,
    /// For how many seconds the router may still answer with the old cell.
    pub router_cache_seconds: u32,
    /// The move that this one takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<ChangeId>,
    pub warnings: Vec<String>,
    /// When the mappings were read.
    pub planned_at: Timestamp,
}

/// What is watched between two waves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// In the grammar of [`super::condition`]; signals of cells and of the mapping table alone.
    pub condition: String,
    /// How many whole minutes must prove it.
    pub minutes: u32,
    /// The APIs of cells that publish no metric of their own: their figures together stand for the cell's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub apis: BTreeMap<CellId, Vec<GaugedApi>>,
}

/// An API whose figures count for its cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GaugedApi {
    pub kind: ApiKind,
    /// The dimension that its metrics are keyed by, with its value.
    pub dimension: (String, String),
}

/// What becomes of the customers' data, which a mapping doesn't carry along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataRule {
    /// The cells are configured to keep none.
    Stateless,
    /// The operator has said that the data stays behind.
    StaysBehind,
    /// A command of the operator's copies it before each wave.
    Copied,
}

/// A move, ready to be confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct MovePlan {
    pub header: MoveHeader,
    pub roster: Roster,
    /// Customers that were asked for and are not part of it, and why.
    pub skipped: Vec<Skipped>,
    /// The list that names the customers, where one does.
    pub intake: Option<Intake>,
}

/// A customer that is left out of a move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    pub customer: String,
    pub cell: Option<String>,
    pub reason: SkipReason,
    pub why: String,
}

/// Why a customer is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// The table has no mapping of them.
    Unknown,
    /// Their cell is the target already.
    AlreadyThere,
    /// Of an undo: somebody has moved them since.
    MovedSince,
    /// Their item can't be used: no cell in it, or one of another type.
    Unusable,
    /// Their id can't be a key of the table.
    Illegal,
}

impl SkipReason {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown-customer",
            Self::AlreadyThere => "already-there",
            Self::MovedSince => "moved-since",
            Self::Unusable => "unusable",
            Self::Illegal => "illegal",
        }
    }
}

/// What a move is made to, where changes are listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveTarget {
    /// The mapping table.
    pub table: String,
    pub customers: u32,
    pub from: BTreeSet<CellId>,
    pub to: BTreeSet<CellId>,
}

impl fmt::Display for MoveTarget {
    /// `120 customers of cell-01 to cell-02`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let customers = if self.customers == 1 { "customer" } else { "customers" };
        let mut text = format!("{} {customers}", self.customers);
        if !self.from.is_empty() {
            text = format!("{text} of {}", listed(&self.from));
        }
        if !self.to.is_empty() {
            text = format!("{text} to {}", listed(&self.to));
        }
        formatter.pad(&text)
    }
}

/// The names of a few, and the number of many.
fn listed(cells: &BTreeSet<CellId>) -> String {
    const SHOWN: usize = 3;
    if cells.len() > SHOWN {
        return format!("{} cells", cells.len());
    }
    cells.iter().map(CellId::as_str).collect::<Vec<_>>().join(", ")
}

impl MoveHeader {
    /// Every cell that customers leave or reach, in the order in which cells are locked.
    pub fn cells(&self) -> BTreeSet<CellId> {
        self.pairs.iter().flat_map(|pair| pair.from.iter().chain(&pair.to)).cloned().collect()
    }

    pub fn sources(&self) -> BTreeSet<CellId> {
        self.pairs.iter().filter_map(|pair| pair.from.clone()).collect()
    }

    pub fn targets(&self) -> BTreeSet<CellId> {
        self.pairs.iter().filter_map(|pair| pair.to.clone()).collect()
    }

    pub fn target(&self) -> MoveTarget {
        MoveTarget {
            table: self.table.name.clone(),
            customers: self.customers,
            from: self.sources(),
            to: self.targets(),
        }
    }

    /// How all cellgates name the cells while they are held, in the order in which they are taken.
    pub fn lock_names(&self) -> Vec<String> {
        let RegionKey { account, region } = &self.region;
        let table = &self.table.name;
        self.cells().iter().map(|cell| format!("{account}/{region}/cells/{table}/{cell}")).collect()
    }

    /// The same as a plan among others: what lists of changes, the console and the journal show.
    pub fn as_plan(&self) -> Plan {
        let field = |field: &str, before: &str, after: String| FieldChange {
            field: field.to_owned(),
            before: before.to_owned(),
            after,
        };
        let pairs = self.pairs.iter().map(|pair| {
            let name = |cell: &Option<CellId>| cell.as_ref().map_or("no mapping", CellId::as_str).to_owned();
            field(&self.table.cell_attribute, &name(&pair.from), name(&pair.to))
        });
        Plan {
            lever: Lever::MoveCustomers,
            region: self.region.clone(),
            target: Target::Customers(self.target()),
            risk: self.risk(),
            steps: Vec::new(),
            fields: pairs.collect(),
            iam: Vec::new(),
            blast_radius: BlastRadius::default(),
            cost: None,
            undo: Undo::Possible {
                how: "`cellgate undo` moves those back that this one moved and nobody has moved since"
                    .to_owned(),
            },
            preconditions: Vec::new(),
            warnings: self.warnings.clone(),
            what_if: None,
            quota: None,
            guard: None,
            bulk: None,
            undoes: self.undoes.clone(),
            planned_at: self.planned_at,
        }
    }

    /// Whether the journal can announce it: as with a part of a roster, its record is one item of the team's table.
    pub fn fits_a_record(&self) -> bool {
        roster::json_size(self) <= roster::LARGEST_PART
    }

    /// Data that stays behind, or more customers than a look can take in, ask for the target's name.
    pub fn risk(&self) -> Risk {
        const FEW: u32 = 10;
        if self.data == DataRule::StaysBehind || self.customers > FEW { Risk::High } else { Risk::Low }
    }
}

#[cfg(test)]
mod tests;
