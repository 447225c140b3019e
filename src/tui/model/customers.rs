//! What screen 8 knows beside the estate: the last lookup, the customers that were read, and the last count.

use tui_input::Input;

use crate::domain::count::Count;
use crate::domain::estate::RegionSlot;
use crate::domain::failure::Failure;
use crate::domain::id::CellId;
use crate::domain::page_key::PageKey;
use crate::domain::part::Part;
use crate::ops::lookup::Lookup;

/// Customers of a cell that are kept at most: nobody pages through more of them.
pub const MOST_CUSTOMERS: usize = 20_000;

#[derive(Debug, Default)]
pub struct Customers {
    /// The customer that was looked up last, sanitised, and what was found; nothing while it is looked up.
    pub lookup: Option<(String, Option<Box<Lookup>>)>,
    /// Of the cell that was opened last.
    pub list: Option<CustomerList>,
    /// The last count that the state directory has; none inside where there is none.
    pub kept: Part<Option<Count>>,
}

/// The customers of one cell, as far as they were read.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerList {
    pub slot: RegionSlot,
    pub cell: CellId,
    /// As stored, in the order in which AWS gives them.
    pub customers: Vec<String>,
    /// Where the next page begins; none once all are read, or before the first page came.
    pub next: Option<PageKey>,
    /// A page came, well or not.
    pub tried: bool,
    pub failure: Option<Failure>,
}

impl CustomerList {
    pub fn new(slot: RegionSlot, cell: CellId) -> Self {
        Self { slot, cell, customers: Vec::new(), next: None, tried: false, failure: None }
    }

    /// Whether there are customers that were not read.
    pub fn has_more(&self) -> bool {
        !self.tried || self.next.is_some()
    }
}

/// The line that a customer's id is typed into.
#[derive(Clone, Debug, Default)]
pub struct LookupState {
    pub input: Input,
    pub error: Option<String>,
}
