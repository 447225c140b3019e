//! The HTTP and WebSocket APIs themselves.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{find, iso8601, listing};
use crate::estate::{Api, ApiKind};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_apis(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let apis = estate.apis.iter().map(AsRef::as_ref).filter(|api: &&Api| api.kind != ApiKind::Rest);
        listing(call, apis, |api| &api.id, |api| document(api, &estate.region))
    })
}

pub fn get_api(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| Answer::json(&document(find::api(estate, call)?, &estate.region)))
}

/// An API as v2 writes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiDocument<'a> {
    api_id: &'a str,
    name: &'a str,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    protocol_type: &'static str,
    api_endpoint: String,
    api_key_selection_expression: &'a str,
    route_selection_expression: &'a str,
    created_date: String,
    disable_execute_api_endpoint: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    disable_schema_validation: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cors_configuration: Option<&'a Value>,
    ip_address_type: &'a str,
    tags: &'a BTreeMap<String, String>,
}

/// The API as v2 writes it.
pub fn document<'a>(api: &'a Api, region: &str) -> ApiDocument<'a> {
    let socket = api.kind == ApiKind::WebSocket;
    let (protocol_type, scheme) = if socket { ("WEBSOCKET", "wss") } else { ("HTTP", "https") };
    let settings = &api.settings;
    ApiDocument {
        api_id: &api.id,
        name: &api.name,
        description: &api.description,
        version: settings.version.as_deref(),
        protocol_type,
        api_endpoint: format!("{scheme}://{}.execute-api.{region}.amazonaws.com", api.id),
        api_key_selection_expression: &settings.api_key_selection_expression,
        route_selection_expression: &settings.route_selection_expression,
        created_date: iso8601(api.created),
        disable_execute_api_endpoint: settings.execute_api_disabled,
        disable_schema_validation: settings.schema_validation_disabled,
        cors_configuration: settings.cors.as_ref(),
        ip_address_type: &settings.ip_address_type,
        tags: &api.tags,
    }
}
