//! The pace of a bulk: changes per minute, below what AWS's control plane takes.

use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::change::Lever;

/// Changes per minute, above 0 and at most [`Pace::FASTEST`].
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(into = "f64", try_from = "f64")]
pub struct Pace(f64);

/// A pace that is none, or too fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a pace is a number of changes per minute, above 0 and at most 150: AWS's control plane takes 10 requests \
     a second from the whole account, and a change needs about 4"
)]
pub struct PaceError;

impl Pace {
    /// AWS: "Amazon API Gateway quotas": 10 requests a second for the account. A change of a stage needs about
    /// four: read, send, see it take effect, look for what else is different.
    pub const FASTEST: f64 = 150.0;
    /// A fifth of that: deploys and consoles draw on the same quota.
    const USUAL: Self = Self(30.0);
    /// AWS: "AWS WAF quotas": `AssociateWebACL` and `DisassociateWebACL` once in two seconds, of which half is
    /// left to others.
    const OF_WEB_ACLS: Self = Self(15.0);

    /// # Errors
    /// Not above 0, or faster than AWS bears.
    pub fn new(changes_per_minute: f64) -> Result<Self, PaceError> {
        let legal = changes_per_minute > 0.0 && changes_per_minute <= Self::FASTEST;
        if legal { Ok(Self(changes_per_minute)) } else { Err(PaceError) }
    }

    /// What AWS's quotas bear beside everyone else's requests.
    pub fn of(lever: Lever) -> Self {
        match lever {
            Lever::WebAclAssociation => Self::OF_WEB_ACLS,
            _ => Self::USUAL,
        }
    }

    pub fn per_minute(self) -> f64 {
        self.0
    }

    /// From one change's start to the next one's.
    pub fn interval(self) -> Duration {
        Duration::try_from_secs_f64(60.0 / self.0).unwrap_or(Duration::MAX)
    }

    /// From the first start to the last of so many, in seconds.
    pub fn seconds_for(self, count: usize) -> u64 {
        let intervals = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX);
        self.interval().saturating_mul(intervals).as_secs()
    }
}

impl FromStr for Pace {
    type Err = PaceError;

    fn from_str(text: &str) -> Result<Self, PaceError> {
        Self::new(text.trim().parse().map_err(|_| PaceError)?)
    }
}

impl From<Pace> for f64 {
    fn from(pace: Pace) -> Self {
        pace.0
    }
}

impl TryFrom<f64> for Pace {
    type Error = PaceError;

    fn try_from(number: f64) -> Result<Self, PaceError> {
        Self::new(number)
    }
}
