//! The rules of each lever: from what is wanted and what was read to the requests that bring it about.
//!
//! Pure: what is read and sent stands in `ops::change`. Each kind of target has a file that says how its
//! settings are written, forwards and back; each lever says which settings it wants.

pub mod api_key;
mod api_key_levers;
pub mod consequences;
pub mod draft;
pub mod http_stage;
mod http_stage_levers;
mod http_stage_values;
pub mod ip_set;
pub mod legal;
pub mod placement;
pub mod plan_wanted;
pub mod quota_extension;
pub mod rest_stage;
mod rest_stage_levers;
pub mod rollback;
pub mod throttle;
pub mod usage_plan;
pub mod usage_plan_legal;
mod usage_plan_levers;
pub mod wanted;
pub mod web_acl;
mod web_acl_association;

pub use draft::{Draft, DraftStep, Facts};
pub use plan_wanted::{LimitsWanted, MethodLimits, PlanWanted, QuotaWanted};
pub use wanted::{AccessLogs, CacheWanted, CanaryWanted, LoggingWanted, RollbackTo, Wanted};

use super::change::{FieldChange, Plan, Refusal, SettingChange, Settings, Target};

/// What brings `wanted` about on `target`, whose settings read `settings`.
///
/// # Errors
/// Where the target has no such lever, a value isn't legal, or nothing would change.
pub fn draft(target: &Target, wanted: &Wanted, settings: &Settings, facts: &Facts) -> Result<Draft, Refusal> {
    match target {
        Target::RestStage(stage) => rest_stage_levers::draft(target, stage, wanted, settings, facts),
        Target::HttpStage(stage) | Target::WebSocketStage(stage) => {
            http_stage_levers::draft(target, stage, wanted, settings, facts)
        }
        Target::WebAcl(acl) => web_acl::draft(target, acl, wanted, settings, facts),
        Target::IpSet(set) => ip_set::draft(target, set, wanted, settings),
        Target::UsagePlan(plan) => usage_plan_levers::draft(target, plan, wanted, settings, facts),
        Target::ApiKey(key) => api_key_levers::draft(target, key, wanted, settings, facts),
        Target::Customers(_) => Err(moved_by_commands(target)),
        Target::Connections(_) => Err(closed_by_command(target)),
        Target::Placement(cell) => placement::draft(target, cell, wanted, settings),
    }
}

/// The requests that alter these settings of `target`, and nothing else: the way back of every change.
///
/// # Errors
/// Where they can't be set by requests.
pub fn steps(
    target: &Target,
    changes: &[SettingChange],
    settings: &Settings,
) -> Result<Vec<DraftStep>, Refusal> {
    match target {
        Target::RestStage(stage) => rest_stage::steps(stage, changes, settings),
        Target::HttpStage(stage) | Target::WebSocketStage(stage) => {
            http_stage::steps(target, stage, changes, settings)
        }
        Target::WebAcl(acl) => web_acl::steps(target, acl, changes, settings),
        Target::IpSet(set) => ip_set::steps(target, set, changes, settings),
        Target::UsagePlan(plan) => usage_plan::steps(plan, changes, settings),
        Target::ApiKey(key) => api_key::steps(key, changes),
        Target::Customers(_) => Err(moved_by_commands(target)),
        Target::Connections(_) => Err(closed_by_command(target)),
        Target::Placement(cell) => Ok(placement::steps(cell, changes)),
    }
}

/// What a setting of `target` is called where people read it.
pub fn label(target: &Target, setting: &str) -> String {
    match target {
        Target::RestStage(_) => rest_stage::label(setting),
        Target::HttpStage(_) | Target::WebSocketStage(_) => http_stage::label(setting),
        Target::WebAcl(_) => web_acl::label(setting),
        Target::IpSet(_) => ip_set::label(setting),
        Target::UsagePlan(_) => usage_plan::label(setting),
        Target::ApiKey(_) => api_key::label(setting),
        Target::Customers(_) | Target::Connections(_) | Target::Placement(_) => setting.to_owned(),
    }
}

/// A move has a roster and no settings: it is made, resumed and taken back by commands of its own.
fn moved_by_commands(target: &Target) -> Refusal {
    let why = "customers are moved and moved back by `cellgate move`, `moves resume` and `undo`".to_owned();
    Refusal::Forbidden { target: target.to_string(), why }
}

/// Which connections are meant is found out by a command.
fn closed_by_command(target: &Target) -> Refusal {
    let why = "connections are closed by `cellgate moves connections --close`".to_owned();
    Refusal::Forbidden { target: target.to_string(), why }
}

/// What an undo of `plan` sets beside what the plan altered: things that go along with it and that AWS forgets.
pub fn forgotten(plan: &Plan, settings: &Settings) -> Vec<SettingChange> {
    // AWS: a cache that is off has no size.
    let sizes = plan.preconditions.iter().filter(|known| {
        known.setting == rest_stage::CACHE_SIZE && matches!(plan.target, Target::RestStage(_))
    });
    sizes.filter_map(|known| settings.change_to(&known.setting, known.value.clone())).collect()
}

/// The change of a setting in words for people: mostly one field, and for what holds several of them those that
/// differ.
pub fn in_words(target: &Target, change: &SettingChange) -> Vec<FieldChange> {
    let known = match target {
        Target::WebAcl(_) => web_acl::in_words(change),
        Target::IpSet(_) => ip_set::in_words(change),
        Target::Placement(_) => Some(placement::in_words(change)),
        _ => None,
    };
    known.unwrap_or_else(|| {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
        let (before, after) = (shown(&change.before), shown(&change.after));
        vec![FieldChange { field: label(target, &change.setting), before, after }]
    })
}

/// Gives the fields of a way back the names that `plan` has for them, which was made where names were known and
/// not ids alone.
pub fn named_as_in(plan: &Plan, mut draft: Draft) -> Draft {
    let plain = draft::fields(&plan.target, plan.changes().iter());
    for field in &mut draft.fields {
        let known = plain.iter().zip(&plan.fields).find(|(plain, _)| plain.field == field.field);
        let same =
            known.filter(|(plain, named)| (&plain.before, &plain.after) == (&named.before, &named.after));
        if let Some((_, named)) = same {
            field.field.clone_from(&named.field);
        }
    }
    draft
}

/// Adds what to know about taking `plan` back.
pub fn weigh_undo(draft: Draft, plan: &Plan) -> Draft {
    let switched = plan.changes().iter().any(|change| change.setting == http_stage::AUTO_DEPLOY);
    let draft = http_stage_levers::weigh_undo(draft, switched);
    match plan.lever {
        crate::domain::change::Lever::Rollback => {
            draft.warn("variables, throttles, cache and logs belong to the stage and stay as they are")
        }
        crate::domain::change::Lever::WebAclRule | crate::domain::change::Lever::IpSet => {
            draft.warn(web_acl::TAKES_A_MINUTE)
        }
        crate::domain::change::Lever::MoveApiKey => draft.warn(api_key::GAP),
        _ => draft,
    }
}
