//! The resource tree of a REST API and the methods on it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{find, listing};
use crate::estate::{Api, Authorization, Estate, Method, Resource};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_resources(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::rest_api(estate, call)?;
        let whole = call.asks_for("embed", "methods");
        listing(
            call,
            api.resources.iter(),
            |resource| &resource.id,
            |resource| document(api, resource, whole, &estate.region),
        )
    })
}

pub fn get_resource(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::rest_api(estate, call)?;
        let resource = find::resource(api, call)?;
        Answer::json(&document(api, resource, call.asks_for("embed", "methods"), &estate.region))
    })
}

pub fn get_method(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let Found { resource, verb, method, .. } = find_method(estate, call)?;
        Answer::json(&method_document(verb, method, resource, &estate.region))
    })
}

/// A method, and where it is.
pub struct Found<'e> {
    pub api: &'e Api,
    pub resource: &'e Resource,
    pub verb: &'e str,
    pub method: &'e Method,
}

/// The method that the path names.
pub fn find_method<'e>(estate: &'e Estate, call: &Call<'_>) -> Result<Found<'e>, Fault> {
    let api = find::rest_api(estate, call)?;
    let resource = find::resource(api, call)?;
    let wanted = call.parameter("http_method");
    let found = methods_of(api, resource).find(|(verb, _)| *verb == wanted);
    let (verb, method) = found.ok_or_else(|| Fault::not_found("Invalid Method identifier specified"))?;
    Ok(Found { api, resource, verb, method })
}

/// How API Gateway names a Lambda function that it is to call.
pub fn invocation_uri(region: &str, function_arn: &str) -> String {
    format!("arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function_arn}/invocations")
}

fn methods_of<'a>(api: &'a Api, resource: &'a Resource) -> impl Iterator<Item = (&'a str, &'a Method)> {
    api.methods.iter().filter_map(|method| {
        let (verb, path) = method.key.http()?;
        (path == resource.path).then_some((verb, method))
    })
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceDocument<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_part: Option<&'a str>,
    path: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    resource_methods: BTreeMap<&'a str, MethodEntry<'a>>,
}

/// A method within a resource: AWS names it only, unless the request asks for all of it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum MethodEntry<'a> {
    Named {},
    Whole(Box<MethodDocument<'a>>),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MethodDocument<'a> {
    http_method: &'a str,
    authorization_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer_id: Option<&'a str>,
    api_key_required: bool,
    operation_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_validator_id: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    request_models: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    request_parameters: BTreeMap<String, bool>,
    method_responses: BTreeMap<&'static str, MethodResponseDocument>,
    method_integration: IntegrationDocument<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MethodResponseDocument {
    status_code: &'static str,
    response_models: BTreeMap<&'static str, &'static str>,
}

/// How the backend's answers of a status are passed on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationResponseDocument {
    status_code: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationDocument<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    http_method: &'static str,
    uri: String,
    passthrough_behavior: &'static str,
    timeout_in_millis: u32,
    cache_namespace: &'a str,
    cache_key_parameters: Vec<String>,
    integration_responses: BTreeMap<&'static str, IntegrationResponseDocument>,
}

fn document<'a>(api: &'a Api, resource: &'a Resource, whole: bool, region: &str) -> ResourceDocument<'a> {
    let entry = |(verb, method)| {
        let entry = if whole {
            MethodEntry::Whole(Box::new(method_document(verb, method, resource, region)))
        } else {
            MethodEntry::Named {}
        };
        (verb, entry)
    };
    ResourceDocument {
        id: &resource.id,
        parent_id: resource.parent_id.as_deref(),
        path_part: resource.path.rsplit('/').next().filter(|part| !part.is_empty()),
        path: &resource.path,
        resource_methods: methods_of(api, resource).map(entry).collect(),
    }
}

fn method_document<'a>(
    verb: &'a str,
    method: &'a Method,
    resource: &'a Resource,
    region: &str,
) -> MethodDocument<'a> {
    MethodDocument {
        http_method: verb,
        authorization_type: method.authorization.as_str(),
        authorizer_id: match &method.authorization {
            Authorization::Authorizer { id, .. } => Some(id),
            Authorization::None | Authorization::Iam => None,
        },
        api_key_required: method.api_key_required,
        operation_name: &method.operation_name,
        request_validator_id: method.request_validator_id.as_deref(),
        request_models: method.request_model.iter().map(|model| ("application/json", &**model)).collect(),
        request_parameters: parameters(resource).map(|name| (name, true)).collect(),
        method_responses: method_responses(),
        method_integration: integration(method, resource, region),
    }
}

/// What the function answers with, whatever its status: AWS passes a proxied answer on as it is.
pub fn method_responses() -> BTreeMap<&'static str, MethodResponseDocument> {
    let models = BTreeMap::from([("application/json", "Empty")]);
    BTreeMap::from([("200", MethodResponseDocument { status_code: "200", response_models: models })])
}

/// See [`method_responses`].
pub fn integration_responses() -> BTreeMap<&'static str, IntegrationResponseDocument> {
    BTreeMap::from([("200", IntegrationResponseDocument { status_code: "200" })])
}

/// The function behind a method.
pub fn integration<'a>(method: &Method, resource: &'a Resource, region: &str) -> IntegrationDocument<'a> {
    IntegrationDocument {
        kind: "AWS_PROXY",
        http_method: "POST",
        uri: invocation_uri(region, &method.integration.function_arn),
        passthrough_behavior: "WHEN_NO_MATCH",
        timeout_in_millis: method.integration.timeout_ms,
        cache_namespace: &resource.id,
        cache_key_parameters: parameters(resource).collect(),
        integration_responses: integration_responses(),
    }
}

fn parameters(resource: &Resource) -> impl Iterator<Item = String> {
    let names = resource.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| format!("method.request.path.{name}"))
}
