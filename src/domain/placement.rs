//! Which cells take new customers: a table with an item a cell, where whoever places customers looks.

use serde::{Deserialize, Serialize};

use super::id::CellId;

/// Where it is kept, and what the attributes are called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacementSettings {
    pub table: String,
    /// The partition key, with the cell's id.
    pub cell_attribute: String,
    /// True where the cell takes no new customers; a cell without it takes them.
    pub closed_attribute: String,
}

/// One cell of that table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacementTarget {
    #[serde(flatten)]
    pub settings: PlacementSettings,
    pub cell: CellId,
}

/// What a cell's item says of new customers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    Open,
    Closed,
    /// The attribute is there and no boolean: what a router makes of it isn't known.
    Unusable(String),
}

impl Placement {
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Unusable(_) => "unknown",
        }
    }
}
