//! The demo region, served inside the test's process on a runtime of its own.

use std::collections::BTreeMap;
use std::ops::Range;

use cellgate_demo::RequestRecord;
use cellgate_demo::clock::Clock;
use cellgate_demo::estate::Estate;
use cellgate_demo::scenario::ScenarioReport;
use cellgate_demo::{RegionOptions, RunningRegion, start};
use jiff::{SignedDuration, Timestamp};
use tokio::runtime::{Builder, Runtime};

/// A demo region on a free loopback port, which stops when this is dropped.
#[derive(Debug)]
pub struct Region {
    runtime: Runtime,
    // Taken when the region is stopped.
    running: Option<RunningRegion>,
}

impl Region {
    /// A region whose clock goes with the wall's, so that AWS's quotas refill.
    pub fn on_the_wall_clock() -> Self {
        Self::start(RegionOptions::default())
    }

    pub fn start(options: RegionOptions) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime for the region");
        let running = runtime.block_on(start(options)).expect("the demo region starts on a free port");
        Self { runtime, running: Some(running) }
    }

    /// A region that stands still until it is told to go on.
    pub fn at(start: &str) -> Self {
        let start: Timestamp = start.parse().expect("a timestamp");
        Self::start(RegionOptions { clock: Clock::manual(start), ..RegionOptions::default() })
    }

    pub fn endpoint_url(&self) -> String {
        self.running().endpoint_url()
    }

    /// Lets simulated time go on.
    pub fn advance(&self, by: SignedDuration) {
        self.runtime.block_on(self.running().advance(by));
    }

    /// Every request that reached the region, answered or refused, oldest first.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.running().requests()
    }

    /// The region's time.
    pub fn now(&self) -> Timestamp {
        self.running().now()
    }

    /// How many requests for an operation the region has answered or refused.
    pub fn count(&self, operation: &str) -> usize {
        self.running().requests().iter().filter(|request| request.operation == operation).count()
    }

    /// The region's state, to look behind its services.
    pub fn estate(&self) -> Estate {
        self.running().estate().read().expect("no holder of the estate panics").clone()
    }

    /// How the scenario stands that the region was started with.
    pub fn scenario(&self) -> ScenarioReport {
        self.running().scenario().expect("the region was started with a scenario")
    }

    /// Whom the scenario hits, by what it is: `cell`, `customer`, `key`, `plan`.
    pub fn scenario_names(&self) -> BTreeMap<String, String> {
        self.running().scenario_names()
    }

    /// How many requests of each API key reached a stage, refused ones too.
    pub fn requests_by_key(&self, api: &str, stage: &str, range: &Range<Timestamp>) -> BTreeMap<String, u64> {
        let ledger = self.running().ledger();
        let mut found = BTreeMap::new();
        ledger.slots(&(api.to_owned(), stage.to_owned()), range, |slot| {
            for group in &slot.groups {
                let source = ledger.source(group.source).expect("a source of the ledger");
                let key = source.api_key_id.clone().unwrap_or_default();
                *found.entry(key).or_insert(0) += u64::from(group.count);
            }
        });
        found
    }

    /// Alters the region's state behind its services: what no request could bring about.
    pub fn alter(&self, alter: impl FnOnce(&mut Estate)) {
        alter(&mut self.running().estate().write().expect("no holder of the estate panics"));
    }

    fn running(&self) -> &RunningRegion {
        self.running.as_ref().expect("the region runs until it is dropped")
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop());
        }
    }
}
