//! Finding what a path names, or saying in AWS's words that it is not there.

use crate::estate::{Api, ApiKind, DomainName, Estate, Resource, Stage};
use crate::server::fault::Fault;
use crate::server::rest::Call;

/// The REST API that the path names. An HTTP or WebSocket API is none.
pub fn rest_api<'e>(estate: &'e Estate, call: &Call<'_>) -> Result<&'e Api, Fault> {
    let id = call.parameter("restapi_id");
    estate.api(id).filter(|api| api.kind == ApiKind::Rest).ok_or_else(|| no_rest_api(&estate.account_id, id))
}

/// The REST API that the path names, to be altered.
pub fn rest_api_mut<'e>(estate: &'e mut Estate, call: &Call<'_>) -> Result<&'e mut Api, Fault> {
    let id = call.parameter("restapi_id");
    rest_api(estate, call)?;
    let missing = no_rest_api(&estate.account_id, id);
    estate.api_mut(id).ok_or(missing)
}

/// The stage that the path names.
pub fn stage<'e>(estate: &'e Estate, call: &Call<'_>) -> Result<&'e Stage, Fault> {
    rest_api(estate, call)?.stage(call.parameter("stage_name")).ok_or_else(no_stage)
}

/// The stage that the path names, to be altered.
pub fn stage_mut<'e>(estate: &'e mut Estate, call: &Call<'_>) -> Result<&'e mut Stage, Fault> {
    rest_api(estate, call)?;
    let api = estate.api_mut(call.parameter("restapi_id"));
    api.and_then(|api| api.stage_mut(call.parameter("stage_name"))).ok_or_else(no_stage)
}

/// The resource that the path names.
pub fn resource<'a>(api: &'a Api, call: &Call<'_>) -> Result<&'a Resource, Fault> {
    let id = call.parameter("resource_id");
    let found = api.resources.iter().find(|resource| resource.id == id);
    found.ok_or_else(|| Fault::not_found("Invalid Resource identifier specified"))
}

/// The domain name that the path names.
pub fn domain_name<'e>(estate: &'e Estate, call: &Call<'_>) -> Result<&'e DomainName, Fault> {
    estate.domain_name(&call.parameter("domain_name").to_lowercase()).ok_or_else(no_domain_name)
}

/// The domain name that the path names, to be altered.
pub fn domain_name_mut<'e>(estate: &'e mut Estate, call: &Call<'_>) -> Result<&'e mut DomainName, Fault> {
    let name = call.parameter("domain_name").to_lowercase();
    estate.domain_names.iter_mut().find(|domain| domain.name == name).ok_or_else(no_domain_name)
}

fn no_domain_name() -> Fault {
    Fault::not_found("Invalid domain name identifier specified")
}

fn no_rest_api(account_id: &str, id: &str) -> Fault {
    Fault::not_found(format!("Invalid API identifier specified {account_id}:{id}"))
}

/// There is no such stage.
pub fn no_stage() -> Fault {
    Fault::not_found("Invalid stage identifier specified")
}
