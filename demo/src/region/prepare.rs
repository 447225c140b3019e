//! Building the region: estates, the mapping table, the traffic and its history, and the services over them.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use super::account_names::{access_key, account_id};
use super::connection_table::ConnectionTable;
use super::course::{Course, Follower};
use super::sign_ups::SignUps;
use super::state::{Saved, StateDirectory, StateError};
use super::{RegionOptions, StartError};
use crate::clock::Clock;
use crate::cloudwatch::CloudWatch;
use crate::dynamodb::feed::MappingFeed;
use crate::dynamodb::{DynamoDb, DynamoDbError};
use crate::estate::customer::starting_customers;
use crate::estate::seed::{issue_keys, starting_estates};
use crate::estate::{Cell, Customer, Estate, REGION, SharedEstate};
use crate::ledger::Ledger;
use crate::logs::Logs;
use crate::metrics::MetricStore;
use crate::scenario::{Engine, Scenario, World, WorldAccount};
use crate::server::Services;
use crate::server::account::{Account, Tables};
use crate::server::accounts::Accounts;
use crate::server::log::RequestLog;
use crate::server::mishaps::Mishaps;
use crate::server::quota::ControlPlaneQuotas;
use crate::server::service_quota::ServiceQuotas;
use crate::traffic::disturbance::Disturbances;
use crate::traffic::{PROPAGATION, Simulation, Surroundings, TrafficAccount};
use crate::wafv2::WafV2;

/// Builds the region, which takes a second or two, or some more for a large one. It goes on from what was saved.
pub fn services(
    options: &RegionOptions,
    accounts: usize,
    address: SocketAddr,
    state: Option<(&StateDirectory, Option<Saved>)>,
) -> Result<Services, StartError> {
    let (state, saved) = state.map_or((None, None), |(directory, saved)| (Some(directory), saved));
    let clock = saved.as_ref().map_or_else(|| options.clock.clone(), |saved| saved.clock(&options.clock));
    let mut estates = estates(options, accounts, &clock);
    let customers = starting_customers(&all_cells(&estates), options.customers, options.seed);
    for estate in &mut estates {
        issue_keys(estate, &customers, options.seed, clock.now());
    }
    let resumes = saved.is_some();
    if let Some(saved) = saved {
        estates = saved.estates.into_iter().map(Estate::from).collect();
    }
    let feed: Arc<MappingFeed> = Arc::default();
    let ledger: Arc<Ledger> = Arc::default();
    let disturbances = Disturbances::default();
    let first_id = account_id(0);
    let stores = estates.len();
    let traffic: Vec<TrafficAccount> = estates
        .into_iter()
        .map(|estate| TrafficAccount {
            estate: Arc::new(RwLock::new(estate)),
            metrics: Arc::new(MetricStore::one_of(stores)),
        })
        .collect();
    // SQLite and the simulation do not know of each other: each has a core.
    let (engine, simulation) = std::thread::scope(|scope| {
        let file = state.filter(|_| resumes).map(|state| state.tables(&first_id));
        let loading = scope.spawn(|| tables(options, (&first_id, file), &customers, &feed));
        let surroundings = Surroundings {
            accounts: traffic.clone(),
            ledger: Arc::clone(&ledger),
            disturbances: Arc::clone(&disturbances),
            mappings: Arc::clone(&feed),
            clock: clock.clone(),
            seed: options.seed,
            propagation: PROPAGATION,
        };
        let simulation = Simulation::new(surroundings, &customers);
        (loading.join().unwrap_or(Err(DynamoDbError::Panicked.into())), simulation)
    });
    let mut first_engine = Some(engine?);
    let mut accounts = traffic.into_iter().enumerate().map(|(place, TrafficAccount { estate, metrics })| {
        let id = account_id(place);
        let tables = match first_engine.take() {
            Some(engine) => Tables::running(&id, REGION, engine),
            None => Tables::at_rest(&id, REGION, state.map(|state| state.tables(&id))),
        };
        account((options, &clock), (place, id), estate, metrics, tables, &ledger)
    });
    let first = accounts.next().ok_or(StartError::Interrupted)?;
    let accounts = Accounts::new(first, accounts.collect());
    let mut course_followers: Vec<Follower> = Vec::new();
    let mishaps = Mishaps::default();
    options.mishaps.iter().cloned().for_each(|mishap| mishaps.add(mishap));
    if let Some(tables) = accounts.first().dynamodb.started().and_then(ConnectionTable::of) {
        tables.fill(&simulation, clock.now());
        course_followers.push(tables.follower());
    }
    if let Some(tables) = accounts.first().dynamodb.started().filter(|_| options.sign_ups > 0.0) {
        let next = u32::try_from(customers.len()).unwrap_or(u32::MAX).saturating_add(1);
        let (database, feed) = (tables.database().clone(), Arc::clone(&feed));
        let sign_ups = SignUps { database, feed, per_minute: options.sign_ups, next, since: clock.now() };
        course_followers.push(sign_ups.follower());
    }
    let course = Arc::new(Course::new(simulation, clock.clone(), course_followers));
    let play = |scenario: &Scenario| {
        let accounts = accounts.all().iter().map(|account| WorldAccount {
            access_key_id: account.access_key.id.clone(),
            estate: Arc::clone(&account.estate),
            quotas: account.quotas.clone(),
        });
        let world = World {
            address,
            clock: clock.clone(),
            accounts: accounts.collect(),
            ledger: Arc::clone(&ledger),
            disturbances,
            customers: customers.into(),
            seed: options.seed,
        };
        Engine::new(scenario.clone(), world).map(Arc::new)
    };
    let scenario = options.scenario.as_ref().map(play).transpose()?;
    Ok(Services { accounts, clock, course, ledger, log: RequestLog::default(), mishaps, scenario })
}

/// The engine with the mapping table: as it was kept, or with the starting customers.
fn tables(
    options: &RegionOptions,
    (account_id, file): (&str, Option<PathBuf>),
    customers: &[Customer],
    feed: &Arc<MappingFeed>,
) -> Result<DynamoDb, StartError> {
    let by_cell = options.connection_index;
    let Some(file) = file else {
        return Ok(DynamoDb::with_mapping(account_id, REGION, customers, by_cell, Arc::clone(feed))?);
    };
    let restored =
        DynamoDb::restored_with_mapping(account_id, REGION, &file, customers, by_cell, Arc::clone(feed));
    restored.map_err(|source| StateError::Tables { file, source }.into())
}

fn estates(options: &RegionOptions, accounts: usize, clock: &Clock) -> Vec<Estate> {
    let ids: Vec<String> = (0..accounts).map(account_id).collect();
    starting_estates(options.seed, options.cells, options.apis, &ids, clock.now())
}

/// The cells of all accounts, in the order of their ids.
fn all_cells(estates: &[Estate]) -> Vec<Cell> {
    let mut cells: Vec<Cell> = estates.iter().flat_map(|estate| estate.cells.clone()).collect();
    // Not by the ids as texts: cell-1000 comes after cell-999.
    cells.sort_by(|one, other| (one.id.len(), &one.id).cmp(&(other.id.len(), &other.id)));
    cells
}

fn account(
    (options, clock): (&RegionOptions, &Clock),
    (place, id): (usize, String),
    estate: SharedEstate,
    metrics: Arc<MetricStore>,
    dynamodb: Tables,
    ledger: &Arc<Ledger>,
) -> Account {
    let limited = options.control_plane_limits;
    Account {
        id,
        access_key: access_key(place),
        cloudwatch: CloudWatch::new(Arc::clone(&estate), Arc::clone(&metrics), clock.clone()),
        logs: Logs::new(Arc::clone(&estate), Arc::clone(ledger), clock.clone()),
        wafv2: WafV2::new(Arc::clone(&estate), Arc::clone(ledger), clock.clone()),
        estate,
        metrics,
        dynamodb,
        quotas: limited.then(|| Arc::new(ControlPlaneQuotas::new(clock.now()))),
        service_quotas: limited.then(ServiceQuotas::default),
    }
}
