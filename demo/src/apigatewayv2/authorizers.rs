//! The authorizers of an HTTP or WebSocket API.

use serde::Serialize;

use super::{find, listing};
use crate::estate::{ApiKind, Authorizer, AuthorizerKind};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_authorizers(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::api(estate, call)?;
        listing(
            call,
            api.authorizers.iter(),
            |authorizer| &authorizer.id,
            |authorizer| document(authorizer, api.kind, &estate.region),
        )
    })
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizerDocument<'a> {
    authorizer_id: &'a str,
    name: &'a str,
    authorizer_type: &'static str,
    identity_source: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer_payload_format_version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer_result_ttl_in_seconds: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwt_configuration: Option<JwtDocument<'a>>,
}

#[derive(Debug, Serialize)]
struct JwtDocument<'a> {
    audience: [&'static str; 1],
    issuer: &'a str,
}

fn document<'a>(authorizer: &'a Authorizer, kind: ApiKind, region: &str) -> AuthorizerDocument<'a> {
    let jwt = authorizer.kind == AuthorizerKind::Jwt;
    // AWS: only HTTP APIs have payload versions and keep what an authorizer decided.
    let keeps_result = !jwt && kind == ApiKind::Http;
    AuthorizerDocument {
        authorizer_id: &authorizer.id,
        name: &authorizer.name,
        authorizer_type: authorizer.kind.as_str(),
        identity_source: [match kind {
            ApiKind::WebSocket => "route.request.header.Authorization",
            ApiKind::Http | ApiKind::Rest => "$request.header.Authorization",
        }],
        authorizer_uri: (!jwt).then(|| {
            format!(
                "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{}/invocations",
                authorizer.provider
            )
        }),
        authorizer_payload_format_version: keeps_result.then_some("2.0"),
        authorizer_result_ttl_in_seconds: keeps_result.then_some(authorizer.result_ttl_seconds),
        jwt_configuration: jwt
            .then_some(JwtDocument { audience: ["shop-mobile"], issuer: &authorizer.provider }),
    }
}
