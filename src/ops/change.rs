//! Changes: plan, apply, see that it took effect, and keep a record of all of it.
//!
//! The order is what makes it safe: who we are and what the plan rests on are read again, the
//! target is locked, the intent is on the disk, and only then is anything sent. What was sent is
//! never sent again by itself: where its fate is unclear, the target is read to find out.

mod flush;

use std::path::PathBuf;

use crate::aws::{Mode, Operate, Priority, Session};
use crate::domain::change::{Outcome, Plan, PlannedCall, Refusal};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::id::ChangeId;
use crate::domain::identity::{Identity, RegionKey};
use crate::domain::journal::{Draft, Entry};
use crate::domain::stage::CacheStatus;
use crate::domain::team::TeamSettings;

use super::clock::Clock;
use super::journal::{Journal, JournalError};
use super::lease::LeaseError;
use super::recorder::Recorder;
use super::target_lock::{LockError, LockPlace, TargetLock};

pub use flush::plan_flush;

/// Why a change was not made, or not made whole.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Failed(#[from] Failure),
    /// Nothing is sent where it can't be recorded.
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("{0}")]
    Lock(String),
}

/// What apply is doing, for whoever waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The account and what the plan rests on.
    Checking,
    /// The intent is on the disk.
    Journaled(ChangeId),
    Sending(PlannedCall),
    /// Sent; the target isn't where it should be yet.
    Waiting {
        status: CacheStatus,
    },
    Done,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    pub change: ChangeId,
    pub outcome: Outcome,
    pub request_ids: Vec<String>,
    /// Why the outcome isn't in the journal, where the disk took the intent and not this: the
    /// request went out all the same.
    pub unrecorded: Option<String>,
}

/// Where changes leave their traces.
#[derive(Clone, Debug)]
pub struct ChangeStore {
    pub journal: Journal,
    /// Directory of the locks that keep two changes off one target.
    pub locks: PathBuf,
    /// The table in which a team keeps its journal and its leases, beside those of this machine.
    pub team: Option<TeamSettings>,
}

/// Makes the change.
///
/// # Errors
/// `Refused` where the world has moved on since the plan was made, `Journal` where the intent
/// can't be recorded, `Failed` where the target can't be read: in each nothing was sent. Once the
/// intent is recorded the answer is an [`Applied`], whatever its outcome.
pub async fn apply(
    session: &Session<Operate>,
    plan: &Plan,
    store: &ChangeStore,
    clock: &Clock,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Applied, ChangeError> {
    // All of a change goes ahead of refreshes, the looks at its target included.
    let session = &session.with_priority(Priority::Change);
    progress(Progress::Checking);
    let identity = pinned_identity(session, &plan.region).await?;
    let held = lock(session, store, plan, clock).await?;
    let applied = apply_locked(session, plan, store, clock, progress, (&identity, &held)).await;
    held.release().await;
    applied
}

async fn apply_locked(
    session: &Session<Operate>,
    plan: &Plan,
    store: &ChangeStore,
    clock: &Clock,
    progress: &(dyn Fn(Progress) + Send + Sync),
    (identity, held): (&Identity, &TargetLock),
) -> Result<Applied, ChangeError> {
    flush::check(session, plan).await?;

    let change = new_change_id(clock);
    let recorder = Recorder::new(&store.journal, session, store.team.as_ref());
    let draft = |entry| Draft {
        change: change.clone(),
        operator: identity.clone(),
        entry,
        at: clock.now(),
        fence: held.fence(),
    };
    recorder.append(draft(Entry::Intent { plan: Box::new(plan.clone()) })).await?;
    progress(Progress::Journaled(change.clone()));

    let (outcome, request_ids) = match held.check() {
        Ok(()) => flush::send(session, plan, clock, progress).await,
        Err(lost) => (Outcome::NotApplied { why: format!("nothing was sent: {lost}") }, Vec::new()),
    };
    let result = Entry::Outcome { outcome: outcome.clone(), request_ids: request_ids.clone() };
    let recorded = recorder.append(draft(result)).await;
    progress(Progress::Done);
    Ok(Applied { change, outcome, request_ids, unrecorded: recorded.err().map(|error| error.to_string()) })
}

/// Asks STS again: a profile that was switched underneath must not carry the change elsewhere.
async fn pinned_identity<M: Mode>(
    session: &Session<M>,
    planned: &RegionKey,
) -> Result<Identity, ChangeError> {
    let identity = session.verify_identity().await?;
    if identity.account != planned.account || *session.region() != planned.region {
        let message =
            format!("the plan is for {planned}, the session is in {} {}", identity.account, session.region());
        return Err(Failure::new("GetCallerIdentity", "", FailureKind::Conflict, &message)
            .with_hint("make the plan again in this account and region")
            .into());
    }
    Ok(identity)
}

async fn lock(
    session: &Session<Operate>,
    store: &ChangeStore,
    plan: &Plan,
    clock: &Clock,
) -> Result<TargetLock, ChangeError> {
    let place = LockPlace { directory: &store.locks, team: store.team.as_ref() };
    TargetLock::take(place, session, &lock_name(plan), clock).await.map_err(|error| {
        let target = plan.target.to_string();
        match error {
            LockError::Held(_) => Refusal::Locked { target }.into(),
            LockError::Lease(LeaseError::Held(lease)) => {
                Refusal::Leased { target, holder: lease.holder, until: lease.until }.into()
            }
            LockError::Lease(LeaseError::Failed { source, .. }) => ChangeError::Failed(*source),
            other => ChangeError::Lock(other.to_string()),
        }
    })
}

/// How all cellgates name the stage that is held.
fn lock_name(plan: &Plan) -> String {
    let (region, target) = (&plan.region, &plan.target);
    format!("{}/{}/restapis/{}/stages/{}", region.account, region.region, target.api, target.stage)
}

/// Sorts by time and is short enough to type: `20261120-140322-7f3a`.
fn new_change_id(clock: &Clock) -> ChangeId {
    let stamp = clock.now().strftime("%Y%m%d-%H%M%S").to_string();
    let unique = uuid::Uuid::new_v4().simple().to_string();
    ChangeId::new(format!("{stamp}-{}", &unique[..4]))
}
