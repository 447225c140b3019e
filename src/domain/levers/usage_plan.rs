//! How settings of a usage plan are written: a patch of one `UpdateUsagePlan`, forwards and back.
//!
//! Settings have the names of AWS's patch paths; a stage that the plan opens is a marker of its own,
//! `/apiStages/a1b2c3:prod`. One call takes all operations of a change, since AWS takes one in 20 seconds.

use std::collections::BTreeSet;
use std::time::Duration;

use super::draft::DraftStep;
use super::usage_plan_legal;
use crate::domain::change::{
    PatchOperation, PatchVerb, PlanTarget, Refusal, Request, SettingChange, Settings, number,
};
use crate::domain::id::{ApiId, StageName};
use crate::domain::method::MethodKey;
use crate::domain::stage::Throttle;
use crate::domain::usage_plan::UsagePlan;

pub const STAGES: &str = "/apiStages/";
pub const THROTTLE: &str = "/throttle/";
pub const RATE: &str = "/throttle/rateLimit";
pub const BURST: &str = "/throttle/burstLimit";
pub const QUOTA: &str = "/quota/";
pub const QUOTA_LIMIT: &str = "/quota/limit";
pub const QUOTA_OFFSET: &str = "/quota/offset";
pub const QUOTA_PERIOD: &str = "/quota/period";
/// The settings of a method's throttle, by the ends of their paths.
pub const METHOD_RATE: &str = "rateLimit";
pub const METHOD_BURST: &str = "burstLimit";
/// The value of a setting that is there or isn't.
pub const PRESENT: &str = "present";

/// A stage as AWS writes it in a plan's paths and values: `a1b2c3:prod`.
pub fn stage_name(api: &ApiId, stage: &StageName) -> String {
    format!("{api}:{stage}")
}

/// The path of a method's throttle at a stage, up to its settings. None for what is no single method.
pub fn method_entry(stage: &str, method: &MethodKey) -> Option<String> {
    let MethodKey::Method { .. } = method else { return None };
    method.patch_segments().map(|segments| format!("{STAGES}{stage}/throttle/{segments}/"))
}

/// Everything of a plan that can be patched.
pub fn settings(plan: &UsagePlan) -> Settings {
    let mut settings = Settings::default();
    settings.set("/name", &plan.name);
    if let Some(description) = &plan.description {
        settings.set("/description", description);
    }
    set_throttle(&mut settings, THROTTLE, plan.throttle);
    if let Some(quota) = &plan.quota {
        settings.set(QUOTA_LIMIT, quota.limit.to_string());
        settings.set(QUOTA_OFFSET, quota.offset.to_string());
        settings.set(QUOTA_PERIOD, &quota.period);
    }
    for open in &plan.stages {
        let stage = stage_name(&open.api, &open.stage);
        settings.set(format!("{STAGES}{stage}"), PRESENT);
        for (method, throttle) in &open.method_throttles {
            if let Some(segments) = method.patch_segments() {
                set_throttle(&mut settings, &format!("{STAGES}{stage}/throttle/{segments}/"), *throttle);
            }
        }
    }
    settings
}

fn set_throttle(settings: &mut Settings, under: &str, throttle: Throttle) {
    if let Some(rate) = throttle.rate {
        settings.set(format!("{under}{METHOD_RATE}"), number(rate));
    }
    if let Some(burst) = throttle.burst {
        settings.set(format!("{under}{METHOD_BURST}"), burst.to_string());
    }
}

/// What a setting is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'setting> {
    /// A stage that the plan opens, as `a1b2c3:prod`.
    Stage(&'setting str),
    /// A throttle's field; `method` as in a path, `~1orders/POST`.
    Method {
        stage: &'setting str,
        method: &'setting str,
        field: &'setting str,
    },
    /// The plan's own throttle.
    Throttle,
    Quota,
    Other,
}

/// Takes a setting's name apart.
pub fn part(setting: &str) -> Part<'_> {
    if setting.starts_with(THROTTLE) {
        return Part::Throttle;
    }
    if setting.starts_with(QUOTA) {
        return Part::Quota;
    }
    let Some(rest) = setting.strip_prefix(STAGES) else { return Part::Other };
    match rest.split_once("/throttle/") {
        Some((stage, rest)) => {
            rest.rsplit_once('/').map_or(Part::Other, |(method, field)| Part::Method { stage, method, field })
        }
        None => Part::Stage(rest),
    }
}

/// One call for all of them.
///
/// # Errors
/// `Illegal` where AWS would not take a value, or the plan that they lead to.
pub fn steps(
    plan: &PlanTarget,
    changes: &[SettingChange],
    settings: &Settings,
) -> Result<Vec<DraftStep>, Refusal> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let patch = patch(changes, settings)?;
    let request = Request::UpdateUsagePlan { plan: plan.id.clone(), patch };
    Ok(vec![DraftStep::new(request, changes.to_vec())])
}

fn patch(changes: &[SettingChange], settings: &Settings) -> Result<Vec<PatchOperation>, Refusal> {
    let after = settings.after(changes);
    let gone = |stage: &str| settings.get(&format!("{STAGES}{stage}")).is_some() && !is_open(&after, stage);
    let mut removed: BTreeSet<String> = BTreeSet::new();
    let (mut removals, mut stages, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for change in changes {
        let set = |value: &String| match &change.before {
            Some(_) => PatchOperation::replace(&change.setting, value),
            None => PatchOperation::add(&change.setting, value),
        };
        match (part(&change.setting), &change.after) {
            (Part::Stage(stage), Some(_)) => stages.push(of_stage(PatchVerb::Add, stage)),
            (Part::Stage(stage), None) => stages.push(of_stage(PatchVerb::Remove, stage)),
            // What goes with its stage needs no removal of its own.
            (Part::Method { stage, .. }, None) if gone(stage) => {}
            (Part::Other, None) => values.push(PatchOperation::replace(&change.setting, "")),
            // What goes as a whole is removed as a whole: AWS has no removal of its parts.
            (_, None) => {
                let whole = change.setting.rsplit_once('/').map_or("", |(whole, _)| whole);
                if removed.insert(whole.to_owned()) {
                    removals.push(PatchOperation::remove(whole));
                }
            }
            (_, Some(value)) => values.push(set(value)),
        }
    }
    // A method's throttle can only be set at a stage that the plan opens by then.
    let operations: Vec<_> = removals.into_iter().chain(stages).chain(values).collect();
    operations.iter().try_for_each(usage_plan_legal::judge)?;
    usage_plan_legal::judge_whole(&after)?;
    Ok(operations)
}

/// AWS: the stage is the value, also where it is removed.
fn of_stage(op: PatchVerb, stage: &str) -> PatchOperation {
    PatchOperation { op, path: "/apiStages".to_owned(), value: Some(stage.to_owned()), from: None }
}

/// Whether the plan opens a stage.
pub fn is_open(settings: &Settings, stage: &str) -> bool {
    settings.get(&format!("{STAGES}{stage}")).is_some()
}

/// What to know about when an update goes. AWS: one `UpdateUsagePlan` in 20 seconds for the whole account and
/// region, not raisable.
pub fn turn(wait: Option<Duration>) -> String {
    let turn = match wait.map(|wait| wait.as_millis().div_ceil(1_000)) {
        None => "when it will go is not known".to_owned(),
        Some(0) => "this one goes at once".to_owned(),
        Some(seconds) => format!("this one goes in about {seconds} s"),
    };
    format!(
        "AWS takes one UpdateUsagePlan in 20 s for the whole account and region, other tools' included: {turn}"
    )
}

/// A method of a path in words: `POST /orders`.
pub fn method_label(method: &str) -> String {
    MethodKey::from_method_setting(method).to_string()
}

/// A setting in words: `rate (requests/s) of POST /orders at a1b2c3:prod`.
pub fn label(setting: &str) -> String {
    match part(setting) {
        Part::Stage(stage) => format!("stage {stage}"),
        Part::Method { stage, method, field } => {
            let words = if field == METHOD_RATE { "rate (requests/s)" } else { "burst" };
            format!("{words} of {} at {stage}", method_label(method))
        }
        Part::Throttle | Part::Quota | Part::Other => match setting {
            RATE => "rate of each key (requests/s)".to_owned(),
            BURST => "burst of each key".to_owned(),
            QUOTA_LIMIT => "quota of each key (requests)".to_owned(),
            QUOTA_OFFSET => "offset of the quota".to_owned(),
            QUOTA_PERIOD => "period of the quota".to_owned(),
            other => other.trim_start_matches('/').to_owned(),
        },
    }
}

#[cfg(test)]
mod tests;
