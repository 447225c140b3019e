//! The traffic simulation: customers send requests to cells, and metrics, logs and usage follow from what happened.
//!
//! Each second, for each stage: requests are drawn by source and method, pass what stands in front of the backend,
//! and what is left loads the cell's backend, whose latency and errors follow from its load. Counts are drawn by
//! thinning, so that each request ends in exactly one outcome; latencies are a few weighted samples. The ledger and
//! the metrics are two views of the same groups of requests. What the services alter has its effect as soon as the
//! data plane has taken it up.

mod access;
mod asked;
mod backend;
mod cache;
mod chance;
mod comeback;
mod demand;
pub mod disturbance;
pub mod flow;
mod gate;
pub mod history;
pub mod latency;
mod layout;
mod live;
mod passage;
mod past_usage;
pub mod payload;
mod plane;
mod population;
pub mod profile;
mod publish;
mod record;
mod roster;
pub mod router;
mod source;
mod step;
pub mod tally;
mod throttle;
mod trial;
pub mod waf;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use crate::dynamodb::feed::MappingFeed;
use crate::estate::{Api, Customer, Estate, SharedEstate};
use crate::ledger::Ledger;
use crate::metrics::{MINUTE, MetricStore, minute_of};
use access::Access;
use backend::{Ailment, Backend, Condition};
pub use live::{ConnectedStage, OpenConnection};
pub use trial::Trial;

use chance::Chance;
use comeback::Comebacks;
use disturbance::Disturbances;
use gate::Step;
use history::History;
use plane::Plane;
use population::Population;
use publish::Publisher;
use roster::Roster;
use router::{Router, RouterFlow};
use source::Sources;
use throttle::TokenBucket;
use waf::{CompileWebAcl, Wall};

/// How long AWS's data plane takes to take up what the control plane was told.
pub const PROPAGATION: SignedDuration = SignedDuration::from_secs(2);

/// The longest step in seconds, when a whole minute is simulated at once.
const COARSE: u32 = 60;
/// How far behind the simulation must be to take minutes at once, as after the machine has slept.
const FAR_BEHIND: SignedDuration = SignedDuration::from_mins(10);
/// What a wall clock leaves for all the steps of one call: what would take longer is taken in coarser steps.
const PATIENCE: Duration = Duration::from_millis(700);
/// Requests a second that the backend of an API without a cell bears.
const SHARED_CAPACITY: f64 = 5_000.0;
/// Stages beyond which the ledger keeps minutes only.
const MANY_STAGES: usize = 500;

/// One account of the region, as the traffic sees it.
#[derive(Clone, Debug)]
pub struct TrafficAccount {
    pub estate: SharedEstate,
    pub metrics: Arc<MetricStore>,
}

/// All that the simulation has to do with.
#[derive(Debug)]
pub struct Surroundings {
    /// The first one has the router and its table. The cells are those of all accounts together.
    pub accounts: Vec<TrafficAccount>,
    pub ledger: Arc<Ledger>,
    pub disturbances: Disturbances,
    pub mappings: Arc<MappingFeed>,
    pub clock: Clock,
    pub seed: u64,
    /// How long the data plane takes to take a change up, see [`PROPAGATION`].
    pub propagation: SignedDuration,
}

/// The simulation of all traffic of the region.
#[derive(Debug)]
pub struct Simulation {
    accounts: Vec<Account>,
    ledger: Arc<Ledger>,
    disturbances: Disturbances,
    mappings: Arc<MappingFeed>,
    clock: Clock,
    seed: u64,
    propagation: SignedDuration,
    chance: Chance,
    sources: Sources,
    roster: Roster,
    router: Router,
    comebacks: Comebacks,
    /// By cell id, or by API id for an API without a cell.
    backends: HashMap<String, Backend>,
    /// How each backend fared in the last step.
    conditions: HashMap<String, Condition>,
    /// How many requests were tried out.
    trials: u64,
    history: Arc<History>,
    router_flow: RouterFlow,
    /// Writes to the mapping table since the last step.
    table_writes: u64,
    /// Everything before this whole second has been simulated.
    next: Timestamp,
    /// What a step takes on the machine, on average.
    cost: Duration,
}

/// An account, and what its data plane runs.
#[derive(Debug)]
struct Account {
    shared: TrafficAccount,
    plane: Plane,
    access: Access,
    wall: Wall,
    bucket: TokenBucket,
    publisher: Publisher,
    /// How each cell's requests are spread over its APIs.
    weights: HashMap<String, f64>,
}

impl Simulation {
    /// A simulation that starts with the minute of now. The same seed, estates and customers give the same traffic.
    ///
    /// What came before is told by [`Simulation::history`], and by the ledger, when somebody asks.
    pub fn new(surroundings: Surroundings, customers: &[Customer]) -> Self {
        let Surroundings { accounts, ledger, disturbances, mappings, clock, seed, propagation } =
            surroundings;
        let now = clock.now();
        let start = Timestamp::from_second(minute_of(now) * MINUTE).unwrap_or(now);
        let estates: Vec<Estate> = accounts
            .iter()
            .map(|account| account.estate.read().unwrap_or_else(PoisonError::into_inner).clone())
            .collect();
        let places = Roster::places(estates.iter());
        let population = Population::new(places.len(), customers, |cell| places.get(cell).copied());
        let memory = Router::memory(population.len());
        let mut sources = Sources::new(Arc::clone(&ledger), population);
        let roster = Roster::new(&estates.iter().collect::<Vec<_>>(), &mut sources);
        let rates = roster.rates(&sources, &[], memory);
        let cells: Vec<_> = estates.iter().flat_map(|estate| estate.cells.clone()).collect();
        let ailments: HashMap<String, Ailment> = Ailment::of_cells(&cells, seed).into_iter().collect();
        let walls = estates.into_iter().map(|estate| (estate, Wall::new(COMPILE)));
        let past = (sources.clone(), roster.clone(), rates);
        let history = Arc::new(History::new(Arc::clone(&ledger), walls.collect(), past, ailments, seed));
        ledger.remember(start, Arc::clone(&history) as Arc<dyn crate::ledger::Past>);
        let accounts: Vec<Account> = accounts
            .into_iter()
            .map(|shared| {
                let estate = shared.estate.read().unwrap_or_else(PoisonError::into_inner);
                let plane = Plane::new(&estate.apis, |api, stage| history.usual(api, stage), seed);
                let mut account = Account {
                    plane,
                    access: Access::default(),
                    wall: Wall::new(COMPILE),
                    bucket: TokenBucket::default(),
                    publisher: Publisher::new(Arc::clone(&shared.metrics), &estate.cells, seed),
                    weights: HashMap::new(),
                    shared: shared.clone(),
                };
                account.follow(&estate, start, propagation, seed);
                account.publisher.watch_waf(&ledger, &estate);
                account.publisher.remember(Arc::clone(&history), &estate, minute_of(start));
                account
            })
            .collect();
        let mut simulation = Self {
            router: Router::new(roster.cells.len()),
            comebacks: Comebacks::default(),
            chance: Chance::new(seed),
            accounts,
            ledger,
            disturbances,
            mappings,
            clock,
            seed,
            propagation,
            sources,
            roster,
            backends: HashMap::new(),
            conditions: HashMap::new(),
            trials: 0,
            history,
            router_flow: RouterFlow::default(),
            table_writes: 0,
            next: start,
            cost: Duration::ZERO,
        };
        simulation.open_usual_connections(start);
        simulation.fill_usage(start);
        simulation
    }

    /// What came before the start: the metric store asks it for series of the past.
    pub fn history(&self) -> Arc<History> {
        Arc::clone(&self.history)
    }

    /// The cell that a new customer is placed on; none where all are closed to new customers.
    pub fn place(&self, customer_id: &str) -> Option<&str> {
        let place = router::placed(customer_id, &self.roster, &self.mappings.closed())?;
        self.roster.cells.get(usize::from(place)).map(|cell| &*cell.id)
    }

    /// What the router asked of its table and its function in the last step.
    pub fn router_flow(&self) -> RouterFlow {
        self.router_flow
    }

    /// How many customers' requests don't arrive where the mapping table says.
    pub fn customers_on_the_move(&self) -> usize {
        self.router.moving()
    }

    /// Simulates all seconds that have begun by `to`. A time that lies behind is ignored: minutes that are over
    /// never change.
    ///
    /// Called at least once a second, each minute is thus complete when the next one begins.
    pub fn advance(&mut self, to: Timestamp) {
        let to = next_whole_second(to);
        while self.next < to {
            let before = minute_of(self.next);
            let step = Step { start: self.next, seconds: self.step_length(to) };
            let begun = Instant::now();
            self.simulate(step);
            self.cost = (self.cost * 3 + begun.elapsed()) / 4;
            self.next += SignedDuration::from_secs(i64::from(step.seconds));
            if minute_of(self.next) != before {
                for account in &self.accounts {
                    account.shared.metrics.retain(self.next);
                }
                self.ledger.retain(self.next);
            }
        }
    }

    /// A second; more when there is too much to do, but never beyond a minute's end.
    fn step_length(&self, to: Timestamp) -> u32 {
        let left = u32::try_from(to.duration_since(self.next).as_secs()).unwrap_or(u32::MAX).max(1);
        let in_minute = COARSE - u32::try_from(self.next.as_second().rem_euclid(MINUTE)).unwrap_or(0);
        let first = self.cost.is_zero();
        let wanted = if to.duration_since(self.next) >= FAR_BEHIND || (first && !self.clock.is_manual()) {
            COARSE
        } else if self.clock.is_manual() {
            1
        } else {
            let seconds = self.cost.as_secs_f64() * f64::from(left) / PATIENCE.as_secs_f64();
            u32::try_from(chance::whole(seconds.ceil())).unwrap_or(COARSE).max(1)
        };
        wanted.min(left).min(in_minute)
    }
}

impl Account {
    /// Takes up what the services have altered.
    fn follow(&mut self, estate: &Estate, now: Timestamp, propagation: SignedDuration, seed: u64) {
        self.plane.follow(&estate.apis, now, propagation, seed);
        self.access.follow(estate, now, propagation);
        self.wall.follow(estate, now, propagation);
        self.weights = roster::api_weights(self.plane.apis.iter().map(|running| &*running.api));
    }
}

/// Makes the engines of web ACLs.
const COMPILE: CompileWebAcl = crate::wafv2::engine::compile;

/// The name of the backend that an API's requests go to.
fn backend_of(api: &Api) -> &str {
    api.cell.as_deref().unwrap_or(&api.id)
}

/// The name by which a cell's, or a shared API's, demand has ups and downs of its own.
fn backend_name(api: &Api) -> &str {
    api.cell.as_deref().unwrap_or(&api.name)
}

/// The time itself if it is a whole second, else the next one.
fn next_whole_second(time: Timestamp) -> Timestamp {
    let begun = i64::from(time.subsec_nanosecond() > 0);
    Timestamp::from_second(time.as_second() + begun).unwrap_or(time)
}

/// A small number of things.
#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53")]
fn as_count(count: usize) -> f64 {
    count as f64
}

/// Seconds from a whole number of them.
#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53")]
fn as_seconds(seconds: i64) -> f64 {
    seconds as f64
}
