//! Amazon API Gateway v2: HTTP and WebSocket APIs.
//!
//! Documents have the field names of AWS's service model, and times in ISO 8601.

mod apis;
mod authorizers;
mod deployments;
mod find;
mod routes;
mod stages;
mod tags;

use axum::http::Method;
use jiff::Timestamp;
use serde::Serialize;

use crate::page::{Page, Words, page};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call, Handler, Operation};

/// The operations that the region serves; the front door dispatches by this table.
pub const OPERATIONS: &[Operation] = &[
    read("GetApis", "/v2/apis", apis::get_apis),
    read("GetApi", "/v2/apis/{apiId}", apis::get_api),
    read("GetRoutes", "/v2/apis/{apiId}/routes", routes::get_routes),
    read("GetAuthorizers", "/v2/apis/{apiId}/authorizers", authorizers::get_authorizers),
    read("GetDeployments", "/v2/apis/{apiId}/deployments", deployments::get_deployments),
    read("GetDeployment", "/v2/apis/{apiId}/deployments/{deploymentId}", deployments::get_deployment),
    read("GetStages", "/v2/apis/{apiId}/stages", stages::get_stages),
    read("GetStage", "/v2/apis/{apiId}/stages/{stageName}", stages::get_stage),
    read("GetTags", "/v2/tags/{resource-arn}", tags::get_tags),
];

const fn read(name: &'static str, path: &'static str, handle: Handler) -> Operation {
    Operation { name, verb: Method::GET, path, handle }
}

/// A page as v2 writes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing<T> {
    items: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// The page of these rows that the call asks for, each as its document.
fn listing<'a, T: 'a, D: Serialize>(
    call: &Call<'_>,
    rows: impl Iterator<Item = &'a T>,
    id: impl Fn(&T) -> &str,
    document: impl FnMut(&'a T) -> D,
) -> Result<Answer, Fault> {
    let words = Words { token: "nextToken", size: "maxResults" };
    let Page { rows, next } = page(rows, id, call.query("nextToken"), call.query("maxResults"), words)?;
    Answer::json(&Listing { items: rows.into_iter().map(document).collect(), next_token: next })
}

/// A time as v2 writes it: `2026-11-20T12:00:00Z`.
fn iso8601(time: Timestamp) -> String {
    format!("{time:.0}")
}
