//! A change that runs or has run: what it is, where it stands, what became of it.

use jiff::Timestamp;

use crate::domain::change::{Outcome, Plan};
use crate::domain::estate::RegionSlot;
use crate::domain::id::{ApiId, ChangeId, StageName};
use crate::tui::event::{ChangeStep, Trouble};

/// A stage, wherever it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StageKey {
    pub slot: RegionSlot,
    pub api: ApiId,
    pub stage: StageName,
}

/// What is done about a change that the journal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Plan the way back.
    Undo,
    /// Send what was not sent, and record the outcome.
    Finish,
    /// Record what the target says, and send nothing.
    Settle,
}

#[derive(Clone, Debug)]
pub struct ChangeRun {
    pub slot: RegionSlot,
    pub plan: Box<Plan>,
    pub started: Timestamp,
    /// What is done about an earlier change; none where it is a new one.
    pub remedy: Option<Remedy>,
    pub change: Option<ChangeId>,
    /// The request that went out, once it did.
    pub sent: Option<String>,
    /// What the target said last, once the request was out.
    pub seen: Option<String>,
    pub state: ChangeState,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChangeState {
    Checking,
    Journaled,
    Sending,
    /// Sent, and waiting to see it take effect.
    Waiting,
    Ended {
        outcome: Outcome,
        request_ids: Vec<String>,
        /// Why the outcome isn't in the journal, where it isn't.
        unrecorded: Option<String>,
        at: Timestamp,
    },
    /// It never left, or its record could not be kept.
    Failed {
        trouble: Trouble,
        at: Timestamp,
    },
}

impl ChangeRun {
    pub fn new(slot: RegionSlot, plan: Box<Plan>, started: Timestamp) -> Self {
        Self {
            slot,
            plan,
            started,
            remedy: None,
            change: None,
            sent: None,
            seen: None,
            state: ChangeState::Checking,
        }
    }

    /// The end of a change that the journal has without an outcome.
    #[must_use]
    pub fn of_unfinished(mut self, change: ChangeId, remedy: Remedy) -> Self {
        self.change = Some(change);
        self.remedy = Some(remedy);
        self
    }

    pub fn is_running(&self) -> bool {
        !matches!(self.state, ChangeState::Ended { .. } | ChangeState::Failed { .. })
    }

    /// The stage that it changes, where it is one.
    pub fn stage(&self) -> Option<StageKey> {
        let target = self.plan.target.stage()?;
        Some(StageKey { slot: self.slot, api: target.api.clone(), stage: target.stage.clone() })
    }

    pub fn take(&mut self, step: ChangeStep) {
        match step {
            ChangeStep::Checking => self.state = ChangeState::Checking,
            ChangeStep::Journaled(change) => {
                self.change = Some(change);
                self.state = ChangeState::Journaled;
            }
            ChangeStep::Sending(call) => {
                self.sent = Some(call.request);
                self.state = ChangeState::Sending;
            }
            ChangeStep::Waiting(seen) => {
                self.seen = Some(seen);
                self.state = ChangeState::Waiting;
            }
        }
    }

    /// When it ended, where it did.
    pub fn ended(&self) -> Option<Timestamp> {
        match &self.state {
            ChangeState::Ended { at, .. } | ChangeState::Failed { at, .. } => Some(*at),
            _ => None,
        }
    }
}
