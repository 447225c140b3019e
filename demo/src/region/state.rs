//! The region's state on disk: what its services altered, and where its clock stands.
//!
//! ```text
//! DIR/lock                  held while a region uses the directory
//! DIR/region.cbor           a head (format, version), then all estates and the time
//! DIR/tables-ACCOUNT.sqlite DynamoDB of an account, as its engine writes it
//! ```
//!
//! The metrics and the ledger are not kept: the past is made anew from the seed.

mod saved;

use std::fs::{File, TryLockError};
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

pub use self::saved::{Head, Saved, Shape};
use crate::clock::Clock;
use crate::dynamodb::DynamoDbError;
use crate::server::accounts::Accounts;

/// A directory that a region keeps its state in, and no other one meanwhile.
#[derive(Debug)]
pub struct StateDirectory {
    path: PathBuf,
    /// Unlocked when it is closed.
    _lock: File,
}

/// The state can't be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error("the state in {} can't be used: {source}", file.display())]
    Use { file: PathBuf, source: std::io::Error },
    #[error("the state in {} is in use by another region", directory.display())]
    InUse { directory: PathBuf },
    #[error("{} is no state of a demo region, or is damaged: {why}; move it away to start anew", file.display())]
    Damaged { file: PathBuf, why: String },
    #[error("{} has version {found}, and this is version {}; move it away to start anew", file.display(), Head::VERSION)]
    Version { file: PathBuf, found: u32 },
    #[error("{} is of another region: start it with {saved}", file.display())]
    Shape { file: PathBuf, saved: Shape },
    #[error("the tables in {} can't be used: {source}", file.display())]
    Tables { file: PathBuf, source: DynamoDbError },
}

impl StateDirectory {
    /// Takes the directory, and makes it if need be.
    ///
    /// # Errors
    /// Where it can't be used, or another region uses it.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        let failed = |source| StateError::Use { file: path.to_owned(), source };
        std::fs::create_dir_all(path).map_err(failed)?;
        let lock = File::create(path.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StateError::InUse { directory: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Where the tables of an account are.
    pub fn tables(&self, account_id: &str) -> PathBuf {
        self.path.join(format!("tables-{account_id}.sqlite"))
    }

    fn region(&self) -> PathBuf {
        self.path.join("region.cbor")
    }

    /// What was kept of a region of this shape; `None` in a new directory.
    ///
    /// # Errors
    /// Where it is damaged, of another version, or of another region.
    pub fn read(&self, shape: &Shape) -> Result<Option<Saved>, StateError> {
        let file = self.region();
        let opened = match File::open(&file) {
            Ok(opened) => opened,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StateError::Use { file, source }),
        };
        let mut reader = BufReader::new(opened);
        let damaged = |why: String| StateError::Damaged { file: file.clone(), why };
        let head: Head = ciborium::from_reader(&mut reader).map_err(|error| damaged(error.to_string()))?;
        if head.format != Head::FORMAT {
            return Err(damaged("its head is another one".to_owned()));
        }
        if head.version != Head::VERSION {
            return Err(StateError::Version { file, found: head.version });
        }
        let saved: Saved = ciborium::from_reader(&mut reader).map_err(|error| damaged(error.to_string()))?;
        if saved.shape != *shape || saved.estates.len() != shape.accounts {
            return Err(StateError::Shape { file, saved: saved.shape });
        }
        Ok(Some(saved))
    }

    /// Keeps the state as it is now. Each file is replaced at once: what is there is always whole.
    ///
    /// # Errors
    /// Where a file can't be written.
    pub fn save(&self, shape: &Shape, accounts: &Accounts, clock: &Clock) -> Result<(), StateError> {
        for account in accounts.all() {
            if let Some(tables) = account.dynamodb.started() {
                self.replace(&self.tables(&account.id), |new| {
                    // SQLite writes to a file that is not there yet.
                    if new.exists() {
                        std::fs::remove_file(new)
                            .map_err(|source| StateError::Use { file: new.to_owned(), source })?;
                    }
                    tables.save(new).map_err(|source| StateError::Tables { file: new.to_owned(), source })
                })?;
            }
        }
        let saved = Saved::of(shape, accounts, clock.now(), Timestamp::now());
        self.replace(&self.region(), |new| {
            let written = || -> Result<(), String> {
                let mut writer = BufWriter::new(File::create(new).map_err(|error| error.to_string())?);
                ciborium::into_writer(&Head::default(), &mut writer).map_err(|error| error.to_string())?;
                ciborium::into_writer(&saved, &mut writer).map_err(|error| error.to_string())?;
                writer.flush().map_err(|error| error.to_string())
            };
            written()
                .map_err(|why| StateError::Use { file: new.to_owned(), source: std::io::Error::other(why) })
        })
    }

    fn replace(
        &self,
        file: &Path,
        write: impl FnOnce(&Path) -> Result<(), StateError>,
    ) -> Result<(), StateError> {
        let new = self.path.join("new");
        write(&new)?;
        std::fs::rename(&new, file).map_err(|source| StateError::Use { file: file.to_owned(), source })
    }
}
