//! What is read of API keys and usage plans for a change: the key's settings, and what its levers ask for.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::quota_extension;
use crate::aws::operations::UPDATE_USAGE_PLAN;
use crate::aws::{Mode, Session};
use crate::domain::change::{Request, Settings, Target};
use crate::domain::failure::Failure;
use crate::domain::id::ApiKeyId;
use crate::domain::levers::{
    Draft, DraftStep, Facts, LimitsWanted, Wanted, api_key, quota_extension as extension, usage_plan,
};
use crate::domain::usage_plan::UsagePlan;

/// The day in the region, in UTC: quotas count by it.
pub(super) fn today<M: Mode>(session: &Session<M>) -> Date {
    // The region's own time, of which the requests before this one have told.
    session.now(Timestamp::now()).to_zoned(TimeZone::UTC).date()
}

/// Everything of a key that can be changed.
///
/// # Errors
/// Where the key or its plans can't be read.
pub(super) async fn key_settings<M: Mode>(session: &Session<M>, key: &ApiKeyId) -> Result<Settings, Failure> {
    let key = session.api_key(key).await?;
    let plans = session.usage_plans_of_key(&key.id).await?;
    Ok(api_key::settings(&key, &plans, today(session)))
}

/// What the levers on a usage plan ask for beside its settings. All of it only adds to the plan.
///
/// # Errors
/// None.
pub(super) async fn plan_facts<M: Mode>(session: &Session<M>, wanted: &Wanted) -> Result<Facts, Failure> {
    let mut facts = Facts::default();
    let Wanted::UsagePlan(wanted) = wanted else { return Ok(facts) };
    if matches!(wanted.throttle, Some(LimitsWanted::Set { .. })) {
        facts.account_throttle = session.account_throttle().await.ok();
    }
    if !wanted.add.is_empty() {
        facts.plans = all_plans(session).await.unwrap_or_default();
    }
    Ok(facts)
}

/// What the levers on an API key ask for beside its settings.
///
/// # Errors
/// Where the plans that a move is between, or the usage that an extension starts from, can't be read.
pub(super) async fn key_facts<M: Mode>(
    session: &Session<M>,
    target: &Target,
    key: &ApiKeyId,
    wanted: &Wanted,
    settings: &Settings,
) -> Result<Facts, Failure> {
    match wanted {
        Wanted::MoveApiKey { .. } => Ok(Facts { plans: all_plans(session).await?, ..Facts::default() }),
        Wanted::ExtendQuota { plan, .. } => {
            // Where there is none to extend, the lever's own rules say why.
            let Ok(plan) = extension::choose(target, plan.as_ref(), settings) else {
                return Ok(Facts::default());
            };
            let (plan, remaining) = quota_extension::remaining(session, &plan, key).await?;
            Ok(Facts { plans: vec![plan], remaining, ..Facts::default() })
        }
        _ => Ok(Facts::default()),
    }
}

/// Says when the update of a usage plan will go, where it is one: there and back, since AWS takes few of them.
pub(super) async fn with_turn<M: Mode>(session: &Session<M>, draft: Draft) -> Draft {
    let is_update = |step: &DraftStep| matches!(step.request, Request::UpdateUsagePlan { .. });
    if !draft.steps.iter().any(is_update) {
        return draft;
    }
    let wait = session.limits().turn(&UPDATE_USAGE_PLAN).await;
    draft.warn(usage_plan::turn(wait))
}

async fn all_plans<M: Mode>(session: &Session<M>) -> Result<Vec<UsagePlan>, Failure> {
    let mut plans = Vec::new();
    session.usage_plans(|mut page| plans.append(&mut page)).await?;
    Ok(plans)
}
