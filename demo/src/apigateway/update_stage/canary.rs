//! The canary of a stage: a second deployment that takes a share of the requests.

use std::collections::BTreeMap;

use super::Draft;
use crate::apigateway::patch::Patch;
use crate::estate::Canary;
use crate::server::fault::Fault;

/// The canary that the stage has.
pub fn of(draft: &Draft) -> Result<&Canary, Fault> {
    draft.stage.canary.as_ref().ok_or_else(|| Fault::bad_request("Stage has no canary settings"))
}

/// Made by the first field that is set, on the stage's own deployment and without traffic.
fn made(draft: &mut Draft) -> &mut Canary {
    let deployment_id = draft.stage.deployment_id.clone();
    draft.stage.canary.get_or_insert_with(|| Canary {
        deployment_id,
        percent_traffic: 0.0,
        stage_variable_overrides: BTreeMap::new(),
        use_stage_cache: false,
    })
}

pub fn remove(draft: &mut Draft, _: &Patch<'_>) -> Result<(), Fault> {
    of(draft)?;
    draft.stage.canary = None;
    Ok(())
}

pub fn set_deployment(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let id = draft.known_deployment(patch)?;
    made(draft).deployment_id = id;
    Ok(())
}

pub fn set_percentage(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let percentage = patch.number()?;
    if !(0.0..=100.0).contains(&percentage) {
        return Err(patch.invalid("a number from 0.0 to 100.0"));
    }
    made(draft).percent_traffic = percentage;
    Ok(())
}

pub fn set_use_of_cache(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let uses = patch.truth()?;
    made(draft).use_stage_cache = uses;
    Ok(())
}

pub fn set_overrides(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let overrides: BTreeMap<String, String> = patch.json("a JSON object of strings")?;
    for (name, value) in &overrides {
        super::check_variable(name, value, patch)?;
    }
    made(draft).stage_variable_overrides = overrides;
    Ok(())
}

pub fn set_override(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let name = patch.name(0).to_owned();
    if patch.op == "remove" {
        of(draft)?;
        made(draft).stage_variable_overrides.remove(&name);
        return Ok(());
    }
    let value = patch.text()?.to_owned();
    super::check_variable(&name, &value, patch)?;
    made(draft).stage_variable_overrides.insert(name, value);
    Ok(())
}
