//! Looking a customer up: what the mapping table says of it, and what the router would answer.
//!
//! A router reads the mapping. For a customer without one it does what it was built to do, which nobody can
//! see from outside: so that is configured, and where it isn't, the answer says so instead of guessing.

mod hash;
mod mapped;

use std::time::Duration;

use serde::Serialize;

pub use self::hash::{HashFunction, UnknownHash};
pub use self::mapped::{Mapped, Mapping, PastMove, moves_in_journal};
use super::id::CellId;

/// What is configured of the router.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouterSettings {
    /// For how long it, or the cache in front of it, keeps an answer.
    pub cache_ttl: Option<Duration>,
    /// What it does with a customer that has no mapping.
    pub unmapped: Option<Unmapped>,
    pub hash: Option<HashFunction>,
    /// The cells that it hashes over, in its order.
    pub cells: Vec<CellId>,
}

/// What a router does with a customer that has no mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmapped {
    /// It takes the cell that a hash of the customer's id stands for.
    Hash,
    /// It chooses a cell at the first request, and writes the mapping.
    Assign,
    /// It turns the customer away.
    Refuse,
}

/// A word that stands for nothing that a router does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of hash, assign and refuse")]
pub struct UnknownRule(String);

impl std::str::FromStr for Unmapped {
    type Err = UnknownRule;

    fn from_str(text: &str) -> Result<Self, UnknownRule> {
        match text {
            "hash" => Ok(Self::Hash),
            "assign" => Ok(Self::Assign),
            "refuse" => Ok(Self::Refuse),
            other => Err(UnknownRule(other.to_owned())),
        }
    }
}

/// Where the router would send a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Answer {
    /// To the cell of the mapping.
    Mapped { cell: CellId },
    /// There is no mapping: to the cell that the hash stands for.
    Hashed { cell: CellId, function: HashFunction, cells: usize },
    /// There is no mapping: to a cell that is chosen at the first request.
    Assigned,
    /// There is no mapping: nowhere.
    Refused,
    /// It can't be told from here.
    Unknown { why: String },
}

impl Answer {
    /// What a router with these settings makes of a mapping.
    pub fn of(customer: &str, mapping: &Mapping, router: &RouterSettings) -> Self {
        match mapping {
            Mapping::To(mapped) => Self::Mapped { cell: mapped.cell.clone() },
            Mapping::Unusable { why } => Self::Unknown { why: format!("the mapping names no cell: {why}") },
            Mapping::Absent => match router.unmapped {
                Some(Unmapped::Hash) => hashed(customer, router),
                Some(Unmapped::Assign) => Self::Assigned,
                Some(Unmapped::Refuse) => Self::Refused,
                None => Self::Unknown {
                    why: "there is no mapping, and router.unmapped doesn't tell what the router does then"
                        .to_owned(),
                },
            },
        }
    }

    /// The cell that serves the customer, where there is one already.
    pub fn cell(&self) -> Option<&CellId> {
        match self {
            Self::Mapped { cell } | Self::Hashed { cell, .. } => Some(cell),
            Self::Assigned | Self::Refused | Self::Unknown { .. } => None,
        }
    }

    /// In a few words, without the cell.
    pub fn words(&self) -> String {
        match self {
            Self::Mapped { .. } => "as the mapping says".to_owned(),
            Self::Hashed { function, cells, .. } => format!("no mapping: {function} over {cells} cells"),
            Self::Assigned => "no mapping: a cell is chosen at its first request".to_owned(),
            Self::Refused => "no mapping: the router refuses it".to_owned(),
            Self::Unknown { why } => format!("can't be told: {why}"),
        }
    }
}

fn hashed(customer: &str, router: &RouterSettings) -> Answer {
    let Some(function) = router.hash else {
        return Answer::Unknown {
            why: "router.hash doesn't tell which function the router hashes with".into(),
        };
    };
    match function.place(customer, router.cells.len()).and_then(|place| router.cells.get(place)) {
        Some(cell) => Answer::Hashed { cell: cell.clone(), function, cells: router.cells.len() },
        None => {
            Answer::Unknown { why: "router.cells doesn't list the cells that the router hashes over".into() }
        }
    }
}

#[cfg(test)]
mod tests;
