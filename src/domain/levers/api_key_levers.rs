//! What each lever wants of an API key.

use super::api_key::{self, ENABLED, GAP, on_plan};
use super::draft::{Draft, Facts, unchanged};
use super::quota_extension;
use super::usage_plan::PRESENT;
use super::wanted::Wanted;
use crate::domain::change::{KeyTarget, Refusal, Risk, SettingChange, Settings, Target};
use crate::domain::id::UsagePlanId;
use crate::domain::usage_plan::{PlanStage, UsagePlan};

/// The change of one API key that brings `wanted` about.
///
/// # Errors
/// As [`super::draft`].
pub fn draft(
    target: &Target,
    key: &KeyTarget,
    wanted: &Wanted,
    settings: &Settings,
    facts: &Facts,
) -> Result<Draft, Refusal> {
    match wanted {
        Wanted::SwitchApiKey { enabled } => switch(target, key, *enabled, settings),
        Wanted::MoveApiKey { from, to } => move_key(target, key, (from.as_ref(), to), settings, facts),
        Wanted::ExtendQuota { plan, by } => {
            quota_extension::draft(target, key, (plan.as_ref(), *by), settings, facts)
        }
        _ => Err(Refusal::NotOnThisKind {
            target: target.to_string(),
            kind: target.kind(),
            what: wanted.lever().title(),
        }),
    }
}

fn switch(target: &Target, key: &KeyTarget, enabled: bool, settings: &Settings) -> Result<Draft, Refusal> {
    let change = settings.change_to(ENABLED, Some(enabled.to_string()));
    let changes: Vec<SettingChange> = change.into_iter().collect();
    if changes.is_empty() {
        return Err(unchanged(target, if enabled { "it is enabled" } else { "it is disabled" }));
    }
    let draft = Draft::of_settings(target, api_key::steps(key, &changes)?);
    if enabled {
        let plans = api_key::plans(settings);
        return Ok(if plans.is_empty() {
            draft.warn("it is on no usage plan, so it opens nothing all the same")
        } else {
            draft
        });
    }
    Ok(draft
        .with_risk(Risk::High)
        .warn("every request with this key gets 403 wherever a method asks for a key, within a minute or so"))
}

fn move_key(
    target: &Target,
    key: &KeyTarget,
    (from, to): (Option<&UsagePlanId>, &UsagePlanId),
    settings: &Settings,
    facts: &Facts,
) -> Result<Draft, Refusal> {
    let forbidden = |why: String| Err(Refusal::Forbidden { target: target.to_string(), why });
    let find = |id: &UsagePlanId| facts.plans.iter().find(|plan| plan.id == *id);
    let name = |id: &UsagePlanId| find(id).map_or_else(|| id.to_string(), |plan| plan.name.clone());
    let present = api_key::plans(settings);
    let from = match (from, present.as_slice()) {
        (Some(from), _) if from == to => return Err(unchanged(target, "both plans are the same")),
        (_, [one]) if one == to => {
            return Err(unchanged(target, format!("it is on {} and no other plan", name(to))));
        }
        (Some(from), present) if present.contains(from) => from.clone(),
        (Some(from), _) => return forbidden(format!("it is not on the usage plan {}", name(from))),
        (None, [one]) => one.clone(),
        (None, []) => return forbidden("it is on no usage plan that it could leave".to_owned()),
        (None, several) => {
            let names: Vec<String> = several.iter().map(name).collect();
            return forbidden(format!("it is on {}: say which one it is to leave", names.join(" and ")));
        }
    };
    if present.contains(to) {
        return forbidden(format!("it is on {} already, beside {}", name(to), name(&from)));
    }
    let Some(joined) = find(to) else { return forbidden(format!("there is no usage plan {to}")) };
    // AWS would refuse the second request, and the key would be left on neither plan.
    let third = present.iter().filter(|plan| **plan != from).filter_map(find);
    for other in third {
        if let Some(stage) =
            other.stages.iter().find(|stage| joined.stage(&stage.api, &stage.stage).is_some())
        {
            return forbidden(format!(
                "it is also on {}, which opens {}:{} as {} does, and AWS allows a key one plan for a stage",
                other.name, stage.api, stage.stage, joined.name
            ));
        }
    }
    let changes: Vec<SettingChange> =
        [settings.change_to(on_plan(&from), None), settings.change_to(on_plan(to), Some(PRESENT.to_owned()))]
            .into_iter()
            .flatten()
            .collect();
    let mut draft = Draft::of_settings(target, api_key::steps(key, &changes)?).with_risk(Risk::High);
    for (field, plan) in draft.fields.iter_mut().zip([&from, to]) {
        field.field = format!("on the usage plan {} ({plan})", name(plan));
    }
    draft.warnings.push(GAP.to_owned());
    Ok(match find(&from) {
        Some(left) => weigh_plans(draft, left, joined),
        None => draft.warn("what the plan that it leaves opens could not be read"),
    })
}

/// Says what is different for a key between two plans.
fn weigh_plans(mut draft: Draft, left: &UsagePlan, joined: &UsagePlan) -> Draft {
    let lost = missing(left, joined);
    if !lost.is_empty() {
        draft =
            draft.warn(format!("{} doesn't open, so the key gets 403 there: {}", joined.name, named(&lost)));
    }
    let gained = missing(joined, left);
    if !gained.is_empty() {
        draft =
            draft.warn(format!("{} opens beside what {} opens: {}", joined.name, left.name, named(&gained)));
    }
    if (left.throttle, &left.quota) != (joined.throttle, &joined.quota) {
        draft = draft.warn(format!("its limits become those of {}: {}", joined.name, limits(joined)));
    }
    if joined.quota.is_some() {
        draft = draft.warn(format!("what it used under {} doesn't count under {}", left.name, joined.name));
    }
    draft
}

/// The stages of `one` that `other` doesn't open.
fn missing<'plan>(one: &'plan UsagePlan, other: &UsagePlan) -> Vec<&'plan PlanStage> {
    one.stages.iter().filter(|stage| other.stage(&stage.api, &stage.stage).is_none()).collect()
}

/// Stages that are named one by one in a plan.
const NAMED: usize = 6;

fn named(stages: &[&PlanStage]) -> String {
    let shown: Vec<String> =
        stages.iter().take(NAMED).map(|stage| format!("{}:{}", stage.api, stage.stage)).collect();
    let more = stages.len().saturating_sub(NAMED);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

fn limits(plan: &UsagePlan) -> String {
    let throttle = match (plan.throttle.rate, plan.throttle.burst) {
        (Some(rate), Some(burst)) => format!("{rate} requests/s, burst {burst}"),
        _ => "no throttle".to_owned(),
    };
    match &plan.quota {
        Some(quota) => format!("{throttle}, {} requests a {}", quota.limit, quota.period),
        None => format!("{throttle}, no quota"),
    }
}

#[cfg(test)]
mod tests;
