//! How settings of an API key are written: whether it is enabled, and the usage plans that it is on.
//!
//! A plan is a marker of its own, `/usagePlans/p1a2b3`. The key's value is a secret and no setting.

use jiff::civil::Date;

use super::draft::DraftStep;
use super::usage_plan::PRESENT;
use crate::domain::api_key::ApiKey;
use crate::domain::change::{KeyTarget, PatchOperation, Refusal, Request, SettingChange, Settings};
use crate::domain::id::UsagePlanId;
use crate::domain::usage_plan::{Quota, UsagePlan};
use crate::domain::what_if::quota::Period;

pub const ENABLED: &str = "/enabled";
pub const PLANS: &str = "/usagePlans/";
/// What a key's way from one plan to another costs: AWS has no single request for it.
pub const GAP: &str = "the key leaves one plan before it joins the other, since it may be on one plan for a stage: \
     in between, and until AWS has taken both up, its requests get 403";

/// The setting that says that a key is on a plan.
pub fn on_plan(plan: &UsagePlanId) -> String {
    format!("{PLANS}{plan}")
}

/// The setting that tells the running period of a plan's quota. Read, and never written.
pub fn quota_period(plan: &UsagePlanId) -> String {
    format!("status/usagePlans/{plan}/quotaPeriod")
}

/// Everything of a key that can be changed, but for its value; and the running period of each quota, as of
/// `today` in UTC.
pub fn settings(key: &ApiKey, plans: &[UsagePlan], today: Date) -> Settings {
    let mut settings = Settings::default();
    settings.set("/name", &key.name);
    settings.set(ENABLED, key.enabled.to_string());
    for (name, value) in [("/description", &key.description), ("/customerId", &key.customer_id)] {
        if let Some(value) = value {
            settings.set(name, value);
        }
    }
    for plan in plans {
        settings.set(on_plan(&plan.id), PRESENT);
        if let Some(quota) = &plan.quota {
            settings.set(quota_period(&plan.id), running(quota, today));
        }
    }
    settings
}

/// The running period of a quota: `WEEK since 2026-11-15`.
fn running(quota: &Quota, today: Date) -> String {
    let first = Period::of(&quota.period).map_or(today, |period| period.around(today).0);
    format!("{} since {first}", quota.period)
}

/// The plans that the key is on.
pub fn plans(settings: &Settings) -> Vec<UsagePlanId> {
    let names = settings.under(PLANS).map(|(name, _)| name.trim_start_matches(PLANS));
    names.map(UsagePlanId::new).collect()
}

/// The requests that alter these settings. A key leaves its plans before it joins others.
///
/// # Errors
/// `Illegal` where no request sets one of them.
pub fn steps(key: &KeyTarget, changes: &[SettingChange]) -> Result<Vec<DraftStep>, Refusal> {
    let mut steps = Vec::new();
    let mut joining = Vec::new();
    for change in changes {
        let one = vec![change.clone()];
        let key = key.id.clone();
        match (change.setting.strip_prefix(PLANS).map(UsagePlanId::new), &change.after) {
            (Some(plan), None) => steps.push(DraftStep::new(Request::DeleteUsagePlanKey { plan, key }, one)),
            (Some(plan), Some(_)) => {
                joining.push(DraftStep::new(Request::CreateUsagePlanKey { plan, key }, one));
            }
            (None, Some(value))
                if change.setting == ENABLED && matches!(value.as_str(), "true" | "false") =>
            {
                let patch = vec![PatchOperation::replace(ENABLED, value)];
                steps.push(DraftStep::new(Request::UpdateApiKey { key, patch }, one));
            }
            (None, value) => {
                return Err(Refusal::Illegal {
                    what: change.setting.clone(),
                    value: value.clone().unwrap_or_else(|| "not set".to_owned()),
                    legal: "of an API key, /enabled can be true or false".to_owned(),
                });
            }
        }
    }
    steps.append(&mut joining);
    Ok(steps)
}

/// A setting in words: `on the usage plan p1a2b3`.
pub fn label(setting: &str) -> String {
    let status =
        setting.strip_prefix("status/usagePlans/").and_then(|rest| rest.strip_suffix("/quotaPeriod"));
    match (setting.strip_prefix(PLANS), status) {
        (Some(plan), _) => format!("on the usage plan {plan}"),
        (_, Some(plan)) => format!("running period of the quota of {plan}"),
        _ => setting.trim_start_matches('/').to_owned(),
    }
}

#[cfg(test)]
mod tests;
