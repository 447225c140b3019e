//! Legal values of what `UpdateUsagePlan` patches. AWS: "Patch operations", the table of `UpdateUsagePlan`. A
//! value is judged here before anything is sent, and so is the plan that a patch leads to.

use super::legal::{Legal, PatchPath, judge_by, row};
use super::usage_plan::{
    BURST, METHOD_BURST, METHOD_RATE, Part, QUOTA, QUOTA_LIMIT, QUOTA_OFFSET, QUOTA_PERIOD, RATE, THROTTLE,
    method_label, part,
};
use crate::domain::change::{PatchOperation, PatchVerb, Refusal, Settings};
use crate::domain::usage_plan::Quota;
use crate::domain::what_if::quota::check;

use PatchVerb::{Add, Remove, Replace};

/// AWS: throttles of single methods in one stage of a plan.
pub const MOST_METHODS: usize = 20;
const PERIODS: [&str; 3] = ["DAY", "WEEK", "MONTH"];
const COUNT: Legal = Legal::Whole(0, i32::MAX as i64);

/// AWS's table, without the paths that replace a whole map: single entries are patched, so that nobody
/// else's are lost.
pub const PLAN_PATHS: &[PatchPath] = &[
    row("/apiStages", &[Add, Remove], Legal::ApiStage),
    row("/apiStages/*/throttle/*/*", &[Remove], Legal::Text),
    row("/apiStages/*/throttle/*/*/rateLimit", &[Add, Replace], Legal::PlanRate),
    row("/apiStages/*/throttle/*/*/burstLimit", &[Add, Replace], COUNT),
    row("/throttle", &[Remove], Legal::Text),
    row("/throttle/rateLimit", &[Add, Replace], Legal::PlanRate),
    row("/throttle/burstLimit", &[Add, Replace], COUNT),
    row("/quota", &[Remove], Legal::Text),
    row("/quota/limit", &[Add, Replace], Legal::Whole(1, i32::MAX as i64)),
    // How far it may go depends on the period.
    row("/quota/offset", &[Add, Replace], COUNT),
    row("/quota/period", &[Add, Replace], Legal::OneOf(&PERIODS)),
    row("/name", &[Replace], Legal::NotEmpty),
    row("/description", &[Replace], Legal::Text),
];

/// Judges one operation on a usage plan.
///
/// # Errors
/// `Illegal`, with what would be legal.
pub fn judge(operation: &PatchOperation) -> Result<(), Refusal> {
    judge_by(PLAN_PATHS, "a usage plan", operation)?;
    let stage = operation.path.strip_prefix("/apiStages/").and_then(|rest| rest.split('/').next());
    let named = match (operation.path.as_str(), &operation.value) {
        ("/apiStages", None) => Some(""),
        _ => stage,
    };
    match named.and_then(|named| Some((named, Legal::ApiStage.refuses(named)?))) {
        Some((named, legal)) => {
            Err(illegal("a stage of the usage plan", if named.is_empty() { "none" } else { named }, legal))
        }
        None => Ok(()),
    }
}

/// Judges the plan that a change leads to: what holds between its settings.
///
/// # Errors
/// `Illegal`.
pub fn judge_whole(after: &Settings) -> Result<(), Refusal> {
    whole_throttle("the throttle of the usage plan", after, THROTTLE, [RATE, BURST])?;
    let mut last = None;
    for (setting, _) in after.under("/apiStages/") {
        let Part::Method { stage, method, .. } = part(setting) else { continue };
        if last == Some((stage, method)) {
            continue;
        }
        last = Some((stage, method));
        let entry = format!("/apiStages/{stage}/throttle/");
        let fields = [METHOD_RATE, METHOD_BURST].map(|field| format!("{entry}{method}/{field}"));
        let what = format!("the throttle of {} at {stage}", method_label(method));
        whole_throttle(&what, after, &format!("{entry}{method}/"), [&fields[0], &fields[1]])?;
        // Each has two settings.
        let methods = after.under(&entry).count().div_ceil(2);
        if methods > MOST_METHODS {
            let legal = format!("AWS takes {MOST_METHODS} for one stage of a usage plan");
            return Err(illegal(&format!("throttles of methods at {stage}"), &methods.to_string(), legal));
        }
    }
    whole_quota(after)
}

/// AWS takes 0 for the half that isn't given, which would block everything.
fn whole_throttle(
    what: &str,
    after: &Settings,
    under: &str,
    [rate, burst]: [&str; 2],
) -> Result<(), Refusal> {
    if after.under(under).next().is_none() {
        return Ok(());
    }
    let half = match (after.get(rate), after.get(burst)) {
        (Some(_), Some(_)) => return Ok(()),
        (Some(_), None) => "a rate without a burst",
        _ => "a burst without a rate",
    };
    Err(illegal(what, half, "it has none yet, so give both: AWS takes 0 for what isn't given".to_owned()))
}

fn whole_quota(after: &Settings) -> Result<(), Refusal> {
    if after.under(QUOTA).next().is_none() {
        return Ok(());
    }
    let (Some(limit), Some(period)) = (after.get(QUOTA_LIMIT), after.get(QUOTA_PERIOD)) else {
        let given = if after.get(QUOTA_LIMIT).is_some() { "a limit alone" } else { "no limit" };
        let legal = "it has none yet, so give a limit and a period of DAY, WEEK or MONTH".to_owned();
        return Err(illegal("the quota of the usage plan", given, legal));
    };
    let number = |text: &str| text.parse::<i64>();
    let offset = after.get(QUOTA_OFFSET).unwrap_or("0");
    // What is no number was refused by its own row.
    let (Ok(limit), Ok(offset)) = (number(limit), number(offset)) else { return Ok(()) };
    let quota = Quota { limit, offset, period: period.to_owned() };
    let value = format!("{limit} a {period}, offset {offset}");
    check(&quota).map(drop).map_err(|error| illegal("the quota of the usage plan", &value, error.to_string()))
}

fn illegal(what: &str, value: &str, legal: String) -> Refusal {
    Refusal::Illegal { what: what.to_owned(), value: value.to_owned(), legal }
}

#[cfg(test)]
mod tests;
