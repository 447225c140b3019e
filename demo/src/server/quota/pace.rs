//! How fast the control plane is asked, and how much of it is refused.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// Seconds that are kept.
const KEPT_SECONDS: i64 = 600;

/// Requests of the control plane in a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    pub accepted: u64,
    pub throttled: u64,
}

/// The pace of each of the latest seconds.
#[derive(Debug, Default)]
pub struct PaceLog {
    seconds: BTreeMap<i64, Pace>,
}

impl PaceLog {
    /// Counts a request.
    pub fn note(&mut self, now: Timestamp, accepted: bool) {
        let second = now.as_second();
        let pace = self.seconds.entry(second).or_default();
        if accepted {
            pace.accepted += 1;
        } else {
            pace.throttled += 1;
        }
        while let Some(oldest) =
            self.seconds.first_entry().filter(|oldest| oldest.key() + KEPT_SECONDS < second)
        {
            oldest.remove();
        }
    }

    /// All requests from this second on.
    pub fn since(&self, since: Timestamp) -> Pace {
        self.seconds.range(since.as_second()..).fold(Pace::default(), |sum, (_, pace)| Pace {
            accepted: sum.accepted + pace.accepted,
            throttled: sum.throttled + pace.throttled,
        })
    }
}
