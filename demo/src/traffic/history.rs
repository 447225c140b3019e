//! What happened before the region started, minute by minute, on demand.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::SHARED_CAPACITY;
use super::asked;
use super::backend::{Ailment, Backend, Condition};
use super::chance::Chance;
use super::demand;
use super::flow::{self, Backing, Samples, StageFlow};
use super::gate::{Asked, Demand, Gate, Post, Step};
use super::roster::{self, Rates, Roster};
use super::source::Sources;
use super::waf::Wall;
use crate::estate::{Api, Estate, Stage};
use crate::ledger::{Ledger, Past, Slot, StageName};

/// The past of all stages: a pure function of the seed and the starting estates, so that it doesn't matter who asks
/// for which minute first. Each minute is as such minutes are: warm caches, no disturbance, expected load, and noise
/// of its own.
#[derive(Debug)]
pub struct History {
    ledger: Arc<Ledger>,
    accounts: Vec<Account>,
    sources: Sources,
    roster: Roster,
    rates: Rates,
    ailments: HashMap<String, Ailment>,
    seed: u64,
    /// Where each API is: its account, and its place there.
    places: HashMap<String, (usize, usize)>,
    /// By cell, at an average time of day.
    loads: OnceLock<HashMap<String, f64>>,
    gates: Mutex<HashMap<StageName, Gate>>,
}

#[derive(Debug)]
struct Account {
    estate: Estate,
    wall: Mutex<Wall>,
    weights: HashMap<String, f64>,
}

impl History {
    /// The past of these estates.
    pub(super) fn new(
        ledger: Arc<Ledger>,
        estates: Vec<(Estate, Wall)>,
        (sources, roster, rates): (Sources, Roster, Rates),
        ailments: HashMap<String, Ailment>,
        seed: u64,
    ) -> Self {
        let mut places = HashMap::new();
        let accounts = estates
            .into_iter()
            .enumerate()
            .map(|(account, (estate, mut wall))| {
                for (place, api) in estate.apis.iter().enumerate() {
                    places.insert(api.id.clone(), (account, place));
                }
                wall.follow(&estate, Timestamp::MIN, SignedDuration::ZERO);
                let weights = roster::api_weights(estate.apis.iter().map(AsRef::as_ref));
                Account { estate, wall: Mutex::new(wall), weights }
            })
            .collect();
        Self {
            ledger,
            accounts,
            sources,
            roster,
            rates,
            ailments,
            seed,
            places,
            loads: OnceLock::new(),
            gates: Mutex::default(),
        }
    }

    /// What flowed through a stage in one minute before the start (minutes since 1970-01-01); `None` for a stage
    /// that there was not.
    pub fn flow(&self, api_id: &str, stage: &str, minute: i64) -> Option<StageFlow> {
        self.minute(&(api_id.to_owned(), stage.to_owned()), minute, true).map(|(_, flow)| flow)
    }

    /// Requests a second of a stage at an average time of day.
    pub(super) fn usual(&self, api: &Api, stage: &Stage) -> f64 {
        let Some((account, _)) = self.places.get(&api.id) else { return 0.0 };
        self.demands(&self.accounts[*account], api, stage, None).iter().map(|demand| demand.rate).sum()
    }

    /// Requests a second that reach the backend of a cell, or of an API without one, at an average time of day.
    pub(super) fn load(&self, backend: &str) -> f64 {
        let loads = self.loads.get_or_init(|| {
            let mut loads: HashMap<String, f64> = HashMap::new();
            for account in &self.accounts {
                for api in &account.estate.apis {
                    let load: f64 = api
                        .stages
                        .iter()
                        .map(|stage| {
                            let usual = self.usual(api, stage);
                            let gate = Gate::steady(api, stage, usual, self.seed);
                            gate.expected_load(usual)
                        })
                        .sum();
                    *loads.entry(super::backend_of(api).to_owned()).or_default() += load;
                }
            }
            loads
        });
        loads.get(backend).copied().unwrap_or(0.0)
    }

    /// How a backend does under its usual load times this factor.
    pub(super) fn settled(&self, backend: &str, factor: f64) -> (Backend, Condition) {
        let cell = self.roster.cell(backend).and_then(|cell| self.roster.cells.get(usize::from(cell)));
        let capacity = cell.map_or(SHARED_CAPACITY, |cell| cell.capacity);
        let ailment = self.ailments.get(backend).copied().unwrap_or(Ailment::NONE);
        Backend::settled(ailment, self.load(backend) * factor, capacity)
    }

    /// What each source asks of a stage; at an average time of day without a time.
    fn demands(&self, account: &Account, api: &Api, stage: &Stage, time: Option<Timestamp>) -> Vec<Demand> {
        let at = |name: &str| time.map_or(1.0, |time| demand::at_time(time, name, self.seed));
        let any = |source, rate| Demand { source, rate, routes: Asked::Any };
        let Some(cell) = api.cell.as_deref().map(|cell| self.roster.cell(cell)) else {
            let share = demand::stage_share(api, &stage.name) * at(&api.name);
            let rate = demand::of_shared(api, self.rates.total) * share;
            let Some(caller) = self.roster.known_caller(api) else { return Vec::new() };
            return asked::shared_demands(api, stage, (caller, rate), share, &self.rates, &self.roster);
        };
        let Some(rates) = cell.and_then(|cell| self.rates.cells.get(usize::from(cell))) else {
            return Vec::new();
        };
        let share = roster::share_of(api, &stage.name, &account.weights) * at(super::backend_name(api));
        asked::cell_sources(rates, demand::is_trial(&stage.name), &self.sources)
            .map(|(source, rate)| any(source, rate * share))
            .collect()
    }

    fn minute(&self, name: &StageName, minute: i64, measured: bool) -> Option<(Slot, StageFlow)> {
        let (account, place) = *self.places.get(&name.0)?;
        let account = &self.accounts[account];
        let api = &account.estate.apis[place];
        let stage = api.stage(&name.1)?;
        let start = Timestamp::from_second(minute.checked_mul(60)?).ok()?;
        if start < api.created {
            return None;
        }
        let middle = start + SignedDuration::from_secs(30);
        let step = Step { start, seconds: 60 };
        let mut hasher = DefaultHasher::new();
        (self.seed, name, minute).hash(&mut hasher);
        let mut chance = Chance::new(hasher.finish());
        let demands = self.demands(account, api, stage, Some(middle));
        let factor = demand::at_time(middle, super::backend_name(api), self.seed);
        let (_, condition) = self.settled(super::backend_of(api), factor);

        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let gate = gates.entry(name.clone()).or_insert_with(|| {
            let mut gate = Gate::steady(api, stage, self.usual(api, stage), self.seed);
            gate.equal_keys = roster::is_router(api).then(|| self.rates.customers());
            gate
        });
        let mut passage = gate.arrive(&demands, &self.sources, step, &mut chance);
        let mut wall = account.wall.lock().unwrap_or_else(PoisonError::into_inner);
        let mut post = Post {
            sources: &self.sources,
            ledger: &self.ledger,
            wall: &mut wall,
            access: None,
            usage: &account.estate.usage,
            today: jiff::civil::Date::ZERO,
            authorizer_capacity: None,
        };
        gate.pass_front(&mut passage, &mut post, step, &mut chance);
        gate.pass_behind(&mut passage, step, &mut chance);
        let backing = Backing { condition, full: &[] };
        flow::answer(&gate.layout, &mut passage, backing, &self.sources, &mut chance);
        let flow = if measured {
            flow::measure(gate, &passage, condition, Samples::of(60), &mut chance)
        } else {
            StageFlow::default()
        };
        Some((super::record::slot(&gate.layout, passage, condition, step), flow))
    }
}

impl Past for History {
    fn slot(&self, stage: &StageName, minute: i64) -> Option<Slot> {
        self.minute(stage, minute, false).map(|(slot, _)| slot)
    }
}
