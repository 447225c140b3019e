//! Amazon API Gateway v1: REST APIs, usage plans and keys.
//!
//! Documents have the field names of AWS's service model, and times in seconds since the epoch.

mod account;
mod apis;
mod authorizers;
mod base_path_mappings;
mod deployments;
mod domain_names;
mod export;
mod find;
mod gateway_responses;
mod integrations;
mod keys;
mod models;
mod patch;
mod plans;
mod private_access;
mod resources;
mod stages;
mod tags;
mod test_invoke;
mod update_rest_api;
mod update_stage;
mod update_usage_plan;
mod usage;

use axum::http::Method;
use serde::Serialize;

pub use self::resources::invocation_uri;
pub use self::stages::new as new_stage;
pub use self::tags::path_of_arn;
pub use self::update_stage::check_format as check_log_format;
use crate::page::{Page, Words, page};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call, Handler, Operation};

/// The operations that the region serves; the front door dispatches by this table.
pub const OPERATIONS: &[Operation] = &[
    read("GetAccount", "/account", account::get_account),
    update("UpdateAccount", "/account", account::update_account),
    read("GetRestApis", "/restapis", apis::get_rest_apis),
    read("GetRestApi", "/restapis/{restapi_id}", apis::get_rest_api),
    update("UpdateRestApi", "/restapis/{restapi_id}", update_rest_api::update_rest_api),
    read("GetResources", "/restapis/{restapi_id}/resources", resources::get_resources),
    read("GetResource", "/restapis/{restapi_id}/resources/{resource_id}", resources::get_resource),
    read(
        "GetMethod",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        resources::get_method,
    ),
    Operation {
        name: "TestInvokeMethod",
        verb: Method::POST,
        path: "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        handle: test_invoke::test_invoke_method,
        meets_traffic: true,
    },
    read(
        "GetMethodResponse",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}",
        integrations::get_method_response,
    ),
    read(
        "GetIntegration",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        integrations::get_integration,
    ),
    read(
        "GetIntegrationResponse",
        "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}",
        integrations::get_integration_response,
    ),
    read("GetAuthorizers", "/restapis/{restapi_id}/authorizers", authorizers::get_authorizers),
    read("GetAuthorizer", "/restapis/{restapi_id}/authorizers/{authorizer_id}", authorizers::get_authorizer),
    read("GetDeployments", "/restapis/{restapi_id}/deployments", deployments::get_deployments),
    read("GetDeployment", "/restapis/{restapi_id}/deployments/{deployment_id}", deployments::get_deployment),
    read("GetStages", "/restapis/{restapi_id}/stages", stages::get_stages),
    read("GetStage", "/restapis/{restapi_id}/stages/{stage_name}", stages::get_stage),
    read("GetExport", "/restapis/{restapi_id}/stages/{stage_name}/exports/{export_type}", export::get_export),
    create("CreateStage", "/restapis/{restapi_id}/stages", stages::create_stage),
    update("UpdateStage", "/restapis/{restapi_id}/stages/{stage_name}", update_stage::update_stage),
    delete("DeleteStage", "/restapis/{restapi_id}/stages/{stage_name}", stages::delete_stage),
    delete(
        "FlushStageCache",
        "/restapis/{restapi_id}/stages/{stage_name}/cache/data",
        stages::flush_stage_cache,
    ),
    delete(
        "FlushStageAuthorizersCache",
        "/restapis/{restapi_id}/stages/{stage_name}/cache/authorizers",
        stages::flush_stage_authorizers_cache,
    ),
    create("CreateDeployment", "/restapis/{restapi_id}/deployments", deployments::create_deployment),
    update(
        "UpdateDeployment",
        "/restapis/{restapi_id}/deployments/{deployment_id}",
        deployments::update_deployment,
    ),
    delete(
        "DeleteDeployment",
        "/restapis/{restapi_id}/deployments/{deployment_id}",
        deployments::delete_deployment,
    ),
    update(
        "UpdateAuthorizer",
        "/restapis/{restapi_id}/authorizers/{authorizer_id}",
        authorizers::update_authorizer,
    ),
    read("GetModels", "/restapis/{restapi_id}/models", models::get_models),
    read("GetModel", "/restapis/{restapi_id}/models/{model_name}", models::get_model),
    create("CreateModel", "/restapis/{restapi_id}/models", models::create_model),
    update("UpdateModel", "/restapis/{restapi_id}/models/{model_name}", models::update_model),
    delete("DeleteModel", "/restapis/{restapi_id}/models/{model_name}", models::delete_model),
    read("GetRequestValidators", "/restapis/{restapi_id}/requestvalidators", models::get_request_validators),
    read(
        "GetRequestValidator",
        "/restapis/{restapi_id}/requestvalidators/{requestvalidator_id}",
        models::get_request_validator,
    ),
    read(
        "GetGatewayResponses",
        "/restapis/{restapi_id}/gatewayresponses",
        gateway_responses::get_gateway_responses,
    ),
    read(
        "GetGatewayResponse",
        "/restapis/{restapi_id}/gatewayresponses/{response_type}",
        gateway_responses::get_gateway_response,
    ),
    put(
        "PutGatewayResponse",
        "/restapis/{restapi_id}/gatewayresponses/{response_type}",
        gateway_responses::put_gateway_response,
    ),
    update(
        "UpdateGatewayResponse",
        "/restapis/{restapi_id}/gatewayresponses/{response_type}",
        gateway_responses::update_gateway_response,
    ),
    delete(
        "DeleteGatewayResponse",
        "/restapis/{restapi_id}/gatewayresponses/{response_type}",
        gateway_responses::delete_gateway_response,
    ),
    read("GetDomainNames", "/domainnames", domain_names::get_domain_names),
    read("GetDomainName", "/domainnames/{domain_name}", domain_names::get_domain_name),
    create("CreateDomainName", "/domainnames", domain_names::create_domain_name),
    update("UpdateDomainName", "/domainnames/{domain_name}", domain_names::update_domain_name),
    delete("DeleteDomainName", "/domainnames/{domain_name}", domain_names::delete_domain_name),
    read(
        "GetBasePathMappings",
        "/domainnames/{domain_name}/basepathmappings",
        base_path_mappings::get_base_path_mappings,
    ),
    read(
        "GetBasePathMapping",
        "/domainnames/{domain_name}/basepathmappings/{base_path}",
        base_path_mappings::get_base_path_mapping,
    ),
    create(
        "CreateBasePathMapping",
        "/domainnames/{domain_name}/basepathmappings",
        base_path_mappings::create_base_path_mapping,
    ),
    update(
        "UpdateBasePathMapping",
        "/domainnames/{domain_name}/basepathmappings/{base_path}",
        base_path_mappings::update_base_path_mapping,
    ),
    delete(
        "DeleteBasePathMapping",
        "/domainnames/{domain_name}/basepathmappings/{base_path}",
        base_path_mappings::delete_base_path_mapping,
    ),
    read("GetVpcLinks", "/vpclinks", private_access::get_vpc_links),
    read("GetVpcLink", "/vpclinks/{vpclink_id}", private_access::get_vpc_link),
    read("GetClientCertificates", "/clientcertificates", private_access::get_client_certificates),
    read(
        "GetClientCertificate",
        "/clientcertificates/{clientcertificate_id}",
        private_access::get_client_certificate,
    ),
    read("GetUsagePlans", "/usageplans", plans::get_usage_plans),
    read("GetUsagePlan", "/usageplans/{usageplanId}", plans::get_usage_plan),
    create("CreateUsagePlan", "/usageplans", plans::create_usage_plan),
    update("UpdateUsagePlan", "/usageplans/{usageplanId}", update_usage_plan::update_usage_plan),
    delete("DeleteUsagePlan", "/usageplans/{usageplanId}", plans::delete_usage_plan),
    read("GetUsage", "/usageplans/{usageplanId}/usage", usage::get_usage),
    update("UpdateUsage", "/usageplans/{usageplanId}/keys/{keyId}/usage", usage::update_usage),
    read("GetUsagePlanKeys", "/usageplans/{usageplanId}/keys", keys::get_usage_plan_keys),
    read("GetUsagePlanKey", "/usageplans/{usageplanId}/keys/{keyId}", keys::get_usage_plan_key),
    create("CreateUsagePlanKey", "/usageplans/{usageplanId}/keys", keys::create_usage_plan_key),
    delete("DeleteUsagePlanKey", "/usageplans/{usageplanId}/keys/{keyId}", keys::delete_usage_plan_key),
    read("GetApiKeys", "/apikeys", keys::get_api_keys),
    read("GetApiKey", "/apikeys/{api_Key}", keys::get_api_key),
    create("CreateApiKey", "/apikeys", keys::create_api_key),
    update("UpdateApiKey", "/apikeys/{api_Key}", keys::update_api_key),
    delete("DeleteApiKey", "/apikeys/{api_Key}", keys::delete_api_key),
    read("GetTags", "/tags/{resource_arn}", tags::get_tags),
    put("TagResource", "/tags/{resource_arn}", tags::tag_resource),
    delete("UntagResource", "/tags/{resource_arn}", tags::untag_resource),
];

const fn read(name: &'static str, path: &'static str, handle: Handler) -> Operation {
    Operation { name, verb: Method::GET, path, handle, meets_traffic: false }
}

const fn create(name: &'static str, path: &'static str, handle: Handler) -> Operation {
    Operation { name, verb: Method::POST, path, handle, meets_traffic: false }
}

const fn put(name: &'static str, path: &'static str, handle: Handler) -> Operation {
    Operation { name, verb: Method::PUT, path, handle, meets_traffic: false }
}

const fn update(name: &'static str, path: &'static str, handle: Handler) -> Operation {
    Operation { name, verb: Method::PATCH, path, handle, meets_traffic: false }
}

const fn delete(name: &'static str, path: &'static str, handle: Handler) -> Operation {
    Operation { name, verb: Method::DELETE, path, handle, meets_traffic: false }
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
