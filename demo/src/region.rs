//! Starting, advancing and stopping the region.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::clock::Clock;
use crate::cloudwatch::CloudWatch;
use crate::dynamodb::{DynamoDb, DynamoDbError};
use crate::estate::customer::starting_customers;
use crate::estate::seed::{issue_keys, starting_estate};
use crate::estate::{REGION, SharedEstate};
use crate::ledger::Ledger;
use crate::logs::Logs;
use crate::metrics::MetricStore;
use crate::scenario::{Engine, Scenario, ScenarioError, ScenarioReport, World, WorldAccount};
use crate::server::log::{RequestLog, RequestRecord};
use crate::server::mishap::Mishap;
use crate::server::mishaps::Mishaps;
use crate::server::quota::ControlPlaneQuotas;
use crate::server::{self, Services};
use crate::traffic::disturbance::Disturbances;
use crate::traffic::{PROPAGATION, Simulation, Surroundings, TrafficAccount};
use crate::wafv2::WafV2;

/// The key pair that AWS's documentation shows as an example.
const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// How long a stop waits for requests under way.
const STOP_PATIENCE: Duration = Duration::from_secs(3);

/// What the region is to be like. The same seed and shape give the same region.
#[derive(Debug, Clone)]
pub struct RegionOptions {
    /// The loopback port; 0 for any that is free.
    pub port: u16,
    pub seed: u64,
    pub cells: usize,
    pub apis: usize,
    pub customers: usize,
    pub clock: Clock,
    /// What goes wrong from the start.
    pub mishaps: Vec<Mishap>,
    /// Whether API Gateway's request quotas hold: 10 a second, burst 40, and those of single operations.
    pub control_plane_limits: bool,
    /// What is played.
    pub scenario: Option<Scenario>,
}

impl Default for RegionOptions {
    fn default() -> Self {
        Self {
            port: 0,
            seed: 7,
            cells: 12,
            apis: 30,
            customers: 5_000,
            clock: Clock::wall(),
            mishaps: Vec::new(),
            control_plane_limits: true,
            scenario: None,
        }
    }
}

/// The region would not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "port {port} on 127.0.0.1 is in use by another process; choose another port, or 0 for any free one"
    )]
    PortInUse { port: u16 },
    #[error("port {port} on 127.0.0.1 cannot be listened on: {source}")]
    Listen { port: u16, source: std::io::Error },
    #[error(transparent)]
    DynamoDb(#[from] DynamoDbError),
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    #[error("the demo region was interrupted while it prepared its history")]
    Interrupted,
}

/// A region that serves. Dropping it ends it without waiting.
#[derive(Debug)]
pub struct RunningRegion {
    address: SocketAddr,
    services: Arc<Services>,
    simulation: Arc<Mutex<Simulation>>,
    metrics: Arc<MetricStore>,
    server: JoinHandle<()>,
    ticker: Option<JoinHandle<()>>,
    shutdown: DropGuard,
}

/// Starts a region within this process, on a loopback port. It listens when this returns, and three hours
/// of metrics lie behind it.
pub async fn start(options: RegionOptions) -> Result<RunningRegion, StartError> {
    // The port first: whoever mistyped it shall not wait for the rest.
    let listener = listen(options.port).await?;
    let address =
        listener.local_addr().map_err(|source| StartError::Listen { port: options.port, source })?;
    let prepared = tokio::task::spawn_blocking(move || prepare(&options, address)).await;
    let Prepared { services, simulation, metrics } = prepared.map_err(|_| StartError::Interrupted)??;
    let services = Arc::new(services);
    let simulation = Arc::new(Mutex::new(simulation));
    let shutdown = CancellationToken::new();
    let server = tokio::spawn(server::serve(listener, Arc::clone(&services), shutdown.clone()));
    let (clock, scenario) = (services.clock.clone(), services.scenario.clone());
    let ticker = (!clock.is_manual())
        .then(|| tokio::spawn(tick(Arc::clone(&simulation), clock, scenario, shutdown.clone())));
    Ok(RunningRegion {
        address,
        services,
        simulation,
        metrics,
        server,
        ticker,
        shutdown: shutdown.drop_guard(),
    })
}

async fn listen(port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortInUse { port },
        _ => StartError::Listen { port, source },
    })
}

struct Prepared {
    services: Services,
    simulation: Simulation,
    metrics: Arc<MetricStore>,
}

/// Builds the estate, loads the mapping table and writes the history. Takes a second or two.
fn prepare(options: &RegionOptions, address: SocketAddr) -> Result<Prepared, StartError> {
    let clock = options.clock.clone();
    let mishaps = Mishaps::default();
    options.mishaps.iter().cloned().for_each(|mishap| mishaps.add(mishap));
    let mut estate = starting_estate(options.seed, options.cells, options.apis, clock.now());
    let customers = starting_customers(&estate.cells, options.customers, options.seed);
    issue_keys(&mut estate, &customers, options.seed, clock.now());
    let metrics = Arc::new(MetricStore::default());
    let ledger = Arc::new(Ledger::default());
    let disturbances = Disturbances::default();
    let (account_id, region) = (estate.account_id.clone(), estate.region.clone());
    let estate: SharedEstate = Arc::new(RwLock::new(estate));
    // SQLite and the simulation do not know of each other: each has a core.
    let (dynamodb, simulation) = std::thread::scope(|scope| {
        let loading = scope.spawn(|| DynamoDb::start(&account_id, &region, &customers));
        let surroundings = Surroundings {
            accounts: vec![TrafficAccount { estate: Arc::clone(&estate), metrics: Arc::clone(&metrics) }],
            ledger: Arc::clone(&ledger),
            disturbances: Arc::clone(&disturbances),
            mappings: Arc::default(),
            clock: clock.clone(),
            seed: options.seed,
            propagation: PROPAGATION,
        };
        let simulation = Simulation::new(surroundings, &customers);
        (loading.join().unwrap_or(Err(DynamoDbError::Panicked)), simulation)
    });
    let quotas = options.control_plane_limits.then(|| Arc::new(ControlPlaneQuotas::new(clock.now())));
    let play = |scenario: &Scenario| {
        let account = WorldAccount {
            access_key_id: ACCESS_KEY_ID.to_owned(),
            estate: Arc::clone(&estate),
            quotas: quotas.clone(),
        };
        let world = World {
            address,
            clock: clock.clone(),
            accounts: vec![account],
            ledger: Arc::clone(&ledger),
            disturbances,
            customers: customers.clone().into(),
            seed: options.seed,
        };
        Engine::new(scenario.clone(), world).map(Arc::new)
    };
    let scenario = options.scenario.as_ref().map(play).transpose()?;
    let services = Services {
        cloudwatch: CloudWatch::new(Arc::clone(&estate), Arc::clone(&metrics), clock.clone()),
        dynamodb: dynamodb?,
        logs: Logs::new(Arc::clone(&estate), Arc::clone(&ledger), clock.clone()),
        wafv2: WafV2::new(Arc::clone(&estate), ledger, clock.clone()),
        log: RequestLog::default(),
        mishaps,
        quotas,
        scenario,
        estate,
        clock,
    };
    Ok(Prepared { services, simulation, metrics })
}

/// Lets the traffic run once a second.
async fn tick(
    simulation: Arc<Mutex<Simulation>>,
    clock: Clock,
    scenario: Option<Arc<Engine>>,
    shutdown: CancellationToken,
) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = seconds.tick() => {
                let now = clock.now();
                advance_to(Arc::clone(&simulation), now).await;
                if let Some(scenario) = &scenario {
                    scenario.tick(now).await;
                }
            }
        }
    }
}

/// Simulates up to this time, away from the runtime's own threads.
async fn advance_to(simulation: Arc<Mutex<Simulation>>, to: Timestamp) {
    let step = move || simulation.lock().unwrap_or_else(PoisonError::into_inner).advance(to);
    if let Err(error) = tokio::task::spawn_blocking(step).await {
        tracing::error!(%error, "the traffic simulation failed for one second");
    }
}

impl RunningRegion {
    /// `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL`.
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The environment that leads any AWS client here.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint_url()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY.to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ]
    }

    /// The latest requests that reached the region, oldest first.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.services.log.records()
    }

    /// What goes wrong on demand, to be added to and cleared.
    pub fn mishaps(&self) -> Mishaps {
        self.services.mishaps.clone()
    }

    /// The region's time.
    pub fn now(&self) -> Timestamp {
        self.services.clock.now()
    }

    /// What the region's services alter, for tests that look behind them.
    pub fn estate(&self) -> SharedEstate {
        Arc::clone(&self.services.estate)
    }

    /// What the region's traffic wrote.
    pub fn metrics(&self) -> Arc<MetricStore> {
        Arc::clone(&self.metrics)
    }

    /// Moves a manual clock forward and lets the traffic of that time happen. A wall clock moves by
    /// itself: nothing happens.
    pub async fn advance(&self, by: SignedDuration) {
        let clock = &self.services.clock;
        if !clock.is_manual() {
            return;
        }
        let Some(scenario) = &self.services.scenario else {
            clock.advance(by);
            return advance_to(Arc::clone(&self.simulation), clock.now()).await;
        };
        // A scenario acts in between.
        let end = clock.now().saturating_add(by).unwrap_or(Timestamp::MAX);
        while clock.now() < end {
            clock.advance(end.duration_since(clock.now()).min(SignedDuration::from_secs(1)));
            advance_to(Arc::clone(&self.simulation), clock.now()).await;
            scenario.tick(clock.now()).await;
        }
    }

    /// How the scenario stands, where one is played.
    pub fn scenario(&self) -> Option<ScenarioReport> {
        self.services.scenario.as_ref().map(|scenario| scenario.report())
    }

    /// Whom the scenario hits, by name: `cell`, `api-id`, `customer` and so on. It spoils the search.
    pub fn scenario_names(&self) -> BTreeMap<String, String> {
        self.services.scenario.as_ref().map(|scenario| scenario.names()).unwrap_or_default()
    }

    /// The next hint of the scenario.
    pub fn hint(&self) -> Option<String> {
        self.services.scenario.as_ref().and_then(|scenario| scenario.hint())
    }

    /// Ends the region: no new requests, those under way are answered for at most three seconds.
    pub async fn stop(self) {
        let Self { services, mut server, ticker, shutdown, .. } = self;
        shutdown.disarm().cancel();
        if tokio::time::timeout(STOP_PATIENCE, &mut server).await.is_err() {
            server.abort();
        }
        if let Some(ticker) = ticker {
            ticker.abort();
        }
        services.dynamodb.stop().await;
    }
}
