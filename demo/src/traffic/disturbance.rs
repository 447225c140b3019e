//! What goes wrong with the traffic itself, on demand. Everything else that can go wrong is an ordinary change of
//! the estate or of a table.

use std::sync::{Arc, RwLock};

use crate::estate::RouteKey;

/// The disturbances that hold now. The simulation looks at them in each step.
pub type Disturbances = Arc<RwLock<Vec<Disturbance>>>;

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Disturbance {
    /// A customer sends this many times what it used to.
    Customer { customer_id: String, factor: f64 },
    /// All customers of a cell send this many times what they used to.
    Cell { cell: String, factor: f64 },
    /// Somebody sends requests that nobody asked for.
    Flood(Flood),
    /// A cell's backend bears less, takes longer or fails.
    Backend {
        cell: String,
        /// Factor on the requests a second that it bears.
        capacity: f64,
        /// Factor on the time that each request takes.
        slowness: f64,
        /// The share of requests that fail, beside those that always do.
        server_errors: f64,
    },
    /// The function behind an API's authorizer bears only so many calls a second; beyond, it fails.
    Authorizer { api_id: String, calls_per_second: f64 },
}

/// A flood of requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Flood {
    /// What it is called in the ledger.
    pub name: String,
    pub api_id: String,
    pub stage: String,
    pub route: RouteKey,
    /// Requests a second.
    pub rate: f64,
    /// The network that the requests come from, in CIDR notation, IPv4.
    pub network: String,
    /// How many addresses of the network take part.
    pub addresses: u32,
    pub country: &'static str,
    pub user_agent: &'static str,
}
