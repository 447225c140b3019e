//! The router: which cell a customer's requests go to.

/// What the router asked of its table and of its function in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RouterFlow {
    /// How often the router's function ran: requests that no cache answered.
    pub invocations: u64,
    /// Reads of the mapping table that were served; each takes half a read unit (eventually consistent, AWS).
    pub reads: u64,
    /// Reads that the table refused for want of capacity.
    pub throttled_reads: u64,
}
