//! Starting, advancing and stopping the region.

pub mod account_names;
mod connection_table;
pub mod course;
mod prepare;
pub mod shape;
mod sign_ups;
pub mod state;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use self::account_names::AccessKey;
use self::shape::ShapeError;
use self::state::{Shape, StateDirectory, StateError};
use crate::clock::Clock;
use crate::dynamodb::DynamoDbError;
use crate::estate::{REGION, SharedEstate};
use crate::ledger::Ledger;
use crate::metrics::MetricStore;
use crate::scenario::{Scenario, ScenarioError, ScenarioReport};
use crate::server::log::RequestRecord;
use crate::server::mishap::Mishap;
use crate::server::mishaps::Mishaps;
use crate::server::{self, Services};

/// How often the state is kept, in the machine's time.
const SAVE_PERIOD: Duration = Duration::from_mins(5);

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
    /// In how many accounts the APIs are; `None`: in as many as AWS's quota of APIs asks for.
    pub accounts: Option<usize>,
    pub clock: Clock,
    /// What goes wrong from the start.
    pub mishaps: Vec<Mishap>,
    /// Whether AWS's request quotas hold: API Gateway's 10 a second, burst 40, and those of single operations.
    pub control_plane_limits: bool,
    /// What is played.
    pub scenario: Option<Scenario>,
    /// The directory that the region's state is kept in, and read from at the start.
    pub state: Option<PathBuf>,
    /// Whether the table of connections has an index on the cell.
    pub connection_index: bool,
    /// New customers a minute.
    pub sign_ups: f64,
}

impl Default for RegionOptions {
    fn default() -> Self {
        Self {
            port: 0,
            seed: 7,
            cells: 12,
            apis: 30,
            customers: 5_000,
            accounts: None,
            clock: Clock::wall(),
            mishaps: Vec::new(),
            control_plane_limits: true,
            scenario: None,
            state: None,
            connection_index: true,
            sign_ups: 0.0,
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
    Shape(#[from] ShapeError),
    #[error(transparent)]
    State(#[from] StateError),
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
    server: JoinHandle<()>,
    ticker: Option<JoinHandle<()>>,
    keeper: Option<Arc<Keeper>>,
    shutdown: DropGuard,
}

/// What keeps the region's state.
#[derive(Debug)]
struct Keeper {
    directory: StateDirectory,
    shape: Shape,
}

/// Starts a region within this process, on a loopback port. It listens when this returns, and three hours
/// of metrics lie behind it.
///
/// # Errors
/// Where its size is impossible, the port can't be listened on, or a part of it does not start.
pub async fn start(options: RegionOptions) -> Result<RunningRegion, StartError> {
    let accounts = options.account_count()?;
    // The port first: whoever mistyped it shall not wait for the rest.
    let listener = listen(options.port).await?;
    let address =
        listener.local_addr().map_err(|source| StartError::Listen { port: options.port, source })?;
    let prepared = tokio::task::spawn_blocking(move || prepare(&options, accounts, address)).await;
    let (services, keeper) = prepared.map_err(|_| StartError::Interrupted)??;
    let services = Arc::new(services);
    let keeper = keeper.map(Arc::new);
    let shutdown = CancellationToken::new();
    let server = tokio::spawn(server::serve(listener, Arc::clone(&services), shutdown.clone()));
    let ticker = (!services.clock.is_manual())
        .then(|| tokio::spawn(Arc::clone(&services.course).run(services.scenario.clone(), shutdown.clone())));
    if let Some(keeper) = keeper.clone().filter(|_| !services.clock.is_manual()) {
        tokio::spawn(keep(keeper, Arc::clone(&services), shutdown.clone()));
    }
    Ok(RunningRegion { address, services, server, ticker, keeper, shutdown: shutdown.drop_guard() })
}

fn prepare(
    options: &RegionOptions,
    accounts: usize,
    address: SocketAddr,
) -> Result<(Services, Option<Keeper>), StartError> {
    let Some(path) = &options.state else {
        return Ok((prepare::services(options, accounts, address, None)?, None));
    };
    let directory = StateDirectory::open(path)?;
    let shape = Shape::of(options, accounts);
    let saved = directory.read(&shape)?;
    let services = prepare::services(options, accounts, address, Some((&directory, saved)))?;
    Ok((services, Some(Keeper { directory, shape })))
}

/// Keeps the state now and then, for a region that will not be stopped but ended.
async fn keep(keeper: Arc<Keeper>, services: Arc<Services>, shutdown: CancellationToken) {
    let start = tokio::time::Instant::now() + SAVE_PERIOD;
    let mut ticks = tokio::time::interval_at(start, SAVE_PERIOD);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = ticks.tick() => {
                if let Err(error) = Arc::clone(&keeper).save(Arc::clone(&services)).await {
                    tracing::error!(%error, "the region's state was not kept");
                }
            }
        }
    }
}

impl Keeper {
    async fn save(self: Arc<Self>, services: Arc<Services>) -> Result<(), StateError> {
        let work = move || self.directory.save(&self.shape, &services.accounts, &services.clock);
        tokio::task::spawn_blocking(work).await.unwrap_or(Ok(()))
    }
}

async fn listen(port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortInUse { port },
        _ => StartError::Listen { port, source },
    })
}

impl RunningRegion {
    /// `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL`.
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The environment that leads any AWS client here, into the first account.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let AccessKey { id, secret } = self.services.accounts.first().access_key.clone();
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint_url()),
            ("AWS_ACCESS_KEY_ID", id),
            ("AWS_SECRET_ACCESS_KEY", secret),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ]
    }

    /// The ids of all accounts and the keys of their operators, the account with the router first.
    pub fn accounts(&self) -> Vec<(String, AccessKey)> {
        let all = self.services.accounts.all().iter();
        all.map(|account| (account.id.clone(), account.access_key.clone())).collect()
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

    /// What the services of the first account alter, for tests that look behind them.
    pub fn estate(&self) -> SharedEstate {
        Arc::clone(&self.services.accounts.first().estate)
    }

    /// What services alter, account by account.
    pub fn estates(&self) -> Vec<SharedEstate> {
        self.services.accounts.all().iter().map(|account| Arc::clone(&account.estate)).collect()
    }

    /// What the traffic of the first account wrote.
    pub fn metrics(&self) -> Arc<MetricStore> {
        Arc::clone(&self.services.accounts.first().metrics)
    }

    /// Moves a manual clock forward and lets the traffic of that time happen. A wall clock moves by
    /// itself: nothing happens.
    pub async fn advance(&self, by: SignedDuration) {
        let clock = &self.services.clock;
        if !clock.is_manual() {
            return;
        }
        let scenario = self.services.scenario.as_deref();
        // A scenario acts in between, and finds the time as it is then.
        let step = if scenario.is_some() { SignedDuration::from_secs(1) } else { by };
        let end = clock.now().saturating_add(by).unwrap_or(Timestamp::MAX);
        while clock.now() < end {
            clock.advance(end.duration_since(clock.now()).min(step));
            Arc::clone(&self.services.course).proceed(scenario).await;
        }
    }

    /// What became of every request, to look behind the services.
    pub fn ledger(&self) -> &Ledger {
        &self.services.ledger
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

    /// Ends the region: no new requests, those under way are answered for at most three seconds. Its state is kept
    /// where it has a directory for it.
    ///
    /// # Errors
    /// Where the state can't be kept; the region has ended all the same.
    pub async fn close(self) -> Result<(), StateError> {
        let Self { services, mut server, ticker, keeper, shutdown, .. } = self;
        shutdown.disarm().cancel();
        if tokio::time::timeout(STOP_PATIENCE, &mut server).await.is_err() {
            server.abort();
        }
        if let Some(ticker) = ticker {
            ticker.abort();
        }
        let kept = match keeper {
            Some(keeper) => keeper.save(Arc::clone(&services)).await,
            None => Ok(()),
        };
        for account in services.accounts.all() {
            if let Some(engine) = account.dynamodb.started() {
                engine.stop().await;
            }
        }
        kept
    }

    /// Ends the region, see [`RunningRegion::close`].
    pub async fn stop(self) {
        if let Err(error) = self.close().await {
            tracing::error!(%error, "the region's state was not kept");
        }
    }
}
