//! Reads the journal: this machine's file or, where a table is configured, that of each region's team.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::{Tasks, not_connected};
use crate::aws::{Read, Session};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::history;
use crate::domain::journal::{Entry, Record};
use crate::domain::moves::run;
use crate::ops::change::ChangeStore;
use crate::ops::journal::JournalError;
use crate::ops::journal_reader::JournalReader;
use crate::ops::target_lock::is_held;
use crate::ops::team_journal::TeamJournal;
use crate::tui::event::{JournalListing, ReplyBody, ReplySlot, Ticket};
use crate::tui::model::MoveStanding;
use crate::tui::runtime::sessions::RegionSessions;

/// The journal in which a region's changes are.
pub(super) fn journal_of(store: &ChangeStore, session: &Session<Read>) -> JournalReader {
    match &store.team {
        Some(team) => JournalReader::Team(TeamJournal::open(session, team)),
        None => JournalReader::File(store.journal.clone()),
    }
}

impl Tasks {
    pub(super) fn journal(&mut self, ticket: Ticket) {
        let line = self.line(ReplySlot::Journal, ticket);
        let readers = self.journals();
        let own = self.changes.team.is_some().then(|| JournalReader::File(self.changes.journal.clone()));
        let locks = self.changes.locks.clone();
        self.running.spawn(async move {
            let listing = listing(readers, own, &locks).await;
            line.send(ReplyBody::Journal(listing));
        });
    }

    /// All journals that can be read now. A team's table is in the region of each session.
    fn journals(&self) -> Vec<JournalReader> {
        if self.changes.team.is_none() {
            return vec![JournalReader::File(self.changes.journal.clone())];
        }
        let sessions = self.regions.iter().filter_map(RegionSessions::read);
        sessions.map(|session| journal_of(&self.changes, session)).collect()
    }
}

/// What all readers tell; `own` is this machine's file where the others are a team's tables: of a move it may know more
/// than they do.
async fn listing(
    readers: Vec<JournalReader>,
    own: Option<JournalReader>,
    locks: &Path,
) -> Result<JournalListing, Failure> {
    if readers.is_empty() {
        return Err(not_connected("reading the team's journal"));
    }
    let (mut changes, mut places) = (Vec::new(), Vec::new());
    let mut of_moves: Vec<Record> = Vec::new();
    let mut verified: Result<u64, Failure> = Ok(0);
    for reader in readers {
        let place = reader.place();
        let tried = format!("reading the journal in {place}");
        let (records, proof) = reader.proven().await.map_err(|error| failure(&tried, &error))?;
        changes.extend(history::changes(&records));
        of_moves.extend(records.into_iter().filter(is_of_move));
        let proven = proof.map_err(|error| failure(&format!("verifying the journal in {place}"), &error));
        verified = match (verified, proven) {
            (Ok(before), Ok(count)) => Ok(before + count),
            (Err(failure), _) | (Ok(_), Err(failure)) => Err(failure),
        };
        places.push(place);
    }
    // Two profiles may lead to one table.
    let mut known = BTreeSet::new();
    changes.retain(|change| known.insert(change.id.clone()));
    changes.sort_by_key(|change| change.at);
    places.dedup();
    let changes = changes.into_iter().map(Arc::new).collect();
    if let Some(own) = own {
        // It may not be there yet; what the team has is whole by itself.
        of_moves.extend(own.records().await.unwrap_or_default().into_iter().filter(is_of_move));
    }
    let moves = run::runs(&of_moves).into_iter().map(|run| {
        let held = run.end.is_none() && run.header.lock_names().iter().any(|name| is_held(locks, name));
        (run.id.clone(), Arc::new(MoveStanding::of(&run, held)))
    });
    Ok(JournalListing { changes, moves: moves.collect(), verified, place: places.join(", ") })
}

fn is_of_move(record: &Record) -> bool {
    !matches!(record.body.entry, Entry::Intent { .. } | Entry::Watching { .. } | Entry::Watched { .. })
}

/// AWS's own failure where there is one, since it knows how to mend it.
fn failure(tried: &str, error: &JournalError) -> Failure {
    match error {
        JournalError::Team { source, .. } => Failure::clone(source),
        JournalError::Chain { source, .. } => {
            Failure::new(tried, "", FailureKind::Conflict, &source.to_string())
                .with_hint("`cellgate journal verify` looks at each journal")
        }
        other => Failure::new(tried, "", FailureKind::Configuration, &other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::Outcome;
    use crate::domain::id::{AccountId, ChangeId};
    use crate::domain::identity::Identity;
    use crate::domain::journal::{Draft, Entry};
    use crate::ops::journal::Journal;

    #[tokio::test]
    async fn a_journal_that_was_cut_is_listed_and_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path());
        for number in 0..3 {
            let draft = Draft {
                change: ChangeId::new(format!("change-{number}")),
                operator: Identity {
                    account: AccountId::new("123456789012"),
                    arn: "arn:aws:iam::123456789012:user/on-call".into(),
                },
                entry: Entry::Outcome { outcome: Outcome::Applied, request_ids: vec![] },
                at: jiff::Timestamp::UNIX_EPOCH,
                fence: None,
            };
            journal.append(&draft).unwrap();
        }
        let read = || listing(vec![JournalReader::File(journal.clone())], None, folder.path());
        let whole = read().await.unwrap();
        assert_eq!(whole.verified, Ok(3));
        assert_eq!(whole.place, journal.path().display().to_string());

        let lines = std::fs::read_to_string(journal.path()).unwrap();
        let cut: String = lines.lines().skip(1).flat_map(|line| [line, "\n"]).collect();
        std::fs::write(journal.path(), cut).unwrap();
        let broken = read().await.unwrap().verified.unwrap_err();
        assert!(broken.to_string().contains("does not follow the one before it"), "{broken}");
    }

    #[tokio::test]
    async fn without_a_session_a_teams_journal_cannot_be_read() {
        assert!(
            listing(Vec::new(), None, Path::new("")).await.unwrap_err().to_string().contains("not connected")
        );
    }
}
