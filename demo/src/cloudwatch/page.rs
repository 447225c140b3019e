//! Pages of an answer and the tokens that lead from one to the next.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::error::Fault;
use super::input::Input;

/// Where a page starts, for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many items earlier pages held.
    pub start: usize,
    /// Tells requests apart: a token of one is refused by another.
    fingerprint: u64,
}

impl Page {
    /// The page that the request's `NextToken` asks for, the first without one. `request` is what must not
    /// change between pages.
    pub fn of(input: &Input<'_>, request: impl Hash) -> Result<Self, Fault> {
        let mut hasher = DefaultHasher::new();
        request.hash(&mut hasher);
        let fingerprint = hasher.finish();
        let Some(token) = input.text("NextToken")? else {
            return Ok(Self { start: 0, fingerprint });
        };
        let start = token
            .split_once('-')
            .filter(|(theirs, _)| u64::from_str_radix(theirs, 16) == Ok(fingerprint))
            .and_then(|(_, start)| usize::from_str_radix(start, 16).ok());
        start.map(|start| Self { start, fingerprint }).ok_or_else(Fault::invalid_token)
    }

    /// The token of the page that starts at this item.
    pub fn token(self, start: usize) -> String {
        format!("{:016x}-{start:x}", self.fingerprint)
    }

    /// This page's share of all items, and the token of the next page if there is one.
    pub fn cut<T>(self, items: Vec<T>, size: usize) -> (Vec<T>, Option<String>) {
        let end = self.start.saturating_add(size);
        let next = (end < items.len()).then(|| self.token(end));
        (items.into_iter().skip(self.start).take(size).collect(), next)
    }
}
