//! Taking a bulk back: all of its changes that stand, newest first, each by its own undo.

use super::applying::lock_name;
use super::{BulkGrounds, planning};
use crate::aws::{Mode, Operate, Session};
use crate::domain::bulk::{BulkOptions, BulkPlan, LeftOut, NotPlanned, standing_changes};
use crate::domain::change::{Lever, Plan, Refusal};
use crate::domain::history::ChangeHistory;
use crate::domain::id::BulkId;
use crate::ops::change::{self, ChangeError, ChangeStore};
use crate::ops::clock::Clock;
use crate::ops::target_lock::is_held;

/// The plan that takes a bulk back. A change that can't be undone, since its target was changed after it or
/// since its lever has no way back, is among the refused and keeps no other from being undone.
///
/// # Errors
/// Where a target can't be read, or the bulk still runs on this machine.
pub async fn plan_undo<M: Mode>(
    session: &Session<M>,
    bulk: &BulkId,
    production: bool,
    grounds: &BulkGrounds<'_>,
) -> Result<BulkPlan, ChangeError> {
    refuse_running(session, bulk, grounds.store)?;
    plan_of_standing(session, bulk, production, grounds).await
}

/// The same while the bulk's own lock is held.
pub(super) async fn plan_of_standing<M: Mode>(
    session: &Session<M>,
    bulk: &BulkId,
    production: bool,
    grounds: &BulkGrounds<'_>,
) -> Result<BulkPlan, ChangeError> {
    let standing = standing_changes(grounds.history, bulk);
    let lever = standing.first().map_or(Lever::Throttle, |change| change.plan.lever);
    let mut planned = Vec::new();
    for change in standing {
        planned.push(plan_one(session, change, grounds).await?);
    }
    let options = BulkOptions { production, ..BulkOptions::default() };
    let plan = BulkPlan::of(lever, session.key().clone(), planned, &options, grounds.clock.now());
    Ok(plan.taking_back(bulk.clone()))
}

async fn plan_one<M: Mode>(
    session: &Session<M>,
    change: &ChangeHistory,
    grounds: &BulkGrounds<'_>,
) -> Result<Result<Plan, NotPlanned>, ChangeError> {
    let target = &change.plan.target;
    match change::plan_undo(session, change, &grounds.of_one(target)).await {
        Ok(plan) => Ok(Ok(plan)),
        Err(ChangeError::Refused(refusal)) => {
            let left = LeftOut { target: target.clone(), why: planning::why(target, &refusal) };
            Ok(Err(NotPlanned::Refused(left)))
        }
        Err(error) => Err(error),
    }
}

/// A bulk that runs still would go on while it is taken back.
fn refuse_running<M: Mode>(
    session: &Session<M>,
    bulk: &BulkId,
    store: &ChangeStore,
) -> Result<(), ChangeError> {
    if is_held(&store.locks, &lock_name(bulk, session.key())) {
        return Err(Refusal::Locked { target: bulk.to_string() }.into());
    }
    Ok(())
}

/// Records what became of the changes of a bulk that was cut off: a target with an open change takes no other.
/// Says whether there was one.
///
/// # Errors
/// As [`change::recover`]; also where the outcome can't be recorded, or the bulk still runs on this machine.
pub async fn settle(
    session: &Session<Operate>,
    bulk: &BulkId,
    history: &[ChangeHistory],
    store: &ChangeStore,
    clock: &Clock,
) -> Result<bool, ChangeError> {
    refuse_running(session, bulk, store)?;
    let own = |change: &&ChangeHistory| change.plan.bulk.as_ref() == Some(bulk) && change.end.is_none();
    let mut settled = false;
    for change in history.iter().filter(own) {
        let recovered = Box::pin(change::recover(session, change, false, store, clock, &|_| {})).await?;
        if let Some(why) = recovered.unrecorded {
            let target = change.plan.target.to_string();
            return Err(Refusal::Forbidden { target, why }.into());
        }
        settled = true;
    }
    Ok(settled)
}
