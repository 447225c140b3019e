//! What was last changed in a cell: the newest change of the journal, or what a stage itself says.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::CellRow;
use crate::domain::cell::Cell;
use crate::domain::change::Target;
use crate::domain::estate::Estate;
use crate::domain::history::ChangeHistory;
use crate::domain::id::ChangeId;
use crate::domain::identity::RegionKey;

/// A stage says when it was updated a little after the journal says that it was going to be.
const TOGETHER: SignedDuration = SignedDuration::from_mins(2);

/// The newest thing that was done to a cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastChange {
    pub at: Timestamp,
    /// The stage, as `cell-01-api/prod`.
    pub target: String,
    /// What was done, by whom and the id, where the journal knows; a stage tells nothing but the time.
    pub lever: Option<String>,
    pub operator: Option<String>,
    pub change: Option<ChangeId>,
}

/// The newest update of the cell's stages, a deployment or a setting: AWS doesn't say which.
pub(super) fn of_stages(cell: &Cell, estate: &Estate) -> Option<LastChange> {
    let entries = cell.apis.iter().filter_map(|(slot, api)| estate.api(*slot, api));
    let stages = entries.flat_map(|entry| {
        let stages = entry.stages.value().into_iter().flatten();
        stages.filter_map(move |stage| Some((stage.last_updated.or(stage.created)?, entry, stage)))
    });
    let (at, entry, stage) = stages.max_by_key(|(at, _, _)| *at)?;
    let target = format!("{}/{}", entry.api.name, stage.name);
    Some(LastChange { at, target, lever: None, operator: None, change: None })
}

/// Whether a change of this target is one of the cell's: of a stage of its APIs, or of where its customers are.
pub fn touches(target: &Target, row: &CellRow) -> bool {
    if let Target::Customers(moved) = target {
        return moved.from.contains(&row.id) || moved.to.contains(&row.id);
    }
    let stage = target.stage();
    stage.is_some_and(|stage| row.cell.apis.iter().any(|(_, api)| *api == stage.api))
}

/// Names the changes of a journal where they are the last of a cell. A journal may hold those of other accounts, whose
/// cells have the same names: only those made in one of the `regions` count.
pub fn note_changes<'journal>(
    rows: &mut [CellRow],
    changes: impl IntoIterator<Item = &'journal ChangeHistory>,
    regions: &BTreeSet<RegionKey>,
) {
    let own = changes.into_iter().filter(|change| regions.contains(&change.plan.region));
    for change in own.filter(|change| change.may_stand()) {
        let at = change.end.as_ref().map_or(change.at, |end| end.at);
        for row in rows.iter_mut().filter(|row| touches(&change.plan.target, row)) {
            let known = row.last_change.as_ref();
            if known.is_none_or(|known| at + TOGETHER >= known.at) {
                row.last_change = Some(LastChange {
                    at: known.map_or(at, |known| at.max(known.at)),
                    target: change.plan.target.to_string(),
                    lever: Some(change.lever_name()),
                    operator: Some(change.operator.clone()),
                    change: Some(change.id.clone()),
                });
            }
        }
    }
}
