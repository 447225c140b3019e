//! How the gateway answers by itself: AWS's own answers, and what a REST API has made of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::patch::{self, PatchDocument, Patchable};
use super::{find, listing};
use crate::estate::contract::GATEWAY_RESPONSES;
use crate::estate::{Api, GatewayResponse};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_gateway_responses(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::rest_api(estate, call)?;
        let all = GATEWAY_RESPONSES.iter().filter_map(|(name, _)| document(api, name).ok());
        let all: Vec<GatewayResponseDocument> = all.collect();
        listing(call, all.iter(), |answer| &answer.response_type, |answer| answer)
    })
}

pub fn get_gateway_response(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::rest_api(estate, call)?;
        Answer::json(&document(api, call.parameter("response_type"))?)
    })
}

pub fn put_gateway_response(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: PutGatewayResponse = call.body_or_default()?;
    call.write(|estate| {
        let api = find::rest_api_mut(estate, call)?;
        let name = call.parameter("response_type");
        let initial = GatewayResponse::initial(name).ok_or_else(|| no_such_type(name))?;
        if let Some(status) = &request.status_code {
            check_status(status)?;
        }
        let changed = GatewayResponse {
            status_code: request.status_code.or(initial.status_code),
            parameters: request.response_parameters,
            templates: request.response_templates.unwrap_or(initial.templates),
        };
        api.gateway_responses.insert(name.to_owned(), changed);
        Answer::created(&document(api, name)?)
    })
}

/// AWS: what `UpdateGatewayResponse` may patch.
static PATCHABLE: &[Patchable<GatewayResponse>] = &[
    Patchable {
        path: "/statusCode",
        ops: &["replace"],
        apply: |answer, patch| {
            check_status(patch.text()?)?;
            answer.status_code = Some(patch.text()?.to_owned());
            Ok(())
        },
    },
    Patchable {
        path: "/responseParameters/{parameter}",
        ops: &["add", "remove", "replace"],
        apply: |answer, patch| keep(&mut answer.parameters, patch),
    },
    Patchable {
        path: "/responseTemplates/{media_type}",
        ops: &["add", "remove", "replace"],
        apply: |answer, patch| keep(&mut answer.templates, patch),
    },
];

fn keep(texts: &mut BTreeMap<String, String>, patch: &patch::Patch<'_>) -> Result<(), Fault> {
    let name = patch.name(0).to_owned();
    if patch.op == "remove" {
        texts.remove(&name);
    } else {
        texts.insert(name, patch.text()?.to_owned());
    }
    Ok(())
}

pub fn update_gateway_response(call: &Call<'_>) -> Result<Answer, Fault> {
    let patches: PatchDocument = call.body()?;
    call.write(|estate| {
        let api = find::rest_api_mut(estate, call)?;
        let name = call.parameter("response_type");
        let mut draft = current(api, name)?;
        patch::apply(PATCHABLE, &mut draft, &patches.patch_operations)?;
        api.gateway_responses.insert(name.to_owned(), draft);
        Answer::json(&document(api, name)?)
    })
}

/// The answer is AWS's own again.
pub fn delete_gateway_response(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let api = find::rest_api_mut(estate, call)?;
        let name = call.parameter("response_type");
        let changed = api.gateway_responses.remove(name);
        changed.map(|_| Answer::accepted()).ok_or_else(|| no_such_type(name))
    })
}

fn current(api: &Api, name: &str) -> Result<GatewayResponse, Fault> {
    let changed = api.gateway_responses.get(name).cloned();
    changed.or_else(|| GatewayResponse::initial(name)).ok_or_else(|| no_such_type(name))
}

fn check_status(status: &str) -> Result<(), Fault> {
    let legal = status.parse::<u16>().is_ok_and(|status| (200..600).contains(&status));
    if legal { Ok(()) } else { Err(Fault::bad_request(format!("Invalid status code: {status}"))) }
}

fn no_such_type(name: &str) -> Fault {
    Fault::not_found(format!("Invalid gateway response type specified: {name}"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PutGatewayResponse {
    status_code: Option<String>,
    #[serde(default)]
    response_parameters: BTreeMap<String, String>,
    response_templates: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct GatewayResponseDocument {
    response_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_code: Option<String>,
    response_parameters: BTreeMap<String, String>,
    response_templates: BTreeMap<String, String>,
    default_response: bool,
}

fn document(api: &Api, name: &str) -> Result<GatewayResponseDocument, Fault> {
    let GatewayResponse { status_code, parameters, templates } = current(api, name)?;
    Ok(GatewayResponseDocument {
        response_type: name.to_owned(),
        status_code,
        response_parameters: parameters,
        response_templates: templates,
        default_response: !api.gateway_responses.contains_key(name),
    })
}
