//! Reads a journal wherever it is kept: in this machine's file, or in the team's table.

use super::journal::{Journal, JournalError, Proven};
use super::team_journal::TeamJournal;
use crate::aws::Read;
use crate::domain::journal::Record;

/// One of the two stores. Both hold the same records, each in a chain of its own: the team's has
/// those of all operators.
#[derive(Clone, Debug)]
pub enum JournalReader {
    File(Journal),
    Team(TeamJournal<Read>),
}

impl JournalReader {
    /// Where the records are, for messages.
    pub fn place(&self) -> String {
        match self {
            Self::File(journal) => journal.path().display().to_string(),
            Self::Team(journal) => journal.place(),
        }
    }

    /// Every record, oldest first.
    ///
    /// # Errors
    /// Where the store can't be read, or holds something that is no record.
    pub async fn records(&self) -> Result<Vec<Record>, JournalError> {
        match self {
            Self::File(journal) => on_disk(journal, Journal::records).await,
            Self::Team(journal) => journal.records().await,
        }
    }

    /// The records that follow the one with this sequence, oldest first.
    ///
    /// # Errors
    /// As [`JournalReader::records`].
    pub async fn records_after(&self, sequence: u64) -> Result<Vec<Record>, JournalError> {
        match self {
            Self::File(journal) => {
                let mut records = on_disk(journal, Journal::records).await?;
                records.retain(|record| record.body.sequence > sequence);
                Ok(records)
            }
            Self::Team(journal) => journal.records_after(sequence).await,
        }
    }

    /// The last records, oldest first, at most so many.
    ///
    /// # Errors
    /// As [`JournalReader::records`].
    pub async fn last_records(&self, count: u16) -> Result<Vec<Record>, JournalError> {
        match self {
            Self::File(journal) => {
                let mut records = on_disk(journal, Journal::records).await?;
                let passed_over = records.len().saturating_sub(usize::from(count));
                Ok(records.split_off(passed_over))
            }
            Self::Team(journal) => journal.last_records(count).await,
        }
    }

    /// Proves that no record was altered, removed or inserted; gives their number.
    ///
    /// # Errors
    /// The first place where the chain doesn't hold.
    pub async fn verify(&self) -> Result<u64, JournalError> {
        match self {
            Self::File(journal) => on_disk(journal, Journal::verify).await,
            Self::Team(journal) => journal.verify().await,
        }
    }

    /// Every record, oldest first, and whether the chain holds, in one reading.
    ///
    /// # Errors
    /// As [`JournalReader::records`]; what is wrong with the chain stands beside the records.
    pub async fn proven(&self) -> Result<Proven, JournalError> {
        match self {
            Self::File(journal) => on_disk(journal, Journal::proven).await,
            Self::Team(journal) => journal.proven().await,
        }
    }
}

/// On a thread that may wait.
async fn on_disk<T: Send + 'static>(
    journal: &Journal,
    work: impl FnOnce(&Journal) -> Result<T, JournalError> + Send + 'static,
) -> Result<T, JournalError> {
    let journal = journal.clone();
    tokio::task::spawn_blocking(move || work(&journal))
        .await
        .map_err(|stopped| JournalError::Stopped(stopped.to_string()))?
}
