//! What a move was given beside its roster: the lines of the list, and who was left out. It is kept beside the locks of
//! this machine until the move is taken up again; the journal has the roster alone.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::control;
use crate::domain::id::ChangeId;
use crate::domain::moves::Skipped;
use crate::domain::moves::intake::Intake;
use crate::domain::moves::report::{ReportLine, of_customers, of_lines};
use crate::domain::moves::run::Run;
use crate::ops::change::{ChangeError, ChangeStore};

/// What a report needs that the journal doesn't have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// None where customers were chosen and not listed.
    pub intake: Option<Intake>,
    pub skipped: Vec<Skipped>,
}

impl Given {
    /// Every line that was given, or every customer who was chosen or left out, exactly once.
    pub fn report(&self, run: &Run) -> Vec<ReportLine> {
        match &self.intake {
            Some(intake) => of_lines(intake, &self.skipped, Some(run)),
            None => of_customers(&self.skipped, run),
        }
    }
}

fn path(store: &ChangeStore, id: &ChangeId) -> PathBuf {
    control::path(store, id).with_extension("given.json")
}

/// Keeps it under the id of the move. A file that a process has begun and not ended is never read.
pub(super) fn keep(store: &ChangeStore, id: &ChangeId, given: &Given) -> Result<(), ChangeError> {
    let path = path(store, id);
    let write = || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let begun = path.with_extension("begun");
        let mut file = BufWriter::new(File::create(&begun)?);
        serde_json::to_writer(&mut file, given)?;
        file.flush()?;
        fs::rename(begun, &path)
    };
    write().map_err(|error| {
        ChangeError::Lock(format!("the list of the move can't be kept in {}: {error}", path.display()))
    })
}

/// What this machine has kept of it; none where the move was begun on another.
pub fn given(store: &ChangeStore, id: &ChangeId) -> Option<Given> {
    let path = path(store, id);
    let read = File::open(&path)
        .and_then(|file| serde_json::from_reader(BufReader::new(file)).map_err(io::Error::from));
    read.inspect_err(|error| {
        if error.kind() != io::ErrorKind::NotFound {
            tracing::warn!(%error, path = %path.display(), "what a move was given can't be read");
        }
    })
    .ok()
}
