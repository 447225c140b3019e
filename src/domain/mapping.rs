//! The mapping table: which cell serves a customer.

use serde::{Deserialize, Serialize};

use super::id::CellId;

/// Where the mapping lives and what its attributes are called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingSettings {
    /// `CellMappings` unless configured otherwise.
    pub table: String,
    /// The partition key, `CustomerId`.
    pub customer_attribute: String,
    /// The attribute that names the cell, `CellId`.
    pub cell_attribute: String,
}

/// How many customers tell which cells there are. At 100 bytes each that costs a router's table about 13 read units,
/// where a full page of 1 MB would cost 128. A cell that they miss serves well below a hundredth of all customers.
pub const SAMPLED_CUSTOMERS: u32 = 1_000;

/// The table as DescribeTable shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingTable {
    pub name: String,
    /// `ACTIVE`, `UPDATING` and so on.
    pub status: String,
    /// Items, as DynamoDB last counted them: about every six hours.
    pub approximate_items: u64,
    pub size_bytes: u64,
    /// The partition key; not always what the settings expect.
    pub partition_key: Option<String>,
    /// The index whose partition key is the cell attribute, where there is one.
    pub cell_index: Option<String>,
    pub deletion_protection: bool,
}

/// How many customers a cell has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerCount {
    pub customers: u64,
    /// False where the count stopped after its first page (1 MB): there are at least this many.
    pub complete: bool,
}

/// What the mapping table told about one cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellCount {
    pub cell: CellId,
    /// None where it can't be counted without reading the router's own table, or where the count failed.
    pub count: Option<CustomerCount>,
}
