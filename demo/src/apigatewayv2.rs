//! Amazon API Gateway v2: HTTP and WebSocket APIs.
//!
//! Documents have the field names of AWS's service model, and times in ISO 8601.

mod apis;
mod authorizers;
mod change_routes;
mod deployments;
mod domain_names;
mod export;
mod find;
mod models;
mod routes;
mod stages;
mod tags;
mod update_api;
mod update_stage;
mod vpc_links;

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
    change("UpdateApi", Method::PATCH, "/v2/apis/{apiId}", update_api::update_api),
    read("ExportApi", "/v2/apis/{apiId}/exports/{specification}", export::export_api),
    read("GetModels", "/v2/apis/{apiId}/models", models::get_models),
    read("GetRoutes", "/v2/apis/{apiId}/routes", routes::get_routes),
    read("GetAuthorizers", "/v2/apis/{apiId}/authorizers", authorizers::get_authorizers),
    read("GetDeployments", "/v2/apis/{apiId}/deployments", deployments::get_deployments),
    read("GetDeployment", "/v2/apis/{apiId}/deployments/{deploymentId}", deployments::get_deployment),
    read("GetStages", "/v2/apis/{apiId}/stages", stages::get_stages),
    read("GetStage", "/v2/apis/{apiId}/stages/{stageName}", stages::get_stage),
    read("GetRoute", "/v2/apis/{apiId}/routes/{routeId}", routes::get_route),
    change("CreateRoute", Method::POST, "/v2/apis/{apiId}/routes", change_routes::create_route),
    change("UpdateRoute", Method::PATCH, "/v2/apis/{apiId}/routes/{routeId}", change_routes::update_route),
    change("DeleteRoute", Method::DELETE, "/v2/apis/{apiId}/routes/{routeId}", change_routes::delete_route),
    read("GetIntegrations", "/v2/apis/{apiId}/integrations", routes::get_integrations),
    read("GetIntegration", "/v2/apis/{apiId}/integrations/{integrationId}", routes::get_integration),
    change("CreateDeployment", Method::POST, "/v2/apis/{apiId}/deployments", deployments::create_deployment),
    change(
        "DeleteDeployment",
        Method::DELETE,
        "/v2/apis/{apiId}/deployments/{deploymentId}",
        deployments::delete_deployment,
    ),
    change("CreateStage", Method::POST, "/v2/apis/{apiId}/stages", stages::create_stage),
    change("UpdateStage", Method::PATCH, "/v2/apis/{apiId}/stages/{stageName}", update_stage::update_stage),
    change("DeleteStage", Method::DELETE, "/v2/apis/{apiId}/stages/{stageName}", stages::delete_stage),
    change(
        "DeleteRouteSettings",
        Method::DELETE,
        "/v2/apis/{apiId}/stages/{stageName}/routesettings/{routeKey}",
        stages::delete_route_settings,
    ),
    change(
        "DeleteAccessLogSettings",
        Method::DELETE,
        "/v2/apis/{apiId}/stages/{stageName}/accesslogsettings",
        stages::delete_access_log_settings,
    ),
    change(
        "ResetAuthorizersCache",
        Method::DELETE,
        "/v2/apis/{apiId}/stages/{stageName}/cache/authorizers",
        stages::reset_authorizers_cache,
    ),
    read("GetDomainNames", "/v2/domainnames", domain_names::get_domain_names),
    read("GetDomainName", "/v2/domainnames/{domainName}", domain_names::get_domain_name),
    read("GetApiMappings", "/v2/domainnames/{domainName}/apimappings", domain_names::get_api_mappings),
    read(
        "GetApiMapping",
        "/v2/domainnames/{domainName}/apimappings/{apiMappingId}",
        domain_names::get_api_mapping,
    ),
    read("GetVpcLinks", "/v2/vpclinks", vpc_links::get_vpc_links),
    read("GetVpcLink", "/v2/vpclinks/{vpcLinkId}", vpc_links::get_vpc_link),
    read("GetTags", "/v2/tags/{resource-arn}", tags::get_tags),
    change("TagResource", Method::POST, "/v2/tags/{resource-arn}", tags::tag_resource),
    change("UntagResource", Method::DELETE, "/v2/tags/{resource-arn}", tags::untag_resource),
];

const fn change(name: &'static str, verb: Method, path: &'static str, handle: Handler) -> Operation {
    Operation { name, verb, path, handle, meets_traffic: false }
}

const fn read(name: &'static str, path: &'static str, handle: Handler) -> Operation {
    Operation { name, verb: Method::GET, path, handle, meets_traffic: false }
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
