//! One log event, and its place in the order of a group.

use std::sync::Arc;

/// AWS: a message is cut here in PutLogEvents' terms: 1 MB less what each event counts besides.
pub const OVERHEAD_BYTES: usize = 26;

/// The place of an event: events are ordered by their time, and where that is the same, by their id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey {
    /// Milliseconds since the epoch.
    pub millis: i64,
    pub id: u128,
}

impl EventKey {
    /// AWS's `eventId`: 56 digits.
    pub fn event_id(self) -> String {
        format!("3{:016}{:039}", self.millis.clamp(0, 9_999_999_999_999_999), self.id)
    }

    /// When CloudWatch Logs has taken in an event that a service wrote, in milliseconds since the epoch: some
    /// seconds after its time.
    pub fn ingested(self) -> i64 {
        let spread = u64::try_from((self.id >> 64) & u128::from(u64::MAX)).unwrap_or(0) % LAG_SPREAD_MILLIS;
        self.millis + LEAST_LAG_MILLIS + i64::try_from(spread).unwrap_or(0)
    }
}

/// The shortest time from an event of a service to its being readable.
pub const LEAST_LAG_MILLIS: i64 = 1_500;
const LAG_SPREAD_MILLIS: u64 = 2_500;
/// The longest such time.
pub const MOST_LAG_MILLIS: i64 = LEAST_LAG_MILLIS + 2_500;

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub key: EventKey,
    /// Milliseconds since the epoch.
    pub ingested: i64,
    pub stream: Arc<str>,
    pub message: String,
}

impl Event {
    /// What AWS counts against limits and for prices.
    pub fn bytes(&self) -> usize {
        self.message.len() + OVERHEAD_BYTES
    }
}
