//! The account's settings and the REST APIs themselves.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::json;

use super::{find, listing};
use crate::estate::{Api, ApiKind, EndpointType};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_account(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        Answer::json(&json!({
            "cloudwatchRoleArn": format!("arn:aws:iam::{}:role/apigateway-logs", estate.account_id),
            "throttleSettings": {
                "burstLimit": estate.account_throttle.burst,
                "rateLimit": estate.account_throttle.rate,
            },
            "features": ["UsagePlans"],
            "apiKeyVersion": "4",
        }))
    })
}

pub fn get_rest_apis(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| listing(call, estate.apis_of(ApiKind::Rest), |api| &api.id, document))
}

pub fn get_rest_api(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| Answer::json(&document(find::rest_api(estate, call)?)))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RestApiDocument<'a> {
    id: &'a str,
    name: &'a str,
    description: &'a str,
    created_date: i64,
    api_key_source: &'static str,
    endpoint_configuration: EndpointDocument,
    tags: &'a BTreeMap<String, String>,
    disable_execute_api_endpoint: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    root_resource_id: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EndpointDocument {
    types: [&'static str; 1],
    ip_address_type: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vpc_endpoint_ids: Vec<&'static str>,
}

fn document(api: &Api) -> RestApiDocument<'_> {
    let private = api.endpoint == EndpointType::Private;
    RestApiDocument {
        id: &api.id,
        name: &api.name,
        description: &api.description,
        created_date: api.created.as_second(),
        api_key_source: "HEADER",
        endpoint_configuration: EndpointDocument {
            types: [api.endpoint.as_str()],
            // AWS: a private API takes both kinds of address, always.
            ip_address_type: if private { "dualstack" } else { "ipv4" },
            vpc_endpoint_ids: if private { vec!["vpce-0a1b2c3d4e5f60718"] } else { Vec::new() },
        },
        tags: &api.tags,
        disable_execute_api_endpoint: false,
        root_resource_id: api.resources.first().map(|root| root.id.as_str()),
    }
}
