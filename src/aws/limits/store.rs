//! Where bucket levels live: in a locked file that processes share, or in
//! memory where there is none.
//!
//! The file is one small JSON document per account and region. It is a hint,
//! not a record: losing it costs one burst, so it is never synced to disk, and
//! one that can't be read counts as empty.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::domain::identity::RegionKey;
use crate::domain::token_bucket::{Level, Nanoseconds};

/// How long to wait for another process that holds the file. It needs
/// microseconds; one that was stopped in the middle must not stop us.
const PATIENCE: Duration = Duration::from_millis(250);
const PAUSE: Duration = Duration::from_millis(1);

/// What is remembered of one bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    full_at: Nanoseconds,
    /// Until when each request counts twice.
    pub penalty_until: Nanoseconds,
}

impl Entry {
    pub fn level(self) -> Level {
        Level { full_at: self.full_at }
    }

    pub fn set_level(&mut self, level: Level) {
        self.full_at = level.full_at;
    }
}

/// The levels of all buckets, by the quota's name.
pub type Entries = BTreeMap<String, Entry>;

/// The levels, wherever they are kept.
#[derive(Debug)]
pub struct Store {
    path: Option<PathBuf>,
    patience: Duration,
    /// A locked file was reported.
    warned: bool,
    /// The file's content as last seen; the truth where there is no file.
    memory: Entries,
}

impl Store {
    /// Levels in `ACCOUNT-REGION.json` in this directory, or in memory alone.
    pub fn new(directory: Option<&Path>, key: &RegionKey) -> Self {
        let name = |text: &str| -> String {
            text.chars().filter(|character| character.is_ascii_alphanumeric() || *character == '-').collect()
        };
        let path = directory.map(|directory| {
            directory.join(format!("{}-{}.json", name(key.account.as_str()), name(key.region.as_str())))
        });
        Self { path, ..Self::in_memory() }
    }

    /// Levels that nobody else sees.
    pub fn in_memory() -> Self {
        Self { path: None, patience: PATIENCE, warned: false, memory: Entries::new() }
    }

    /// Whether other processes see the levels.
    pub fn is_shared(&self) -> bool {
        self.path.is_some()
    }

    /// Lets `alter` read and write all levels as one step that no other
    /// process sees halfway. Blocks for the time of a small file access.
    pub fn transact<T>(&mut self, alter: impl FnOnce(&mut Entries) -> T) -> T {
        let Some(path) = &self.path else {
            return alter(&mut self.memory);
        };
        match open_locked(path, self.patience) {
            Ok(mut file) => {
                self.memory = read(&mut file).unwrap_or_default();
                let outcome = alter(&mut self.memory);
                if let Err(error) = write(&mut file, &self.memory) {
                    self.leave_file(&error);
                }
                outcome
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if !self.warned {
                    tracing::warn!(
                        path = %path.display(),
                        "another process holds the request budget's file; counting alone meanwhile"
                    );
                    self.warned = true;
                }
                alter(&mut self.memory)
            }
            Err(error) => {
                self.leave_file(&error);
                alter(&mut self.memory)
            }
        }
    }

    /// Goes on in memory for good: a read-only disk won't mend itself, and one
    /// warning is enough.
    fn leave_file(&mut self, error: &io::Error) {
        if let Some(path) = self.path.take() {
            tracing::warn!(
                path = %path.display(),
                %error,
                "the request budget can't be shared with other processes; counting alone from now on"
            );
        }
    }
}

fn open_locked(path: &Path, patience: Duration) -> io::Result<File> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    let deadline = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(PAUSE);
            }
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn read(file: &mut File) -> Option<Entries> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn write(file: &mut File, entries: &Entries) -> io::Result<()> {
    let text = serde_json::to_vec(entries)?;
    file.seek(SeekFrom::Start(0))?;
    file.set_len(0)?;
    file.write_all(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> RegionKey {
        RegionKey { account: "123456789012".into(), region: "eu-west-1".into() }
    }

    fn count(entries: &mut Entries) -> u64 {
        let entry = entries.entry("api-gateway".into()).or_default();
        entry.full_at += 1;
        entry.full_at
    }

    #[test]
    fn two_stores_see_one_level() {
        let directory = tempfile::tempdir().unwrap();
        let mut first = Store::new(Some(directory.path()), &key());
        let mut second = Store::new(Some(directory.path()), &key());
        assert_eq!(first.transact(count), 1);
        assert_eq!(second.transact(count), 2);
        assert_eq!(first.transact(count), 3);
        assert!(directory.path().join("123456789012-eu-west-1.json").exists());
    }

    #[test]
    fn steps_of_many_threads_never_mix() {
        let directory = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut store = Store::new(Some(directory.path()), &key());
                    store.patience = Duration::from_mins(1);
                    for _ in 0..50 {
                        store.transact(count);
                    }
                });
            }
        });
        let mut store = Store::new(Some(directory.path()), &key());
        assert_eq!(store.transact(count), 201);
    }

    #[test]
    fn a_damaged_file_counts_as_empty() {
        let directory = tempfile::tempdir().unwrap();
        let mut store = Store::new(Some(directory.path()), &key());
        store.transact(count);
        fs::write(store.path.clone().unwrap(), "{\"api-gate").unwrap();
        assert_eq!(store.transact(count), 1);
        assert!(store.is_shared());
    }

    #[test]
    fn a_directory_that_cannot_be_used_leaves_counting_in_memory() {
        let directory = tempfile::tempdir().unwrap();
        // A file where the directory should be: refused for root as well.
        let blocked = directory.path().join("state");
        fs::write(&blocked, "").unwrap();
        let mut store = Store::new(Some(&blocked), &key());
        assert_eq!(store.transact(count), 1);
        assert_eq!(store.transact(count), 2);
        assert!(!store.is_shared());
    }

    #[test]
    fn a_file_that_stays_locked_stops_nobody() {
        let directory = tempfile::tempdir().unwrap();
        let mut store = Store::new(Some(directory.path()), &key());
        store.patience = Duration::ZERO;
        store.transact(count);
        let holder = open_locked(store.path.as_deref().unwrap(), Duration::ZERO).unwrap();
        assert_eq!(store.transact(count), 2, "goes on from what it last saw");
        drop(holder);
        assert!(store.is_shared(), "and comes back to the file");
    }

    #[test]
    fn a_name_from_outside_stays_inside_the_directory() {
        let key = RegionKey { account: "../../x".into(), region: "eu/../west".into() };
        let store = Store::new(Some(Path::new("/state/limits")), &key);
        assert_eq!(store.path.unwrap(), Path::new("/state/limits/x-euwest.json"));
    }
}
