//! The requests that a change is made of: exactly what will be sent, as data.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::target::WafTarget;
use crate::domain::id::{ApiId, ApiKeyId, DeploymentId, StageName, UsagePlanId};
use crate::domain::placement::PlacementTarget;

/// One request that changes something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "operation")]
pub enum Request {
    FlushStageCache {
        api: ApiId,
        stage: StageName,
    },
    FlushStageAuthorizersCache {
        api: ApiId,
        stage: StageName,
    },
    UpdateStage {
        api: ApiId,
        stage: StageName,
        patch: Vec<PatchOperation>,
    },
    UpdateUsagePlan {
        plan: UsagePlanId,
        patch: Vec<PatchOperation>,
    },
    /// AWS: replaces what remains of a key's quota in the running period. What remains is read right before,
    /// so that a grant takes nothing away that was granted or used meanwhile.
    UpdateUsage {
        plan: UsagePlanId,
        key: ApiKeyId,
        /// Requests on top of what remains; below 0 where they are taken back.
        grant: i64,
        /// What that comes to by what remained when the plan was made.
        remaining: i64,
    },
    UpdateApiKey {
        key: ApiKeyId,
        patch: Vec<PatchOperation>,
    },
    CreateUsagePlanKey {
        plan: UsagePlanId,
        key: ApiKeyId,
    },
    DeleteUsagePlanKey {
        plan: UsagePlanId,
        key: ApiKeyId,
    },
    /// `UpdateStage` of the second control plane.
    UpdateHttpStage {
        api: ApiId,
        stage: StageName,
        update: StageUpdate,
    },
    /// Of the second control plane.
    DeleteRouteSettings {
        api: ApiId,
        stage: StageName,
        route: String,
    },
    /// Of the second control plane.
    DeleteAccessLogSettings {
        api: ApiId,
        stage: StageName,
    },
    /// Of the second control plane; HTTP APIs only.
    ResetAuthorizersCache {
        api: ApiId,
        stage: StageName,
    },
    /// One rule in place of another, in the document as it is read right before. Both are whole rules in
    /// AWS's JSON.
    UpdateWebACL {
        acl: WafTarget,
        rule: String,
        before: Value,
        after: Value,
    },
    UpdateIPSet {
        set: WafTarget,
        add: Vec<String>,
        remove: Vec<String>,
    },
    AssociateWebACL {
        acl_arn: String,
        api: ApiId,
        stage: StageName,
    },
    DisassociateWebACL {
        api: ApiId,
        stage: StageName,
    },
    /// `DeleteConnection` for each of these, at a rate.
    CloseConnections {
        api: ApiId,
        stage: StageName,
        /// Where the connections of the stage are managed.
        endpoint: String,
        per_second: f64,
        ids: Vec<String>,
    },
    /// `UpdateItem` on the value that was read. None: not set.
    SetPlacement {
        cell: PlacementTarget,
        before: Option<String>,
        after: Option<String>,
    },
}

/// One operation of a patch. AWS: `add`, `remove`, `replace` and `copy`; all values are text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchOperation {
    pub op: PatchVerb,
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatchVerb {
    Add,
    Remove,
    Replace,
    Copy,
}

impl PatchOperation {
    pub fn add(path: impl Into<String>, value: impl Into<String>) -> Self {
        Self { op: PatchVerb::Add, path: path.into(), value: Some(value.into()), from: None }
    }

    pub fn replace(path: impl Into<String>, value: impl Into<String>) -> Self {
        Self { op: PatchVerb::Replace, path: path.into(), value: Some(value.into()), from: None }
    }

    pub fn remove(path: impl Into<String>) -> Self {
        Self { op: PatchVerb::Remove, path: path.into(), value: None, from: None }
    }

    pub fn copy(from: impl Into<String>, path: impl Into<String>) -> Self {
        Self { op: PatchVerb::Copy, path: path.into(), value: None, from: Some(from.into()) }
    }
}

impl fmt::Display for PatchVerb {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
            Self::Copy => "copy",
        })
    }
}

impl fmt::Display for PatchOperation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.op, &self.value, &self.from) {
            (_, Some(value), _) => write!(formatter, "{} {} = {value}", self.op, self.path),
            (_, None, Some(from)) => write!(formatter, "{} {from} to {}", self.op, self.path),
            (_, None, None) => write!(formatter, "{} {}", self.op, self.path),
        }
    }
}

/// The body of the second control plane's `UpdateStage`. AWS: a member that is sent replaces what is there
/// as a whole, so settings of routes are never sent in part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StageUpdate {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_deploy: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deployment: Option<DeploymentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_route_settings: Option<RouteSettings>,
    /// By route key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route_settings: Option<BTreeMap<String, RouteSettings>>,
    /// AWS: an empty value removes a variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_log: Option<AccessLogSettings>,
}

/// All settings of a route, or of all routes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RouteSettings {
    /// Requests per second.
    pub rate: Option<f64>,
    pub burst: Option<i64>,
    pub detailed_metrics: Option<bool>,
    /// WebSocket APIs only.
    pub logging_level: Option<String>,
    /// WebSocket APIs only.
    pub data_trace: Option<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessLogSettings {
    pub destination_arn: Option<String>,
    pub format: Option<String>,
}

impl Request {
    /// The request line, such as `DELETE /restapis/a1b2c3/stages/prod/cache/data`.
    pub fn line(&self) -> String {
        match self {
            Self::FlushStageCache { .. } | Self::FlushStageAuthorizersCache { .. } => {
                format!("DELETE {}", self.path())
            }
            Self::DeleteUsagePlanKey { .. }
            | Self::DeleteRouteSettings { .. }
            | Self::DeleteAccessLogSettings { .. }
            | Self::ResetAuthorizersCache { .. }
            | Self::CloseConnections { .. } => format!("DELETE {}", self.path()),
            Self::UpdateStage { .. }
            | Self::UpdateUsagePlan { .. }
            | Self::UpdateUsage { .. }
            | Self::UpdateApiKey { .. }
            | Self::UpdateHttpStage { .. } => format!("PATCH {}", self.path()),
            Self::CreateUsagePlanKey { .. } => format!("POST {}", self.path()),
            Self::UpdateWebACL { .. }
            | Self::UpdateIPSet { .. }
            | Self::AssociateWebACL { .. }
            | Self::DisassociateWebACL { .. }
            | Self::SetPlacement { .. } => format!("POST / ({})", self.path()),
        }
    }

    /// The path of the resource in AWS's API, which API Gateway's IAM resources have, too.
    pub fn path(&self) -> String {
        match self {
            Self::FlushStageCache { api, stage } => format!("/restapis/{api}/stages/{stage}/cache/data"),
            Self::FlushStageAuthorizersCache { api, stage } => {
                format!("/restapis/{api}/stages/{stage}/cache/authorizers")
            }
            Self::UpdateStage { api, stage, .. } => format!("/restapis/{api}/stages/{stage}"),
            Self::UpdateUsagePlan { plan, .. } => format!("/usageplans/{plan}"),
            Self::UpdateUsage { plan, key, .. } => format!("/usageplans/{plan}/keys/{key}/usage"),
            Self::UpdateApiKey { key, .. } => format!("/apikeys/{key}"),
            Self::CreateUsagePlanKey { plan, .. } => format!("/usageplans/{plan}/keys"),
            Self::DeleteUsagePlanKey { plan, key } => format!("/usageplans/{plan}/keys/{key}"),
            Self::UpdateHttpStage { api, stage, .. } => format!("/v2/apis/{api}/stages/{stage}"),
            Self::DeleteRouteSettings { api, stage, route } => {
                format!("/v2/apis/{api}/stages/{stage}/routesettings/{}", route.replace('/', "%2F"))
            }
            Self::DeleteAccessLogSettings { api, stage } => {
                format!("/v2/apis/{api}/stages/{stage}/accesslogsettings")
            }
            Self::ResetAuthorizersCache { api, stage } => {
                format!("/v2/apis/{api}/stages/{stage}/cache/authorizers")
            }
            Self::UpdateWebACL { acl, .. } => format!("webacl/{}/{}", acl.name, acl.id),
            Self::UpdateIPSet { set, .. } => format!("ipset/{}/{}", set.name, set.id),
            Self::AssociateWebACL { api, stage, .. } | Self::DisassociateWebACL { api, stage } => {
                format!("/restapis/{api}/stages/{stage}")
            }
            Self::CloseConnections { api, stage, .. } => format!("{api}/{stage}/@connections/*"),
            Self::SetPlacement { cell, .. } => format!("table/{} {}", cell.settings.table, cell.cell),
        }
    }

    /// What goes with the request line, a line each.
    pub fn body(&self) -> Vec<String> {
        match self {
            Self::UpdateStage { patch, .. }
            | Self::UpdateUsagePlan { patch, .. }
            | Self::UpdateApiKey { patch, .. } => patch.iter().map(PatchOperation::to_string).collect(),
            Self::UpdateUsage { grant, remaining, .. } => vec![format!(
                "replace /remaining = {remaining} (what remains when it is sent, {grant:+}, at least 0)"
            )],
            Self::CreateUsagePlanKey { key, .. } => vec![format!("key {key}")],
            Self::UpdateHttpStage { update, .. } => {
                serde_json::to_string(update).map(|body| vec![body]).unwrap_or_default()
            }
            Self::UpdateWebACL { rule, .. } => vec![format!("the rule {rule} alone, under the lock token")],
            Self::UpdateIPSet { add, remove, .. } => {
                let added = add.iter().map(|address| format!("add {address}"));
                added.chain(remove.iter().map(|address| format!("remove {address}"))).collect()
            }
            Self::AssociateWebACL { acl_arn, .. } => vec![acl_arn.clone()],
            Self::SetPlacement { cell, before, after } => {
                let name = &cell.settings.closed_attribute;
                let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
                vec![format!("{name} = {}, where it is {}", shown(after), shown(before))]
            }
            Self::CloseConnections { endpoint, per_second, ids, .. } => {
                const SHOWN: usize = 5;
                let mut lines = vec![format!("{} at {endpoint}, {per_second} a second", ids.len())];
                lines.extend(ids.iter().take(SHOWN).cloned());
                if ids.len() > SHOWN {
                    lines.push(format!("and {} more", ids.len() - SHOWN));
                }
                lines
            }
            Self::FlushStageCache { .. }
            | Self::FlushStageAuthorizersCache { .. }
            | Self::DeleteUsagePlanKey { .. }
            | Self::DeleteRouteSettings { .. }
            | Self::DeleteAccessLogSettings { .. }
            | Self::ResetAuthorizersCache { .. }
            | Self::DisassociateWebACL { .. } => Vec::new(),
        }
    }
}
