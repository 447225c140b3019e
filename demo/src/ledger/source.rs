//! Where requests come from: one customer that is known by name, a crowd of customers, or an attacker.

/// A source in the ledger's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

/// Who sends requests, and what is the same about all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    pub caller: Caller,
    /// The API key that the requests bring.
    pub api_key_id: Option<String>,
    /// How many customers stand behind it; none behind a flood.
    pub customers: u32,
    /// How many addresses the requests come from.
    pub addresses: u32,
    /// Two capital letters.
    pub country: &'static str,
    pub user_agent: &'static str,
}

/// What a source is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// One customer.
    Customer(String),
    /// Many customers of a cell that are of one tier, through the shop's own applications.
    Crowd { cell: String, tier: &'static str },
    /// Callers of an API that no cell has: partners, providers, staff.
    Other(String),
    /// Requests that nobody should send.
    Flood(String),
}
