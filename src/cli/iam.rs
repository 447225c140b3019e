//! `cellgate iam`: the least that a role needs, ready to paste.

use clap::ValueEnum;

use super::exit::CliError;
use super::output::print_text;

/// A policy document. The files are made from the table of operations that the guard reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Policy {
    /// All that cellgate reads, but for the lists of API keys
    ReadOnly,
    /// All that cellgate reads: AWS can't grant a list of keys without their values
    ReadOnlyWithKeys,
    /// To flush a stage's cache, beside read-only
    FlushCache,
    /// To change settings, deployments and caches of stages, beside read-only
    ChangeStages,
    /// To change usage plans, quotas and API keys, beside read-only-with-keys
    ChangeUsagePlans,
    /// To change rules of web ACLs, IP sets and where ACLs are attached, beside read-only
    ChangeWaf,
    /// To move customers from cell to cell, beside read-only
    MoveCustomers,
    /// To close WebSocket connections that a move left behind, beside read-only
    CloseConnections,
    /// To close cells to new customers and open them, beside read-only
    Placement,
    /// To write the team's journal and leases, beside read-only
    Team,
}

impl Policy {
    fn document(self) -> &'static str {
        match self {
            Self::ReadOnly => include_str!("../../assets/iam/read-only.json"),
            Self::ReadOnlyWithKeys => include_str!("../../assets/iam/read-only-with-keys.json"),
            Self::FlushCache => include_str!("../../assets/iam/flush-cache.json"),
            Self::ChangeStages => include_str!("../../assets/iam/change-stages.json"),
            Self::ChangeUsagePlans => include_str!("../../assets/iam/change-usage-plans.json"),
            Self::ChangeWaf => include_str!("../../assets/iam/change-waf.json"),
            Self::MoveCustomers => include_str!("../../assets/iam/move-customers.json"),
            Self::CloseConnections => include_str!("../../assets/iam/close-connections.json"),
            Self::Placement => include_str!("../../assets/iam/placement.json"),
            Self::Team => include_str!("../../assets/iam/team.json"),
        }
    }
}

/// Prints a policy document.
///
/// # Errors
/// Where stdout can't be written.
pub fn run(policy: Policy) -> Result<(), CliError> {
    print_text(policy.document())
}
