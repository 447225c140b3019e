//! The highest load of each cell, asked of CloudWatch once an hour and kept in between, so that commands and consoles
//! of one host share the answer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::aws::{Mode, Session};
use crate::domain::cell::Cell;
use crate::domain::estate::{Estate, RegionSlot};
use crate::domain::failure::Failure;
use crate::domain::fleet::Highest;
use crate::domain::id::CellId;
use crate::ops::clock::Clock;
use crate::ops::signals;

/// AWS: points of an hour are kept for 455 days; a fortnight has two of each day of the week.
const DAYS: i64 = 14;
/// CloudWatch sums by the hour, so nothing new is known sooner.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

/// Where the answers are kept, a file for each account and region.
#[derive(Clone, Debug)]
pub struct HighestStore {
    directory: PathBuf,
}

/// One answer.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    read_at: Timestamp,
    cells: BTreeMap<CellId, Highest>,
}

impl HighestStore {
    pub fn at(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// The answer that is kept, or a new one where that is an hour old.
    ///
    /// # Errors
    /// Where CloudWatch can't be read.
    pub(super) async fn current<M: Mode>(
        &self,
        session: &Session<M>,
        (estate, slot): (&Estate, RegionSlot),
        cells: &BTreeMap<CellId, Cell>,
        clock: &Clock,
    ) -> Result<BTreeMap<CellId, Highest>, Failure> {
        let now = session.now(clock.now());
        let key = session.key();
        let path = self.directory.join(format!("{}-{}.json", key.account, key.region));
        if let Some(kept) = kept(&path, now) {
            return Ok(kept.cells);
        }
        let cells = signals::highest(session, (estate, slot), cells, clock, DAYS).await?;
        if !cells.is_empty() {
            keep(&path, &Kept { read_at: now, cells: cells.clone() });
        }
        Ok(cells)
    }
}

/// What can't be read is asked for again: it is an answer, not a record.
fn kept(path: &Path, now: Timestamp) -> Option<Kept> {
    let kept: Kept = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    let age = now.duration_since(kept.read_at);
    (SignedDuration::ZERO <= age && age < FRESH).then_some(kept)
}

fn keep(path: &Path, answer: &Kept) {
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let written = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| {
        std::fs::write(&beside, serde_json::to_vec(answer)?)?;
        std::fs::rename(&beside, path)
    });
    if let Err(error) = written {
        tracing::debug!(%error, path = %path.display(), "the highest load is not kept");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_for_an_hour() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("highest").join("a.json");
        let read_at = Timestamp::from_second(1_800_000_000).unwrap();
        let highest = Highest { requests_per_second: 12.5, hour: read_at, read_at };
        let cells = BTreeMap::from([(CellId::new("cell-01"), highest)]);
        keep(&path, &Kept { read_at, cells: cells.clone() });
        let after =
            |minutes| kept(&path, read_at + SignedDuration::from_mins(minutes)).map(|kept| kept.cells);
        assert_eq!(after(0), Some(cells.clone()));
        assert_eq!(after(59), Some(cells));
        assert_eq!(after(60), None);
        assert_eq!(after(-1), None, "a clock that was set back proves nothing");
        std::fs::write(&path, "{").unwrap();
        assert_eq!(after(0), None);
    }
}
