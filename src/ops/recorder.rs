//! Records a change wherever it has to be recorded: in the file of this machine and, where a team's table is
//! configured, there as well.
//!
//! The file comes first and is flushed to the disk. The team's table is looked at before, so that
//! a table that is missing, full or denied leaves no trace; where it fails after the file has taken
//! an intent, the file is told that nothing was sent.

use super::change::fault_point;
use super::journal::{Journal, JournalError};
use super::team_journal::TeamJournal;
use crate::aws::{Operate, Session};
use crate::domain::change::Outcome;
use crate::domain::journal::{Draft, Entry};
use crate::domain::team::TeamSettings;

/// Both stores of one session.
#[derive(Clone, Debug)]
pub struct Recorder {
    file: Journal,
    team: Option<TeamJournal<Operate>>,
}

impl Recorder {
    pub fn new(file: &Journal, session: &Session<Operate>, team: Option<&TeamSettings>) -> Self {
        Self { file: file.clone(), team: team.map(|settings| TeamJournal::open(session, settings)) }
    }

    /// Returns once every store has the record.
    ///
    /// # Errors
    /// Where one hasn't: an intent must not be followed by a request then.
    pub async fn append(&self, draft: Draft) -> Result<(), JournalError> {
        let Some(team) = &self.team else { return self.write_file(draft).await };
        if !matches!(draft.entry, Entry::Intent { .. } | Entry::MoveIntent { .. }) {
            // What was sent is recorded wherever it can be.
            let in_file = self.write_file(draft.clone()).await;
            fault_point::pass("between-stores", 2);
            let end = team.undisturbed().prepare(&draft).await?;
            team.append(end, &draft).await?;
            return in_file;
        }
        let end = team.prepare(&draft).await?;
        self.write_file(draft.clone()).await?;
        fault_point::pass("between-stores", 1);
        let Err(error) = team.append(end, &draft).await else { return Ok(()) };
        let outcome = Outcome::NotApplied { why: format!("nothing was sent: {error}") };
        let end_of_it = Draft { entry: Entry::Outcome { outcome, request_ids: Vec::new() }, ..draft };
        if let Err(second) = self.write_file(end_of_it).await {
            tracing::warn!(%second, "an intent stands alone in the journal, although nothing was sent");
        }
        Err(error)
    }

    /// Waits for the disk on a thread that may wait.
    async fn write_file(&self, draft: Draft) -> Result<(), JournalError> {
        let file = self.file.clone();
        tokio::task::spawn_blocking(move || file.append(&draft))
            .await
            .map_err(|stopped| JournalError::Stopped(stopped.to_string()))?
            .map(drop)
    }
}
