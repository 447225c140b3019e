//! What a move was given beside its roster: the lines of the list, and who was left out. It is kept beside the locks of
//! this machine, for its operator alone, and for some time after the move has ended; the journal has the roster alone.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::control;
use crate::domain::id::ChangeId;
use crate::domain::moves::Skipped;
use crate::domain::moves::intake::Intake;
use crate::domain::moves::report::{ReportLine, of_customers, of_lines};
use crate::domain::moves::run::Run;
use crate::ops::change::{ChangeError, ChangeStore};

/// How its file's name ends.
const ENDING: &str = "given.json";
/// For how long after its beginning a report of a move can be written that has every line of its list.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

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
    control::path(store, id).with_extension(ENDING)
}

/// Keeps it under the id of the move. A file that a process has begun and not ended is never read.
pub(super) fn keep(store: &ChangeStore, id: &ChangeId, given: &Given) -> Result<(), ChangeError> {
    let path = path(store, id);
    let write = || -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let begun = path.with_extension("begun");
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = BufWriter::new(options.open(&begun)?);
        serde_json::to_writer(&mut file, given)?;
        file.flush()?;
        fs::rename(begun, &path)
    };
    write().map_err(|error| {
        ChangeError::Lock(format!("the list of the move can't be kept in {}: {error}", path.display()))
    })
}

/// Takes away what was kept long before `now`, but for moves that have not ended.
pub(super) fn forget_old(store: &ChangeStore, known: &[Run], now: Timestamp) {
    let open: HashSet<PathBuf> =
        known.iter().filter(|run| run.end.is_none()).map(|run| path(store, &run.id)).collect();
    let folder = store.locks.join("moves");
    // There is none before the first move.
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_kept = path.to_string_lossy().ends_with(ENDING) && !open.contains(&path);
        let written = entry.metadata().and_then(|about| about.modified()).ok();
        let written = written.and_then(|at| Timestamp::try_from(at).ok());
        if is_kept && written.is_some_and(|at| now.duration_since(at) > KEPT) {
            // Whoever was faster has removed it.
            let _ = fs::remove_file(path);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::moves::hook::HookSettings;
    use crate::ops::journal::Journal;

    #[test]
    fn it_is_the_operators_alone_and_is_not_kept_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let store = ChangeStore {
            journal: Journal::open(&folder.path().join("journal")),
            locks: folder.path().join("locks"),
            team: None,
            hooks: HookSettings::default(),
        };
        let id = ChangeId::new("20261120-140322-7f3a");
        let kept = Given { intake: Some(Intake::of_names(["one", ""])), skipped: Vec::new() };
        keep(&store, &id, &kept).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(path(&store, &id)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let now = Timestamp::try_from(std::time::SystemTime::now()).unwrap();
        forget_old(&store, &[], now + SignedDuration::from_hours(29 * 24));
        assert_eq!(given(&store, &id), Some(kept));
        forget_old(&store, &[], now + SignedDuration::from_hours(31 * 24));
        assert_eq!(given(&store, &id), None);
    }
}
