//! Changes: plan, apply, see that it took effect, undo, and keep a record of all of it.
//!
//! The order is what makes it safe: who we are and what the plan rests on are read again, the
//! target is locked, the intent is on the disk, and only then is anything sent. What was sent is
//! never sent again by itself: where its fate is unclear, the target is read to find out.

mod apply;
mod by_whom;
mod facts;
pub(super) mod fault_point;
mod keys_and_plans;
mod keys_reached;
mod open;
mod planning;
mod quota_extension;
mod reach;
mod reading;
mod recovery;
mod sending;
mod steps;
mod traffic;
mod undo;
mod v2_surroundings;
mod waf;
mod watching;
mod weighing;
mod what_if;

use std::path::PathBuf;

use crate::domain::change::{Outcome, PlannedCall, Refusal, SettingChange};
use crate::domain::failure::Failure;
use crate::domain::id::ChangeId;
use crate::domain::moves::hook::HookSettings;
use crate::domain::team::TeamSettings;

use super::journal::{Journal, JournalError};

pub use apply::apply;
pub(super) use apply::{lock_refused, new_change_id, pinned_identity};
pub(super) use facts::Shared;
pub use open::{known_changes, open_changes, refuse_open};
pub(super) use planning::plan_sharing;
pub use planning::{Asked, Grounds, plan, plan_with};
pub use reading::settings_of;
pub use recovery::{Recovered, Verdict, recover, verdict};
pub use undo::{WayBack, plan_undo, plan_undo_with};
pub use watching::{record_watched, record_watching};

/// Why a change was not made, or not made whole.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Failed(#[from] Failure),
    /// Nothing is sent where it can't be recorded.
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("{0}")]
    Lock(String),
}

/// What apply is doing, for whoever waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The account and what the plan rests on.
    Checking,
    /// The intent is on the disk.
    Journaled(ChangeId),
    Sending(PlannedCall),
    /// Sent; the target isn't where it should be yet. What it says instead.
    Waiting {
        seen: String,
    },
    Done,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    pub change: ChangeId,
    pub outcome: Outcome,
    pub request_ids: Vec<String>,
    /// What else is different in the target now: AWS's doing, or somebody else's.
    pub unplanned: Vec<SettingChange>,
    /// Why the outcome isn't in the journal, where the disk took the intent and not this: the
    /// request went out all the same.
    pub unrecorded: Option<String>,
}

/// What changes need of this machine: where they leave their traces, and the commands that moves run.
#[derive(Clone, Debug)]
pub struct ChangeStore {
    pub journal: Journal,
    /// Directory of the locks that keep two changes off one target.
    pub locks: PathBuf,
    /// The table in which a team keeps its journal and its leases, beside those of this machine.
    pub team: Option<TeamSettings>,
    /// The commands around each wave of a move.
    pub hooks: HookSettings,
}
