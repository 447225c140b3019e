//! What a scenario plays in: the region, as far as it has to do with it.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::clock::Clock;
use crate::estate::{Customer, SharedEstate};
use crate::ledger::Ledger;
use crate::server::quota::ControlPlaneQuotas;
use crate::traffic::disturbance::Disturbances;

/// The region.
#[derive(Clone, Debug)]
pub struct World {
    /// Where its front door is.
    pub address: SocketAddr,
    pub clock: Clock,
    /// The first one has the router and the mapping table.
    pub accounts: Vec<WorldAccount>,
    pub ledger: Arc<Ledger>,
    pub disturbances: Disturbances,
    pub customers: Arc<[Customer]>,
    pub seed: u64,
}

/// One account of the region.
#[derive(Clone, Debug)]
pub struct WorldAccount {
    /// What a client signs with to be in this account.
    pub access_key_id: String,
    pub estate: SharedEstate,
    /// `None`: its control plane answers as fast as it can.
    pub quotas: Option<Arc<ControlPlaneQuotas>>,
}
