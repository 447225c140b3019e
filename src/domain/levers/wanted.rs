//! What an operator asks for, in the same words from every face.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::plan_wanted::PlanWanted;
use crate::domain::change::Lever;
use crate::domain::id::{DeploymentId, UsagePlanId};
use crate::domain::method::MethodKey;
use crate::domain::web_acl::SwitchedAction;

/// A pull at a lever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "wanted", rename_all = "kebab-case")]
pub enum Wanted {
    FlushStageCache,
    FlushAuthorizersCache,
    /// What isn't given stays as it is.
    SetThrottle {
        method: MethodKey,
        /// Requests per second.
        rate: Option<f64>,
        burst: Option<i64>,
    },
    ClearThrottle {
        method: MethodKey,
    },
    Rollback {
        to: RollbackTo,
    },
    Canary(CanaryWanted),
    Cache(CacheWanted),
    StageVariables {
        set: BTreeMap<String, String>,
        unset: Vec<String>,
    },
    Logging(LoggingWanted),
    AccessLogs(AccessLogs),
    /// Of a web ACL.
    SwitchRule {
        rule: String,
        /// One rule of the group that `rule` stands for, and nothing else of it.
        group_rule: Option<String>,
        to: SwitchedAction,
    },
    /// Of a rate rule of a web ACL. What isn't given stays as it is.
    SetRate {
        rule: String,
        /// Requests in a window.
        limit: Option<u64>,
        window_seconds: Option<u64>,
    },
    /// Of an IP set: addresses, or networks in CIDR notation.
    ChangeAddresses {
        add: Vec<String>,
        remove: Vec<String>,
    },
    /// Puts a web ACL, by name, id or ARN, before a stage of a REST API.
    AttachWebAcl {
        acl: String,
    },
    DetachWebAcl,
    /// Of a usage plan; all of it goes in one request.
    UsagePlan(PlanWanted),
    /// Of an API key.
    SwitchApiKey {
        enabled: bool,
    },
    MoveApiKey {
        /// The only plan that the key is on, where none is given.
        from: Option<UsagePlanId>,
        to: UsagePlanId,
    },
    ExtendQuota {
        /// The only plan of the key that has a quota, where none is given.
        plan: Option<UsagePlanId>,
        /// Requests on top of what remains in the running period.
        by: i64,
    },
    /// Whether a cell is closed to new customers.
    Placement {
        closed: bool,
    },
}

/// Which deployment a stage is to point at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RollbackTo {
    /// The one before the present one.
    Previous,
    Deployment(DeploymentId),
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CanaryWanted {
    /// How much of the traffic the canary gets, 0 to 100.
    Percent(f64),
    /// The canary's deployment and variables become the stage's, and the canary ends.
    Promote,
    /// The canary ends, and the stage stays as it is.
    Abort,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CacheWanted {
    On {
        /// GB; the present size where none is given.
        size: Option<String>,
    },
    Off,
    Size(String),
    /// Seconds, 0 to 3,600.
    TimeToLive {
        method: MethodKey,
        seconds: u32,
    },
    /// Whether answers of a method are cached, where the stage's cache is on.
    Method {
        method: MethodKey,
        enabled: bool,
    },
}

/// What isn't given stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggingWanted {
    pub method: MethodKey,
    /// `OFF`, `ERROR` or `INFO`.
    pub level: Option<String>,
    pub data_trace: Option<bool>,
    pub detailed_metrics: Option<bool>,
    /// Of the whole stage, whatever the method.
    pub tracing: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessLogs {
    /// What isn't given stays as it is.
    To {
        destination_arn: Option<String>,
        format: Option<String>,
    },
    Off,
}

impl Wanted {
    /// The lever that is pulled.
    pub const fn lever(&self) -> Lever {
        match self {
            Self::FlushStageCache => Lever::FlushStageCache,
            Self::FlushAuthorizersCache => Lever::FlushAuthorizersCache,
            Self::SetThrottle { .. } | Self::ClearThrottle { .. } => Lever::Throttle,
            Self::Rollback { .. } => Lever::Rollback,
            Self::Canary(_) => Lever::Canary,
            Self::Cache(_) => Lever::Cache,
            Self::StageVariables { .. } => Lever::StageVariables,
            Self::Logging(_) => Lever::Logging,
            Self::AccessLogs(_) => Lever::AccessLogs,
            Self::SwitchRule { .. } | Self::SetRate { .. } => Lever::WebAclRule,
            Self::ChangeAddresses { .. } => Lever::IpSet,
            Self::AttachWebAcl { .. } | Self::DetachWebAcl => Lever::WebAclAssociation,
            Self::UsagePlan(wanted) => wanted.lever(),
            Self::SwitchApiKey { .. } => Lever::ApiKey,
            Self::MoveApiKey { .. } => Lever::MoveApiKey,
            Self::ExtendQuota { .. } => Lever::ExtendQuota,
            Self::Placement { .. } => Lever::Placement,
        }
    }
}
