//! What happened before the region started, minute by minute, on demand.

use super::flow::StageFlow;
use crate::ledger::{Past, Slot, StageName};

/// The past of all stages: a pure function of the seed and the starting estates, so that it doesn't matter who asks
/// for which minute first.
#[derive(Debug, Default)]
pub struct History {}

impl History {
    /// What flowed through a stage in one minute before the start (minutes since 1970-01-01); `None` for a stage
    /// that there was not.
    pub fn flow(&self, _api_id: &str, _stage: &str, _minute: i64) -> Option<StageFlow> {
        None
    }
}

impl Past for History {
    fn slot(&self, _stage: &StageName, _minute: i64) -> Option<Slot> {
        None
    }
}
