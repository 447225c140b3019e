//! Levers on usage plans and API keys: what they begin at, and what there is to choose from.

use std::collections::BTreeSet;

use crate::domain::api::ApiKind;
use crate::domain::api_key::ApiKey;
use crate::domain::change::{KeyTarget, PlanTarget, Target, number};
use crate::domain::estate::{RegionEstate, RegionSlot};
use crate::domain::id::UsagePlanId;
use crate::domain::levers::Wanted;
use crate::domain::method::MethodKey;
use crate::domain::target::StageTarget;
use crate::domain::usage_plan::{Quota, UsagePlan};
use crate::tui::action::Action;
use crate::tui::model::{Choice, Chosen, Form, FormState, Listing, Model};
use crate::tui::rows::RowKey;

type Offer = (Action, String, Option<String>);

/// What a lever begins at, with its article; none where it is none of these.
pub(super) fn wants(action: Action) -> Option<&'static str> {
    match action {
        Action::PlanThrottle
        | Action::PlanMethodThrottle
        | Action::PlanQuota
        | Action::PlanAddStage
        | Action::PlanRemoveStage => Some("a usage plan"),
        Action::KeyExtend | Action::KeyMove | Action::KeyEnable | Action::KeyDisable => Some("an API key"),
        _ => None,
    }
}

pub(super) fn is_for(action: Action, row: &RowKey) -> bool {
    match row {
        RowKey::Plan(..) => wants(action) == Some("a usage plan"),
        RowKey::Key(..) => wants(action) == Some("an API key"),
        _ => false,
    }
}

fn plan_of<'model>(model: &'model Model, slot: RegionSlot, id: &UsagePlanId) -> Option<&'model UsagePlan> {
    plans(model.estate.region(slot)?).find(|plan| plan.id == *id)
}

fn plans(region: &RegionEstate) -> impl Iterator<Item = &UsagePlan> + Clone {
    region.usage_plans.value().into_iter().flatten()
}

fn key_of<'model>(model: &'model Model, row: &RowKey) -> Option<(RegionSlot, &'model ApiKey)> {
    let RowKey::Key(slot, id) = row else { return None };
    let mut keys = model.estate.region(*slot)?.api_keys.value().into_iter().flatten();
    keys.find(|key| key.id == *id).map(|key| (*slot, key.as_ref()))
}

/// The plans of a key; none until they were asked.
fn plans_of_key<'model>(
    model: &'model Model,
    slot: RegionSlot,
    key: &ApiKey,
) -> Option<Vec<&'model UsagePlan>> {
    let region = model.estate.region(slot)?;
    let on = region.plans_of_keys.value()?.get(&key.id)?;
    Some(plans(region).filter(|plan| on.contains(&plan.id)).collect())
}

/// The name of a plan or a key.
pub(super) fn called(model: &Model, row: &RowKey) -> Option<String> {
    match row {
        RowKey::Plan(slot, id) => plan_of(model, *slot, id).map(|plan| plan.name.clone()),
        _ => key_of(model, row).map(|(_, key)| key.name.clone()),
    }
}

/// What needs no form.
pub(super) fn at_once(model: &Model, action: Action, row: &RowKey) -> Option<(RegionSlot, Target, Wanted)> {
    let enabled = match action {
        Action::KeyEnable => true,
        Action::KeyDisable => false,
        _ => return None,
    };
    let (slot, key) = key_of(model, row)?;
    Some((slot, target_of(key), Wanted::SwitchApiKey { enabled }))
}

fn target_of(key: &ApiKey) -> Target {
    Target::ApiKey(KeyTarget { id: key.id.clone(), name: key.name.clone() })
}

/// The form of a lever that begins at `row`; none where that is gone, or is none of these.
pub(super) fn form(model: &Model, action: Action, row: &RowKey) -> Option<FormState> {
    let form = Form::of(action).filter(|_| is_for(action, row))?;
    if let RowKey::Plan(slot, id) = row {
        return of_plan(model, form, *slot, plan_of(model, *slot, id)?);
    }
    let (slot, key) = key_of(model, row)?;
    Some(of_key(model, form, slot, key))
}

fn of_plan(model: &Model, form: &'static Form, slot: RegionSlot, plan: &UsagePlan) -> Option<FormState> {
    let target = Target::UsagePlan(PlanTarget { id: plan.id.clone(), name: plan.name.clone() });
    let state = |first| FormState::new(form, slot, target, ApiKind::Rest, first);
    let open = stages_of(model, slot, plan);
    let only = |stages: &[Choice]| match stages {
        [one] => vec![one.text.clone()],
        _ => Vec::new(),
    };
    let region = model.estate.region(slot)?;
    Some(match form.action {
        Action::PlanThrottle => {
            let limit = |limit: Option<String>| limit.unwrap_or_else(|| "none".to_owned());
            let throttle = plan.throttle;
            let now =
                vec![limit(throttle.rate.map(number)), limit(throttle.burst.map(|burst| burst.to_string()))];
            state(Vec::new()).with_now(now)
        }
        Action::PlanMethodThrottle => state(only(&open)).with_choices(vec![open, methods_of(region, plan)]),
        Action::PlanQuota => {
            let periods = ["DAY", "WEEK", "MONTH"].map(|period| Choice::text(period, "")).into();
            let now =
                |quota: &Quota| vec![quota.limit.to_string(), quota.period.clone(), quota.offset.to_string()];
            let now = plan.quota.as_ref().map_or_else(|| vec!["none".to_owned()], now);
            state(Vec::new()).with_choices(vec![Vec::new(), periods]).with_now(now)
        }
        Action::PlanAddStage => state(Vec::new()).with_choices(vec![other_stages(model, slot, plan)]),
        _ => state(only(&open)).with_choices(vec![open]),
    })
}

fn of_key(model: &Model, form: &'static Form, slot: RegionSlot, key: &ApiKey) -> FormState {
    let all: Vec<&UsagePlan> = model.estate.region(slot).into_iter().flat_map(plans).collect();
    let on = plans_of_key(model, slot, key);
    let (first, choices) = if form.action == Action::KeyMove {
        let is_on = |plan: &UsagePlan| on.iter().flatten().any(|known| known.id == plan.id);
        let to = all.iter().copied().filter(|plan| !is_on(plan)).collect();
        let from = choices_of(on.clone().unwrap_or_else(|| all.clone()), &all);
        let left = if on.is_some() { only(&from) } else { String::new() };
        (vec![String::new(), left], vec![choices_of(to, &all), from])
    } else {
        let limited = on.clone().unwrap_or_else(|| all.clone());
        let limited = choices_of(limited.into_iter().filter(|plan| plan.quota.is_some()).collect(), &all);
        let extended = if on.is_some() { only(&limited) } else { String::new() };
        (vec![String::new(), extended], vec![Vec::new(), limited])
    };
    FormState::new(form, slot, target_of(key), ApiKind::Rest, first).with_choices(choices)
}

/// The one that there is.
fn only(choices: &[Choice]) -> String {
    match choices {
        [one] => one.text.clone(),
        _ => String::new(),
    }
}

/// Plans by name; with their id where another of `all` has the same.
fn choices_of(plans: Vec<&UsagePlan>, all: &[&UsagePlan]) -> Vec<Choice> {
    let mut choices: Vec<Choice> = plans
        .into_iter()
        .map(|plan| Choice {
            text: name(plan, all),
            note: limits(plan),
            chosen: Chosen::Plan(plan.id.clone()),
        })
        .collect();
    choices.sort_by(|one, other| one.text.cmp(&other.text));
    choices
}

fn name(plan: &UsagePlan, all: &[&UsagePlan]) -> String {
    let like = |other: &&&UsagePlan| other.name.eq_ignore_ascii_case(&plan.name);
    if all.iter().filter(like).count() > 1 {
        format!("{} ({})", plan.name, plan.id)
    } else {
        plan.name.clone()
    }
}

fn limits(plan: &UsagePlan) -> String {
    let rate =
        plan.throttle.rate.map_or_else(|| "no throttle".to_owned(), |rate| format!("{}/s", number(rate)));
    let quota = plan.quota.as_ref();
    let quota =
        quota.map_or_else(|| "no quota".to_owned(), |quota| format!("{} a {}", quota.limit, quota.period));
    format!("{rate}, {quota}, {}", Listing::Stages.counted(plan.stages.len()))
}

/// The stages that a plan opens. AWS keeps those that are gone, and they can be removed all the same.
fn stages_of(model: &Model, slot: RegionSlot, plan: &UsagePlan) -> Vec<Choice> {
    let stage = |open: &crate::domain::usage_plan::PlanStage| {
        let entry = model.estate.api(slot, &open.api);
        let api_name = entry.map_or_else(|| open.api.to_string(), |entry| entry.api.name.clone());
        StageTarget { api: open.api.clone(), api_name, stage: open.stage.clone() }
    };
    distinct(&plan.stages.iter().map(stage).collect::<Vec<_>>())
}

/// The stages of REST APIs that a plan doesn't open.
fn other_stages(model: &Model, slot: RegionSlot, plan: &UsagePlan) -> Vec<Choice> {
    let mut stages = super::waf::rest_stages(model, slot);
    stages.retain(|(stage, _)| plan.stage(&stage.api, &stage.stage).is_none());
    distinct(&stages.into_iter().map(|(stage, _)| stage).collect::<Vec<_>>())
}

/// Stages as choices; with their API's id where another has the same name.
pub(super) fn distinct(stages: &[StageTarget]) -> Vec<Choice> {
    let names: Vec<String> = stages.iter().map(|stage| stage.to_string().to_lowercase()).collect();
    let text = |stage: &StageTarget| {
        let name = stage.to_string();
        let several = names.iter().filter(|other| **other == name.to_lowercase()).count() > 1;
        if several { format!("{}/{}", stage.api, stage.stage) } else { name }
    };
    stages
        .iter()
        .map(|stage| Choice { text: text(stage), note: String::new(), chosen: Chosen::Stage(stage.clone()) })
        .collect()
}

/// Methods of the plan's stages, as far as they are known: something else may be typed.
fn methods_of(region: &RegionEstate, plan: &UsagePlan) -> Vec<Choice> {
    let mut names = BTreeSet::new();
    for open in &plan.stages {
        let own = open.method_throttles.keys().map(MethodKey::to_string);
        names.extend(own.filter(|name| name != "*/*"));
        let Some(entry) = region.apis.get(&open.api) else { continue };
        names.extend(entry.operations.value().into_iter().flatten().map(|operation| operation.name.clone()));
        let settings = entry.stage(&open.stage).into_iter().flat_map(|stage| stage.settings.keys());
        names.extend(settings.filter(|method| **method != MethodKey::All).map(MethodKey::to_string));
    }
    names.into_iter().map(|name| Choice::text(name, "")).collect()
}

/// What can be named, with what it is.
pub(super) fn subjects(model: &Model, listing: Listing) -> Vec<(RowKey, String, String)> {
    let mut subjects = Vec::new();
    for (slot, region) in model.estate.regions() {
        match listing {
            Listing::Plans => {
                let all: Vec<&UsagePlan> = plans(region).collect();
                let of =
                    |plan: &&UsagePlan| (RowKey::Plan(slot, plan.id.clone()), name(plan, &all), limits(plan));
                subjects.extend(all.iter().map(of));
            }
            Listing::Keys => {
                for key in region.api_keys.value().into_iter().flatten() {
                    let state = if key.enabled { "on" } else { "off" };
                    let row = RowKey::Key(slot, key.id.clone());
                    subjects.push((row, key.name.clone(), format!("{} {state}", key.id)));
                }
            }
            _ => {}
        }
    }
    subjects
}

/// What the menu of actions offers, and why some of it can't be done.
pub(super) fn offers(model: &Model, row: &RowKey) -> Vec<Offer> {
    let unless = |possible: bool, why: &str| (!possible).then(|| why.to_owned());
    match row {
        RowKey::Plan(slot, id) => {
            let Some(plan) = plan_of(model, *slot, id) else { return Vec::new() };
            let name = &plan.name;
            let opens = || unless(!plan.stages.is_empty(), "it opens no stage");
            vec![
                (Action::PlanThrottle, format!("throttle the keys of {name}"), None),
                (Action::PlanMethodThrottle, format!("throttle a method of {name}"), opens()),
                (Action::PlanQuota, format!("set the quota of {name}"), None),
                (Action::PlanAddStage, format!("add a stage to {name}"), None),
                (Action::PlanRemoveStage, format!("remove a stage of {name}"), opens()),
            ]
        }
        RowKey::Key(..) => {
            let Some((slot, key)) = key_of(model, row) else { return Vec::new() };
            let (name, on) = (&key.name, plans_of_key(model, slot, key));
            let limited = on.as_ref().is_none_or(|on| on.iter().any(|plan| plan.quota.is_some()));
            let is_on = on.is_none_or(|on| !on.is_empty());
            vec![
                (
                    Action::KeyExtend,
                    format!("extend what remains of the quota of {name}"),
                    unless(limited, "it is on no usage plan with a quota"),
                ),
                (
                    Action::KeyMove,
                    format!("move {name} to another usage plan"),
                    unless(is_on, "it is on no usage plan"),
                ),
                (Action::KeyEnable, format!("enable {name}"), unless(!key.enabled, "it is on")),
                (Action::KeyDisable, format!("disable {name}"), unless(key.enabled, "it is off")),
            ]
        }
        _ => Vec::new(),
    }
}
