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
use crate::domain::journal::Entry;
use crate::domain::stage::CacheStatus;

use super::clock::Clock;
use super::journal::{Journal, JournalError};
use super::target_lock::{LockError, TargetLock};

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
    let _held = lock(store, plan)?;
    flush::check(session, plan).await?;

    let change = new_change_id(clock);
    let intent = Entry::Intent { plan: Box::new(plan.clone()) };
    record(store, &change, &identity, intent, clock).await?;
    progress(Progress::Journaled(change.clone()));

    let (outcome, request_ids) = flush::send(session, plan, clock, progress).await;
    let result = Entry::Outcome { outcome: outcome.clone(), request_ids: request_ids.clone() };
    let recorded = record(store, &change, &identity, result, clock).await;
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

fn lock(store: &ChangeStore, plan: &Plan) -> Result<TargetLock, ChangeError> {
    TargetLock::take(&store.locks, &plan.region, &plan.target).map_err(|error| match error {
        LockError::Held(target) => Refusal::Locked { target }.into(),
        file @ LockError::File { .. } => ChangeError::Lock(file.to_string()),
    })
}

/// Waits for the disk on a thread that may wait.
async fn record(
    store: &ChangeStore,
    change: &ChangeId,
    operator: &Identity,
    entry: Entry,
    clock: &Clock,
) -> Result<(), ChangeError> {
    let (journal, change, operator, at) =
        (store.journal.clone(), change.clone(), operator.clone(), clock.now());
    tokio::task::spawn_blocking(move || journal.append(&change, &operator, entry, at))
        .await
        .map_err(|stopped| JournalError::Stopped(stopped.to_string()))??;
    Ok(())
}

/// Sorts by time and is short enough to type: `20261120-140322-7f3a`.
fn new_change_id(clock: &Clock) -> ChangeId {
    let stamp = clock.now().strftime("%Y%m%d-%H%M%S").to_string();
    let unique = uuid::Uuid::new_v4().simple().to_string();
    ChangeId::new(format!("{stamp}-{}", &unique[..4]))
}
