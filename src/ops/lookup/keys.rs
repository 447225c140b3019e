//! The API keys of a customer, by id: never their values.

use futures_util::stream::{self, StreamExt as _};
use jiff::civil::Date;
use serde::Serialize;

use crate::aws::{Mode, Session};
use crate::domain::api_key::{ApiKey, KeyUsage};
use crate::domain::failure::Failure;
use crate::domain::id::UsagePlanId;
use crate::domain::stage::Throttle;
use crate::domain::usage_plan::{Quota, UsagePlan};
use crate::ops::found::Found;

/// Requests under way at once; the limiter sets the pace.
const AT_ONCE: usize = 4;

/// A key with the plans that it is on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KeyOfCustomer {
    #[serde(flatten)]
    pub key: ApiKey,
    pub plans: Vec<PlanOfKey>,
}

/// A plan that a key is on, and what it used of it today.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanOfKey {
    pub id: UsagePlanId,
    pub name: String,
    pub throttle: Throttle,
    pub quota: Option<Quota>,
    /// None where usage could not be read.
    pub used_today: Option<i64>,
    /// Of the quota's period; none without a quota.
    pub remaining: Option<i64>,
}

/// Reads a customer's keys, the plans of each (`GetUsagePlans` by the key's id) and today's usage.
pub(super) async fn of_customer<M: Mode>(
    session: &Session<M>,
    customer: &str,
    name: Option<&str>,
    today: Date,
) -> Found<KeyOfCustomer> {
    let keys = match session.keys_of_customer(customer, name).await {
        Ok(keys) => keys,
        Err(failure) => return Found::failed(failure),
    };
    let answers: Vec<_> = stream::iter(keys)
        .map(|key| async move {
            let mut failures = Vec::new();
            let plans = match session.usage_plans_of_key(&key.id).await {
                Ok(plans) => plans,
                Err(failure) => {
                    failures.push(failure);
                    Vec::new()
                }
            };
            let mut of_key = Vec::with_capacity(plans.len());
            for plan in plans {
                let usage = session.usage_of_key(&plan.id, &key.id, (today, today)).await;
                of_key.push(plan_of_key(plan, usage, &mut failures));
            }
            (KeyOfCustomer { key, plans: of_key }, failures)
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut found = Found { rows: Vec::new(), failures: Vec::new() };
    for (key, mut failures) in answers {
        found.rows.push(key);
        found.failures.append(&mut failures);
    }
    found
}

fn plan_of_key(plan: UsagePlan, usage: Result<KeyUsage, Failure>, failures: &mut Vec<Failure>) -> PlanOfKey {
    let usage = usage.map_err(|failure| failures.push(failure)).ok();
    let remaining = usage.as_ref().filter(|_| plan.quota.is_some()).and_then(KeyUsage::remaining);
    PlanOfKey {
        used_today: usage.as_ref().map(KeyUsage::used),
        // Without a quota, what AWS tells as remaining means nothing.
        remaining,
        id: plan.id,
        name: plan.name,
        throttle: plan.throttle,
        quota: plan.quota,
    }
}
