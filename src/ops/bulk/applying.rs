//! Carrying a bulk out: wave after wave, target after target, until all are done or one is not.

use std::ops::Range;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::guarding::{self, GuardEnd, Seen};
use super::{BulkEnd, BulkProgress, Orders};
use crate::aws::{Operate, Session};
use crate::domain::bulk::{BulkPlan, PartState, Stop};
use crate::domain::change::{Plan, Refusal};
use crate::domain::id::BulkId;
use crate::domain::identity::RegionKey;
use crate::ops::change::{self, Applied, ChangeError};
use crate::ops::clock::Clock;
use crate::ops::lease::LeaseError;
use crate::ops::target_lock::{LockError, LockPlace, TargetLock};

/// Makes the changes. The first that does not go well ends it, unless it takes another bulk back: then the
/// others are tried all the same.
///
/// # Errors
/// `Refused` where a target is refused or none is left: nothing was sent. Else the answer is a [`BulkEnd`],
/// whatever became of the parts.
pub async fn apply(
    session: &Session<Operate>,
    plan: &BulkPlan,
    orders: &Orders<'_>,
    progress: &(dyn Fn(BulkProgress) + Send + Sync),
) -> Result<BulkEnd, ChangeError> {
    if let Some(refusal) = plan.refusal() {
        return Err(refusal.into());
    }
    let bulk = new_bulk_id(orders.clock);
    let held = lock(session, &bulk, &plan.region, orders).await?;
    progress(BulkProgress::Begun(bulk.clone()));
    let mut run = Run::new(session, plan, bulk, orders, progress);
    let guard = in_waves(&mut run).boxed().await;
    let Run { bulk, parts, stop, .. } = run;
    held.release().await;
    Ok(BulkEnd { bulk, parts, stop, guard })
}

async fn in_waves(run: &mut Run<'_>) -> Option<GuardEnd> {
    let waves = run.plan.waves.split(run.plan.parts.len());
    let mut last = None;
    for (place, wave) in waves.iter().enumerate() {
        (run.progress)(BulkProgress::Wave { number: place + 1, of: waves.len() });
        run.wave(wave.clone()).await;
        if run.stop.is_some() {
            return last;
        }
        let Some(guard) = run.orders.guard else { continue };
        match guarding::watch(run, guard, place + 1, wave.clone()).await {
            Seen::Passed(end) => last = Some(end),
            Seen::Stopped(end, stop) => {
                run.stop = Some(stop);
                return Some(end);
            }
        }
    }
    last
}

/// A bulk that is being carried out.
pub(super) struct Run<'bulk> {
    pub session: &'bulk Session<Operate>,
    pub plan: &'bulk BulkPlan,
    pub bulk: BulkId,
    pub orders: &'bulk Orders<'bulk>,
    pub progress: &'bulk (dyn Fn(BulkProgress) + Send + Sync),
    pub parts: Vec<PartState>,
    pub stop: Option<Stop>,
    begun: Option<Instant>,
}

impl<'bulk> Run<'bulk> {
    pub fn new(
        session: &'bulk Session<Operate>,
        plan: &'bulk BulkPlan,
        bulk: BulkId,
        orders: &'bulk Orders<'bulk>,
        progress: &'bulk (dyn Fn(BulkProgress) + Send + Sync),
    ) -> Self {
        let parts = vec![PartState::NotBegun; plan.parts.len()];
        Self { session, plan, bulk, orders, progress, parts, stop: None, begun: None }
    }

    /// Changes the targets at these places, one after the other.
    pub async fn wave(&mut self, places: Range<usize>) {
        for place in places {
            if !self.takes_its_turn().await {
                self.stop = Some(Stop::Operator);
                return;
            }
            self.part(place).await;
            if !self.parts[place].is_done() && self.plan.undoes.is_none() {
                self.stop = Some(Stop::Part { place });
                return;
            }
        }
    }

    /// Waits until the pace allows the next change; false where the operator wants no other.
    async fn takes_its_turn(&mut self) -> bool {
        let stop = self.orders.stop;
        let wait = self
            .begun
            .map_or(Duration::ZERO, |begun| self.plan.pace.interval().saturating_sub(begun.elapsed()));
        if !wait.is_zero() {
            tokio::select! {
                () = stop.cancelled() => return false,
                () = tokio::time::sleep(wait) => {}
            }
        }
        self.begun = Some(Instant::now());
        !stop.is_cancelled()
    }

    async fn part(&mut self, place: usize) {
        let plan = Plan { bulk: Some(self.bulk.clone()), ..self.plan.parts[place].clone() };
        self.stands(place, PartState::Running { change: None });
        let (store, clock, progress) = (self.orders.store, self.orders.clock, self.progress);
        let tell = |step| progress(BulkProgress::Step { place, step });
        let applied = change::apply(self.session, &plan, store, clock, &tell).boxed().await;
        self.stands(place, state(applied));
    }

    fn stands(&mut self, place: usize, state: PartState) {
        self.parts[place] = state.clone();
        (self.progress)(BulkProgress::Part { place, state });
    }
}

fn state(applied: Result<Applied, ChangeError>) -> PartState {
    match applied {
        Ok(Applied { change, outcome, request_ids, unplanned, unrecorded }) => {
            PartState::Ended { change, outcome, request_ids, unplanned, unrecorded }
        }
        Err(error) => {
            PartState::Refused { by_rule: matches!(error, ChangeError::Refused(_)), why: error.to_string() }
        }
    }
}

/// How all cellgates name a bulk while it runs: whoever wants to undo it waits for its end.
pub(super) fn lock_name(bulk: &BulkId, region: &RegionKey) -> String {
    format!("{}/{}/bulk/{bulk}", region.account, region.region)
}

async fn lock(
    session: &Session<Operate>,
    bulk: &BulkId,
    region: &RegionKey,
    orders: &Orders<'_>,
) -> Result<TargetLock, ChangeError> {
    let place = LockPlace { directory: &orders.store.locks, team: orders.store.team.as_ref() };
    let taken = TargetLock::take(place, session, &lock_name(bulk, region), orders.clock).await;
    taken.map_err(|error| match error {
        LockError::Held(_) => Refusal::Locked { target: bulk.to_string() }.into(),
        LockError::Lease(LeaseError::Failed { source, .. }) => ChangeError::Failed(*source),
        other => ChangeError::Lock(other.to_string()),
    })
}

/// Sorts by time, as the ids of changes do, and is told from them: `bulk-20261120-140322-7f3a`.
pub(super) fn new_bulk_id(clock: &Clock) -> BulkId {
    let stamp = clock.now().strftime("%Y%m%d-%H%M%S").to_string();
    let unique = uuid::Uuid::new_v4().simple().to_string();
    BulkId::new(format!("bulk-{stamp}-{}", &unique[..4]))
}
