//! The moves that the journals tell of.

use crate::aws::{Mode, Session};
use crate::domain::change::Refusal;
use crate::domain::journal::Record;
use crate::domain::moves::MoveHeader;
use crate::domain::moves::run::{Run, runs};
use crate::domain::suggest::nearest;
use crate::ops::change::{ChangeError, ChangeStore};
use crate::ops::journal::JournalError;
use crate::ops::journal_reader::JournalReader;
use crate::ops::team_journal::TeamJournal;

/// Every move, oldest first: what this machine's file and the team's table know of it together, since a process may
/// have ended after the one was written and before the other was.
///
/// # Errors
/// Where a journal can't be read, or was altered.
pub async fn known_moves<M: Mode>(
    session: &Session<M>,
    store: &ChangeStore,
) -> Result<Vec<Run>, JournalError> {
    let file = JournalReader::File(store.journal.clone());
    file.verify().await?;
    let mut records: Vec<Record> = match &store.team {
        Some(team) => TeamJournal::open(session, team).records().await?,
        None => Vec::new(),
    };
    records.extend(file.records().await?);
    let mut known = runs(&records);
    known.sort_by_key(|run| run.at);
    Ok(known)
}

/// The move of this id, or the last one.
///
/// # Errors
/// Where there is none; the nearest id is named.
pub fn named(known: &[Run], id: Option<&str>) -> Result<Run, String> {
    match id {
        None => known.last().cloned().ok_or_else(|| "the journal has no move".to_owned()),
        Some(id) => known.iter().find(|run| run.id.as_str() == id).cloned().ok_or_else(|| {
            let meant = nearest(id, known.iter().map(|run| run.id.as_str()));
            let meant = meant.map(|id| format!("; did you mean {id}?")).unwrap_or_default();
            format!("the journal has no move {id}{meant}")
        }),
    }
}

/// Cells with customers in doubt take no other move: what it would rest on isn't known.
pub(super) fn refuse_over_doubt(known: &[Run], header: &MoveHeader) -> Result<(), ChangeError> {
    match known.iter().find(|run| run.blocks(header)) {
        Some(run) => {
            let (target, change) = (run.header.target().to_string(), run.id.clone());
            Err(Refusal::Open { target, change }.into())
        }
        None => Ok(()),
    }
}
