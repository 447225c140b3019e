//! The time that buckets are measured in.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::domain::token_bucket::Nanoseconds;

/// Tells the time; a seam, so that tests need not wait.
pub trait Clock: Clone + Send + Sync + 'static {
    /// Nanoseconds since the Unix epoch.
    fn now(&self) -> Nanoseconds;

    /// Ends when this much time has passed.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// The host's clock: the only one that processes have in common.
#[derive(Clone, Debug)]
pub struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Nanoseconds {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|elapsed| u64::try_from(elapsed.as_nanos()).ok())
            .unwrap_or_default()
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(time)
    }
}
