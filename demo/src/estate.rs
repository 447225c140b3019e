//! The state of the demo region: its account, cells, APIs, usage plans and keys.
//!
//! Plain data. The services read and alter it behind one lock, and the traffic simulation reads it
//! each second, so that a change made through the API has its effect.

pub mod api;
pub mod customer;
pub mod id;
pub mod plan;
pub mod seed;
pub mod stage;

use std::sync::{Arc, RwLock};

pub use api::{
    Api, ApiKind, Authorization, Authorizer, AuthorizerKind, Deployment, EndpointType, Integration,
};
pub use api::{Method, MethodSnapshot, Resource, RouteKey};
pub use customer::{Customer, Tier};
pub use plan::{ApiKey, ApiStage, Quota, QuotaPeriod, UsagePlan};
pub use stage::{Cache, CacheSize, CacheStatus, MethodSetting, MethodSettings, Stage, Throttle};

/// The account that the documented example access key belongs to.
pub const ACCOUNT_ID: &str = "123456789012";
/// The AWS region that the demo region plays.
pub const REGION: &str = "eu-west-1";
/// The table that maps customers to cells.
pub const MAPPING_TABLE: &str = "CellMappings";

/// An estate that services and traffic share.
pub type SharedEstate = Arc<RwLock<Estate>>;

/// Everything that the control plane of one account knows in one region.
#[derive(Debug, Clone)]
pub struct Estate {
    pub account_id: String,
    pub region: String,
    /// The account's throttle over all its APIs. AWS: 10,000 requests a second, burst 5,000.
    pub account_throttle: Throttle,
    pub cells: Vec<Cell>,
    pub apis: Vec<Api>,
    pub usage_plans: Vec<UsagePlan>,
    pub api_keys: Vec<ApiKey>,
}

/// One isolated copy of the workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// `cell-01`, `cell-02`, ...
    pub id: String,
    /// Requests a second that the cell's backend bears before it slows down.
    pub capacity_rps: f64,
}

impl Estate {
    /// The APIs of one kind, in the order in which they were made.
    pub fn apis_of(&self, kind: ApiKind) -> impl Iterator<Item = &Api> {
        self.apis.iter().filter(move |api| api.kind == kind)
    }

    /// The API with this id, whatever its kind.
    pub fn api(&self, id: &str) -> Option<&Api> {
        self.apis.iter().find(|api| api.id == id)
    }

    /// The API with this id, to be altered.
    pub fn api_mut(&mut self, id: &str) -> Option<&mut Api> {
        self.apis.iter_mut().find(|api| api.id == id)
    }

    /// The API with this name. AWS does not keep names unique; the starting estate does.
    pub fn api_named(&self, name: &str) -> Option<&Api> {
        self.apis.iter().find(|api| api.name == name)
    }

    /// The usage plan with this id.
    pub fn usage_plan(&self, id: &str) -> Option<&UsagePlan> {
        self.usage_plans.iter().find(|plan| plan.id == id)
    }
}
