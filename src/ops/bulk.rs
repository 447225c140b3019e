//! Bulk changes: the plans of several targets made together, and carried out in waves.
//!
//! Each part goes its own way through `ops::change`: it is checked, locked, recorded, sent and seen to have
//! taken effect by itself. So whatever ends a bulk in the middle, each of its changes can be told, finished
//! and undone as one that was made alone; the bulk's id in their records says which belong together.

mod applying;
mod guarding;
mod planning;
mod undoing;

use tokio_util::sync::CancellationToken;

use super::change::{ChangeStore, Grounds, Progress};
use super::clock::Clock;
use crate::domain::bulk::{PartState, Stop};
use crate::domain::change::Target;
use crate::domain::estate::RegionEstate;
use crate::domain::history::ChangeHistory;
use crate::domain::id::BulkId;
use crate::domain::production::ProductionTag;

pub use applying::apply;
pub use guarding::{BulkGuard, GuardEnd, Posts, prove};
pub use planning::{moved, plan};
pub use undoing::{plan_undo, settle};

/// What is known where the plans of a bulk are made.
#[derive(Clone, Copy, Debug)]
pub struct BulkGrounds<'plan> {
    pub region: &'plan RegionEstate,
    /// What the journal tells of earlier changes, oldest first.
    pub history: &'plan [ChangeHistory],
    pub store: &'plan ChangeStore,
    pub clock: &'plan Clock,
    /// What marks an API as production; none where no tag does.
    pub production_tag: Option<&'plan ProductionTag>,
}

impl BulkGrounds<'_> {
    /// What is known where the plan of one target is made.
    pub(super) fn of_one(&self, target: &Target) -> Grounds<'_> {
        let api = target.stage().and_then(|stage| self.region.apis.get(&stage.api));
        Grounds {
            region: self.region,
            api: api.map(|entry| &entry.api),
            history: self.history,
            clock: self.clock,
            production_tag: self.production_tag,
        }
    }
}

/// What a bulk is carried out with.
#[derive(Clone, Copy, Debug)]
pub struct Orders<'bulk> {
    /// For the names and the traffic of stages, where a guard takes changes back.
    pub region: &'bulk RegionEstate,
    pub store: &'bulk ChangeStore,
    pub clock: &'bulk Clock,
    /// Once cancelled, no other target is begun.
    pub stop: &'bulk CancellationToken,
    /// What is watched after each wave.
    pub guard: Option<&'bulk BulkGuard>,
}

/// How a bulk goes on, for whoever waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BulkProgress {
    /// The bulk has its id.
    Begun(BulkId),
    /// A wave begins, counted from 1.
    Wave { number: usize, of: usize },
    /// A part has come to stand so.
    Part { place: usize, state: PartState },
    /// What the part that runs is doing.
    Step { place: usize, step: Progress },
    /// What a guard says.
    Watching { seen: String },
    /// A guard was breached: the changes at these places are taken back.
    TakingBack { bulk: BulkId },
}

/// What a bulk came to.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkEnd {
    pub bulk: BulkId,
    /// One for each part of the plan.
    pub parts: Vec<PartState>,
    /// Why it ended before its last part; none where it didn't.
    pub stop: Option<Stop>,
    pub guard: Option<GuardEnd>,
}
