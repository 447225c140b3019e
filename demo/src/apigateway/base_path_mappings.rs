//! Which REST API and stage answer on which path of a domain name.

use serde::{Deserialize, Serialize};

use super::patch::{self, PatchDocument, Patchable};
use super::{find, listing};
use crate::estate::{ApiKind, ApiMapping, DomainName, Estate, id};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

/// How AWS writes the empty base path.
const NONE: &str = "(none)";

pub fn get_base_path_mappings(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let domain = find::domain_name(estate, call)?;
        listing(call, shown(estate, domain), |mapping| base_path(mapping), document)
    })
}

pub fn get_base_path_mapping(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let domain = find::domain_name(estate, call)?;
        let wanted = call.parameter("base_path");
        let found = shown(estate, domain).find(|mapping| base_path(mapping) == wanted);
        Answer::json(&document(found.ok_or_else(unknown)?))
    })
}

pub fn create_base_path_mapping(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: CreateBasePathMapping = call.body()?;
    call.write(|estate| {
        let key = key_of(request.base_path.as_deref().unwrap_or_default())?;
        let stage = request.stage.unwrap_or_default();
        check(estate, &request.rest_api_id, &stage)?;
        let domain = find::domain_name_mut(estate, call)?;
        if domain.mappings.iter().any(|mapping| mapping.key == key) {
            return Err(taken());
        }
        let id = id::random(&mut rand::rng(), id::SHORT);
        let mapping = ApiMapping { id, key, api_id: request.rest_api_id, stage };
        let answer = Answer::created(&document(&mapping))?;
        domain.mappings.push(mapping);
        Ok(answer)
    })
}

/// AWS: what `UpdateBasePathMapping` may patch.
static PATCHABLE: &[Patchable<ApiMapping>] = &[
    Patchable {
        path: "/basePath",
        ops: &["replace"],
        apply: |mapping, patch| {
            mapping.key = key_of(patch.text()?)?;
            Ok(())
        },
    },
    Patchable {
        path: "/restapiId",
        ops: &["replace"],
        apply: |mapping, patch| {
            patch.text()?.clone_into(&mut mapping.api_id);
            Ok(())
        },
    },
    Patchable {
        path: "/stage",
        ops: &["replace"],
        apply: |mapping, patch| {
            patch.text()?.clone_into(&mut mapping.stage);
            Ok(())
        },
    },
];

pub fn update_base_path_mapping(call: &Call<'_>) -> Result<Answer, Fault> {
    let patches: PatchDocument = call.body()?;
    call.write(|estate| {
        let before = found(estate, call)?.clone();
        let mut draft = before.clone();
        patch::apply(PATCHABLE, &mut draft, &patches.patch_operations)?;
        check(estate, &draft.api_id, &draft.stage)?;
        let domain = find::domain_name_mut(estate, call)?;
        if domain.mappings.iter().any(|mapping| mapping.key == draft.key && mapping.id != draft.id) {
            return Err(taken());
        }
        let answer = Answer::json(&document(&draft))?;
        if let Some(mapping) = domain.mappings.iter_mut().find(|mapping| mapping.id == before.id) {
            *mapping = draft;
        }
        Ok(answer)
    })
}

pub fn delete_base_path_mapping(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let id = found(estate, call)?.id.clone();
        find::domain_name_mut(estate, call)?.mappings.retain(|mapping| mapping.id != id);
        Ok(Answer::accepted())
    })
}

/// AWS: v1 does not show mappings of HTTP and WebSocket APIs, nor those on paths of several parts.
fn shown<'e>(estate: &'e Estate, domain: &'e DomainName) -> impl Iterator<Item = &'e ApiMapping> {
    domain.mappings.iter().filter(|mapping| {
        let rest = estate.api(&mapping.api_id).is_none_or(|api| api.kind == ApiKind::Rest);
        rest && !mapping.key.contains('/')
    })
}

fn found<'e>(estate: &'e Estate, call: &Call<'_>) -> Result<&'e ApiMapping, Fault> {
    let domain = find::domain_name(estate, call)?;
    let wanted = call.parameter("base_path");
    shown(estate, domain).find(|mapping| base_path(mapping) == wanted).ok_or_else(unknown)
}

fn check(estate: &Estate, api_id: &str, stage: &str) -> Result<(), Fault> {
    let api = estate.api(api_id).filter(|api| api.kind == ApiKind::Rest);
    let api = api.ok_or_else(|| Fault::bad_request("Invalid REST API identifier specified"))?;
    // AWS: without a stage, clients name it in the path.
    if stage.is_empty() || api.stage(stage).is_some() {
        return Ok(());
    }
    Err(Fault::bad_request("Invalid stage identifier specified"))
}

/// AWS: letters, digits and `$-_.+!*'()`.
fn key_of(base_path: &str) -> Result<String, Fault> {
    if base_path == NONE {
        return Ok(String::new());
    }
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"$-_.+!*'()".contains(&byte);
    if base_path.bytes().all(legal) {
        return Ok(base_path.to_owned());
    }
    Err(Fault::bad_request("API Gateway V1 doesn't support the slash character (/) in base path mappings."))
}

fn base_path(mapping: &ApiMapping) -> &str {
    if mapping.key.is_empty() { NONE } else { &mapping.key }
}

fn unknown() -> Fault {
    Fault::not_found("Invalid base path mapping identifier specified")
}

fn taken() -> Fault {
    Fault::new(409, "ConflictException", "Base path already exists for this domain name")
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateBasePathMapping {
    base_path: Option<String>,
    rest_api_id: String,
    stage: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BasePathMappingDocument<'a> {
    base_path: &'a str,
    rest_api_id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    stage: &'a str,
}

fn document(mapping: &ApiMapping) -> BasePathMappingDocument<'_> {
    BasePathMappingDocument {
        base_path: base_path(mapping),
        rest_api_id: &mapping.api_id,
        stage: &mapping.stage,
    }
}
