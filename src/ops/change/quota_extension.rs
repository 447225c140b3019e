//! Extending what remains of a key's quota: AWS only sets it, so it is read right before.

use super::keys_and_plans::today;
use crate::aws::operations::UPDATE_USAGE;
use crate::aws::{Mode, Operate, Session};
use crate::domain::change::{Plan, Settings};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::id::{ApiKeyId, UsagePlanId};
use crate::domain::levers::{Draft, quota_extension};
use crate::domain::usage_plan::UsagePlan;
use crate::domain::what_if::quota::Period;

/// The plan, and what remains of the key's quota on it in the running period; none where it has no quota.
///
/// # Errors
/// Where one of them can't be read.
pub(super) async fn remaining<M: Mode>(
    session: &Session<M>,
    plan: &UsagePlanId,
    key: &ApiKeyId,
) -> Result<(UsagePlan, Option<i64>), Failure> {
    let plan = session.usage_plan(plan).await?;
    let Some(quota) = &plan.quota else { return Ok((plan, None)) };
    let today = today(session);
    let first = Period::of(&quota.period).map_or(today, |period| period.around(today).0);
    let usage = session.usage_of_key(&plan.id, key, (first, today)).await?;
    // Of a key that used nothing yet AWS need not tell anything: all of it is left.
    let remaining = usage.remaining().unwrap_or(quota.limit).max(0);
    Ok((plan, Some(remaining)))
}

/// Sets what remains to what remains now and the grant.
///
/// # Errors
/// `Refused` where what remains can't be read: then nothing was sent. Else as the operation.
pub(super) async fn send(
    session: &Session<Operate>,
    plan: &UsagePlanId,
    key: &ApiKeyId,
    grant: i64,
) -> Result<Option<String>, Failure> {
    let nothing_sent = |why: String| {
        let message = format!("nothing was sent: {why}");
        Failure::new(UPDATE_USAGE.name, format!("{plan}/{key}"), FailureKind::Refused, &message)
    };
    let read = remaining(session, plan, key).await.map_err(|failure| nothing_sent(failure.to_string()))?;
    let (_, Some(left)) = read else { return Err(nothing_sent("the usage plan has no quota".to_owned())) };
    session.update_usage(plan, key, left.saturating_add(grant).max(0)).await
}

/// The way back of an extension.
///
/// # Errors
/// In words, where there is nothing to take back or it can't be read.
pub(super) async fn take_back<M: Mode>(
    session: &Session<M>,
    extended: &Plan,
    settings: &Settings,
) -> Result<Draft, String> {
    let left = match quota_extension::grant_of(extended) {
        Some((plan, key, _)) => remaining(session, plan, key).await.map_err(|failure| failure.to_string())?.1,
        None => None,
    };
    quota_extension::take_back(extended, settings, left)
}
