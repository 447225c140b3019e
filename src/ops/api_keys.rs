//! Reading API keys, the plans that each is on, and what they used. Values of keys are never read.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::found::Found;
use crate::aws::{Mode, Session};
use crate::domain::api_key::{ApiKey, KeyUsage, PeriodUsage};
use crate::domain::failure::Failure;
use crate::domain::id::{ApiKeyId, UsagePlanId};
use crate::domain::usage_plan::{PlansOfKeys, UsagePlan};
use crate::domain::what_if::quota::Period;

/// Requests under way at once; the limiter sets the pace.
const AT_ONCE: usize = 8;

/// What one key used of one plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanUsage {
    pub plan: UsagePlanId,
    pub usage: KeyUsage,
}

/// Reads all API keys, by name.
pub async fn read_api_keys<M: Mode>(session: &Session<M>) -> Found<ApiKey> {
    let mut rows = Vec::new();
    let outcome = session.api_keys(|mut page| rows.append(&mut page)).await;
    rows.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    Found { rows, failures: outcome.err().into_iter().collect() }
}

/// Asks of each key which plans it is on: one request a key. A key whose request failed is left out.
pub async fn plans_of_keys<M: Mode>(
    session: &Session<M>,
    keys: impl IntoIterator<Item = &ApiKeyId>,
) -> (PlansOfKeys, Vec<Failure>) {
    // By value: a future that borrows from an iterator of references is not `Send` for all lifetimes.
    let keys: Vec<ApiKeyId> = keys.into_iter().cloned().collect();
    let answers: Vec<_> = stream::iter(keys)
        .map(|key| async move {
            let plans = session.plans_of_key(&key).await?;
            Ok((key, plans))
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let found = Found::of(answers);
    (found.rows.into_iter().collect(), found.failures)
}

/// Reads what the keys used of each plan on one day, in UTC: a request a plan, or more for many keys. What
/// AWS tells of keys that are not among `known` has no key's id.
pub async fn read_usage<M: Mode>(
    session: &Session<M>,
    plans: &[UsagePlan],
    known: &BTreeSet<ApiKeyId>,
    day: Date,
) -> Found<PlanUsage> {
    let answers: Vec<_> = stream::iter(plans)
        .map(|plan| async move {
            let usage = session.usage_of_plan(&plan.id, (day, day), known).await?;
            Ok(usage.into_iter().map(|usage| PlanUsage { plan: plan.id.clone(), usage }).collect::<Vec<_>>())
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let found = Found::of(answers);
    Found { rows: found.rows.into_iter().flatten().collect(), failures: found.failures }
}

/// Reads what one key used of these plans in the running periods of their quotas: a request a plan. Plans without
/// a quota have none. `now` is this machine's time.
///
/// # Errors
/// The first plan whose usage can't be read.
pub async fn usage_of_key<M: Mode>(
    session: &Session<M>,
    key: &ApiKeyId,
    plans: &[UsagePlan],
    now: Timestamp,
) -> Result<Vec<PeriodUsage>, Failure> {
    let mut found = Vec::new();
    for plan in plans {
        let Some((since, today)) = running_period(session, plan, now) else { continue };
        let usage = session.usage_of_key(&plan.id, key, (since, today)).await?;
        found.push(PeriodUsage { plan: plan.id.clone(), since, usage });
    }
    Ok(found)
}

/// Reads what all keys used of a plan in the running period of its quota, as [`read_usage`] does of one day.
///
/// # Errors
/// Where that can't be read.
pub async fn usage_of_plan<M: Mode>(
    session: &Session<M>,
    plan: &UsagePlan,
    known: &BTreeSet<ApiKeyId>,
    now: Timestamp,
) -> Result<Vec<PeriodUsage>, Failure> {
    let Some((since, today)) = running_period(session, plan, now) else { return Ok(Vec::new()) };
    let usage = session.usage_of_plan(&plan.id, (since, today), known).await?;
    Ok(usage.into_iter().map(|usage| PeriodUsage { plan: plan.id.clone(), since, usage }).collect())
}

/// The first day of the running period and today, in UTC by the region's clock; none without a quota.
fn running_period<M: Mode>(session: &Session<M>, plan: &UsagePlan, now: Timestamp) -> Option<(Date, Date)> {
    let quota = plan.quota.as_ref()?;
    let today = session.now(now).to_zoned(TimeZone::UTC).date();
    let first = Period::of(&quota.period).map_or(today, |period| period.around(today).0);
    Some((first, today))
}
