//! The HTTP and WebSocket APIs themselves.

use std::collections::BTreeMap;

use serde::Serialize;

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

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiDocument<'a> {
    api_id: &'a str,
    name: &'a str,
    description: &'a str,
    protocol_type: &'static str,
    api_endpoint: String,
    api_key_selection_expression: &'static str,
    route_selection_expression: &'static str,
    created_date: String,
    disable_execute_api_endpoint: bool,
    ip_address_type: &'static str,
    tags: &'a BTreeMap<String, String>,
}

fn document<'a>(api: &'a Api, region: &str) -> ApiDocument<'a> {
    let socket = api.kind == ApiKind::WebSocket;
    let (protocol_type, scheme) = if socket { ("WEBSOCKET", "wss") } else { ("HTTP", "https") };
    ApiDocument {
        api_id: &api.id,
        name: &api.name,
        description: &api.description,
        protocol_type,
        api_endpoint: format!("{scheme}://{}.execute-api.{region}.amazonaws.com", api.id),
        api_key_selection_expression: "$request.header.x-api-key",
        route_selection_expression: if socket {
            "$request.body.action"
        } else {
            "$request.method $request.path"
        },
        created_date: iso8601(api.created),
        disable_execute_api_endpoint: false,
        ip_address_type: "ipv4",
        tags: &api.tags,
    }
}
