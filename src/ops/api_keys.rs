//! Reading API keys, the plans that each is on, and what they used. Values of keys are never read.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _};
use jiff::civil::Date;

use super::found::Found;
use crate::aws::{Mode, Session};
use crate::domain::api_key::{ApiKey, KeyUsage};
use crate::domain::failure::Failure;
use crate::domain::id::{ApiKeyId, UsagePlanId};
use crate::domain::usage_plan::{PlansOfKeys, UsagePlan};

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
