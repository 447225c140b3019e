//! When what was last read, so that the next reading can be decided.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::change::StageKey;
use crate::domain::estate::RegionSlot;
use crate::domain::id::{ApiId, ApiKeyId, UsagePlanId};
use crate::tui::event::List;

/// Times are those at which a reading was started, whether it went well or not: a failing call is
/// not repeated more often than a good one.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub paused: bool,
    pub connected: Vec<Option<Timestamp>>,
    pub inventory: Vec<Option<Timestamp>>,
    pub signals: Vec<Option<Timestamp>>,
    /// APIs and cells that the last reading of signals asked for: more of them ask for another.
    pub signals_covered: Vec<usize>,
    pub apis: BTreeMap<(RegionSlot, ApiId), Timestamp>,
    /// Lists that are read while they are on screen.
    pub lists: BTreeMap<(RegionSlot, List), Timestamp>,
    /// Keys that were asked for their usage plans.
    pub keys: BTreeMap<(RegionSlot, ApiKeyId), Timestamp>,
    /// Keys and plans of which it was asked how much is used up.
    pub usage_of_keys: BTreeMap<(RegionSlot, ApiKeyId), Timestamp>,
    pub usage_of_plans: BTreeMap<(RegionSlot, UsagePlanId), Timestamp>,
    pub traffic: BTreeMap<StageKey, Timestamp>,
    /// The count that the state directory has.
    pub kept_count: Option<Timestamp>,
    /// Once for all regions.
    pub journal: Option<Timestamp>,
    /// A stage whose traffic is followed closely, and until when.
    pub followed: Option<(StageKey, Timestamp)>,
}

impl Schedule {
    pub fn new(regions: usize) -> Self {
        Self {
            paused: false,
            connected: vec![None; regions],
            inventory: vec![None; regions],
            signals: vec![None; regions],
            signals_covered: vec![0; regions],
            apis: BTreeMap::new(),
            lists: BTreeMap::new(),
            keys: BTreeMap::new(),
            usage_of_keys: BTreeMap::new(),
            usage_of_plans: BTreeMap::new(),
            traffic: BTreeMap::new(),
            kept_count: None,
            journal: None,
            followed: None,
        }
    }

    /// Forgets when things were read, so that all of it is due.
    pub fn everything_is_due(&mut self) {
        self.inventory.fill(None);
        self.signals.fill(None);
        self.apis.clear();
        self.lists.clear();
        self.keys.clear();
        self.usage_of_keys.clear();
        self.usage_of_plans.clear();
        self.traffic.clear();
        self.kept_count = None;
        self.journal = None;
    }
}
