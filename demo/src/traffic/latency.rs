//! The laws by which answers take time. Metrics and single requests follow the same.

/// A log-normal law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    /// Milliseconds.
    pub median_ms: f64,
    /// The spread of the logarithm.
    pub sigma: f64,
}

/// What the gateway itself takes for a request that goes on to the backend.
pub const GATEWAY: Law = Law { median_ms: 5.0, sigma: 0.45 };
/// What it takes to answer from the cache.
pub const FROM_CACHE: Law = Law { median_ms: 3.5, sigma: 0.35 };
/// What it takes to turn a request down.
pub const TURNED_DOWN: Law = Law { median_ms: 2.0, sigma: 0.3 };
/// The spread of the time that a backend takes: the 99th percentile is 3.6 medians.
pub const SPREAD: f64 = 0.55;
