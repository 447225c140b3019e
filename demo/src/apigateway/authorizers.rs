//! The authorizers of a REST API.

use serde::Serialize;

use super::patch::{self, PatchDocument, Patchable};
use super::{find, listing};
use crate::estate::{Authorizer, AuthorizerKind};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_authorizers(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::rest_api(estate, call)?;
        listing(
            call,
            api.authorizers.iter(),
            |authorizer| &authorizer.id,
            |row| document(row, &estate.region),
        )
    })
}

pub fn get_authorizer(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::rest_api(estate, call)?;
        let id = call.parameter("authorizer_id");
        let authorizer = api.authorizers.iter().find(|authorizer| authorizer.id == id);
        Answer::json(&document(authorizer.ok_or_else(unknown)?, &estate.region))
    })
}

/// AWS: what `UpdateAuthorizer` may patch, as far as the region has it.
static PATCHABLE: &[Patchable<Authorizer>] = &[
    Patchable {
        path: "/name",
        ops: &["replace"],
        apply: |authorizer, patch| {
            patch.text()?.clone_into(&mut authorizer.name);
            Ok(())
        },
    },
    Patchable {
        path: "/authorizerResultTtlInSeconds",
        ops: &["replace"],
        apply: |authorizer, patch| {
            let seconds = u32::try_from(patch.integer()?).ok().filter(|seconds| *seconds <= LONGEST_TTL);
            authorizer.result_ttl_seconds =
                seconds.ok_or_else(|| patch.invalid("a whole number from 0 to 3600"))?;
            Ok(())
        },
    },
];

/// AWS: seconds.
const LONGEST_TTL: u32 = 3_600;

/// Takes effect with the next deployment, which freezes authorizers.
pub fn update_authorizer(call: &Call<'_>) -> Result<Answer, Fault> {
    let patches: PatchDocument = call.body()?;
    call.write(|estate| {
        let region = estate.region.clone();
        let api = find::rest_api_mut(estate, call)?;
        let id = call.parameter("authorizer_id");
        let authorizer = api.authorizers.iter_mut().find(|authorizer| authorizer.id == id);
        let authorizer = authorizer.ok_or_else(unknown)?;
        let mut draft = authorizer.clone();
        patch::apply(PATCHABLE, &mut draft, &patches.patch_operations)?;
        *authorizer = draft;
        Answer::json(&document(authorizer, &region))
    })
}

fn unknown() -> Fault {
    Fault::not_found("Invalid Authorizer identifier specified")
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizerDocument<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "providerARNs", skip_serializing_if = "Vec::is_empty")]
    provider_arns: Vec<&'a str>,
    auth_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer_uri: Option<String>,
    identity_source: &'static str,
    authorizer_result_ttl_in_seconds: u32,
}

fn document<'a>(authorizer: &'a Authorizer, region: &str) -> AuthorizerDocument<'a> {
    let pool = authorizer.kind == AuthorizerKind::Cognito;
    AuthorizerDocument {
        id: &authorizer.id,
        name: &authorizer.name,
        kind: authorizer.kind.as_str(),
        provider_arns: if pool { vec![authorizer.provider.as_str()] } else { Vec::new() },
        auth_type: if pool { "cognito_user_pools" } else { "custom" },
        authorizer_uri: (!pool).then(|| super::resources::invocation_uri(region, &authorizer.provider)),
        identity_source: "method.request.header.Authorization",
        authorizer_result_ttl_in_seconds: authorizer.result_ttl_seconds,
    }
}
