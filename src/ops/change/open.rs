//! Changes that the journals have as unfinished, and the targets that take no other until they are finished.

use super::{ChangeError, ChangeStore};
use crate::aws::{Mode, Operate, Session};
use crate::domain::change::{Plan, Refusal, Target};
use crate::domain::history::{ChangeHistory, End, changes};
use crate::domain::identity::RegionKey;
use crate::domain::journal::{Entry, Record};
use crate::domain::team::Lease;
use crate::ops::clock::Clock;
use crate::ops::journal::JournalError;
use crate::ops::journal_reader::JournalReader;
use crate::ops::lease::Leases;
use crate::ops::target_lock::is_held;
use crate::ops::team_journal::TeamJournal;

/// Records that are looked through for unfinished changes. What lies further back was finished or given up.
const LOOKED_BACK: u16 = 1_000;

/// The changes that the journals tell of, oldest first. Where a team has a table, what it says of a change
/// counts, and the file of this machine has what the table doesn't: a process may have ended after the one
/// was written and before the other was.
///
/// # Errors
/// Where a journal can't be read.
pub async fn known_changes<M: Mode>(
    session: &Session<M>,
    store: &ChangeStore,
) -> Result<Vec<ChangeHistory>, JournalError> {
    let mut known = of_this_machine(store).await?;
    if let Some(team) = &store.team {
        let journal = TeamJournal::open(session, team);
        let mut records = journal.last_records(LOOKED_BACK).await?;
        if of_moves_alone(&records) {
            records = journal.records().await?;
        }
        let shared = changes(&records);
        known.retain(|change| shared.iter().all(|other| other.id != change.id));
        known.extend(shared);
        known.sort_by_key(|change| change.at);
    }
    Ok(known)
}

/// Whether so many of the records are those of moves of customers, two for each range, that hardly any other change
/// is among them.
fn of_moves_alone(records: &[Record]) -> bool {
    let is_of_move = |record: &&Record| {
        matches!(
            record.body.entry,
            Entry::MoveRoster { .. } | Entry::MoveRange { .. } | Entry::MoveDone { .. }
        )
    };
    records.iter().filter(is_of_move).count() > usize::from(LOOKED_BACK) / 2
}

async fn of_this_machine(store: &ChangeStore) -> Result<Vec<ChangeHistory>, JournalError> {
    let journal = JournalReader::File(store.journal.clone());
    // Nothing is concluded from records that somebody has altered, and nothing is added to them.
    journal.verify().await?;
    // Whole: a move of customers may have written more records since than are looked back at.
    Ok(changes(&journal.records().await?))
}

/// The changes that the journals have as unfinished, oldest first.
///
/// # Errors
/// As [`known_changes`].
pub async fn open_changes<M: Mode>(
    session: &Session<M>,
    store: &ChangeStore,
) -> Result<Vec<ChangeHistory>, JournalError> {
    let known = known_changes(session, store).await?;
    Ok(known.into_iter().filter(|change| change.end.is_none()).collect())
}

/// Refuses a target with an unfinished change before a plan is made, which would say something of less
/// weight: that there is nothing to change, where the unfinished change has changed it.
///
/// # Errors
/// `Refused` with `Locked` or `Leased` where the change may be under way, and with `Open` otherwise.
pub async fn refuse_open<M: Mode>(
    session: &Session<M>,
    store: &ChangeStore,
    target: &Target,
    clock: &Clock,
) -> Result<(), ChangeError> {
    let region = RegionKey { account: session.account().clone(), region: session.region().clone() };
    let name = target.lock_name(&region);
    let Some(change) = open_change_of(session, store, &name).await? else { return Ok(()) };
    let target = target.to_string();
    if is_held(&store.locks, &name) {
        return Err(Refusal::Locked { target }.into());
    }
    if let Some(team) = &store.team {
        let leases = Leases::open(session, team, clock).held().await?;
        if let Some(Lease { holder, until, .. }) = leases.into_iter().find(|lease| lease.target == name) {
            return Err(Refusal::Leased { target, holder, until }.into());
        }
    }
    // One that was at work until now has its end in the journal by now.
    match open_change_of(session, store, &name).await? {
        Some(again) if again.id == change.id => Err(Refusal::Open { target, change: change.id }.into()),
        _ => Ok(()),
    }
}

/// A target with an unfinished change takes no other: what it would rest on isn't known.
pub(super) async fn refuse_over_open(
    session: &Session<Operate>,
    store: &ChangeStore,
    plan: &Plan,
) -> Result<(), ChangeError> {
    let name = plan.target.lock_name(&plan.region);
    match open_change_of(session, store, &name).await? {
        Some(change) => {
            let (target, change) = (plan.target.to_string(), change.id);
            Err(Refusal::Open { target, change }.into())
        }
        None => Ok(()),
    }
}

async fn open_change_of<M: Mode>(
    session: &Session<M>,
    store: &ChangeStore,
    lock_name: &str,
) -> Result<Option<ChangeHistory>, JournalError> {
    let open = open_changes(session, store).await?;
    Ok(open.into_iter().find(|change| change.plan.target.lock_name(&change.plan.region) == lock_name))
}

/// What this machine's journal has as the end of a change that is open in the team's; none where it is open
/// in both.
///
/// # Errors
/// `Refused` where the change has been finished since it was looked up.
pub(super) async fn still_open(
    session: &Session<Operate>,
    change: &ChangeHistory,
    store: &ChangeStore,
) -> Result<Option<End>, ChangeError> {
    let same = |known: &ChangeHistory| known.id == change.id;
    if !open_changes(session, store).await?.iter().any(same) {
        let (target, change) = (change.plan.target.to_string(), &change.id);
        let why = format!("the change {change} has been finished meanwhile");
        return Err(Refusal::Forbidden { target, why }.into());
    }
    Ok(of_this_machine(store).await?.into_iter().find(same).and_then(|known| known.end))
}
