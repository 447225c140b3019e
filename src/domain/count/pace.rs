//! How fast a scan may go: what it took is known only once a page has come, so it goes into debt and waits.

use std::time::Duration;

/// Seconds of unused units that may be spent at once.
const SAVED: f64 = 1.0;

/// Read units a second, spent afterwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    rate: f64,
    balance: f64,
    at: Duration,
}

impl Pace {
    /// So many read units a second, from now on.
    pub fn new(rate: f64) -> Self {
        Self { rate, balance: 0.0, at: Duration::ZERO }
    }

    /// How long the next page must wait, at a time since the start.
    pub fn wait(&mut self, now: Duration) -> Duration {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.at = self.at.max(now);
        self.balance = (self.balance + passed * self.rate).min(self.rate * SAVED);
        // A clock has no more than nanoseconds.
        if self.balance >= -1e-6 * self.rate {
            return Duration::ZERO;
        }
        Duration::try_from_secs_f64(-self.balance / self.rate).unwrap_or(Duration::MAX)
    }

    /// Takes what a page cost.
    pub fn spend(&mut self, units: f64) {
        self.balance -= units;
    }
}
