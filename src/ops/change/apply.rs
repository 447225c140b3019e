//! Carrying a plan out, from the last check to the recorded outcome.

use super::open::refuse_over_open;
use super::reading::settings_of;
use super::steps::{self, Ended};
use super::{Applied, ChangeError, ChangeStore, Progress, fault_point};
use crate::aws::{Mode, Operate, Priority, Session};
use crate::domain::change::{Lever, Outcome, Plan, Refusal, SettingChange, Settings};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::id::ChangeId;
use crate::domain::identity::{Identity, RegionKey};
use crate::domain::journal::{Draft, Entry};
use crate::ops::clock::Clock;
use crate::ops::lease::LeaseError;
use crate::ops::recorder::Recorder;
use crate::ops::target_lock::{LockError, LockPlace, TargetLock};

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
    refuse_over_open(session, store, plan).await?;
    let before = match plan.lever {
        // Each is looked at when its turn comes; that one has gone by itself is no reason to refuse.
        Lever::CloseConnections => Settings::default(),
        _ => settings_of(session, &plan.target).await?,
    };
    if let Some(difference) = plan.moved(&before) {
        return Err(Refusal::Moved { target: plan.target.to_string(), difference }.into());
    }

    let change = new_change_id(clock);
    let record = Recording { session, store, clock, identity, fence: held.fence(), change: &change };
    fault_point::pass("before-intent", 1);
    record.append(Entry::Intent { plan: Box::new(plan.clone()) }).await?;
    fault_point::pass("after-intent", 1);
    progress(Progress::Journaled(change.clone()));

    let ended = match held.check() {
        Ok(()) => steps::carry_out(session, plan, 0, progress).await,
        Err(lost) => Ended {
            outcome: Outcome::NotApplied { why: format!("nothing was sent: {lost}") },
            request_ids: Vec::new(),
        },
    };
    let unplanned = unplanned(session, plan, &before, &ended.outcome).await;
    let unrecorded = record.end(&ended).await;
    progress(Progress::Done);
    let Ended { outcome, request_ids } = ended;
    Ok(Applied { change, outcome, request_ids, unplanned, unrecorded })
}

/// Where and as whom the records of one change are written.
pub(super) struct Recording<'change> {
    pub session: &'change Session<Operate>,
    pub store: &'change ChangeStore,
    pub clock: &'change Clock,
    pub identity: &'change Identity,
    pub fence: Option<u64>,
    pub change: &'change ChangeId,
}

impl Recording<'_> {
    async fn append(&self, entry: Entry) -> Result<(), ChangeError> {
        let recorder = Recorder::new(&self.store.journal, self.session, self.store.team.as_ref());
        let draft = Draft {
            change: self.change.clone(),
            operator: self.identity.clone(),
            entry,
            at: self.clock.now(),
            fence: self.fence,
        };
        Ok(recorder.append(draft).await?)
    }

    /// Records the outcome; says why where it can't be.
    pub async fn end(&self, ended: &Ended) -> Option<String> {
        let (outcome, request_ids) = (ended.outcome.clone(), ended.request_ids.clone());
        fault_point::pass("before-outcome", 1);
        let recorded = self.append(Entry::Outcome { outcome, request_ids }).await;
        fault_point::pass("after-outcome", 1);
        recorded.err().map(|error| error.to_string())
    }
}

/// What is different in the target beside what was planned. Where it can't be read nothing is said: the
/// outcome is known.
async fn unplanned<M: Mode>(
    session: &Session<M>,
    plan: &Plan,
    before: &Settings,
    outcome: &Outcome,
) -> Vec<SettingChange> {
    // Of connections, that they are gone is what was planned.
    if *outcome != Outcome::Applied || plan.lever == Lever::CloseConnections {
        return Vec::new();
    }
    let Ok(after) = settings_of(session, &plan.target).await else { return Vec::new() };
    let differences = before.after(&plan.changes()).difference(&after);
    // What a target says of its own state comes and goes.
    differences.into_iter().filter(|change| !change.setting.starts_with("status/")).collect()
}

/// Asks STS again: a profile that was switched underneath must not carry the change elsewhere.
pub(in crate::ops) async fn pinned_identity<M: Mode>(
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

pub(super) async fn lock(
    session: &Session<Operate>,
    store: &ChangeStore,
    plan: &Plan,
    clock: &Clock,
) -> Result<TargetLock, ChangeError> {
    let place = LockPlace { directory: &store.locks, team: store.team.as_ref() };
    let name = plan.target.lock_name(&plan.region);
    let taken = TargetLock::take(place, session, &name, clock).await;
    taken.map_err(|error| lock_refused(error, plan.target.to_string()))
}

/// Why a target can't be had, as the refusal of a change to it.
pub(in crate::ops) fn lock_refused(error: LockError, target: String) -> ChangeError {
    match error {
        LockError::Held(_) => Refusal::Locked { target }.into(),
        LockError::Lease(LeaseError::Held(lease)) => {
            Refusal::Leased { target, holder: lease.holder, until: lease.until }.into()
        }
        LockError::Lease(LeaseError::Failed { source, .. }) => ChangeError::Failed(*source),
        other => ChangeError::Lock(other.to_string()),
    }
}

/// Sorts by time and is short enough to type: `20261120-140322-7f3a`.
pub(in crate::ops) fn new_change_id(clock: &Clock) -> ChangeId {
    let stamp = clock.now().strftime("%Y%m%d-%H%M%S").to_string();
    let unique = uuid::Uuid::new_v4().simple().to_string();
    ChangeId::new(format!("{stamp}-{}", &unique[..4]))
}
