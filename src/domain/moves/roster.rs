//! The customers of a move in the order in which they are moved, and the parts in which the journal keeps them.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::domain::id::CellId;

/// A part of a roster takes so many bytes as JSON at most: an item of the team's table holds 400 KB, the rest of
/// the record with it.
pub const LARGEST_PART: usize = 300_000;

/// A way from cell to cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pair {
    /// None for a customer without a mapping, who gets one.
    pub from: Option<CellId>,
    /// None for one whose mapping is taken away again.
    pub to: Option<CellId>,
}

/// One customer with their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passenger<'roster> {
    pub customer: &'roster str,
    pub from: Option<&'roster CellId>,
    pub to: Option<&'roster CellId>,
}

/// All customers of a move, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    pairs: Vec<Pair>,
    customers: Vec<String>,
    /// For each customer, the place of their way among the pairs.
    ways: Vec<u16>,
    /// Where each way is among the pairs.
    places: HashMap<Pair, u16>,
}

/// A stretch of a roster as the journal keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterPart {
    /// The place of its first customer in the whole roster, from 0.
    pub first: u32,
    /// The ways of its own customers.
    pub pairs: Vec<Pair>,
    pub customers: Vec<String>,
    /// For each customer, the place of their way; left out where there is one way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<u16>,
}

impl Roster {
    /// Adds a customer at the end. False where there are more ways than a roster holds; then nothing is added.
    pub fn push(&mut self, customer: String, from: Option<CellId>, to: Option<CellId>) -> bool {
        let pair = Pair { from, to };
        let last = self.ways.last().copied().filter(|way| self.pairs.get(usize::from(*way)) == Some(&pair));
        let known = last.or_else(|| self.places.get(&pair).copied());
        let Some(way) = known.or_else(|| u16::try_from(self.pairs.len()).ok()) else { return false };
        if known.is_none() {
            self.places.insert(pair.clone(), way);
            self.pairs.push(pair);
        }
        self.customers.push(customer);
        self.ways.push(way);
        true
    }

    /// How many customers. A roster of more than fit into 32 bits can't be built in memory.
    pub fn len(&self) -> u32 {
        u32::try_from(self.customers.len()).unwrap_or(u32::MAX)
    }

    pub fn is_empty(&self) -> bool {
        self.customers.is_empty()
    }

    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The customer at a place, from 0.
    pub fn get(&self, place: u32) -> Option<Passenger<'_>> {
        let place = usize::try_from(place).ok()?;
        let pair = self.pairs.get(usize::from(*self.ways.get(place)?))?;
        let customer = self.customers.get(place)?;
        Some(Passenger { customer, from: pair.from.as_ref(), to: pair.to.as_ref() })
    }

    pub fn iter(&self) -> impl Iterator<Item = (u32, Passenger<'_>)> {
        (0..self.len()).filter_map(|place| Some((place, self.get(place)?)))
    }

    /// Cut into parts that each fit into a record.
    pub fn parts(&self) -> Vec<RosterPart> {
        // The names of the fields, and the number of the first customer.
        const FRAME: usize = 80;
        let mut parts: Vec<RosterPart> = Vec::new();
        let mut size = usize::MAX;
        // Where the part at hand has each way of the roster.
        let mut known: HashMap<u16, u16> = HashMap::new();
        for (place, (customer, way)) in (0_u32..).zip(self.customers.iter().zip(&self.ways)) {
            let Some(pair) = self.pairs.get(usize::from(*way)) else { continue };
            // With its comma, and the longest number of a way with its own.
            let own = json_size(customer) + 7;
            let of_pair = if known.contains_key(way) { 0 } else { json_size(pair) + 1 };
            if size.saturating_add(own + of_pair) > LARGEST_PART {
                let (pairs, customers, ways) = (Vec::new(), Vec::new(), Vec::new());
                parts.push(RosterPart { first: place, pairs, customers, ways });
                known.clear();
                size = FRAME;
            }
            let Some(part) = parts.last_mut() else { continue };
            let at = known.get(way).copied().unwrap_or_else(|| {
                size += json_size(pair) + 1;
                // As many ways as the roster has at the most, whose places fit.
                let at = u16::try_from(part.pairs.len()).unwrap_or(u16::MAX);
                part.pairs.push(pair.clone());
                known.insert(*way, at);
                at
            });
            size += own;
            part.customers.push(customer.clone());
            part.ways.push(at);
        }
        for part in &mut parts {
            if part.pairs.len() == 1 {
                part.ways.clear();
            }
        }
        parts
    }

    /// Put together again. None where a part is missing.
    pub fn from_parts<'part>(
        customers: u32,
        parts: impl IntoIterator<Item = &'part RosterPart>,
    ) -> Option<Self> {
        let mut roster = Self::default();
        for part in parts {
            if part.first < roster.len() {
                // The same part from another store.
                continue;
            }
            if part.first > roster.len() {
                return None;
            }
            for (place, customer) in part.customers.iter().enumerate() {
                let way = if part.ways.is_empty() { 0 } else { usize::from(*part.ways.get(place)?) };
                let pair = part.pairs.get(way)?;
                roster.push(customer.clone(), pair.from.clone(), pair.to.clone()).then_some(())?;
            }
        }
        (roster.len() == customers).then_some(roster)
    }
}

/// How many bytes it takes in a record.
pub(super) fn json_size(part: &impl Serialize) -> usize {
    serde_json::to_string(part).map_or(0, |json| json.len())
}
