//! The plans of several targets, made a few at a time on what they share.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::stream::{self, StreamExt as _};

use super::BulkGrounds;
use crate::aws::{Mode, Session};
use crate::domain::bulk::{BulkOptions, BulkPlan, LeftOut, NotPlanned, distinct};
use crate::domain::change::{Plan, Refusal, Target};
use crate::domain::levers::Wanted;
use crate::ops::change::{self, ChangeError, Shared};

/// Plans made at once; the limiter sets the pace of their requests.
const AT_ONCE: usize = 4;

/// Reads each target anew and says what is wanted would do to all of them. `seen` is told how many of how many
/// are planned.
///
/// # Errors
/// Where a target can't be read, or none is named. What can't be changed or needn't be is in the plan.
pub async fn plan<M: Mode>(
    session: &Session<M>,
    targets: Vec<(Target, Wanted)>,
    options: &BulkOptions,
    grounds: &BulkGrounds<'_>,
    seen: &(dyn Fn(usize, usize) + Send + Sync),
) -> Result<BulkPlan, ChangeError> {
    let targets = distinct(targets, session.key(), |(target, _)| target);
    let Some(lever) = targets.first().map(|(_, wanted)| wanted.lever()) else {
        return Err(Refusal::NothingLeft { why: "no target is named".to_owned() }.into());
    };
    let (count, done, shared) = (targets.len(), AtomicUsize::new(0), Shared::default());
    let plans: Vec<_> = targets
        .iter()
        .map(|(target, wanted)| {
            let (done, shared) = (&done, &shared);
            Box::pin(async move {
                let planned = plan_one(session, target, wanted, grounds, shared).await;
                seen(done.fetch_add(1, Ordering::Relaxed) + 1, count);
                planned
            })
        })
        .collect();
    let planned: Vec<Result<_, ChangeError>> = stream::iter(plans).buffered(AT_ONCE).collect().await;
    let planned = planned.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(BulkPlan::of(lever, session.key().clone(), planned, options, grounds.clock.now()))
}

async fn plan_one<M: Mode>(
    session: &Session<M>,
    target: &Target,
    wanted: &Wanted,
    grounds: &BulkGrounds<'_>,
    shared: &Shared,
) -> Result<Result<Plan, NotPlanned>, ChangeError> {
    let planned = async {
        refuse_open(session, target, grounds).await?;
        change::plan_sharing(session, target, wanted, &grounds.of_one(target), shared).await
    };
    let left_out = |why: String| LeftOut { target: target.clone(), why };
    match planned.await {
        Ok(plan) => Ok(Ok(plan)),
        Err(ChangeError::Refused(Refusal::Unchanged { how, .. })) => {
            Ok(Err(NotPlanned::AsWanted(left_out(format!("it is so already ({how})")))))
        }
        Err(ChangeError::Refused(refusal)) => Ok(Err(NotPlanned::Refused(left_out(why(target, &refusal))))),
        Err(error) => Err(error),
    }
}

/// The refusal without the target's name, which stands before it already.
pub(super) fn why(target: &Target, refusal: &Refusal) -> String {
    let whole = refusal.to_string();
    whole.strip_prefix(&format!("{target}: ")).map_or(whole.clone(), str::to_owned)
}

/// Asks the journals only where the known history has an unfinished change of the target.
async fn refuse_open<M: Mode>(
    session: &Session<M>,
    target: &Target,
    grounds: &BulkGrounds<'_>,
) -> Result<(), ChangeError> {
    let name = target.lock_name(session.key());
    let mut open = grounds.history.iter().filter(|change| change.end.is_none());
    if open.any(|change| change.plan.target.lock_name(&change.plan.region) == name) {
        change::refuse_open(session, grounds.store, target, grounds.clock).await?;
    }
    Ok(())
}

/// Refuses a plan that was made some time ago where any of its targets has changed since, before anything is
/// sent to one of them. What this lets pass, each part checks once more.
///
/// # Errors
/// `Refused` with all differences, `Failed` where a target can't be read.
pub async fn moved<M: Mode>(session: &Session<M>, plan: &BulkPlan) -> Result<(), ChangeError> {
    if *session.key() != plan.region {
        // The first part says so, and names both.
        return Ok(());
    }
    let reads: Vec<_> =
        plan.parts.iter().map(|part| Box::pin(change::settings_of(session, &part.target))).collect();
    let read: Vec<_> = stream::iter(reads).buffered(AT_ONCE).collect().await;
    let mut differences = Vec::new();
    for (part, settings) in plan.parts.iter().zip(read) {
        if let Some(difference) = part.moved(&settings?) {
            differences.push((part.target.to_string(), difference));
        }
    }
    match differences.as_slice() {
        [] => Ok(()),
        [(target, difference)] => {
            Err(Refusal::Moved { target: target.clone(), difference: difference.clone() }.into())
        }
        several => {
            let target = format!("a target ({} of {})", several.len(), plan.parts.len());
            let told = several.iter().map(|(target, difference)| format!("{target}: {difference}"));
            let difference = told.collect::<Vec<_>>().join("; ");
            Err(Refusal::Moved { target, difference }.into())
        }
    }
}
