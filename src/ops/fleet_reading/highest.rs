//! The highest load of each cell: the hours since the last look are asked of CloudWatch once an hour, and the highest
//! of all is kept, so that commands and consoles of one host share it and it reaches back further with time.

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

/// How far the first look reaches back.
const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(24);
/// How far any look reaches back: a pause of weeks is no reason to ask for all of it.
const LONGEST_LOOK: SignedDuration = SignedDuration::from_hours(14 * 24);
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

    /// The answer that is kept, with what has come since where that is an hour old.
    ///
    /// # Errors
    /// Where CloudWatch can't be read and nothing is kept.
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
        let before = kept(&path, now);
        let since = match &before {
            Some(before) if now.duration_since(before.read_at) < FRESH => return Ok(before.cells.clone()),
            Some(before) => before.read_at.max(now - LONGEST_LOOK),
            None => now - FIRST_LOOK,
        };
        let read = signals::highest(session, (estate, slot), cells, (since, now)).await;
        match (read, before) {
            (Ok(read), before) => {
                let cells = higher(before.map(|before| before.cells).unwrap_or_default(), read);
                if !cells.is_empty() {
                    keep(&path, &Kept { read_at: now, cells: cells.clone() });
                }
                Ok(cells)
            }
            // Its age is in it.
            (Err(_), Some(before)) => Ok(before.cells),
            (Err(failure), None) => Err(failure),
        }
    }
}

/// The higher of what was known and what was read of each cell.
fn higher(
    mut known: BTreeMap<CellId, Highest>,
    read: BTreeMap<CellId, Highest>,
) -> BTreeMap<CellId, Highest> {
    for (cell, new) in read {
        let highest = known.entry(cell).or_insert(new);
        let since = highest.since.min(new.since);
        if new.requests_per_second > highest.requests_per_second {
            *highest = new;
        }
        *highest = Highest { since, read_at: new.read_at, ..*highest };
    }
    known
}

/// What can't be read is asked for again: it is an answer, not a record.
fn kept(path: &Path, now: Timestamp) -> Option<Kept> {
    let kept: Kept = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    // A clock that was set back proves nothing.
    (kept.read_at <= now).then_some(kept)
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

    fn highest(rate: f64, at: Timestamp) -> Highest {
        Highest { requests_per_second: rate, hour: at, since: at, read_at: at }
    }

    #[test]
    fn an_answer_is_kept_until_it_cannot_be_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("highest").join("a.json");
        let read_at = Timestamp::from_second(1_800_000_000).unwrap();
        let cells = BTreeMap::from([(CellId::new("cell-01"), highest(12.5, read_at))]);
        keep(&path, &Kept { read_at, cells: cells.clone() });
        let after =
            |minutes| kept(&path, read_at + SignedDuration::from_mins(minutes)).map(|kept| kept.cells);
        assert_eq!((after(0), after(600)), (Some(cells.clone()), Some(cells)));
        assert_eq!(after(-1), None, "a clock that was set back proves nothing");
        std::fs::write(&path, "{").unwrap();
        assert_eq!(after(0), None);
    }

    #[test]
    fn the_highest_of_all_looks_stays() {
        let (first, later) =
            (Timestamp::from_second(1_800_000_000).unwrap(), Timestamp::from_second(1_800_003_600).unwrap());
        let of = |rate, at| BTreeMap::from([(CellId::new("cell-01"), highest(rate, at))]);
        let lower = higher(of(20.0, first), of(10.0, later));
        assert_eq!(lower.values().next(), Some(&Highest { read_at: later, ..highest(20.0, first) }));
        let more = higher(of(20.0, first), of(30.0, later));
        assert_eq!(more.values().next(), Some(&Highest { since: first, ..highest(30.0, later) }));
    }
}
