//! Page tokens: of lists, which name the last row that was seen, and of events, which name the last event.

use std::fmt::Write;

use super::event::EventKey;
use super::fault;
use crate::server::fault::Fault;

/// AWS: how long a token holds, in milliseconds.
const TOKEN_LIFE_MILLIS: i64 = 24 * 3_600_000;

/// A page of rows that are in their order already, and the token for those that follow.
pub fn rows<T>(
    rows: Vec<T>,
    name: impl Fn(&T) -> String,
    token: Option<&str>,
    most: usize,
) -> Result<(Vec<T>, Option<String>), Fault> {
    let mut rows = rows;
    if let Some(token) = token {
        let last = unhex(token).ok_or_else(fault::bad_token)?;
        // A row that has gone since cannot be found: the list begins anew, as with AWS.
        let seen = rows.iter().position(|row| name(row) == last).map_or(0, |place| place + 1);
        rows.drain(..seen);
    }
    let has_more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| has_more).map(|row| hex(&name(row)));
    Ok((rows, next))
}

/// A text in hexadecimal digits: opaque to clients.
pub fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// The text that [`hex`] wrote.
pub fn unhex(token: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> =
        (0..token.len()).step_by(2).map(|at| u8::from_str_radix(token.get(at..at + 2)?, 16).ok()).collect();
    String::from_utf8(bytes?).ok()
}

/// Where the next page of events begins, and in which direction it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub newest_first: bool,
    /// The last event that was seen, or the place that was reached.
    pub after: EventKey,
}

impl Position {
    /// The token that says so.
    pub fn token(self, now_millis: i64) -> String {
        let direction = if self.newest_first { 'b' } else { 'f' };
        format!("{direction}/{now_millis:x}/{:x}/{:032x}", self.after.millis, self.after.id)
    }

    /// The position of a token that is not too old.
    pub fn parse(token: &str, now_millis: i64) -> Result<Self, Fault> {
        let read = || {
            let mut parts = token.split('/');
            let newest_first = match parts.next()? {
                "b" => true,
                "f" => false,
                _ => return None,
            };
            let issued = i64::from_str_radix(parts.next()?, 16).ok()?;
            let millis = i64::from_str_radix(parts.next()?, 16).ok()?;
            let id = u128::from_str_radix(parts.next()?, 16).ok()?;
            let holds = parts.next().is_none() && now_millis.saturating_sub(issued) <= TOKEN_LIFE_MILLIS;
            holds.then_some(Self { newest_first, after: EventKey { millis, id } })
        };
        read().ok_or_else(fault::bad_token)
    }

    /// Whether an event comes after this position.
    pub fn precedes(self, key: EventKey) -> bool {
        if self.newest_first { key < self.after } else { key > self.after }
    }
}
