//! Beginning a move, taking one up again, and giving one up that nobody carries out.

use tokio_util::sync::CancellationToken;

use super::control::{self, Control};
use super::given::{self, Given};
use super::known::{known_moves, refuse_over_doubt};
use super::mover::Mover;
use super::pace::Pace;
use super::{Ended, Finished, Progress};
use crate::aws::{Operate, Priority, Session};
use crate::domain::change::Refusal;
use crate::domain::id::ChangeId;
use crate::domain::journal::Entry;
use crate::domain::moves::run::{Run, Standing};
use crate::domain::moves::{MoveHeader, MovePlan};
use crate::ops::change::{
    ChangeError, ChangeStore, fault_point, lock_refused, new_change_id, pinned_identity,
};
use crate::ops::clock::Clock;
use crate::ops::target_lock::{LockPlace, TargetLock};

/// What a move is carried out with.
type Hands<'run> = (&'run ChangeStore, &'run Clock, &'run Control, &'run (dyn Fn(Progress) + Send + Sync));

/// Carries a plan out.
///
/// # Errors
/// `Refused` where a cell is being changed or has customers in doubt, or a command around the waves is not configured,
/// `Journal` where the move can't be announced: in each nothing was sent.
pub async fn start(
    session: &Session<Operate>,
    plan: MovePlan,
    hands: Hands<'_>,
) -> Result<Finished, ChangeError> {
    let session = &undisturbed(session);
    let (store, clock, ..) = hands;
    let MovePlan { header, roster, skipped, intake } = plan;
    let id = new_change_id(clock);
    refuse_without_hooks(store, &header, &id)?;
    let begun = async {
        let known = known_moves(session, store).await?;
        refuse_over_doubt(&known, &header)?;
        given::forget_old(store, &known, clock.now());
        Ok(Run::new(id.clone(), String::new(), clock.now(), header.clone(), roster))
    };
    let mut mover = Box::pin(hold(session, hands, &header, begun)).await?;
    mover.run.operator.clone_from(&mover.identity.arn);
    fault_point::pass("before-intent", 1);
    let given = Given { intake, skipped };
    let announced = match given::keep(store, &id, &given) {
        Ok(()) => announce(&mover).await,
        Err(error) => Err(error),
    };
    if let Err(error) = announced {
        return Err(given_back(mover.locks, error).await);
    }
    (mover.progress)(Progress::Announced(id));
    let ended = Box::pin(mover.go()).await;
    finish(mover, Some(given), ended).await
}

/// Goes on with a move that was paused, or whose process ended.
///
/// # Errors
/// As [`start`]; also where it has ended, or where not all of its customers were announced.
pub async fn resume(
    session: &Session<Operate>,
    id: &ChangeId,
    hands: Hands<'_>,
) -> Result<Finished, ChangeError> {
    let session = &undisturbed(session);
    let mut mover = take_up(session, id, hands, refuse_without_hooks).await?;
    let ended = match mover.run.standing() {
        // Nothing was sent, and who was meant isn't known.
        Standing::Unannounced => {
            mover.end(Some("its process ended before all customers were announced")).await
        }
        _ => Box::pin(mover.go()).await,
    };
    let given = given::given(mover.store, id);
    finish(mover, given, ended).await
}

/// Ends a move that nobody carries out. Customers in doubt are looked at; nothing more is sent, and no command is run.
///
/// # Errors
/// As [`resume`].
pub async fn abandon(
    session: &Session<Operate>,
    id: &ChangeId,
    hands: Hands<'_>,
) -> Result<Finished, ChangeError> {
    let session = &undisturbed(session);
    let mut mover = take_up(session, id, hands, |_, _, _| Ok(())).await?;
    let pace = Pace::new(mover.run.header.waves.rate);
    let ended = match Box::pin(mover.settle_doubt(&pace, false)).await {
        Ok(None) => {
            let left = mover.left_without_hook();
            mover.end(Some(&format!("it was aborted{left}"))).await
        }
        Ok(Some(why)) => Ok(Ended::Paused { why }),
        Err(error) => Err(error),
    };
    let given = given::given(mover.store, id);
    finish(mover, given, ended).await
}

/// A move of the journal in these hands, where `judge` has nothing against it.
async fn take_up<'run>(
    session: &'run Session<Operate>,
    id: &ChangeId,
    hands: Hands<'run>,
    judge: impl FnOnce(&ChangeStore, &MoveHeader, &ChangeId) -> Result<(), Refusal>,
) -> Result<Mover<'run>, ChangeError> {
    let store = hands.0;
    let header = unended(session, store, id).await?.header;
    judge(store, &header, id)?;
    // Anew: whoever held the cells until now may have gone on.
    let mover = Box::pin(hold(session, hands, &header, unended(session, store, id))).await?;
    // A wish of before is not meant for now.
    control::clear(session, store, id).await;
    Ok(mover)
}

/// The move that `run` finds once its cells are held, by whom they are and where they are pinned to.
async fn hold<'run>(
    session: &'run Session<Operate>,
    (store, clock, control, progress): Hands<'run>,
    header: &MoveHeader,
    run: impl Future<Output = Result<Run, ChangeError>>,
) -> Result<Mover<'run>, ChangeError> {
    let identity = pinned_identity(session, &header.region).await?;
    let locks = take_locks(session, store, header, clock).await?;
    match run.await {
        Ok(run) => {
            Ok(Mover { session, store, clock, identity, locks, run, prepared: None, control, progress })
        }
        Err(error) => Err(given_back(locks, error).await),
    }
}

/// What a plan needs has to be configured here: commands are never taken from a journal.
fn refuse_without_hooks(store: &ChangeStore, header: &MoveHeader, id: &ChangeId) -> Result<(), Refusal> {
    let Some(kind) = store.hooks.missing(&header.hooks) else { return Ok(()) };
    let why = format!(
        "it needs the command {} each wave, and this machine's configuration has none: set {}",
        kind.word(),
        kind.key()
    );
    Err(Refusal::Forbidden { target: format!("the move {id}"), why })
}

/// The move, which must not have ended, nor have customers whom another one left in doubt.
async fn unended(session: &Session<Operate>, store: &ChangeStore, id: &ChangeId) -> Result<Run, ChangeError> {
    let mut known = known_moves(session, store).await?;
    let place = known.iter().position(|run| run.id == *id);
    let place = place.ok_or_else(|| ChangeError::Lock(format!("the journal has no move {id}")))?;
    let run = known.swap_remove(place);
    if let Some(outcome) = &run.end {
        let why = format!("it has ended: {}", outcome.word());
        return Err(Refusal::Forbidden { target: format!("the move {id}"), why }.into());
    }
    refuse_over_doubt(&known, &run.header)?;
    Ok(run)
}

/// Intent and roster, each part in every store before the next.
async fn announce(mover: &Mover<'_>) -> Result<(), ChangeError> {
    mover.append(Entry::MoveIntent { plan: Box::new(mover.run.header.clone()) }).await?;
    fault_point::pass("after-intent", 1);
    for (number, part) in (1..).zip(mover.run.roster().parts()) {
        mover.append(Entry::MoveRoster { part }).await?;
        fault_point::pass("after-roster", number);
    }
    Ok(())
}

/// The error, once the cells are free for others again.
async fn given_back(locks: Vec<TargetLock>, error: ChangeError) -> ChangeError {
    for lock in locks {
        lock.release().await;
    }
    error
}

async fn finish(
    mover: Mover<'_>,
    given: Option<Given>,
    ended: Result<Ended, ChangeError>,
) -> Result<Finished, ChangeError> {
    let run = mover.release().await;
    Ok(Finished { run, given, ended: ended? })
}

/// Ahead of refreshes; ctrl-c is obeyed between ranges and not in the middle of one.
fn undisturbed(session: &Session<Operate>) -> Session<Operate> {
    session.with_cancellation(CancellationToken::new()).with_priority(Priority::Change)
}

/// Every cell in the same order, so that two moves never wait for each other.
async fn take_locks(
    session: &Session<Operate>,
    store: &ChangeStore,
    header: &MoveHeader,
    clock: &Clock,
) -> Result<Vec<TargetLock>, ChangeError> {
    let place = LockPlace { directory: &store.locks, team: store.team.as_ref() };
    let mut locks = Vec::new();
    for (name, cell) in header.lock_names().iter().zip(header.cells()) {
        match TargetLock::take(place, session, name, clock).await {
            Ok(lock) => locks.push(lock),
            Err(error) => return Err(given_back(locks, lock_refused(error, cell.to_string())).await),
        }
    }
    Ok(locks)
}
