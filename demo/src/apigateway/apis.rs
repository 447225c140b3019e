//! The REST APIs themselves.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{find, listing};
use crate::estate::{Api, ApiKind};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_rest_apis(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| listing(call, estate.apis_of(ApiKind::Rest), |api| &api.id, document))
}

pub fn get_rest_api(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| Answer::json(&document(find::rest_api(estate, call)?)))
}

/// A REST API as v1 writes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RestApiDocument<'a> {
    id: &'a str,
    name: &'a str,
    description: &'a str,
    created_date: i64,
    api_key_source: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    binary_media_types: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum_compression_size: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
    endpoint_configuration: EndpointDocument<'a>,
    tags: &'a BTreeMap<String, String>,
    disable_execute_api_endpoint: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    root_resource_id: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EndpointDocument<'a> {
    types: [&'static str; 1],
    ip_address_type: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    vpc_endpoint_ids: &'a [String],
}

/// The API as v1 writes it.
pub fn document(api: &Api) -> RestApiDocument<'_> {
    let settings = &api.settings;
    RestApiDocument {
        id: &api.id,
        name: &api.name,
        description: &api.description,
        created_date: api.created.as_second(),
        api_key_source: &settings.api_key_source,
        binary_media_types: &settings.binary_media_types,
        minimum_compression_size: settings.minimum_compression_size,
        policy: settings.policy.as_deref(),
        endpoint_configuration: EndpointDocument {
            types: [api.endpoint.as_str()],
            ip_address_type: &settings.ip_address_type,
            vpc_endpoint_ids: &settings.vpc_endpoint_ids,
        },
        tags: &api.tags,
        disable_execute_api_endpoint: settings.execute_api_disabled,
        root_resource_id: api.resources.first().map(|root| root.id.as_str()),
    }
}
