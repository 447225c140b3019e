//! The state of the demo region: its account, cells, APIs, usage plans and keys.
//!
//! Plain data. The services read and alter it behind one lock, and the traffic simulation reads it
//! each second, so that a change made through the API has its effect.

pub mod api;
pub mod api_settings;
pub mod contract;
pub mod customer;
pub mod dashboard;
pub mod domain_name;
pub mod id;
pub mod log_group;
pub mod plan;
pub mod private_access;
pub mod seed;
pub mod stage;
pub mod usage;
pub mod waf;

use std::sync::{Arc, Mutex, RwLock};

use serde::{Deserialize, Serialize};

pub use api::{
    Api, ApiKind, Authorization, Authorizer, AuthorizerKind, Deployment, EndpointType, Integration, Release,
};
pub use api::{Method, MethodSnapshot, Resource, RouteKey};
pub use api_settings::ApiSettings;
pub use contract::{GatewayResponse, Model, RequestValidator};
pub use customer::{Customer, Tier};
pub use dashboard::Dashboard;
pub use domain_name::{ApiMapping, DomainName};
pub use log_group::{LogClass, LogGroup};
pub use plan::{ApiKey, ApiStage, Quota, QuotaPeriod, UsagePlan};
pub use private_access::{ClientCertificate, Reaches, VpcLink};
pub use stage::{
    AccessLog, Cache, CacheSize, CacheStatus, Canary, MethodSetting, MethodSettings, Stage, Throttle,
};
pub use usage::Usage;
pub use waf::{IpSet, RegexPatternSet, RuleGroup, Waf, WebAcl};

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
    /// The role that API Gateway writes logs in; `None`: no stage can have execution logs.
    pub cloudwatch_role_arn: Option<String>,
    pub cells: Vec<Cell>,
    /// Shared, so that the traffic can hold on to the version that its data plane has taken up: a change
    /// makes a copy, and a version that nobody changed is the same pointer.
    pub apis: Vec<Arc<Api>>,
    pub usage_plans: Vec<UsagePlan>,
    pub api_keys: Vec<ApiKey>,
    /// Whether v2 sets throttles that a client leaves out of route settings to 0, as has been seen on AWS, or
    /// keeps what they were.
    pub zeroes_partial_route_settings: bool,
    /// Behind a lock of its own: the traffic writes it while it reads the rest.
    pub usage: Arc<Mutex<Usage>>,
    pub waf: Waf,
    pub log_groups: Vec<LogGroup>,
    pub domain_names: Vec<DomainName>,
    /// Those of v1 and of v2.
    pub vpc_links: Vec<VpcLink>,
    pub client_certificates: Vec<ClientCertificate>,
    pub dashboards: Vec<Dashboard>,
}

/// One isolated copy of the workload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// `cell-01`, `cell-02`, ...
    pub id: String,
    /// Requests a second that the cell's backend bears before it slows down.
    pub capacity_rps: f64,
}

impl Estate {
    /// The APIs of one kind, in the order in which they were made.
    pub fn apis_of(&self, kind: ApiKind) -> impl Iterator<Item = &Api> {
        self.apis.iter().map(AsRef::as_ref).filter(move |api: &&Api| api.kind == kind)
    }

    /// The API with this id, whatever its kind.
    pub fn api(&self, id: &str) -> Option<&Api> {
        self.apis.iter().find(|api| api.id == id).map(AsRef::as_ref)
    }

    /// The API with this id, to be altered.
    pub fn api_mut(&mut self, id: &str) -> Option<&mut Api> {
        self.apis.iter_mut().find(|api| api.id == id).map(Arc::make_mut)
    }

    /// The API with this name. AWS does not keep names unique; the starting estate does.
    pub fn api_named(&self, name: &str) -> Option<&Api> {
        self.apis.iter().find(|api| api.name == name).map(AsRef::as_ref)
    }

    /// The domain name that is written so.
    pub fn domain_name(&self, name: &str) -> Option<&DomainName> {
        self.domain_names.iter().find(|domain| domain.name == name)
    }

    /// The usage plan with this id.
    pub fn usage_plan(&self, id: &str) -> Option<&UsagePlan> {
        self.usage_plans.iter().find(|plan| plan.id == id)
    }
}
