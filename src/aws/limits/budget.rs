//! What the limiter shows of itself.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::Priority;

/// AWS: CloudWatch bills GetMetricData at 0.01 USD for 1,000 metrics
/// (us-east-1; other regions differ little).
const DOLLARS_PER_METRIC: f64 = 0.01 / 1_000.0;

/// The state of API Gateway's control-plane budget, and of all that waits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Budget {
    /// Control-plane requests per second that are allowed now; half of the
    /// usual while a penalty lasts.
    pub pace: f64,
    /// Control-plane requests per second that this process sent, over the last
    /// ten seconds.
    pub used: f64,
    /// Control-plane requests that could go at once, others' use on this host
    /// included.
    pub left: u32,
    /// The most that `left` can be.
    pub burst: u32,
    /// Requests that wait, in the order in which they will go.
    pub waiting: Vec<Waiting>,
    /// Until when some bucket's pace is halved after a 429.
    pub penalty_until: Option<Timestamp>,
    /// Requests sent since the start, by operation.
    pub sent: BTreeMap<&'static str, u64>,
    /// CloudWatch metrics asked for since the start.
    pub metrics_requested: u64,
    /// Whether other processes on this host share the buckets.
    pub shared: bool,
}

impl Budget {
    /// What this process's CloudWatch reads have cost so far, in US dollars.
    #[expect(clippy::cast_precision_loss, reason = "a cost for display")]
    pub fn cloudwatch_dollars(&self) -> f64 {
        self.metrics_requested as f64 * DOLLARS_PER_METRIC
    }

    /// All requests sent since the start.
    pub fn requests_sent(&self) -> u64 {
        self.sent.values().sum()
    }
}

/// One request that waits for its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// AWS's name of the operation.
    pub operation: &'static str,
    pub priority: Priority,
    /// How long it still takes, if nothing more urgent comes.
    pub eta: Duration,
}
