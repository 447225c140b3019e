//! Extending what remains of a key's quota in the running period, and taking the grant back.
//!
//! AWS: `UpdateUsage` sets what remains, and what remains shrinks with each request: no setting tells whether
//! a grant was made. So it is never sent again by itself, and its way back starts from what remains then.

use super::api_key::{on_plan, plans, quota_period};
use super::draft::{Draft, DraftStep, Facts};
use crate::domain::change::{FieldChange, KeyTarget, Plan, Refusal, Request, Risk, Settings, Target, Undo};
use crate::domain::id::{ApiKeyId, UsagePlanId};

/// The most requests of one grant: AWS's quotas are whole numbers of 32 bits.
pub const MOST: i64 = i32::MAX as i64;

/// The plan whose quota is meant.
///
/// # Errors
/// Where the key is not on it, it has no quota, or there are several.
pub fn choose(
    target: &Target,
    wanted: Option<&UsagePlanId>,
    settings: &Settings,
) -> Result<UsagePlanId, Refusal> {
    let forbidden = |why: String| Err(Refusal::Forbidden { target: target.to_string(), why });
    let has_quota = |plan: &UsagePlanId| settings.get(&quota_period(plan)).is_some();
    if let Some(plan) = wanted {
        return match settings.get(&on_plan(plan)) {
            None => forbidden(format!("it is not on the usage plan {plan}")),
            Some(_) if !has_quota(plan) => forbidden(format!("the usage plan {plan} has no quota to extend")),
            Some(_) => Ok(plan.clone()),
        };
    }
    let limited: Vec<UsagePlanId> = plans(settings).into_iter().filter(|plan| has_quota(plan)).collect();
    match limited.as_slice() {
        [one] => Ok(one.clone()),
        [] => forbidden("it is on no usage plan with a quota, so there is nothing to extend".to_owned()),
        several => {
            let names: Vec<&str> = several.iter().map(UsagePlanId::as_str).collect();
            forbidden(format!("it has a quota on {}: say which one to extend", names.join(" and ")))
        }
    }
}

/// Judges what an operator typed.
///
/// # Errors
/// `Illegal`.
pub fn judge(by: i64) -> Result<(), Refusal> {
    if (1..=MOST).contains(&by) {
        return Ok(());
    }
    Err(Refusal::Illegal {
        what: "the extension of the quota".to_owned(),
        value: by.to_string(),
        legal: format!("it is a whole number of requests, 1 to {MOST}"),
    })
}

/// The change that grants `by` requests on top of what remains.
///
/// # Errors
/// As [`choose`] and [`judge`].
pub fn draft(
    target: &Target,
    key: &KeyTarget,
    (wanted, by): (Option<&UsagePlanId>, i64),
    settings: &Settings,
    facts: &Facts,
) -> Result<Draft, Refusal> {
    judge(by)?;
    let plan = choose(target, wanted, settings)?;
    let name = facts.plans.iter().find(|known| known.id == plan);
    let name = name.map_or_else(|| plan.to_string(), |known| known.name.clone());
    granting(target, (&key.id, &plan, &name), by, settings, facts.remaining)
}

/// The grant in this change, where it is one.
pub fn grant_of(plan: &Plan) -> Option<(&UsagePlanId, &ApiKeyId, i64)> {
    plan.steps.iter().find_map(|step| match &step.request {
        Request::UpdateUsage { plan, key, grant, .. } => Some((plan, key, *grant)),
        _ => None,
    })
}

/// The change that takes the grant of `extended` back, as far as it has not been used.
///
/// # Errors
/// In words, where there is nothing left to take back.
pub fn take_back(extended: &Plan, settings: &Settings, remaining: Option<i64>) -> Result<Draft, String> {
    let Some((plan, key, grant)) = grant_of(extended) else {
        return Err("it extended no quota".to_owned());
    };
    let period = quota_period(plan);
    let then = extended.preconditions.iter().find(|known| known.setting == period);
    let then = then.and_then(|known| known.value.as_deref());
    let now = settings.get(&period);
    if now != then {
        return Err(format!(
            "the grant was for {}, and now it is {}: a new period begins with the whole quota",
            then.unwrap_or("a period that isn't known"),
            now.unwrap_or("no quota at all")
        ));
    }
    let left = remaining.ok_or("what remains of the quota can't be read")?.max(0);
    let back = if grant < 0 { -grant } else { -grant.min(left) };
    if back == 0 {
        return Err("all of the grant has been used".to_owned());
    }
    let name = plan.to_string();
    let mut draft = granting(&extended.target, (key, plan, &name), back, settings, Some(left))
        .map_err(|refusal| refusal.to_string())?;
    // In the same period, and by the plan's name.
    for (field, named) in draft.fields.iter_mut().zip(&extended.fields) {
        field.field.clone_from(&named.field);
    }
    Ok(if back < 0 && -back < grant {
        draft.warn(format!("{} of the {grant} granted requests have been used", grant + back))
    } else {
        draft
    })
}

fn granting(
    target: &Target,
    (key, plan, name): (&ApiKeyId, &UsagePlanId, &str),
    grant: i64,
    settings: &Settings,
    remaining: Option<i64>,
) -> Result<Draft, Refusal> {
    let Some(left) = remaining else {
        let why = format!("what remains of its quota on {name} can't be read");
        return Err(Refusal::Forbidden { target: target.to_string(), why });
    };
    let left = left.max(0);
    let after = left.saturating_add(grant).max(0);
    let period = quota_period(plan);
    let running = settings.get(&period).unwrap_or("a period that isn't known");
    let request = Request::UpdateUsage { plan: plan.clone(), key: key.clone(), grant, remaining: after };
    let how = format!(
        "{} what remains then, never below 0, and only in the running period ({running})",
        if grant > 0 { "takes the grant off" } else { "adds as much again to" }
    );
    let draft = Draft {
        steps: vec![DraftStep::new(request, Vec::new())],
        fields: vec![FieldChange {
            field: format!("requests that remain on {name} ({running})"),
            before: left.to_string(),
            after: after.to_string(),
        }],
        risk: if grant > 0 { Risk::Low } else { Risk::High },
        cost: None,
        undo: Undo::Possible { how },
        preconditions: Vec::new(),
        warnings: vec![
            "AWS sets what remains, and adds nothing: it is read right before, and what the key uses in that \
             moment doesn't count"
                .to_owned(),
            "where the answer is lost nothing tells whether it was made, so it is never sent again by itself"
                .to_owned(),
        ],
    }
    .resting_on(&period, settings)
    .resting_on(&on_plan(plan), settings);
    Ok(if after == 0 { draft.warn("nothing remains then: the key's requests get 429") } else { draft })
}

#[cfg(test)]
mod tests;
