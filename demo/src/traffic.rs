//! The traffic simulation: customers send requests to cells, and metrics follow from what happened.

use std::sync::Arc;

use jiff::Timestamp;

use crate::clock::Clock;
use crate::estate::{Customer, SharedEstate};
use crate::metrics::MetricStore;

/// The simulation of all traffic of the region.
#[derive(Debug)]
pub struct Simulation {
    estate: SharedEstate,
    metrics: Arc<MetricStore>,
    clock: Clock,
}

impl Simulation {
    /// A simulation that starts now. The same seed and customers give the same traffic.
    pub fn new(
        estate: SharedEstate,
        metrics: Arc<MetricStore>,
        clock: Clock,
        seed: u64,
        customers: &[Customer],
    ) -> Self {
        let _ = (seed, customers);
        Self { estate, metrics, clock }
    }

    /// Writes the three hours before now at one minute.
    pub fn backfill(&mut self) {
        let _ = (&self.estate, &self.metrics, self.clock.now());
    }

    /// Simulates the whole seconds up to `to`.
    pub fn advance(&mut self, to: Timestamp) {
        let _ = to;
    }
}
