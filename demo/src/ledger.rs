//! The ledger of the region's traffic: who sent how many requests to which method, and how they ended.
//!
//! The simulation writes it, second by second, as groups of equal requests; what came before the region started is
//! simulated when it is asked for. Everything that is told of single requests is read from here, so that logs, WAF
//! samples and metrics agree: a group of seven is seven lines in the access log.

mod fold;
mod outcome;
mod request;
mod source;
mod verdict;

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::ops::Range;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};

pub use fold::merge_groups;
pub use outcome::Outcome;
pub use request::Request;
pub use source::{Caller, Source, SourceId};
pub use verdict::{RuleMatch, Verdict, VerdictId, WafAction};

use crate::estate::RouteKey;

/// How long single seconds are kept; older ones are folded into their minute.
pub const SECONDS_KEPT: SignedDuration = SignedDuration::from_mins(5);
/// How long minutes are kept.
pub const MINUTES_KEPT: SignedDuration = SignedDuration::from_hours(3);
/// How many groups are kept at most, of 16 bytes each: beyond, the oldest minutes of a very large region go.
const GROUPS_KEPT: usize = 4_000_000;

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
    /// 1 to 60; never beyond the minute that it starts in.
    pub seconds: u32,
    /// The deployment that the stage pointed at.
    pub deployment_id: Arc<str>,
    /// A route with two kinds of body stands here twice, the second time for the large ones.
    pub routes: Arc<[LedgerRoute]>,
    /// The factor on the median time of each route's backend, and what each request waited, in milliseconds.
    pub slowness: f32,
    pub wait_ms: f32,
    pub groups: Vec<Group>,
}

impl Slot {
    /// Whether a route of the slot stands for requests with large bodies.
    pub fn has_large_bodies(&self, route: u16) -> bool {
        let place = usize::from(route);
        let before = self.routes.get(..place).unwrap_or_default();
        self.routes.get(place).is_some_and(|route| before.iter().any(|other| other.key == route.key))
    }
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

/// Knows the people behind a source.
pub trait People: Send + Sync + std::fmt::Debug {
    /// One of them, drawn by how much each sends; `draw` gives numbers from 0 up to 1, the same for the same
    /// request.
    fn draw(&self, source: SourceId, draw: &mut dyn FnMut() -> f64) -> Person;
}

/// Who sent one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// `None` for somebody who is no customer.
    pub customer_id: Option<String>,
    /// Always the same for the same customer.
    pub client: IpAddr,
}

/// The ledger. One for all accounts of the region: the ids of APIs are unique.
#[derive(Debug, Default)]
pub struct Ledger {
    stages: RwLock<HashMap<StageName, VecDeque<Slot>>>,
    sources: RwLock<Vec<Arc<Source>>>,
    verdicts: RwLock<Vec<Arc<Verdict>>>,
    past: OnceLock<(Timestamp, Arc<dyn Past>)>,
    people: OnceLock<Arc<dyn People>>,
}

impl Ledger {
    /// Tells the ledger who knows what happened before `start`. The first word holds.
    pub fn remember(&self, start: Timestamp, past: Arc<dyn Past>) {
        // A second word is ignored: the past doesn't change.
        let _ = self.past.set((start, past));
    }

    /// Tells the ledger who knows the people behind the sources. The first word holds.
    pub fn introduce(&self, people: Arc<dyn People>) {
        // A second word is ignored: a request keeps its sender.
        let _ = self.people.set(people);
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

    /// Enters what happened at a stage into the slot of its minute at once: a large region has no room for seconds.
    pub fn record_folded(&self, stage: &StageName, slot: Slot) {
        let mut stages = self.stages.write().unwrap_or_else(PoisonError::into_inner);
        let slots = match stages.get_mut(stage) {
            Some(slots) => slots,
            None => stages.entry(stage.clone()).or_default(),
        };
        fold::append(slots, slot);
    }

    /// Folds the seconds that are older than [`SECONDS_KEPT`] into their minutes, and forgets what is older than
    /// [`MINUTES_KEPT`].
    pub fn retain(&self, now: Timestamp) {
        let mut stages = self.stages.write().unwrap_or_else(PoisonError::into_inner);
        for slots in stages.values_mut() {
            while slots.front().is_some_and(|slot| slot.start < now - MINUTES_KEPT) {
                slots.pop_front();
            }
            fold::fold_before(slots, now - SECONDS_KEPT);
        }
        let mut groups: usize = stages.values().flatten().map(|slot| slot.groups.len()).sum();
        while groups > GROUPS_KEPT {
            let oldest = stages.values().filter_map(VecDeque::front).map(|slot| slot.start).min();
            let Some(oldest) = oldest else { break };
            for slots in stages.values_mut() {
                while let Some(slot) = slots.pop_front_if(|slot| slot.start <= oldest) {
                    groups -= slot.groups.len();
                }
            }
        }
    }

    /// How many groups are kept.
    pub fn group_count(&self) -> usize {
        let stages = self.stages.read().unwrap_or_else(PoisonError::into_inner);
        stages.values().flatten().map(|slot| slot.groups.len()).sum()
    }

    /// Shows every slot of a stage that lies in the range, oldest first, those of the past too.
    pub fn slots(&self, stage: &StageName, range: &Range<Timestamp>, mut visit: impl FnMut(&Slot)) {
        if let Some((start, past)) = self.past.get() {
            let first = range.start.as_second().div_euclid(60);
            // A range that ends within a minute has that minute's slot, too; the start's minute is no past.
            let end = (range.end - SignedDuration::from_nanos(1)).as_second().div_euclid(60) + 1;
            let last = end.min(start.as_second().div_euclid(60));
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
        let people = self.people.get().map(AsRef::as_ref);
        for slot in slots {
            let mut requests = Vec::new();
            for (index, group) in slot.groups.iter().enumerate().filter(|(_, group)| wanted(group)) {
                let Some(source) = self.source(group.source) else { continue };
                let verdict = self.verdict(group.verdict);
                let made = (0..group.count).filter_map(|ordinal| {
                    request::make(stage, &slot, (index, ordinal), (&source, people), &verdict)
                });
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
