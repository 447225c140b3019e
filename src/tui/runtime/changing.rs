//! The change that runs: carried out to its end, and what is said of it to whoever left before.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::carrying::{Brakes, Carrying, Kind};
use super::tasks::trouble;
use crate::aws::{Operate, Session};
use crate::domain::bulk::{BulkPlan, Counts};
use crate::domain::change::{Outcome, Plan, Refusal};
use crate::domain::estate::RegionEstate;
use crate::domain::history::ChangeHistory;
use crate::ops::bulk::{self, BulkEnd, Orders};
use crate::ops::change::{self, Applied, ChangeError, ChangeStore, Progress};
use crate::ops::clock::Clock;
use crate::tui::event::{AppliedChange, ChangeStep, ReplyBody, Trouble};

/// A wait that is broken off ends within two seconds; the rest is for the disk.
pub const CHANGE: Kind = Kind {
    what: "the change to",
    longest_end: Duration::from_secs(5),
    cut_off: "before its outcome was known: `cellgate journal list` shows it without one",
};

/// What is to be carried out.
#[derive(Debug)]
pub enum Work {
    Apply(Box<Plan>),
    Bulk {
        plan: Box<BulkPlan>,
        /// For the names and the traffic of its stages.
        region: Box<RegionEstate>,
    },
    /// The end of a change without an outcome.
    Finish {
        change: Box<ChangeHistory>,
        /// Send what its target doesn't show.
        send: bool,
    },
}

/// Carries work out and tells its steps and its end through `tell`. Whoever leaves breaks its waits off; what was sent
/// is not called back.
pub fn start(
    changing: &mut Carrying,
    session: &Session<Operate>,
    work: Work,
    store: ChangeStore,
    clock: Clock,
    tell: impl Fn(ReplyBody) + Send + Sync + 'static,
) {
    let brakes = Brakes::default();
    let session = session.with_cancellation(brakes.leave.clone());
    let (target, Brakes { stop, leave }) = (work.target(), brakes.clone());
    let named = target.clone();
    changing.begin(target, brakes, async move {
        if let Work::Bulk { plan, region } = &work {
            let place = BulkPlace { store: &store, clock: &clock, region };
            let stopping = async {
                // Whoever leaves wants no other target begun, either.
                leave.cancelled().await;
                stop.cancel();
            };
            let mut carrying = carry_out_bulk(&session, plan, place, &stop, &tell);
            let outcome = tokio::select! {
                outcome = &mut carrying => outcome,
                () = stopping => carrying.await,
            };
            let said = bulk_farewell(&named, &outcome);
            tell(ReplyBody::BulkEnded(outcome.map(Box::new).map_err(|error| trouble(&error))));
            return said;
        }
        let progress = |progress| {
            if let Some(step) = step(progress) {
                tell(ReplyBody::Step(step));
            }
        };
        let outcome = carry_out(&session, &work, &store, &clock, &progress).await;
        let said = farewell(&named, &outcome);
        tell(ReplyBody::Applied(match &outcome {
            Ok(applied) => Ok(shown(applied)),
            Err(error) => Err(trouble(error)),
        }));
        said
    });
}

impl Work {
    /// What it changes, in words.
    fn target(&self) -> String {
        match self {
            Self::Apply(plan) => plan.target.to_string(),
            Self::Bulk { plan, .. } => plan.count(),
            Self::Finish { change, .. } => change.plan.target.to_string(),
        }
    }

    /// The reply that says why it was not begun.
    pub fn not_begun(&self, trouble: Trouble) -> ReplyBody {
        match self {
            Self::Bulk { .. } => ReplyBody::BulkEnded(Err(trouble)),
            Self::Apply(_) | Self::Finish { .. } => ReplyBody::Applied(Err(trouble)),
        }
    }
}

/// What a bulk is carried out with.
#[derive(Clone, Copy)]
struct BulkPlace<'bulk> {
    store: &'bulk ChangeStore,
    clock: &'bulk Clock,
    region: &'bulk RegionEstate,
}

/// Boxed, since the SDK's futures nest deeply.
fn carry_out_bulk<'bulk>(
    session: &'bulk Session<Operate>,
    plan: &'bulk BulkPlan,
    place: BulkPlace<'bulk>,
    stop: &'bulk CancellationToken,
    tell: &'bulk (dyn Fn(ReplyBody) + Send + Sync),
) -> BoxFuture<'bulk, Result<BulkEnd, ChangeError>> {
    let BulkPlace { store, clock, region } = place;
    async move {
        if let Some(undone) = &plan.undoes {
            // What came of an open change is recorded first: its target takes no other until then.
            let known = change::known_changes(session, store).await?;
            bulk::settle(session, undone, &known, store, clock).await?;
        }
        let orders = Orders { region, store, clock, stop, guard: None };
        let progress = |progress| tell(ReplyBody::BulkStep(progress));
        bulk::apply(session, plan, &orders, &progress).await
    }
    .boxed()
}

async fn carry_out(
    session: &Session<Operate>,
    work: &Work,
    store: &ChangeStore,
    clock: &Clock,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Applied, ChangeError> {
    match work {
        Work::Apply(plan) => {
            Box::pin(settle_undone(session, plan, store, clock, progress)).await?;
            change::apply(session, plan, store, clock, progress).await
        }
        // It has a way of its own.
        Work::Bulk { .. } => Err(Refusal::NothingLeft { why: "it is a bulk".to_owned() }.into()),
        Work::Finish { change, send } => {
            let recovered = Box::pin(change::recover(session, change, *send, store, clock, progress)).await?;
            Ok(Applied {
                change: change.id.clone(),
                outcome: recovered.outcome,
                request_ids: recovered.request_ids,
                unplanned: Vec::new(),
                unrecorded: recovered.unrecorded,
            })
        }
    }
}

/// What came of an open change is recorded before it is undone: a target with an open change takes no other.
async fn settle_undone(
    session: &Session<Operate>,
    plan: &Plan,
    store: &ChangeStore,
    clock: &Clock,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<(), ChangeError> {
    let Some(undone) = &plan.undoes else { return Ok(()) };
    let open = change::open_changes(session, store).await?;
    if let Some(open) = open.iter().find(|open| open.id == *undone) {
        change::recover(session, open, false, store, clock, progress).await?;
    }
    Ok(())
}

/// What became of a bulk that was left.
fn bulk_farewell(targets: &str, ended: &Result<BulkEnd, ChangeError>) -> String {
    match ended {
        Ok(end) => {
            let counts = Counts::of(&end.parts).words();
            format!(
                "left {} to {targets}: {counts}; `cellgate undo {}` takes back what was done",
                end.bulk, end.bulk
            )
        }
        Err(error) => format!("the change to {targets} was not carried out: {error}"),
    }
}

/// What the journal says of a change that was left.
fn farewell(target: &str, ended: &Result<Applied, ChangeError>) -> String {
    let applied = match ended {
        Ok(applied) => applied,
        Err(error) => return format!("the change to {target} was not carried out: {error}"),
    };
    let outcome = match &applied.outcome {
        Outcome::Applied => "applied".to_owned(),
        Outcome::NotApplied { why } => format!("not applied: {why}"),
        Outcome::Partly { why, .. } => format!("partly applied: {why}"),
        Outcome::Unknown { why } => format!("unknown: {why}"),
    };
    let change = &applied.change;
    match &applied.unrecorded {
        None => format!("left the change {change} to {target}; its outcome is recorded as {outcome}"),
        Some(why) => {
            format!("left the change {change} to {target}; its outcome is NOT recorded ({why}): {outcome}")
        }
    }
}

fn step(progress: Progress) -> Option<ChangeStep> {
    match progress {
        Progress::Checking => Some(ChangeStep::Checking),
        Progress::Journaled(change) => Some(ChangeStep::Journaled(change)),
        Progress::Sending(call) => Some(ChangeStep::Sending(call)),
        Progress::Waiting { seen } => Some(ChangeStep::Waiting(seen)),
        // The reply that ends the task says so.
        Progress::Done => None,
    }
}

fn shown(applied: &Applied) -> AppliedChange {
    AppliedChange {
        change: applied.change.clone(),
        outcome: applied.outcome.clone(),
        request_ids: applied.request_ids.clone(),
        unrecorded: applied.unrecorded.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(outcome: Outcome, unrecorded: Option<&str>) -> Applied {
        Applied {
            change: "20261120-140322-7f3a".into(),
            outcome,
            request_ids: vec![],
            unplanned: vec![],
            unrecorded: unrecorded.map(str::to_owned),
        }
    }

    #[test]
    fn a_farewell_names_the_change_and_what_its_record_says() {
        let unknown = Outcome::Unknown { why: "the wait was broken off".to_owned() };
        assert_eq!(
            farewell("orders-api/prod", &Ok(applied(unknown, None))),
            "left the change 20261120-140322-7f3a to orders-api/prod; its outcome is recorded as unknown: \
             the wait was broken off"
        );
    }

    #[test]
    fn a_farewell_says_what_is_not_recorded() {
        let said = farewell("orders-api/prod", &Ok(applied(Outcome::Applied, Some("the disk is full"))));
        assert!(said.ends_with("its outcome is NOT recorded (the disk is full): applied"), "{said}");
    }
}
