//! The journal as a file: JSON lines, chained, each flushed to disk before what it announces.
//!
//! Beside the lines stands `journal.head` with the length and hash of the chain. It makes an
//! append cheap, and shows that lines were cut off the end, which the chain alone can't.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::domain::failure::Failure;
use crate::domain::journal::{self, ChainEnd, ChainError, Draft, Record};

/// How long an append waits for others; each of theirs takes milliseconds.
const LONGEST_TURN: Duration = Duration::from_secs(5);

/// The journal in one directory. Cheap to clone; nothing is opened until it is used.
#[derive(Clone, Debug)]
pub struct Journal {
    directory: PathBuf,
}

/// Where the chain ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    /// Bytes of whole lines.
    length: u64,
    #[serde(flatten)]
    end: ChainEnd,
}

/// Why a journal can't be read, written or believed, in a file or in the team's table.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("the journal {path} can't be {tried}: {source}")]
    File { tried: &'static str, path: PathBuf, source: std::io::Error },
    #[error("line {line} of the journal {path} is not a record: {source}")]
    Line { line: usize, path: PathBuf, source: serde_json::Error },
    #[error("the journal {place} was tampered with: {source}")]
    Chain { place: String, source: ChainError },
    #[error("a record can't be written as JSON: {0}")]
    Record(#[source] serde_json::Error),
    #[error("another cellgate holds the journal's lock {path}: end it, or wait for it")]
    Held { path: PathBuf },
    #[error("the journal's writer stopped: {0}")]
    Stopped(String),
    #[error("the team's journal in table {table} can't be {tried}: {source}")]
    Team { tried: &'static str, table: String, source: Box<Failure> },
    #[error("item {key} of the team's journal in table {table} is not a record: {why}")]
    Item { key: String, table: String, why: String },
    #[error(
        "the record of {bytes} bytes is too large for the team's journal in table {table}: DynamoDB takes {limit}"
    )]
    TooLarge { bytes: usize, limit: usize, table: String },
    #[error("others kept writing to the team's journal in table {table}: nothing was added")]
    Crowded { table: String },
}

/// Records, and their number where the chain proves that they are whole.
pub type Proven = (Vec<Record>, Result<u64, JournalError>);

impl Journal {
    pub fn open(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }

    /// The file that holds the records.
    pub fn path(&self) -> PathBuf {
        self.directory.join("journal.jsonl")
    }

    /// Every record, oldest first. An absent journal is an empty one.
    ///
    /// # Errors
    /// Where the file can't be read or a line of it isn't a record. A last line that was cut short
    /// by a crash announced nothing and is passed over.
    pub fn records(&self) -> Result<Vec<Record>, JournalError> {
        let text = self.whole_lines()?;
        let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty());
        lines
            .map(|(place, line)| {
                serde_json::from_str(line).map_err(|source| JournalError::Line {
                    line: place + 1,
                    path: self.path(),
                    source,
                })
            })
            .collect()
    }

    /// Proves that no record was altered, removed or inserted; gives their number.
    ///
    /// # Errors
    /// The first place where the chain doesn't hold, or the records that are missing from its end.
    pub fn verify(&self) -> Result<u64, JournalError> {
        self.proven()?.1
    }

    /// Every record, oldest first, and whether the chain holds, in one reading.
    ///
    /// # Errors
    /// As [`Journal::records`]; what is wrong with the chain stands beside the records.
    pub fn proven(&self) -> Result<Proven, JournalError> {
        // The head first: a record that is added meanwhile makes the chain longer than it says, and
        // that is no fault.
        let head = self.read_head();
        let records = self.records()?;
        let proof = head.and_then(|head| self.proof(head.as_ref(), &records));
        Ok((records, proof))
    }

    fn proof(&self, head: Option<&Head>, records: &[Record]) -> Result<u64, JournalError> {
        let chain = |source| JournalError::Chain { place: self.path().display().to_string(), source };
        journal::verify(records).map_err(chain)?;
        let found = records.len() as u64;
        if let Some(Head { end, .. }) = head {
            let place = usize::try_from(end.sequence.saturating_sub(1)).unwrap_or(usize::MAX);
            end.is_kept_by(records.get(place), found).map_err(chain)?;
        }
        Ok(found)
    }

    /// Adds a record and returns once it is on the disk. Processes take turns through a lock.
    ///
    /// # Errors
    /// Where the disk refuses, or the journal on it was tampered with.
    pub fn append(&self, draft: &Draft) -> Result<Record, JournalError> {
        fs::create_dir_all(&self.directory).map_err(|source| self.failed("created", source))?;
        let lock = self.lock_file()?;
        self.take_turn(&lock)?;
        let head = self.current_head()?;
        let record = head.end.seal(draft).map_err(JournalError::Record)?;
        let mut line = serde_json::to_vec(&record).map_err(JournalError::Record)?;
        line.push(b'\n');
        self.write_line(&line)?;
        self.write_head(&Head { length: head.length + line.len() as u64, end: record.end() })?;
        Ok(record)
    }

    /// The head beside the file where it is in step with it, else the one that a walk of the chain gives:
    /// a crash between a line and its head leaves the head one behind.
    fn current_head(&self) -> Result<Head, JournalError> {
        let length = self.length()?;
        if let Some(head) = self.read_head()?
            && head.length == length
        {
            return Ok(head);
        }
        self.set_torn_tail_aside()?;
        self.verify()?;
        let end = self.records()?.last().map_or_else(ChainEnd::genesis, Record::end);
        Ok(Head { length: self.length()?, end })
    }

    fn length(&self) -> Result<u64, JournalError> {
        match fs::metadata(self.path()) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(source) => Err(self.failed("read", source)),
        }
    }

    fn write_line(&self, line: &[u8]) -> Result<(), JournalError> {
        let write = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().create(true).append(true).open(self.path())?;
            file.write_all(line)?;
            file.sync_data()
        };
        write().map_err(|source| self.failed("written", source))
    }

    fn read_head(&self) -> Result<Option<Head>, JournalError> {
        match fs::read(self.directory.join("journal.head")) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(self.failed("read", source)),
        }
    }

    /// By way of a second file, so that a crash leaves the old head or the new one.
    fn write_head(&self, head: &Head) -> Result<(), JournalError> {
        let json = serde_json::to_vec(head).map_err(JournalError::Record)?;
        let fresh = self.directory.join("journal.head.new");
        fs::write(&fresh, json)
            .and_then(|()| fs::rename(&fresh, self.directory.join("journal.head")))
            .map_err(|source| self.failed("written", source))
    }

    fn lock_file(&self) -> Result<File, JournalError> {
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.directory.join("journal.lock"))
            .map_err(|source| self.failed("locked", source))
    }

    /// Waits for other processes, but not for one that was stopped in the middle of its turn.
    fn take_turn(&self, lock: &File) -> Result<(), JournalError> {
        let begun = Instant::now();
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(()),
                Err(TryLockError::WouldBlock) if begun.elapsed() < LONGEST_TURN => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(JournalError::Held { path: self.directory.join("journal.lock") });
                }
                Err(TryLockError::Error(source)) => return Err(self.failed("locked", source)),
            }
        }
    }

    /// A line may have been torn in the middle of a character: bytes are cut before they are read as text.
    fn whole_lines(&self) -> Result<String, JournalError> {
        let mut bytes = match fs::read(self.path()) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(String::new()),
            Err(source) => return Err(self.failed("read", source)),
        };
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1));
        String::from_utf8(bytes)
            .map_err(|error| self.failed("read", std::io::Error::new(std::io::ErrorKind::InvalidData, error)))
    }

    /// A line without an end was being written when the power went. Nothing was sent on its
    /// strength; its bytes are kept in `journal.torn` and the file ends with whole lines again.
    fn set_torn_tail_aside(&self) -> Result<(), JournalError> {
        let bytes = match fs::read(self.path()) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(self.failed("read", source)),
        };
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        if whole == bytes.len() {
            return Ok(());
        }
        let mend = || -> std::io::Result<()> {
            let mut torn =
                OpenOptions::new().create(true).append(true).open(self.directory.join("journal.torn"))?;
            torn.write_all(&bytes[whole..])?;
            torn.sync_data()?;
            OpenOptions::new().write(true).open(self.path())?.set_len(whole as u64)
        };
        mend().map_err(|source| self.failed("mended", source))
    }

    fn failed(&self, tried: &'static str, source: std::io::Error) -> JournalError {
        JournalError::File { tried, path: self.path(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::change::Outcome;
    use crate::domain::id::{AccountId, ChangeId};
    use crate::domain::identity::Identity;
    use crate::domain::journal::Entry;
    use jiff::Timestamp;

    fn append(journal: &Journal, change: &str) -> Result<Record, JournalError> {
        journal.append(&Draft {
            change: ChangeId::new(change),
            operator: Identity {
                account: AccountId::new("123456789012"),
                arn: "arn:aws:iam::123456789012:user/on-call".to_owned(),
            },
            entry: Entry::Outcome { outcome: Outcome::Applied, request_ids: vec![] },
            at: Timestamp::UNIX_EPOCH,
            fence: None,
        })
    }

    #[test]
    fn records_chain_across_openings() {
        let directory = tempfile::tempdir().unwrap();
        for change in ["one", "two", "three"] {
            append(&Journal::open(directory.path()), change).unwrap();
        }
        let journal = Journal::open(directory.path());
        assert_eq!(journal.verify().unwrap(), 3);
        assert_eq!(journal.records().unwrap()[2].body.change, ChangeId::new("three"));
    }

    #[test]
    fn lines_cut_off_the_end_are_missed() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path());
        append(&journal, "one").unwrap();
        append(&journal, "two").unwrap();
        let text = fs::read_to_string(journal.path()).unwrap();
        fs::write(journal.path(), format!("{}\n", text.lines().next().unwrap())).unwrap();
        let error = journal.verify().unwrap_err();
        assert!(matches!(
            error,
            JournalError::Chain { source: ChainError::Truncated { expected: 2, found: 1 }, .. }
        ));
        assert!(append(&journal, "three").is_err(), "nothing is added to a journal that was tampered with");
    }

    #[test]
    fn a_line_torn_by_a_crash_is_set_aside() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path());
        append(&journal, "one").unwrap();
        OpenOptions::new().append(true).open(journal.path()).unwrap().write_all(b"{\"sequence\":2,").unwrap();
        assert_eq!(journal.verify().unwrap(), 1);
        append(&journal, "two").unwrap();
        assert_eq!(journal.verify().unwrap(), 2);
        assert_eq!(fs::read_to_string(directory.path().join("journal.torn")).unwrap(), "{\"sequence\":2,");
    }

    #[test]
    fn a_last_record_that_was_altered_and_sealed_anew_is_found() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path());
        append(&journal, "one").unwrap();
        let mut body = append(&journal, "two").unwrap().body;
        body.operator.arn.push_str("-else");
        let forged = serde_json::to_string(&body.seal().unwrap()).unwrap();
        let first = fs::read_to_string(journal.path()).unwrap().lines().next().unwrap().to_owned();
        fs::write(journal.path(), format!("{first}\n{forged}\n")).unwrap();
        let error = journal.verify().unwrap_err();
        assert!(matches!(error, JournalError::Chain { source: ChainError::Altered { sequence: 2 }, .. }));
    }

    #[test]
    fn a_line_torn_inside_a_character_is_passed_over() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path());
        append(&journal, "one").unwrap();
        let torn = &"größe".as_bytes()[..3];
        OpenOptions::new().append(true).open(journal.path()).unwrap().write_all(torn).unwrap();
        assert_eq!(journal.verify().unwrap(), 1);
    }

    #[test]
    fn an_append_does_not_wait_for_ever() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path());
        append(&journal, "one").unwrap();
        let lock = journal.lock_file().unwrap();
        lock.lock().unwrap();
        assert!(matches!(append(&journal, "two").unwrap_err(), JournalError::Held { .. }));
    }

    #[test]
    fn a_head_left_behind_by_a_crash_is_caught_up() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::open(directory.path());
        append(&journal, "one").unwrap();
        let old_head = fs::read(directory.path().join("journal.head")).unwrap();
        append(&journal, "two").unwrap();
        fs::write(directory.path().join("journal.head"), old_head).unwrap();
        append(&journal, "three").unwrap();
        assert_eq!(journal.verify().unwrap(), 3);
    }
}
