//! The levers: everything that an operator can alter, each once.
//!
//! Commands, keys, palette, help, IAM policies and tests read this table.

use serde::{Deserialize, Serialize};

use super::target::Target;

/// One thing that an operator can alter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lever {
    FlushStageCache,
    FlushAuthorizersCache,
    Throttle,
    Rollback,
    Canary,
    Cache,
    StageVariables,
    Logging,
    AccessLogs,
    UsagePlan,
    UsagePlanStages,
    ApiKey,
    MoveApiKey,
    ExtendQuota,
    WebAclRule,
    IpSet,
    WebAclAssociation,
    MoveCustomers,
    CloseConnections,
    Placement,
}

impl Lever {
    pub const ALL: [Self; 20] = [
        Self::FlushStageCache,
        Self::FlushAuthorizersCache,
        Self::Throttle,
        Self::Rollback,
        Self::Canary,
        Self::Cache,
        Self::StageVariables,
        Self::Logging,
        Self::AccessLogs,
        Self::UsagePlan,
        Self::UsagePlanStages,
        Self::ApiKey,
        Self::MoveApiKey,
        Self::ExtendQuota,
        Self::WebAclRule,
        Self::IpSet,
        Self::WebAclAssociation,
        Self::MoveCustomers,
        Self::CloseConnections,
        Self::Placement,
    ];

    /// Whether AWS has it on such a target.
    pub const fn is_on(self, target: &Target) -> bool {
        match self {
            Self::FlushStageCache | Self::Canary | Self::Cache | Self::WebAclAssociation => {
                matches!(target, Target::RestStage(_))
            }
            // AWS: authorizers of WebSocket APIs keep nothing.
            Self::FlushAuthorizersCache => matches!(target, Target::RestStage(_) | Target::HttpStage(_)),
            Self::Throttle | Self::Rollback | Self::StageVariables | Self::Logging | Self::AccessLogs => {
                matches!(target, Target::RestStage(_) | Target::HttpStage(_) | Target::WebSocketStage(_))
            }
            Self::UsagePlan | Self::UsagePlanStages => matches!(target, Target::UsagePlan(_)),
            Self::ApiKey | Self::MoveApiKey | Self::ExtendQuota => matches!(target, Target::ApiKey(_)),
            Self::WebAclRule => matches!(target, Target::WebAcl(_)),
            Self::IpSet => matches!(target, Target::IpSet(_)),
            Self::MoveCustomers => matches!(target, Target::Customers(_)),
            Self::CloseConnections => matches!(target, Target::Connections(_)),
            Self::Placement => matches!(target, Target::Placement(_)),
        }
    }

    /// The name that records, plans and scripts give it, such as `flush-stage-cache`.
    pub fn name(self) -> String {
        let name = serde_json::to_value(self);
        name.ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// What it does, in the imperative.
    pub const fn title(self) -> &'static str {
        match self {
            Self::FlushStageCache => "flush the stage cache",
            Self::FlushAuthorizersCache => "flush the authorizers' cache",
            Self::Throttle => "change the throttle",
            Self::Rollback => "roll back",
            Self::Canary => "change the canary",
            Self::Cache => "change the cache",
            Self::StageVariables => "change stage variables",
            Self::Logging => "change logging, tracing or metrics",
            Self::AccessLogs => "change access logs",
            Self::UsagePlan => "change the limits of the usage plan",
            Self::UsagePlanStages => "change the stages of the usage plan",
            Self::ApiKey => "switch the API key",
            Self::MoveApiKey => "move the API key",
            Self::ExtendQuota => "extend the quota",
            Self::WebAclRule => "change a rule of the web ACL",
            Self::IpSet => "change the IP set",
            Self::WebAclAssociation => "attach or detach the web ACL",
            Self::MoveCustomers => "move",
            Self::CloseConnections => "close",
            Self::Placement => "change the placement",
        }
    }
}
