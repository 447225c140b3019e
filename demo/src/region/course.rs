//! The course of time in the region: the traffic happens, step by step, before anyone is told of it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::estate::{Api, Method};
use crate::scenario::Engine;
use crate::traffic::router::RouterFlow;
use crate::traffic::{OpenConnection, Simulation, Trial};

/// The shortest time between two ticks; a faster region plays more of its seconds in each.
const SHORTEST_TICK: Duration = Duration::from_millis(250);

/// What follows each step of the traffic.
pub type Follower = Box<dyn FnMut(&Simulation, Timestamp) + Send>;

/// The traffic, and how far it has come.
pub struct Course {
    traffic: Mutex<Traffic>,
    clock: Clock,
    /// Seconds since the epoch up to which all has happened, to be looked at without waiting for the traffic.
    reached: AtomicI64,
    /// Seconds since the epoch up to which the scenario has acted.
    acted: AtomicI64,
}

struct Traffic {
    simulation: Simulation,
    followers: Vec<Follower>,
}

impl Course {
    /// A course that has come as far as its simulation.
    pub fn new(simulation: Simulation, clock: Clock, followers: Vec<Follower>) -> Self {
        let start = clock.now().as_second();
        let traffic = Mutex::new(Traffic { simulation, followers });
        Self { traffic, clock, reached: AtomicI64::new(start), acted: AtomicI64::new(start) }
    }

    /// Simulates what is missing up to now, if it is a second or more. Blocks.
    pub fn catch_up(&self) {
        let now = self.clock.now();
        if self.reached.load(Ordering::Acquire) < now.as_second() {
            self.advance_to(now);
        }
    }

    /// Simulates up to this time. Blocks.
    fn advance_to(&self, to: Timestamp) {
        let mut traffic = self.traffic.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waited for the traffic may find that all is done.
        if self.reached.load(Ordering::Acquire) >= to.as_second() {
            return;
        }
        let Traffic { simulation, followers } = &mut *traffic;
        simulation.advance(to);
        self.reached.fetch_max(to.as_second(), Ordering::AcqRel);
        for follower in followers {
            follower(simulation, to);
        }
    }

    /// What the router asked for in the last step.
    pub fn router_flow(&self) -> RouterFlow {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner).simulation.router_flow()
    }

    /// Closes a WebSocket connection from the gateway's side; whether it was still open. Blocks.
    pub fn close_connection(&self, connection: &OpenConnection) -> bool {
        let mut traffic = self.traffic.lock().unwrap_or_else(PoisonError::into_inner);
        traffic.simulation.close_connection(connection)
    }

    /// Sends one request to the backend of a method, see [`Simulation::try_method`]. Blocks.
    pub fn try_method(&self, api: &Api, method: &Method) -> Option<Trial> {
        self.traffic.lock().unwrap_or_else(PoisonError::into_inner).simulation.try_method(api, method)
    }

    /// Lets the traffic run, and what is played in it, until the token is cancelled.
    pub async fn run(self: Arc<Self>, scenario: Option<Arc<Engine>>, shutdown: CancellationToken) {
        let period = (Duration::from_secs(1) / self.clock.speed()).max(SHORTEST_TICK);
        let mut ticks = tokio::time::interval(period);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = ticks.tick() => Arc::clone(&self).proceed(scenario.as_deref()).await,
            }
        }
    }

    /// Simulates what is missing up to now, away from the runtime's own threads. A scenario acts in between, once in
    /// each second of the region's time.
    pub async fn proceed(self: Arc<Self>, scenario: Option<&Engine>) {
        let end = self.clock.now();
        let Some(scenario) = scenario else { return self.caught_up(end).await };
        loop {
            let next = Timestamp::from_second(self.acted.load(Ordering::Acquire) + 1).unwrap_or(end);
            if next > end {
                return;
            }
            Arc::clone(&self).caught_up(next).await;
            scenario.tick(next).await;
            self.acted.fetch_max(next.as_second(), Ordering::AcqRel);
        }
    }

    async fn caught_up(self: Arc<Self>, to: Timestamp) {
        if let Err(error) = tokio::task::spawn_blocking(move || self.advance_to(to)).await {
            tracing::error!(%error, "the traffic simulation failed for one step");
        }
    }
}

impl std::fmt::Debug for Course {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Course")
            .field("clock", &self.clock)
            .field("reached", &self.reached)
            .finish_non_exhaustive()
    }
}
