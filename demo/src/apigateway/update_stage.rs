//! `UpdateStage`: which paths of a stage may be patched, and what each does.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::patch::{self, Patch, PatchDocument, Patchable};
use super::{find, stages};
use crate::estate::{CacheSize, MethodSetting, RouteKey, Stage};
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

/// AWS: the patch table of `UpdateStage`. Every value is a string on the wire.
static PATCHABLE: &[Patchable<Draft>] = &[
    Patchable { path: "/deploymentId", ops: REPLACE, apply: set_deployment },
    Patchable { path: "/description", ops: REPLACE, apply: set_description },
    Patchable { path: "/variables", ops: BOTH, apply: set_variables },
    // AWS's table says replace only, but tools remove single variables in practice.
    Patchable { path: "/variables/{variable_name}", ops: BOTH, apply: set_variable },
    Patchable { path: "/cacheClusterEnabled", ops: REPLACE, apply: set_cache_enabled },
    Patchable { path: "/cacheClusterSize", ops: REPLACE, apply: set_cache_size },
    Patchable { path: "/tracingEnabled", ops: REPLACE, apply: set_tracing },
    of_method("/{resource_path}/{http_method}/metrics/enabled", |draft, patch| {
        entry(draft, patch)?.metrics_enabled = patch.truth()?;
        Ok(())
    }),
    of_method("/{resource_path}/{http_method}/logging/loglevel", |draft, patch| {
        entry(draft, patch)?.logging_level = patch.one_of(&["OFF", "ERROR", "INFO"])?;
        Ok(())
    }),
    of_method("/{resource_path}/{http_method}/logging/dataTrace", |draft, patch| {
        entry(draft, patch)?.data_trace_enabled = patch.truth()?;
        Ok(())
    }),
    of_method("/{resource_path}/{http_method}/throttling/burstLimit", |draft, patch| {
        entry(draft, patch)?.throttle.burst = patch.integer()?;
        Ok(())
    }),
    of_method("/{resource_path}/{http_method}/throttling/rateLimit", |draft, patch| {
        entry(draft, patch)?.throttle.rate = patch.number()?;
        Ok(())
    }),
    of_method("/{resource_path}/{http_method}/caching/enabled", |draft, patch| {
        entry(draft, patch)?.caching_enabled = patch.truth()?;
        Ok(())
    }),
    of_method("/{resource_path}/{http_method}/caching/ttlInSeconds", |draft, patch| {
        let seconds = patch.integer()?;
        if !(0..=3_600).contains(&seconds) {
            return Err(patch.invalid("a whole number from 0 to 3600"));
        }
        entry(draft, patch)?.cache_ttl_seconds = seconds;
        Ok(())
    }),
    of_method("/{resource_path}/{http_method}/caching/dataEncrypted", |draft, patch| {
        entry(draft, patch)?.cache_data_encrypted = patch.truth()?;
        Ok(())
    }),
    of_method(
        "/{resource_path}/{http_method}/caching/requireAuthorizationForCacheControl",
        |draft, patch| {
            entry(draft, patch)?.require_authorization_for_cache_control = patch.truth()?;
            Ok(())
        },
    ),
    of_method(
        "/{resource_path}/{http_method}/caching/unauthorizedCacheControlHeaderStrategy",
        |draft, patch| {
            entry(draft, patch)?.unauthorized_cache_control_strategy = patch.one_of(&[
                "FAIL_WITH_403",
                "SUCCEED_WITH_RESPONSE_HEADER",
                "SUCCEED_WITHOUT_RESPONSE_HEADER",
            ])?;
            Ok(())
        },
    ),
    // Not in AWS's table either, and in use: it deletes the entry.
    Patchable { path: "/{resource_path}/{http_method}", ops: REMOVE, apply: remove_entry },
];

const fn of_method(path: &'static str, apply: patch::Apply<Draft>) -> Patchable<Draft> {
    Patchable { path, ops: REPLACE, apply }
}

fn set_deployment(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let id = patch.text()?;
    if !draft.deployment_ids.iter().any(|known| known == id) {
        return Err(Fault::bad_request("Deployment id does not exist"));
    }
    id.clone_into(&mut draft.stage.deployment_id);
    Ok(())
}

fn set_description(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    patch.text()?.clone_into(&mut draft.stage.description);
    Ok(())
}

fn set_variables(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let variables: BTreeMap<String, String> = match patch.op {
        "remove" => BTreeMap::new(),
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

fn remove_entry(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let settings = &mut draft.stage.settings;
    let removed = match method_of(patch)? {
        None => settings.default.take(),
        Some(key) => settings.overrides.remove(&key),
    };
    removed.map(|_| ()).ok_or_else(|| Fault::bad_request("no method setting for this method"))
}

/// The settings that the path speaks of, made anew if there are none yet.
fn entry<'d>(draft: &'d mut Draft, patch: &Patch<'_>) -> Result<&'d mut MethodSetting, Fault> {
    let settings = &mut draft.stage.settings;
    Ok(match method_of(patch)? {
        None => settings.default.get_or_insert_with(MethodSetting::initial),
        Some(key) => settings.overrides.entry(key).or_insert_with(MethodSetting::initial),
    })
}

const VERBS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The method that the path names; `None` for all of them, `*/*`.
fn method_of(patch: &Patch<'_>) -> Result<Option<RouteKey>, Fault> {
    match (patch.name(0), patch.name(1)) {
        ("*", "*") => Ok(None),
        (resource, verb) if resource != "*" && VERBS.contains(&verb) => {
            // Both `~1orders` and `orders` are in use.
            let path = if resource.starts_with('/') { resource.to_owned() } else { format!("/{resource}") };
            Ok(Some(RouteKey::Http { verb: verb.to_owned(), path }))
        }
        (resource, verb) => Err(Fault::bad_request(format!(
            "Invalid method setting path: {}/{verb} is neither */* nor a resource path and an HTTP method",
            patch::escape(resource)
        ))),
    }
}
