//! Finding what a path names, or saying in AWS's words that it is not there.

use crate::estate::{Api, ApiKind, Estate};
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
