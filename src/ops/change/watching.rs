//! The guard of a change in the journal: that it began, and what it came to.

use jiff::Timestamp;

use super::ChangeStore;
use crate::aws::{Operate, Priority, Session};
use crate::domain::id::ChangeId;
use crate::domain::journal::{Draft, Entry};
use crate::ops::clock::Clock;
use crate::ops::journal::JournalError;
use crate::ops::recorder::Recorder;

/// Records that the guard of a change begins, with its time in the region.
///
/// # Errors
/// Where the journal can't be written; the guard watches all the same.
pub async fn record_watching(
    session: &Session<Operate>,
    change: &ChangeId,
    since: Timestamp,
    store: &ChangeStore,
    clock: &Clock,
) -> Result<(), JournalError> {
    record(session, change, Entry::Watching { since }, store, clock).await
}

/// Records what the guard of a change came to.
///
/// # Errors
/// Where the journal can't be written: the change is told as unwatched then.
pub async fn record_watched(
    session: &Session<Operate>,
    change: &ChangeId,
    (verdict, why): (&str, String),
    store: &ChangeStore,
    clock: &Clock,
) -> Result<(), JournalError> {
    let entry = Entry::Watched { verdict: verdict.to_owned(), why };
    record(session, change, entry, store, clock).await
}

async fn record(
    session: &Session<Operate>,
    change: &ChangeId,
    entry: Entry,
    store: &ChangeStore,
    clock: &Clock,
) -> Result<(), JournalError> {
    let session = session.with_priority(Priority::Change);
    let draft = Draft {
        change: change.clone(),
        operator: session.identity().clone(),
        entry,
        at: clock.now(),
        fence: None,
    };
    Recorder::new(&store.journal, &session, store.team.as_ref()).append(draft).await
}
