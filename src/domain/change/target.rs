//! What a change is made to.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::api::ApiKind;
use crate::domain::id::{ApiKeyId, CellId, ChangeId, UsagePlanId};
use crate::domain::identity::RegionKey;
use crate::domain::moves::MoveTarget;
use crate::domain::placement::PlacementTarget;
use crate::domain::target::StageTarget;
use crate::domain::text;

/// One thing that is changed, and locked while it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Target {
    RestStage(StageTarget),
    HttpStage(StageTarget),
    WebSocketStage(StageTarget),
    UsagePlan(PlanTarget),
    ApiKey(KeyTarget),
    WebAcl(WafTarget),
    IpSet(WafTarget),
    /// Customers, who are moved from cell to cell and by commands of their own.
    Customers(MoveTarget),
    /// WebSocket connections that a move left on the old cell.
    Connections(ConnectionsTarget),
    /// Whether a cell takes new customers.
    Placement(PlacementTarget),
}

/// A usage plan of REST APIs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanTarget {
    pub id: UsagePlanId,
    #[serde(deserialize_with = "text::deserialise")]
    pub name: String,
}

/// An API key, by its id: its value is a secret and is never here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyTarget {
    pub id: ApiKeyId,
    #[serde(deserialize_with = "text::deserialise")]
    pub name: String,
}

/// A regional web ACL or IP set: WAF asks for the name and the id of what it is to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WafTarget {
    pub id: String,
    #[serde(deserialize_with = "text::deserialise")]
    pub name: String,
}

/// Connections that a move left behind; which they are stands in the requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionsTarget {
    /// The move.
    pub left_by: ChangeId,
    /// The cells that they are on.
    pub cells: BTreeSet<CellId>,
    pub connections: u32,
}

impl Target {
    /// A stage of an API of this kind.
    pub fn stage_of(kind: ApiKind, stage: StageTarget) -> Self {
        match kind {
            ApiKind::Rest => Self::RestStage(stage),
            ApiKind::Http => Self::HttpStage(stage),
            ApiKind::WebSocket => Self::WebSocketStage(stage),
        }
    }

    /// The stage, where it is one.
    pub fn stage(&self) -> Option<&StageTarget> {
        match self {
            Self::RestStage(stage) | Self::HttpStage(stage) | Self::WebSocketStage(stage) => Some(stage),
            Self::UsagePlan(_)
            | Self::ApiKey(_)
            | Self::WebAcl(_)
            | Self::IpSet(_)
            | Self::Customers(_)
            | Self::Connections(_)
            | Self::Placement(_) => None,
        }
    }

    /// What kind of thing it is, in AWS's words, with its article.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::RestStage(_) => "a stage of a REST API",
            Self::HttpStage(_) => "a stage of an HTTP API",
            Self::WebSocketStage(_) => "a stage of a WebSocket API",
            Self::UsagePlan(_) => "a usage plan",
            Self::ApiKey(_) => "an API key",
            Self::WebAcl(_) => "a web ACL",
            Self::IpSet(_) => "an IP set",
            Self::Customers(_) => "customers of a cell",
            Self::Connections(_) => "connections of customers",
            Self::Placement(_) => "a cell",
        }
    }

    /// How all cellgates name it while it is held: AWS's path of it, in its account and region.
    pub fn lock_name(&self, region: &RegionKey) -> String {
        let path = match self {
            Self::RestStage(target) => format!("restapis/{}/stages/{}", target.api, target.stage),
            Self::HttpStage(target) | Self::WebSocketStage(target) => {
                format!("apis/{}/stages/{}", target.api, target.stage)
            }
            Self::UsagePlan(plan) => format!("usageplans/{}", plan.id),
            Self::ApiKey(key) => format!("apikeys/{}", key.id),
            Self::WebAcl(acl) => format!("webacl/{}", acl.id),
            Self::IpSet(set) => format!("ipset/{}", set.id),
            // A move holds each of its cells below this.
            Self::Customers(customers) => format!("cells/{}", customers.table),
            Self::Connections(connections) => format!("connections/{}", connections.left_by),
            Self::Placement(placement) => {
                format!("placement/{}/{}", placement.settings.table, placement.cell)
            }
        };
        format!("{}/{}/{path}", region.account, region.region)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RestStage(stage) | Self::HttpStage(stage) | Self::WebSocketStage(stage) => {
                stage.fmt(formatter)
            }
            Self::UsagePlan(plan) => formatter.pad(&plan.name),
            Self::ApiKey(key) => formatter.pad(&key.name),
            Self::WebAcl(one) | Self::IpSet(one) => formatter.pad(&one.name),
            Self::Customers(customers) => customers.fmt(formatter),
            Self::Connections(connections) => connections.fmt(formatter),
            Self::Placement(placement) => formatter.pad(placement.cell.as_str()),
        }
    }
}

impl fmt::Display for ConnectionsTarget {
    /// `12 connections of cell-01`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.connections == 1 { "connection" } else { "connections" };
        let cells = match self.cells.first() {
            Some(only) if self.cells.len() == 1 => only.to_string(),
            _ => format!("{} cells", self.cells.len()),
        };
        formatter.pad(&format!("{} {what} of {cells}", self.connections))
    }
}
