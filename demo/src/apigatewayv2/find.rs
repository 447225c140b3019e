//! Finding what a path names, or saying in AWS's words that it is not there.

use crate::estate::{Api, ApiKind, Estate, Stage};
use crate::server::fault::Fault;
use crate::server::rest::Call;

/// The HTTP or WebSocket API that the path names. A REST API is none.
pub fn api<'e>(estate: &'e Estate, call: &Call<'_>) -> Result<&'e Api, Fault> {
    let id = call.parameter("apiId");
    let found = estate.api(id).filter(|api| api.kind != ApiKind::Rest);
    found.ok_or_else(|| {
        Fault::not_found(format!("Invalid API identifier specified {}:{id}", estate.account_id))
    })
}

/// The HTTP or WebSocket API that the path names, to be altered.
pub fn api_mut<'e>(estate: &'e mut Estate, call: &Call<'_>) -> Result<&'e mut Api, Fault> {
    api(estate, call)?;
    let missing = Fault::not_found("Invalid API identifier specified");
    estate.api_mut(call.parameter("apiId")).ok_or(missing)
}

/// The stage that the path names.
pub fn stage<'a>(api: &'a Api, call: &Call<'_>) -> Result<&'a Stage, Fault> {
    api.stage(call.parameter("stageName")).ok_or_else(no_stage)
}

/// The stage that the path names, to be altered.
pub fn stage_mut<'a>(api: &'a mut Api, call: &Call<'_>) -> Result<&'a mut Stage, Fault> {
    api.stage_mut(call.parameter("stageName")).ok_or_else(no_stage)
}

fn no_stage() -> Fault {
    Fault::not_found("Invalid stage identifier specified")
}
