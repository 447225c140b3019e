//! What is kept of a region.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::estate::{
    Api, ApiKey, Cell, ClientCertificate, Dashboard, DomainName, Estate, LogGroup, Throttle, Usage,
    UsagePlan, VpcLink, Waf,
};
use crate::region::RegionOptions;
use crate::server::accounts::Accounts;

/// What the file begins with.
#[derive(Debug, Serialize, Deserialize)]
pub struct Head {
    pub format: String,
    pub version: u32,
}

impl Head {
    pub const FORMAT: &str = "cellgate demo region";
    /// Goes up with each change of [`Saved`] and of what is in it.
    pub const VERSION: u32 = 2;
}

impl Default for Head {
    fn default() -> Self {
        Self { format: Self::FORMAT.to_owned(), version: Self::VERSION }
    }
}

/// What a region was made with. Traffic and past follow from it, and so must be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    pub seed: u64,
    pub cells: usize,
    pub apis: usize,
    pub customers: usize,
    pub accounts: usize,
}

impl Shape {
    /// The shape of a region with these options, spread over so many accounts.
    pub fn of(options: &RegionOptions, accounts: usize) -> Self {
        let RegionOptions { seed, cells, apis, customers, .. } = *options;
        Self { seed, cells, apis, customers, accounts }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, cells, apis, customers, accounts } = self;
        write!(
            formatter,
            "--seed {seed} --cells {cells} --apis {apis} --customers {customers} --accounts {accounts}"
        )
    }
}

/// All that is kept, but for the tables.
#[derive(Debug, Serialize, Deserialize)]
pub struct Saved {
    pub shape: Shape,
    /// The region's time when this was written, and the machine's.
    pub at: Timestamp,
    pub machine_at: Timestamp,
    pub estates: Vec<SavedEstate>,
}

/// An estate without what is shared while the region runs.
#[derive(Debug, Serialize, Deserialize)]
pub struct SavedEstate {
    account_id: String,
    region: String,
    account_throttle: Throttle,
    cloudwatch_role_arn: Option<String>,
    cells: Vec<Cell>,
    apis: Vec<Api>,
    usage_plans: Vec<UsagePlan>,
    api_keys: Vec<ApiKey>,
    zeroes_partial_route_settings: bool,
    usage: Usage,
    waf: Waf,
    log_groups: Vec<LogGroup>,
    domain_names: Vec<DomainName>,
    vpc_links: Vec<VpcLink>,
    client_certificates: Vec<ClientCertificate>,
    dashboards: Vec<Dashboard>,
}

impl Saved {
    /// The estates as they are now.
    pub fn of(shape: &Shape, accounts: &Accounts, at: Timestamp, machine_at: Timestamp) -> Self {
        let estates = accounts.all().iter().map(|account| {
            let estate = account.estate.read().unwrap_or_else(PoisonError::into_inner).clone();
            SavedEstate::from(estate)
        });
        Self { shape: *shape, at, machine_at, estates: estates.collect() }
    }

    /// The clock as it goes on: as far from the machine's as it was.
    pub fn clock(&self, given: &Clock) -> Clock {
        let passed = Timestamp::now().duration_since(self.machine_at);
        // A machine's clock that was set back since does not take the region back.
        let passed = if passed.is_negative() { jiff::SignedDuration::ZERO } else { passed };
        given.resumed(self.at, passed)
    }
}

impl From<Estate> for SavedEstate {
    fn from(estate: Estate) -> Self {
        let usage = estate.usage.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self {
            account_id: estate.account_id,
            region: estate.region,
            account_throttle: estate.account_throttle,
            cloudwatch_role_arn: estate.cloudwatch_role_arn,
            cells: estate.cells,
            apis: estate.apis.into_iter().map(Arc::unwrap_or_clone).collect(),
            usage_plans: estate.usage_plans,
            api_keys: estate.api_keys,
            zeroes_partial_route_settings: estate.zeroes_partial_route_settings,
            usage,
            waf: estate.waf,
            log_groups: estate.log_groups,
            domain_names: estate.domain_names,
            vpc_links: estate.vpc_links,
            client_certificates: estate.client_certificates,
            dashboards: estate.dashboards,
        }
    }
}

impl From<SavedEstate> for Estate {
    fn from(saved: SavedEstate) -> Self {
        Self {
            account_id: saved.account_id,
            region: saved.region,
            account_throttle: saved.account_throttle,
            cloudwatch_role_arn: saved.cloudwatch_role_arn,
            cells: saved.cells,
            apis: saved.apis.into_iter().map(Arc::new).collect(),
            usage_plans: saved.usage_plans,
            api_keys: saved.api_keys,
            zeroes_partial_route_settings: saved.zeroes_partial_route_settings,
            usage: Arc::new(Mutex::new(saved.usage)),
            waf: saved.waf,
            log_groups: saved.log_groups,
            domain_names: saved.domain_names,
            vpc_links: saved.vpc_links,
            client_certificates: saved.client_certificates,
            dashboards: saved.dashboards,
        }
    }
}
