//! Amazon API Gateway v1: REST APIs, usage plans and keys.
//!
//! Documents have the field names of AWS's service model, and times in seconds since the epoch.

mod apis;
mod authorizers;
mod deployments;
mod find;
mod keys;
mod patch;
mod plans;
mod resources;
mod stages;
mod tags;
mod update_stage;

use axum::http::Method;
use serde::Serialize;

pub use self::tags::path_of_arn;
use crate::page::{Page, Words, page};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call, Handler, Operation};

/// The operations that the region serves; the front door dispatches by this table.
pub const OPERATIONS: &[Operation] = &[
    read("GetAccount", "/account", apis::get_account),
    read("GetRestApis", "/restapis", apis::get_rest_apis),
    read("GetRestApi", "/restapis/{restapi_id}", apis::get_rest_api),
    read("GetResources", "/restapis/{restapi_id}/resources", resources::get_resources),
    read("GetResource", "/restapis/{restapi_id}/resources/{resource_id}", resources::get_resource),
    read(
        "GetMethod",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        resources::get_method,
    ),
    read("GetAuthorizers", "/restapis/{restapi_id}/authorizers", authorizers::get_authorizers),
    read("GetAuthorizer", "/restapis/{restapi_id}/authorizers/{authorizer_id}", authorizers::get_authorizer),
    read("GetDeployments", "/restapis/{restapi_id}/deployments", deployments::get_deployments),
    read("GetDeployment", "/restapis/{restapi_id}/deployments/{deployment_id}", deployments::get_deployment),
    read("GetStages", "/restapis/{restapi_id}/stages", stages::get_stages),
    read("GetStage", "/restapis/{restapi_id}/stages/{stage_name}", stages::get_stage),
    Operation {
        name: "UpdateStage",
        verb: Method::PATCH,
        path: "/restapis/{restapi_id}/stages/{stage_name}",
        handle: update_stage::update_stage,
    },
    Operation {
        name: "FlushStageCache",
        verb: Method::DELETE,
        path: "/restapis/{restapi_id}/stages/{stage_name}/cache/data",
        handle: stages::flush_stage_cache,
    },
    Operation {
        name: "FlushStageAuthorizersCache",
        verb: Method::DELETE,
        path: "/restapis/{restapi_id}/stages/{stage_name}/cache/authorizers",
        handle: stages::flush_stage_authorizers_cache,
    },
    read("GetUsagePlans", "/usageplans", plans::get_usage_plans),
    read("GetUsagePlan", "/usageplans/{usageplanId}", plans::get_usage_plan),
    read("GetUsagePlanKeys", "/usageplans/{usageplanId}/keys", keys::get_usage_plan_keys),
    read("GetApiKeys", "/apikeys", keys::get_api_keys),
    read("GetTags", "/tags/{resource_arn}", tags::get_tags),
];

const fn read(name: &'static str, path: &'static str, handle: Handler) -> Operation {
    Operation { name, verb: Method::GET, path, handle }
}

/// A page as v1 writes it: the rows in `item`, whatever their kind.
#[derive(Debug, Serialize)]
struct Listing<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<String>,
    item: Vec<T>,
}

/// The page of these rows that the call asks for, each as its document.
fn listing<'a, T: 'a, D: Serialize>(
    call: &Call<'_>,
    rows: impl Iterator<Item = &'a T>,
    id: impl Fn(&T) -> &str,
    document: impl FnMut(&'a T) -> D,
) -> Result<Answer, Fault> {
    let words = Words { token: "position", size: "limit" };
    let Page { rows, next } = page(rows, id, call.query("position"), call.query("limit"), words)?;
    Answer::json(&Listing { position: next, item: rows.into_iter().map(document).collect() })
}
