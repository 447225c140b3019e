//! What each lever wants of a usage plan.

use super::draft::{Draft, Facts, unchanged};
use super::plan_wanted::{LimitsWanted, MethodLimits, PlanWanted, QuotaWanted};
use super::usage_plan::{
    self, BURST, METHOD_BURST, METHOD_RATE, PRESENT, QUOTA, QUOTA_LIMIT, QUOTA_OFFSET, QUOTA_PERIOD, RATE,
    STAGES, THROTTLE, is_open, stage_name,
};
use super::wanted::Wanted;
use crate::domain::change::{PlanTarget, Refusal, Risk, SettingChange, Settings, Target, number};
use crate::domain::stage::Throttle;
use crate::domain::target::StageTarget;
use crate::domain::usage_plan::UsagePlan;

/// The change of one usage plan that brings `wanted` about.
///
/// # Errors
/// As [`super::draft`].
pub fn draft(
    target: &Target,
    plan: &PlanTarget,
    wanted: &Wanted,
    settings: &Settings,
    facts: &Facts,
) -> Result<Draft, Refusal> {
    let Wanted::UsagePlan(wanted) = wanted else {
        return Err(Refusal::NotOnThisKind {
            target: target.to_string(),
            kind: target.kind(),
            what: wanted.lever().title(),
        });
    };
    let changes = changes(target, wanted, settings)?;
    if changes.is_empty() {
        return Err(unchanged(target, "its limits and stages are those already"));
    }
    let mut draft = Draft::of_settings(target, usage_plan::steps(plan, &changes, settings)?);
    for stage in wanted.add.iter().chain(&wanted.remove).chain(wanted.methods.iter().map(|one| &one.stage)) {
        let name = stage_name(&stage.api, &stage.stage);
        for field in &mut draft.fields {
            if field.field.ends_with(&name) {
                field.field = field.field.replace(&name, &format!("{stage} ({name})"));
            }
        }
    }
    draft = weigh_throttles(draft, wanted, settings, &changes, facts);
    draft = weigh_quota(draft, wanted, settings, &changes);
    Ok(weigh_stages(draft, plan, wanted, facts))
}

fn changes(target: &Target, wanted: &PlanWanted, settings: &Settings) -> Result<Vec<SettingChange>, Refusal> {
    let forbidden = |why: String| Refusal::Forbidden { target: target.to_string(), why };
    let mut changes = Vec::new();
    let mut set = |name: String, value: Option<String>| changes.extend(settings.change_to(name, value));
    for stage in &wanted.remove {
        let name = stage_name(&stage.api, &stage.stage);
        if wanted.add.contains(stage) {
            return Err(forbidden(format!("{stage} can't be both added and removed")));
        }
        if !is_open(settings, &name) {
            return Err(forbidden(format!(
                "it doesn't open {stage}; `cellgate get plans -o json` lists its stages"
            )));
        }
        let below = format!("{STAGES}{name}/");
        settings.under(&below).for_each(|(name, _)| set(name.to_owned(), None));
        set(format!("{STAGES}{name}"), None);
    }
    for stage in &wanted.add {
        set(format!("{STAGES}{}", stage_name(&stage.api, &stage.stage)), Some(PRESENT.to_owned()));
    }
    for one in &wanted.methods {
        let entry = entry(target, one, wanted, settings)?;
        limits(settings, &entry, one.limits, &mut set);
    }
    if let Some(throttle) = wanted.throttle {
        limits(settings, THROTTLE, throttle, &mut set);
    }
    match &wanted.quota {
        None => {}
        Some(QuotaWanted::Clear) => {
            settings.under(QUOTA).for_each(|(name, _)| set(name.to_owned(), None));
        }
        Some(QuotaWanted::Set { limit, period, offset }) => {
            let is_new = settings.under(QUOTA).next().is_none();
            // AWS tells an offset of 0 where none was given.
            let offset = offset.or_else(|| is_new.then_some(0));
            let given = [
                (QUOTA_LIMIT, limit.map(|limit| limit.to_string())),
                (QUOTA_OFFSET, offset.map(|offset| offset.to_string())),
                (QUOTA_PERIOD, period.clone()),
            ];
            given
                .into_iter()
                .filter(|(_, value)| value.is_some())
                .for_each(|(name, value)| set(name.to_owned(), value));
        }
    }
    Ok(changes)
}

fn limits(
    settings: &Settings,
    under: &str,
    wanted: LimitsWanted,
    set: &mut impl FnMut(String, Option<String>),
) {
    match wanted {
        LimitsWanted::Clear => {
            settings.under(under).for_each(|(name, _)| set(name.to_owned(), None));
        }
        LimitsWanted::Set { rate, burst } => {
            if let Some(rate) = rate {
                set(format!("{under}{METHOD_RATE}"), Some(number(rate)));
            }
            if let Some(burst) = burst {
                set(format!("{under}{METHOD_BURST}"), Some(burst.to_string()));
            }
        }
    }
}

/// Where the throttle of a method at a stage of the plan stands.
fn entry(
    target: &Target,
    wanted: &MethodLimits,
    all: &PlanWanted,
    settings: &Settings,
) -> Result<String, Refusal> {
    let MethodLimits { stage, method, .. } = wanted;
    let name = stage_name(&stage.api, &stage.stage);
    let opened = is_open(settings, &name) || all.add.contains(stage);
    if !opened || all.remove.contains(stage) {
        let why = format!("it doesn't open {stage}, so it has no throttles of methods there");
        return Err(Refusal::Forbidden { target: target.to_string(), why });
    }
    usage_plan::method_entry(&name, method).ok_or_else(|| Refusal::Illegal {
        what: format!("the method at {stage}"),
        value: method.to_string(),
        legal: "a usage plan throttles single methods, written like \"GET /users\"".to_owned(),
    })
}

fn weigh_throttles(
    mut draft: Draft,
    wanted: &PlanWanted,
    settings: &Settings,
    changes: &[SettingChange],
    facts: &Facts,
) -> Draft {
    let after = settings.after(changes);
    let stages = usage_plan_stages(&after);
    match wanted.throttle {
        Some(LimitsWanted::Set { .. }) => {
            draft = draft.warn(format!(
                "it holds for each key by itself, all its requests to the {} added up",
                counted(stages, "stage of the plan", "stages of the plan")
            ));
            let now = Throttle {
                rate: after.get(RATE).and_then(|rate| rate.parse().ok()),
                burst: after.get(BURST).and_then(|burst| burst.parse().ok()),
            };
            draft = weigh_account(draft, now, facts);
        }
        Some(LimitsWanted::Clear) => {
            draft = draft.with_risk(Risk::High).warn(
                "without a throttle of the plan, a key may use up what the stage and the account allow to all",
            );
        }
        None => {}
    }
    let blocked = |change: &&SettingChange| {
        let is_limit = change.setting.ends_with(METHOD_RATE) || change.setting.ends_with(METHOD_BURST);
        let after = change.after.as_deref().and_then(|after| after.parse::<f64>().ok());
        is_limit && after == Some(0.0)
    };
    if let Some(change) = changes.iter().find(blocked) {
        draft = draft.with_risk(Risk::Severe).warn(format!(
            "{}: 0 answers every request of every key of the plan there with 429",
            usage_plan::label(&change.setting)
        ));
    }
    if !wanted.methods.is_empty() {
        draft =
            draft.warn("a method's throttle comes before the plan's own, and holds for each key by itself");
    }
    draft
}

fn weigh_account(draft: Draft, now: Throttle, facts: &Facts) -> Draft {
    let Some(account) = facts.account_throttle else { return draft };
    let above = now.rate.zip(account.rate).is_some_and(|(own, shared)| own > shared)
        || now.burst.zip(account.burst).is_some_and(|(own, shared)| own > shared);
    if !above {
        return draft;
    }
    let rate = account.rate.map_or_else(|| "unknown".to_owned(), number);
    let burst = account.burst.map_or_else(|| "unknown".to_owned(), |burst| burst.to_string());
    draft
        .warn(format!("the account's own limit is lower and holds as well: {rate} requests/s, burst {burst}"))
}

fn weigh_quota(
    mut draft: Draft,
    wanted: &PlanWanted,
    settings: &Settings,
    changes: &[SettingChange],
) -> Draft {
    let limit = |settings: &Settings| settings.get(QUOTA_LIMIT).and_then(|limit| limit.parse::<i64>().ok());
    match wanted.quota {
        None => return draft,
        Some(QuotaWanted::Clear) => {
            return draft.with_risk(Risk::High).warn("without a quota, a key's throttle alone holds it back");
        }
        Some(QuotaWanted::Set { .. }) => {}
    }
    let after = settings.after(changes);
    let lowered = match (limit(settings), limit(&after)) {
        (Some(before), Some(after)) => after < before,
        (None, Some(_)) => true,
        _ => false,
    };
    if lowered {
        draft = draft.with_risk(Risk::High).warn(
            "a key that has used more than that in the running period is refused with 429 at once; `cellgate get \
             api-keys --plans` tells what each has used",
        );
    }
    if changes.iter().any(|change| change.setting == QUOTA_PERIOD && change.before.is_some()) {
        draft = draft.with_risk(Risk::High).warn(
            "AWS doesn't say how much of what was used counts in the new period: look at the keys afterwards",
        );
    }
    draft
}

fn weigh_stages(mut draft: Draft, plan: &PlanTarget, wanted: &PlanWanted, facts: &Facts) -> Draft {
    if !wanted.remove.is_empty() {
        draft = draft.with_risk(Risk::High).warn(format!(
            "each key of the plan gets 403 at {} wherever a method asks for a key",
            listed(&wanted.remove)
        ));
    }
    if !wanted.add.is_empty() {
        draft = draft.warn(format!("each key of the plan opens {}", listed(&wanted.add)));
        let opens = |other: &&UsagePlan| {
            other.id != plan.id && wanted.add.iter().any(|add| other.stage(&add.api, &add.stage).is_some())
        };
        let others: Vec<&str> = facts.plans.iter().filter(opens).map(|other| other.name.as_str()).collect();
        if !others.is_empty() {
            draft = draft.warn(format!(
                "a key has one plan for a stage: AWS refuses this as a whole if a key of {plan} is on {others} too",
                plan = plan.name,
                others = others.join(" or ")
            ));
        }
    }
    draft
}

fn listed(stages: &[StageTarget]) -> String {
    stages.iter().map(StageTarget::to_string).collect::<Vec<_>>().join(", ")
}

fn usage_plan_stages(settings: &Settings) -> usize {
    let stage = |name: &str| matches!(usage_plan::part(name), usage_plan::Part::Stage(_));
    settings.under(STAGES).filter(|(name, _)| stage(name)).count()
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests;
