//! The routes of an HTTP or WebSocket API, and the integrations behind them.

use std::collections::HashSet;

use serde::Serialize;

use super::{find, listing};
use crate::estate::{Api, ApiKind, Authorization, Integration, Method};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_routes(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::api(estate, call)?;
        listing(call, api.methods.iter(), |route| &route.id, document)
    })
}

pub fn get_route(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| Answer::json(&document(route(find::api(estate, call)?, call.parameter("routeId"))?)))
}

pub fn get_integrations(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::api(estate, call)?;
        listing(
            call,
            integrations(api),
            |integration| &integration.id,
            |integration| integration_document(integration, &estate.region, api.kind),
        )
    })
}

pub fn get_integration(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::api(estate, call)?;
        let id = call.parameter("integrationId");
        let integration = integrations(api).find(|integration| integration.id == id);
        let integration = integration.ok_or_else(|| unknown(id))?;
        Answer::json(&integration_document(integration, &estate.region, api.kind))
    })
}

/// The integrations behind the routes, each once.
pub fn integrations(api: &Api) -> impl Iterator<Item = &Integration> {
    let mut seen = HashSet::new();
    let all = api.methods.iter().map(|route| &route.integration);
    all.filter(move |integration| !integration.id.is_empty() && seen.insert(integration.id.as_str()))
}

/// The route with this id.
pub fn route<'a>(api: &'a Api, id: &str) -> Result<&'a Method, Fault> {
    let found = api.methods.iter().find(|route| route.id == id);
    found.ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> Fault {
    Fault::not_found(format!("Invalid identifier specified {id}"))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct IntegrationDocument {
    integration_id: String,
    connection_type: &'static str,
    integration_method: &'static str,
    integration_type: &'static str,
    integration_uri: String,
    payload_format_version: &'static str,
    timeout_in_millis: u32,
}

fn integration_document(integration: &Integration, region: &str, kind: ApiKind) -> IntegrationDocument {
    let function = &integration.function_arn;
    let websocket = kind == ApiKind::WebSocket;
    IntegrationDocument {
        integration_id: integration.id.clone(),
        connection_type: "INTERNET",
        integration_method: "POST",
        integration_type: "AWS_PROXY",
        integration_uri: if websocket {
            crate::apigateway::invocation_uri(region, function)
        } else {
            function.clone()
        },
        payload_format_version: if websocket { "1.0" } else { "2.0" },
        timeout_in_millis: integration.timeout_ms,
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteDocument<'a> {
    route_id: &'a str,
    route_key: String,
    authorization_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer_id: Option<&'a str>,
    api_key_required: bool,
    operation_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
}

/// The route as v2 writes it.
pub fn document(route: &Method) -> RouteDocument<'_> {
    RouteDocument {
        route_id: &route.id,
        route_key: route.key.to_string(),
        authorization_type: route.authorization.as_str(),
        authorizer_id: match &route.authorization {
            Authorization::Authorizer { id, .. } => Some(id),
            Authorization::None | Authorization::Iam => None,
        },
        api_key_required: route.api_key_required,
        operation_name: &route.operation_name,
        target: Some(&route.integration.id)
            .filter(|id| !id.is_empty())
            .map(|id| format!("integrations/{id}")),
    }
}
