//! The ledger of the region's traffic: who sent how many requests to which method, and how they ended.
//!
//! The simulation writes it, second by second, as groups of equal requests; what came before the region started is
//! simulated when it is asked for. Everything that is told of single requests is read from here, so that logs, WAF
//! samples and metrics agree: a group of seven is seven lines in the access log.

mod outcome;
mod request;
mod source;
mod verdict;

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};

pub use outcome::Outcome;
pub use request::Request;
pub use source::{Caller, Source, SourceId};
pub use verdict::{RuleMatch, Verdict, VerdictId, WafAction};

use crate::estate::RouteKey;

/// How long single seconds are kept; older ones are folded into their minute.
pub const SECONDS_KEPT: SignedDuration = SignedDuration::from_mins(5);
/// How long minutes are kept.
pub const MINUTES_KEPT: SignedDuration = SignedDuration::from_hours(3);

/// Requests of one step that have everything in common that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    pub source: SourceId,
    /// Which of the slot's routes.
    pub route: u16,
    pub outcome: Outcome,
    /// What WAF said of them.
    pub verdict: VerdictId,
    /// Whether the canary's deployment took them.
    pub canary: bool,
    pub count: u32,
}

/// What happened at one stage in one stretch of time.
#[derive(Clone, Debug)]
pub struct Slot {
    pub start: Timestamp,
    /// 1, or 60.
    pub seconds: u32,
    /// The deployment that the stage pointed at.
    pub deployment_id: Arc<str>,
    pub routes: Arc<[LedgerRoute]>,
    /// The factor on the median time of each route's backend, and what each request waited, in milliseconds.
    pub slowness: f32,
    pub wait_ms: f32,
    pub groups: Vec<Group>,
}

/// A route as the ledger knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerRoute {
    pub key: RouteKey,
    /// The median time that its backend takes without load, in milliseconds.
    pub median_ms: f64,
    pub timeout_ms: f64,
}

/// A stage: the id of its API, and its name.
pub type StageName = (String, String);

/// Tells what happened before the region started.
pub trait Past: Send + Sync + std::fmt::Debug {
    /// The slot of one minute of a stage, the same each time; `None` for a stage that there was not.
    fn slot(&self, stage: &StageName, minute: i64) -> Option<Slot>;
}

/// The ledger. One for all accounts of the region: the ids of APIs are unique.
#[derive(Debug, Default)]
pub struct Ledger {
    stages: RwLock<HashMap<StageName, VecDeque<Slot>>>,
    sources: RwLock<Vec<Arc<Source>>>,
    verdicts: RwLock<Vec<Arc<Verdict>>>,
    past: OnceLock<(Timestamp, Arc<dyn Past>)>,
}

impl Ledger {
    /// Tells the ledger who knows what happened before `start`. The first word holds.
    pub fn remember(&self, start: Timestamp, past: Arc<dyn Past>) {
        // A second word is ignored: the past doesn't change.
        let _ = self.past.set((start, past));
    }

    /// Enters a source. The same source twice is two entries: keep the id.
    pub fn add_source(&self, source: Source) -> SourceId {
        let mut sources = self.sources.write().unwrap_or_else(PoisonError::into_inner);
        sources.push(Arc::new(source));
        SourceId(u32::try_from(sources.len() - 1).unwrap_or(u32::MAX))
    }

    /// The source with this id.
    pub fn source(&self, id: SourceId) -> Option<Arc<Source>> {
        let sources = self.sources.read().unwrap_or_else(PoisonError::into_inner);
        sources.get(id.0 as usize).cloned()
    }

    /// The id of this verdict, entered if it is new.
    pub fn verdict_id(&self, verdict: &Verdict) -> VerdictId {
        let find = |verdicts: &[Arc<Verdict>]| verdicts.iter().position(|known| **known == *verdict);
        let id = |place: usize| VerdictId(u16::try_from(place).unwrap_or(u16::MAX));
        if let Some(place) = find(&self.verdicts.read().unwrap_or_else(PoisonError::into_inner)) {
            return id(place);
        }
        let mut verdicts = self.verdicts.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = find(&verdicts) {
            return id(place);
        }
        verdicts.push(Arc::new(verdict.clone()));
        id(verdicts.len() - 1)
    }

    /// The verdict with this id; one without an ACL for an unknown id.
    pub fn verdict(&self, id: VerdictId) -> Arc<Verdict> {
        let verdicts = self.verdicts.read().unwrap_or_else(PoisonError::into_inner);
        verdicts.get(usize::from(id.0)).cloned().unwrap_or_default()
    }

    /// Enters what happened at a stage. Slots come in the order of their time.
    pub fn record(&self, stage: &StageName, slot: Slot) {
        let mut stages = self.stages.write().unwrap_or_else(PoisonError::into_inner);
        let slots = match stages.get_mut(stage) {
            Some(slots) => slots,
            None => stages.entry(stage.clone()).or_default(),
        };
        slots.push_back(slot);
    }

    /// Shows every slot of a stage that lies in the range, oldest first, those of the past too.
    pub fn slots(&self, stage: &StageName, range: &Range<Timestamp>, mut visit: impl FnMut(&Slot)) {
        if let Some((start, past)) = self.past.get() {
            let first = range.start.as_second().div_euclid(60);
            let last = range.end.min(*start).as_second().div_euclid(60);
            for minute in first..last {
                if let Some(slot) = past.slot(stage, minute) {
                    visit(&slot);
                }
            }
        }
        let stages = self.stages.read().unwrap_or_else(PoisonError::into_inner);
        for slot in stages.get(stage).into_iter().flatten() {
            if slot.start >= range.start && slot.start < range.end {
                visit(slot);
            }
        }
    }

    /// Makes out the requests of a stage within the range whose group is wanted, in the order of their time, until
    /// `visit` says that it has seen enough. Look at groups where counts will do: a minute may hold 100,000 requests.
    pub fn requests(
        &self,
        stage: &StageName,
        range: &Range<Timestamp>,
        mut wanted: impl FnMut(&Group) -> bool,
        mut visit: impl FnMut(Request) -> std::ops::ControlFlow<()>,
    ) {
        let mut slots = Vec::new();
        // A slot of a minute may begin before the range and reach into it.
        let wider = range.start - SignedDuration::from_secs(59)..range.end;
        self.slots(stage, &wider, |slot| slots.push(slot.clone()));
        for slot in slots {
            let mut requests = Vec::new();
            for (index, group) in slot.groups.iter().enumerate().filter(|(_, group)| wanted(group)) {
                let Some(source) = self.source(group.source) else { continue };
                let verdict = self.verdict(group.verdict);
                let made = (0..group.count)
                    .filter_map(|ordinal| request::make(stage, &slot, (index, ordinal), &source, &verdict));
                requests.extend(made.filter(|request| range.contains(&request.time)));
            }
            requests.sort_by_key(|request| request.time);
            for request in requests {
                if visit(request).is_break() {
                    return;
                }
            }
        }
    }
}
