//! The router: which cell a customer's requests go to.
//!
//! A customer's client asks the router's API which cell serves it, remembers the answer for some seconds, and asks
//! again. Most answers come from the cache of that API's stage; the others cost a read of the mapping table. So a
//! customer that was moved arrives at its new cell when its client asks again and its entry has gone from the cache.
//!
//! New customers go to the cell that the hash of their id stands for, or to the next one that takes new customers.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use jiff::{SignedDuration, Timestamp};
use md5::{Digest, Md5};

use super::chance::{Chance, whole};
use super::gate::{Gate, Step};
use super::passage::Passage;
use super::population::CustomerIndex;
use super::roster::{Rates, Roster};
use super::source::{Sources, Who};
use super::throttle::TokenBucket;
use crate::dynamodb::feed::MappingChange;
use crate::estate::Throttle;
use crate::ledger::Outcome;
use crate::metrics::as_weight;

/// Seconds for which a client remembers its cell.
const MEMORY: f64 = 15.0;
/// Customers up to which clients ask that often; in a larger fleet they remember for longer.
const CUSTOMERS_PER_SECOND: f64 = 2_000.0;
/// Read units that an eventually consistent read of a small item takes. AWS: half a unit.
const UNITS_PER_READ: f64 = 0.5;
/// Seconds of unused capacity that a table keeps. AWS: up to 300, and tables may use it up themselves.
const KEPT_CAPACITY: f64 = 30.0;
/// Seconds after which a client that was turned away from a full cell asks again: the router's `Retry-After`.
const RETRY_AFTER: f64 = 20.0;
/// Seconds of work that wait in front of a cell that is full.
const FULL_BACKLOG: f64 = 1.0;

/// What the router asked of its table and of its function in one step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RouterFlow {
    /// How often the router's function ran: requests that no cache answered.
    pub invocations: u64,
    /// Reads of the mapping table that were served; each takes half a read unit (eventually consistent, AWS).
    pub reads: u64,
    /// Reads that the table refused for want of capacity.
    pub throttled_reads: u64,
}

/// The state of the routing.
#[derive(Debug)]
pub struct Router {
    /// Customers whose requests don't arrive where the table says.
    moving: HashMap<CustomerIndex, Move>,
    /// When each of them asks next.
    asks: BinaryHeap<Reverse<(Timestamp, CustomerIndex)>>,
    table: TokenBucket,
    /// The share of customers that were sent to a cell by the hash of their id.
    astray: f64,
    /// By cell: the share of customers that stay away since it is full.
    away: Vec<f64>,
    /// By cell: whether it is full, as a share of those that ask.
    full: Vec<f64>,
    /// How the last step went.
    last: Last,
}

#[derive(Clone, Copy, Debug)]
struct Move {
    to: u16,
    /// When the table said so.
    at: Timestamp,
    /// When the answer that the cache has runs out.
    cached_until: Timestamp,
}

/// What clients met at the router's API in a step.
#[derive(Clone, Copy, Debug)]
struct Last {
    /// The share of requests that got an answer.
    answered: f64,
    /// The share of answers that came from the cache.
    cached: f64,
    /// The share of reads that the table refused.
    refused: f64,
    ttl: Option<f64>,
    emptied_at: Option<Timestamp>,
}

impl Router {
    /// All customers are where the table says.
    pub fn new(cells: usize) -> Self {
        let last = Last { answered: 1.0, cached: 0.0, refused: 0.0, ttl: None, emptied_at: None };
        Self {
            moving: HashMap::new(),
            asks: BinaryHeap::new(),
            table: TokenBucket::default(),
            astray: 0.0,
            away: vec![0.0; cells],
            full: vec![0.0; cells],
            last,
        }
    }

    /// For how many seconds the clients of so many customers remember their cell.
    pub fn memory(customers: usize) -> f64 {
        MEMORY.max(super::as_count(customers) / CUSTOMERS_PER_SECOND)
    }

    /// The share of all requests that go to a wrong cell.
    pub fn astray(&self) -> f64 {
        self.astray
    }

    /// The share of a cell's customers that stay away.
    pub fn away(&self, cell: usize) -> f64 {
        self.away.get(cell).copied().unwrap_or(0.0)
    }

    /// By cell: the share of look-ups that end since it is full.
    pub fn full(&self) -> &[f64] {
        &self.full
    }

    /// The share of look-ups that were told the truth in the last step.
    pub fn answers(&self) -> f64 {
        self.last.answered * (1.0 - self.last.refused)
    }

    /// The customers whose requests don't arrive where the table says.
    pub fn moving(&self) -> usize {
        self.moving.len()
    }

    /// Notes what was written to the table.
    pub fn note(
        &mut self,
        change: &MappingChange,
        (roster, closed): (&Roster, &BTreeSet<String>),
        sources: &Sources,
        now: Timestamp,
        chance: &mut Chance,
    ) {
        let hashed = placed(&change.customer_id, roster, closed)
            .unwrap_or_else(|| hashed_cell(&change.customer_id, roster.cells.len()));
        let to = change.cell.as_deref().and_then(|cell| roster.cell(cell)).unwrap_or(hashed);
        let (customer, current) = {
            let mut population =
                sources.population().write().unwrap_or_else(std::sync::PoisonError::into_inner);
            let customer = population.find_or_add(&change.customer_id, to);
            (customer, population.cell(customer))
        };
        if current == to {
            self.moving.remove(&customer);
            return;
        }
        let within = |seconds: f64, chance: &mut Chance| {
            SignedDuration::from_millis(
                i64::try_from(whole(seconds * 1_000.0 * chance.number())).unwrap_or(0),
            )
        };
        // The entry is as old as it happens to be, and may not be there at all.
        let kept = self.last.ttl.filter(|_| chance.number() < self.last.cached);
        let cached_until = now + kept.map_or(SignedDuration::ZERO, |ttl| within(ttl, chance));
        let moved = Move { to, at: now, cached_until };
        if self.moving.insert(customer, moved).is_none() {
            self.asks.push(Reverse((now + within(MEMORY, chance), customer)));
        }
    }

    /// Lets the clients whose time has come ask, and those that are told of their new cell go there.
    pub fn ask(&mut self, roster: &mut Roster, sources: &mut Sources, step: Step, chance: &mut Chance) {
        let end = step.start + SignedDuration::from_secs(i64::from(step.seconds));
        while let Some(Reverse((at, customer))) = self.asks.peek().copied() {
            if at >= end {
                break;
            }
            self.asks.pop();
            let Some(moved) = self.moving.get(&customer) else { continue };
            // An entry that the table's change outdates is gone with any flush since.
            let flushed = self.last.emptied_at.is_some_and(|emptied_at| emptied_at >= moved.at);
            let cached = self.last.ttl.is_some() && !flushed && at < moved.cached_until;
            let told = !cached && chance.number() < self.answers();
            if told {
                roster.shift(customer, moved.to, sources);
                self.moving.remove(&customer);
            } else {
                let next = at + SignedDuration::from_millis(15_000);
                self.asks.push(Reverse((next.max(step.start), customer)));
            }
        }
    }

    /// Takes up how clients fared at the router's API: what its function and its table had to do.
    pub fn learn(
        &mut self,
        (gate, passage): (&Gate, &Passage),
        route: u16,
        (rates, sources): (&Rates, &Sources),
        read_capacity: Option<f64>,
        step: Step,
    ) -> RouterFlow {
        let (mut asked, mut answered, mut cached, mut looked_up, mut invocations) = (0_u64, 0, 0, 0, 0);
        for group in &passage.groups {
            let count = u64::from(group.count);
            invocations += count * u64::from(group.outcome.reached_backend());
            if group.route != route {
                continue;
            }
            asked += count;
            match group.outcome {
                Outcome::CacheHit => cached += count,
                Outcome::Succeeded | Outcome::CellFull => looked_up += count,
                _ => {}
            }
        }
        answered += cached + looked_up;
        let throttle = read_capacity.map_or(Throttle { rate: -1.0, burst: -1 }, |units| {
            let rate = units / UNITS_PER_READ;
            Throttle { rate, burst: i64::try_from(whole(rate * KEPT_CAPACITY)).unwrap_or(i64::MAX) }
        });
        self.table.refill(throttle, step.length());
        let reads = self.table.take(looked_up);
        let share = |part: u64, all: u64, otherwise: f64| {
            if all > 0 { as_weight(part) / as_weight(all) } else { otherwise }
        };
        let caches = gate.layout.cache.serves(step.start);
        self.last = Last {
            answered: share(answered, asked, self.last.answered),
            cached: share(cached, answered, self.last.cached),
            refused: share(looked_up - reads, looked_up, if read_capacity == Some(0.0) { 1.0 } else { 0.0 }),
            ttl: gate
                .layout
                .routes
                .get(usize::from(route))
                .and_then(|route| route.cache_ttl)
                .filter(|_| caches),
            emptied_at: gate.layout.cache.emptied_at,
        };
        let customers: f64 = rates.cells.iter().map(|cell| cell.customers).sum();
        let cells = super::as_count(rates.cells.len()).max(1.0);
        // Who looks up is told the truth, or sent where the hash says, which is seldom right.
        let by_hash = self.last.refused * (1.0 - 1.0 / cells);
        let renewed = (as_weight(looked_up) / customers.max(1.0)).min(1.0);
        self.astray += renewed * (by_hash - self.astray);
        if self.astray < 1e-6 {
            self.astray = 0.0;
        }
        let clients = |cell: usize| {
            passage
                .groups
                .iter()
                .filter(|group| group.route == route && group.outcome == Outcome::CellFull)
                .filter(|group| {
                    let lane = passage.lanes.iter().find(|lane| lane.id == group.source);
                    let place = u16::try_from(cell).unwrap_or(u16::MAX);
                    lane.is_some_and(|lane| sources.get(lane.source).who == Who::Clients { cell: place })
                })
                .map(|group| f64::from(group.count))
                .sum::<f64>()
        };
        for cell in 0..self.away.len() {
            if self.full[cell] > 0.0 {
                let customers = rates.cells.get(cell).map_or(1.0, |cell| cell.customers).max(1.0);
                self.away[cell] = (self.away[cell] + clients(cell) / customers).min(1.0);
            }
            if self.away[cell] > 0.0 {
                // Those that stayed away ask again; as many as the cell has room for are let in.
                let back = step.length() / RETRY_AFTER * (1.0 - self.full[cell]);
                self.away[cell] *= (1.0 - back).max(0.0);
                if self.away[cell] < 1e-4 {
                    self.away[cell] = 0.0;
                }
            }
        }
        RouterFlow { invocations, reads, throttled_reads: looked_up - reads }
    }

    /// Notes how full a cell is: seconds of work that wait, requests a second that come and that it bears.
    pub fn watch(&mut self, cell: usize, backlog: f64, load: f64, capacity: f64) {
        if let Some(full) = self.full.get_mut(cell) {
            let over = 1.0 - capacity / load.max(1e-9);
            *full = if backlog > FULL_BACKLOG { over.clamp(0.05, 0.5) } else { 0.0 };
        }
    }
}

/// The cell of a customer without a mapping: the one that the hash of its id stands for, or the next that isn't closed
/// to new customers. None where all are.
pub fn placed(customer_id: &str, roster: &Roster, closed: &BTreeSet<String>) -> Option<u16> {
    let cells = roster.cells.len();
    let first = usize::from(hashed_cell(customer_id, cells));
    let mut inspected = (0..cells).map(|further| (first + further) % cells);
    let open = inspected.find(|cell| !closed.contains(&*roster.cells[*cell].id))?;
    u16::try_from(open).ok()
}

/// The cell that the hash of a customer's id stands for: MD5 as a whole number, modulo the number of cells, as
/// routers written in Python have it: `int(hashlib.md5(id.encode()).hexdigest(), 16) % cells`.
fn hashed_cell(customer_id: &str, cells: usize) -> u16 {
    let hash = u128::from_be_bytes(Md5::digest(customer_id.as_bytes()).into());
    let place = u128::try_from(cells).ok().and_then(|cells| hash.checked_rem(cells));
    place.and_then(|place| u16::try_from(place).ok()).unwrap_or(0)
}
