//! What is typical of a method: how often it is called, how long its backend takes, how many answers a cache of it
//! would hold.

use super::chance::fraction;
use crate::estate::RouteKey;

/// How popular a method is by its place in the list: `1 / place^SKEW`.
const SKEW: f64 = 0.8;

/// What a request to a method is, for the metrics and the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// A GET, whose answer a cache may keep.
    Read,
    /// Any other verb.
    Write,
    /// Opens a WebSocket connection.
    Connect,
    /// Ends one; neither a connection nor a message.
    Disconnect,
    /// A message over a WebSocket.
    Message,
}

/// The profile of a method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    pub nature: Nature,
    /// How often it is called, in relation to the other methods of its API.
    pub weight: f64,
    /// The median time that its backend takes without load, in milliseconds.
    pub median_ms: f64,
    /// How many different answers are asked for, as the seconds in which as many requests come: a busier cell has
    /// more orders to ask for. 0 when all get the same answer.
    pub seconds_of_keys: f64,
}

impl Profile {
    /// The profile of a method at this place of its API's list, counted from 0.
    pub fn new(key: &RouteKey, place: usize, seed: u64) -> Self {
        let place = f64::from(u32::try_from(place).unwrap_or(u32::MAX));
        let weight = (place + 1.0).powf(-SKEW);
        let spread = fraction(seed, &format!("median {key}"));
        match key {
            RouteKey::Http { verb, path } => {
                let health = path == "/health" || path == "/status";
                let read = verb == "GET";
                let one = path.ends_with('}');
                let (fast, slow) = match (health, read, one) {
                    (true, ..) => (4.0, 8.0),
                    (_, true, true) => (22.0, 45.0),
                    (_, true, false) => (45.0, 95.0),
                    (_, false, _) => (60.0, 130.0),
                };
                Self {
                    nature: if read { Nature::Read } else { Nature::Write },
                    weight: if health { 0.02 } else { weight },
                    median_ms: fast + (slow - fast) * spread,
                    seconds_of_keys: match (health, one) {
                        (true, _) => 0.0,
                        (_, true) => 75.0,
                        (_, false) => 40.0,
                    },
                }
            }
            RouteKey::Named(name) => {
                let (nature, weight) = match name.as_str() {
                    "$connect" => (Nature::Connect, 0.05),
                    "$disconnect" => (Nature::Disconnect, 0.05),
                    "$default" => (Nature::Message, 0.02),
                    _ => (Nature::Message, weight),
                };
                Self { nature, weight, median_ms: 12.0 + 20.0 * spread, seconds_of_keys: 0.0 }
            }
        }
    }
}
