//! Where an engine's tables are kept: in memory, or in a file that goes with the region where they are large.

use std::path::Path;

use dynoxide::Database;
use tempfile::TempDir;

use super::DynamoDbError;

/// Items from which on tables are kept in a file. An item takes about half a kilobyte with its copies in the index.
const LARGE_ITEMS: usize = 100_000;
/// The same for tables that are restored, in bytes of their snapshot.
const LARGE_BYTES: u64 = 50_000_000;

/// A database, and the directory that it is in if it isn't in memory.
pub struct Storage {
    pub database: Database,
    /// Removed when the region ends.
    _directory: Option<TempDir>,
}

impl std::fmt::Debug for Storage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The database has nothing to show.
        formatter.write_str("Storage")
    }
}

impl Storage {
    /// An empty database that this many items fit in well.
    ///
    /// # Errors
    /// Where the engine does not open, or there is no place for a file.
    pub fn for_items(items: usize) -> Result<Self, DynamoDbError> {
        if items < LARGE_ITEMS { Self::in_memory() } else { Self::in_a_file() }
    }

    /// A database with the tables of a snapshot.
    ///
    /// # Errors
    /// Where the file is no snapshot, or there is no place for another.
    pub fn restored(snapshot: &Path) -> Result<Self, DynamoDbError> {
        let large = std::fs::metadata(snapshot).is_ok_and(|metadata| metadata.len() > LARGE_BYTES);
        let storage = if large { Self::in_a_file()? } else { Self::in_memory()? };
        storage.database.restore_from(&snapshot.to_string_lossy())?;
        Ok(storage)
    }

    fn in_memory() -> Result<Self, DynamoDbError> {
        Ok(Self { database: Database::memory()?, _directory: None })
    }

    fn in_a_file() -> Result<Self, DynamoDbError> {
        let directory = tempfile::Builder::new()
            .prefix("cellgate-demo-tables-")
            .tempdir()
            .map_err(DynamoDbError::Directory)?;
        let database = Database::new(&directory.path().join("tables.sqlite").to_string_lossy())?;
        Ok(Self { database, _directory: Some(directory) })
    }
}
