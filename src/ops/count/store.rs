//! Counts in the state directory: the last that came to its end, and how far one has come that didn't.
//!
//! A file holds counters and places together and takes the place of the one before in one step: whoever is
//! killed in between leaves the older one whole.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::domain::count::{Count, Scan};
use crate::domain::identity::RegionKey;

/// Where counts of one table are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountStore {
    directory: PathBuf,
    name: String,
}

/// A count could not be kept or read back.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the count can't be {tried} {}: {source}", path.display())]
    File { tried: &'static str, path: PathBuf, source: std::io::Error },
    #[error("{} holds no count: {source}; remove it, or count without --resume", path.display())]
    Content { path: PathBuf, source: serde_json::Error },
}

impl CountStore {
    /// The counts of a table of an account and region, in this directory. Nothing is made yet.
    pub fn of(directory: &Path, key: &RegionKey, table: &str) -> Self {
        // A table's name is safe in a file's, but for its case on some machines.
        let digest = format!("{:x}", Sha256::digest(table.as_bytes()));
        let name = format!("{}-{}-{table}-{}", key.account, key.region, &digest[..8]);
        Self { directory: directory.to_owned(), name }
    }

    /// The last count that came to its end.
    ///
    /// # Errors
    /// Where there is a file that can't be read.
    pub fn last(&self) -> Result<Option<Count>, StoreError> {
        read(&self.path("count"))
    }

    /// How far a scan has come that did not come to its end.
    ///
    /// # Errors
    /// Where there is a file that can't be read.
    pub fn unfinished(&self) -> Result<Option<Scan>, StoreError> {
        read(&self.path("scan"))
    }

    /// Keeps a count that came to its end.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn keep(&self, count: &Count) -> Result<(), StoreError> {
        self.write(&self.path("count"), count)
    }

    pub(super) fn keep_unfinished(&self, scan: &Scan) -> Result<(), StoreError> {
        self.write(&self.path("scan"), scan)
    }

    /// Forgets how far a scan had come.
    pub(super) fn forget_unfinished(&self) {
        // That it is there no more is what was wanted.
        let _ = std::fs::remove_file(self.path("scan"));
    }

    /// Where how far a scan has come is kept.
    pub fn unfinished_path(&self) -> PathBuf {
        self.path("scan")
    }

    fn path(&self, kind: &str) -> PathBuf {
        self.directory.join(format!("{}.{kind}.json", self.name))
    }

    fn write(&self, path: &Path, value: &impl Serialize) -> Result<(), StoreError> {
        let failed = |source| StoreError::File { tried: "written to", path: path.to_owned(), source };
        std::fs::create_dir_all(&self.directory).map_err(failed)?;
        // A name of this process's own, since another may count the same table.
        let beside = path.with_extension(format!("{}.new", std::process::id()));
        let written = serde_json::to_vec(value).map_err(std::io::Error::from).and_then(|text| {
            let mut file = std::fs::File::create(&beside)?;
            file.write_all(&text)?;
            file.sync_data()?;
            std::fs::rename(&beside, path)
        });
        written.map_err(failed)
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, StoreError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StoreError::File { tried: "read from", path: path.to_owned(), source }),
    };
    let value = serde_json::from_slice(&text);
    value.map(Some).map_err(|source| StoreError::Content { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_file_that_holds_no_count_is_named_and_never_taken_for_none() {
        let directory = tempfile::tempdir().unwrap();
        let key = RegionKey { account: "123456789012".into(), region: "eu-west-1".into() };
        let store = CountStore::of(directory.path(), &key, "CellMappings");
        assert!(store.unfinished().unwrap().is_none());
        let scan = Scan::new("CellMappings", 2, Timestamp::UNIX_EPOCH);
        store.keep_unfinished(&scan).unwrap();
        assert_eq!(store.unfinished().unwrap(), Some(scan));
        let other = CountStore::of(directory.path(), &key, "cellmappings");
        assert!(other.unfinished().unwrap().is_none(), "another table has a file of its own");
        std::fs::write(store.unfinished_path(), "{").unwrap();
        let error = store.unfinished().unwrap_err().to_string();
        assert!(error.contains("holds no count"), "{error}");
        store.forget_unfinished();
        assert!(store.unfinished().unwrap().is_none());
    }
}
