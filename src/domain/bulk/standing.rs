//! How far a bulk has come, part by part.

use serde::Serialize;

use crate::domain::change::{Outcome, SettingChange};
use crate::domain::id::ChangeId;

/// Where one part stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum PartState {
    /// Nothing was sent, and nothing will be once the bulk has ended.
    NotBegun,
    Running {
        /// Once its intent is recorded.
        change: Option<ChangeId>,
    },
    /// Its intent is in the journal; what became of it.
    Ended {
        change: ChangeId,
        outcome: Outcome,
        request_ids: Vec<String>,
        /// What else is different in the target now.
        unplanned: Vec<SettingChange>,
        /// Why the outcome isn't in the journal, where it isn't.
        unrecorded: Option<String>,
    },
    /// Nothing was sent: its target has moved on, is locked, or can't be read.
    Refused {
        why: String,
        /// By a rule of cellgate's; else something failed.
        by_rule: bool,
    },
}

/// Why a bulk ended before its last part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum Stop {
    /// The part at this place did not go well.
    Part { place: usize },
    /// The operator said so.
    Operator,
    /// The guard between two waves was breached, or could not be proven.
    Guard { why: String },
}

/// How many parts stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub done: usize,
    /// Refused, not applied, partly applied or of unknown outcome.
    pub failed: usize,
    pub not_begun: usize,
}

impl PartState {
    /// Applied, and that is recorded.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Ended { outcome: Outcome::Applied, unrecorded: None, .. })
    }

    /// Whether the target may be other than it was.
    pub fn may_have_changed(&self) -> bool {
        matches!(self, Self::Ended { outcome, .. } if !matches!(outcome, Outcome::NotApplied { .. }))
    }

    /// One word for it: that of its outcome, `refused`, `running` or `not-begun`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::NotBegun => "not-begun",
            Self::Running { .. } => "running",
            Self::Ended { outcome, .. } => outcome.word(),
            Self::Refused { .. } => "refused",
        }
    }

    pub fn why(&self) -> Option<&str> {
        match self {
            Self::NotBegun | Self::Running { .. } => None,
            Self::Ended { unrecorded: Some(why), .. } | Self::Refused { why, .. } => Some(why),
            Self::Ended { outcome, .. } => outcome.why(),
        }
    }

    pub fn change(&self) -> Option<&ChangeId> {
        match self {
            Self::Running { change } => change.as_ref(),
            Self::Ended { change, .. } => Some(change),
            Self::NotBegun | Self::Refused { .. } => None,
        }
    }
}

impl Counts {
    pub fn of(parts: &[PartState]) -> Self {
        let mut counts = Self::default();
        for part in parts {
            match part {
                PartState::NotBegun => counts.not_begun += 1,
                PartState::Running { .. } => {}
                part if part.is_done() => counts.done += 1,
                _ => counts.failed += 1,
            }
        }
        counts
    }

    /// `3 done, 1 failed, 1 not begun`, without what there is none of.
    pub fn words(self) -> String {
        let all = [(self.done, "done"), (self.failed, "failed"), (self.not_begun, "not begun")];
        let told = all.into_iter().filter(|(count, _)| *count > 0);
        told.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
    }
}
