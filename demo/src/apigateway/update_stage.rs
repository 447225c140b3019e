//! `UpdateStage`: which paths of a stage may be patched, and what each does.

mod access_log;
mod canary;
mod method_setting;

use std::collections::BTreeMap;

pub use access_log::check_format;
pub use method_setting::key_of;

use jiff::Timestamp;

use super::patch::{self, Patch, PatchDocument, Patchable};
use super::{find, stages};
use crate::estate::{CacheSize, Stage};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

/// All patches of a call or none: they alter a draft, which becomes the stage when all are legal.
pub fn update_stage(call: &Call<'_>) -> Result<Answer, Fault> {
    let document: PatchDocument = call.body()?;
    call.write(|estate| {
        let api = find::rest_api(estate, call)?;
        let deployment_ids = api.deployments.iter().map(|deployment| deployment.id.clone()).collect();
        let stage = find::stage_mut(estate, call)?;
        let mut draft = Draft { stage: stage.clone(), deployment_ids, now: call.now };
        patch::apply(PATCHABLE, &mut draft, &document.patch_operations)?;
        *stage = draft.stage;
        stage.last_updated = call.now;
        Answer::json(&stages::document(stage, call.now))
    })
}

/// A stage while it is being altered, and what its new values are checked against.
struct Draft {
    stage: Stage,
    deployment_ids: Vec<String>,
    now: Timestamp,
}

const REPLACE: &[&str] = &["replace"];
const REMOVE: &[&str] = &["remove"];
const BOTH: &[&str] = &["replace", "remove"];
const ALL: &[&str] = &["add", "replace", "remove"];

/// AWS: the patch table of `UpdateStage`. Every value is a string on the wire.
static PATCHABLE: &[Patchable<Draft>] = &[
    Patchable { path: "/deploymentId", ops: &["replace", "copy"], apply: set_deployment },
    Patchable { path: "/description", ops: REPLACE, apply: set_description },
    // AWS's table says no to copy, its example of a promotion copies.
    Patchable { path: "/variables", ops: &["replace", "remove", "copy"], apply: set_variables },
    // AWS's table says replace only, but tools remove single variables in practice.
    Patchable { path: "/variables/{variable_name}", ops: BOTH, apply: set_variable },
    Patchable { path: "/cacheClusterEnabled", ops: REPLACE, apply: set_cache_enabled },
    Patchable { path: "/cacheClusterSize", ops: REPLACE, apply: set_cache_size },
    Patchable { path: "/tracingEnabled", ops: REPLACE, apply: set_tracing },
    Patchable { path: "/clientCertificateId", ops: REPLACE, apply: set_client_certificate },
    Patchable { path: "/documentationVersion", ops: REPLACE, apply: set_documentation_version },
    Patchable { path: "/accessLogSettings", ops: REMOVE, apply: access_log::remove },
    Patchable { path: "/accessLogSettings/destinationArn", ops: ALL, apply: access_log::set_destination },
    Patchable { path: "/accessLogSettings/format", ops: ALL, apply: access_log::set_format },
    Patchable { path: "/canarySettings", ops: REMOVE, apply: canary::remove },
    Patchable { path: "/canarySettings/deploymentId", ops: REPLACE, apply: canary::set_deployment },
    Patchable { path: "/canarySettings/percentTraffic", ops: REPLACE, apply: canary::set_percentage },
    Patchable { path: "/canarySettings/useStageCache", ops: REPLACE, apply: canary::set_use_of_cache },
    Patchable { path: "/canarySettings/stageVariableOverrides", ops: REPLACE, apply: canary::set_overrides },
    // In AWS's examples, though not in its table.
    Patchable {
        path: "/canarySettings/stageVariableOverrides/{variable_name}",
        ops: BOTH,
        apply: canary::set_override,
    },
    Patchable { path: "/methodSettings", ops: REPLACE, apply: method_setting::set_all },
    of_method("/{resource_path}/{http_method}/metrics/enabled"),
    of_method("/{resource_path}/{http_method}/logging/loglevel"),
    of_method("/{resource_path}/{http_method}/logging/dataTrace"),
    of_method("/{resource_path}/{http_method}/throttling/burstLimit"),
    of_method("/{resource_path}/{http_method}/throttling/rateLimit"),
    of_method("/{resource_path}/{http_method}/caching/enabled"),
    of_method("/{resource_path}/{http_method}/caching/ttlInSeconds"),
    of_method("/{resource_path}/{http_method}/caching/dataEncrypted"),
    of_method("/{resource_path}/{http_method}/caching/requireAuthorizationForCacheControl"),
    of_method("/{resource_path}/{http_method}/caching/unauthorizedCacheControlHeaderStrategy"),
    // Not in AWS's table either, and in use: it deletes the entry.
    Patchable { path: "/{resource_path}/{http_method}", ops: REMOVE, apply: method_setting::remove },
];

const fn of_method(path: &'static str) -> Patchable<Draft> {
    Patchable { path, ops: REPLACE, apply: method_setting::set_field }
}

fn set_deployment(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    if patch.op == "copy" {
        patch.copied_from("/canarySettings/deploymentId")?;
        draft.stage.deployment_id = canary::of(draft)?.deployment_id.clone();
        return Ok(());
    }
    if draft.stage.canary.is_some() {
        // AWS: promote the canary or remove it first.
        return Err(Fault::bad_request(
            "Invalid stage update: the deployment of a stage with canary settings cannot be replaced",
        ));
    }
    draft.stage.deployment_id = draft.known_deployment(patch)?;
    Ok(())
}

impl Draft {
    /// The deployment that the value names, if the API has it.
    fn known_deployment(&self, patch: &Patch<'_>) -> Result<String, Fault> {
        let id = patch.text()?;
        let known = self.deployment_ids.iter().find(|known| *known == id);
        known.cloned().ok_or_else(|| Fault::bad_request("Deployment id does not exist"))
    }
}

fn set_client_certificate(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    draft.stage.client_certificate_id = Some(patch.text()?.to_owned()).filter(|id| !id.is_empty());
    Ok(())
}

fn set_documentation_version(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    draft.stage.documentation_version = Some(patch.text()?.to_owned()).filter(|version| !version.is_empty());
    Ok(())
}

fn set_description(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    patch.text()?.clone_into(&mut draft.stage.description);
    Ok(())
}

fn set_variables(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let variables: BTreeMap<String, String> = match patch.op {
        "remove" => BTreeMap::new(),
        "copy" => {
            // The canary's overrides become the stage's values, beside those that it doesn't override.
            patch.copied_from("/canarySettings/stageVariableOverrides")?;
            let mut variables = draft.stage.variables.clone();
            variables.extend(canary::of(draft)?.stage_variable_overrides.clone());
            variables
        }
        _ => serde_json::from_str(patch.text()?).map_err(|_| patch.invalid("a JSON object of strings"))?,
    };
    for (name, value) in &variables {
        check_variable(name, value, patch)?;
    }
    draft.stage.variables = variables;
    Ok(())
}

fn set_variable(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let name = patch.name(0);
    if patch.op == "remove" {
        draft.stage.variables.remove(name);
        return Ok(());
    }
    let value = patch.text()?;
    check_variable(name, value, patch)?;
    draft.stage.variables.insert(name.to_owned(), value.to_owned());
    Ok(())
}

/// AWS: names of letters, digits and underscores up to 64, values of URL characters up to 512.
fn check_variable(name: &str, value: &str, patch: &Patch<'_>) -> Result<(), Fault> {
    let name_fits = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !name_fits {
        return Err(Fault::bad_request(format!(
            "Stage variable name '{name}' must be 1 to 64 alphanumeric characters and underscores"
        )));
    }
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#&=,".contains(&byte);
    if (1..=512).contains(&value.len()) && value.bytes().all(is_legal) {
        Ok(())
    } else {
        Err(patch.invalid("1 to 512 characters that match [A-Za-z0-9-._~:/?#&=,]+"))
    }
}

fn set_cache_enabled(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    draft.stage.cache.set_enabled(patch.truth()?, draft.now);
    Ok(())
}

fn set_cache_size(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let sizes = CacheSize::ALL.map(CacheSize::as_str).join(", ");
    let size = CacheSize::parse(patch.text()?).ok_or_else(|| patch.invalid(&format!("one of {sizes}")))?;
    draft.stage.cache.resize(size, draft.now);
    Ok(())
}

fn set_tracing(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    draft.stage.tracing_enabled = patch.truth()?;
    Ok(())
}
