//! A bulk in the console: its plan while it waits for a yes, and how far it has come.

use jiff::Timestamp;

use super::overlay::Confirmation;
use crate::domain::bulk::{BulkPlan, Counts, PartState, Stop};
use crate::domain::estate::RegionSlot;
use crate::domain::id::BulkId;
use crate::ops::bulk::BulkProgress;
use crate::ops::change::Progress;
use crate::tui::event::Trouble;

/// A plan for several targets that waits for its yes.
#[derive(Clone, Debug)]
pub struct BulkPlanState {
    pub slot: RegionSlot,
    pub plan: Box<BulkPlan>,
    pub scroll: usize,
    pub confirmation: Confirmation,
}

/// A bulk that runs or has run.
#[derive(Clone, Debug)]
pub struct BulkRun {
    pub slot: RegionSlot,
    pub plan: Box<BulkPlan>,
    pub bulk: Option<BulkId>,
    pub started: Timestamp,
    /// One for each part of the plan.
    pub parts: Vec<PartState>,
    /// Its number and how many there are.
    pub wave: Option<(usize, usize)>,
    /// What the part that runs is doing.
    pub step: Option<String>,
    /// The operator wants no other target begun.
    pub stopping: bool,
    pub end: Option<BulkRunEnd>,
}

/// How a bulk ended.
#[derive(Clone, Debug)]
pub struct BulkRunEnd {
    pub at: Timestamp,
    pub stop: Option<Stop>,
    /// Why nothing was begun, where nothing was.
    pub trouble: Option<Trouble>,
}

impl BulkRun {
    pub fn new(slot: RegionSlot, plan: Box<BulkPlan>, started: Timestamp) -> Self {
        let parts = vec![PartState::NotBegun; plan.parts.len()];
        Self { slot, plan, bulk: None, started, parts, wave: None, step: None, stopping: false, end: None }
    }

    pub fn is_running(&self) -> bool {
        self.end.is_none()
    }

    pub fn counts(&self) -> Counts {
        Counts::of(&self.parts)
    }

    /// `change the throttle of 5 targets`.
    pub fn what(&self) -> String {
        format!("{} of {}", self.plan.lever.title(), self.plan.count())
    }

    pub fn take(&mut self, progress: BulkProgress) {
        match progress {
            BulkProgress::Begun(bulk) => self.bulk = Some(bulk),
            BulkProgress::Wave { number, of } => self.wave = Some((number, of)),
            BulkProgress::Part { place, state } => {
                self.step = None;
                if let Some(part) = self.parts.get_mut(place) {
                    *part = state;
                }
            }
            BulkProgress::Step { place, step } => {
                if let (Progress::Journaled(id), Some(PartState::Running { change })) =
                    (&step, self.parts.get_mut(place))
                {
                    *change = Some(id.clone());
                }
                self.step = Some(words(&step));
            }
            BulkProgress::Watching { seen } => self.step = Some(seen),
            BulkProgress::TakingBack { bulk } => self.step = Some(format!("taking all back as {bulk}")),
        }
    }
}

fn words(step: &Progress) -> String {
    match step {
        Progress::Checking => "checking account and target".to_owned(),
        Progress::Journaled(_) => "journaled".to_owned(),
        Progress::Sending(call) => format!("sending {}", call.request),
        Progress::Waiting { seen } => format!("sent; {seen}"),
        Progress::Done => "done".to_owned(),
    }
}
