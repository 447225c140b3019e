//! What an item of the mapping table means for a customer who is to be moved: after a refused condition, after an
//! answer that was lost, and after a crash.

use super::outcome::Exception;
use super::roster::Passenger;
use crate::domain::text::sanitise;

/// An item of the mapping table, as far as moves are concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundMapping {
    pub cell: FoundCell,
    /// Where the table is fenced and the item has one.
    pub version: Option<u64>,
    /// The id of the move that wrote it last, who that was, and when, where items are stamped.
    pub change: Option<String>,
    pub by: Option<String>,
    pub at: Option<String>,
}

/// What stands in the cell attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FoundCell {
    #[default]
    Missing,
    Cell(String),
    /// AWS's name of the type that is there instead of text.
    OtherType(&'static str),
}

/// What is known of the write whose trace is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace<'run> {
    /// The item's version before it, where the table is fenced.
    pub version: Option<u64>,
    /// The id of the move, where items are stamped with it.
    pub stamp: Option<&'run str>,
}

/// What to make of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The write is there.
    Moved,
    /// Nothing was written: it can be sent.
    Untouched,
    Not(Exception),
}

impl FoundMapping {
    pub fn cell(&self) -> Option<&str> {
        match &self.cell {
            FoundCell::Cell(cell) => Some(cell),
            FoundCell::Missing | FoundCell::OtherType(_) => None,
        }
    }

    fn moved_meanwhile(&self) -> Exception {
        let safe = |text: &Option<String>| text.as_deref().map(shown);
        let cell = match &self.cell {
            FoundCell::Cell(cell) => Some(shown(cell)),
            FoundCell::Missing => None,
            FoundCell::OtherType(kind) => Some(format!("an attribute of type {kind}")),
        };
        Exception::MovedMeanwhile { cell, by: safe(&self.by), at: safe(&self.at) }
    }
}

/// What others wrote, made safe; of a text that nobody would read to its end, the beginning. An item holds 400 KB, and
/// so does a record of the team's journal, with all exceptions of a range in it.
fn shown(text: &str) -> String {
    const LONGEST: usize = 200;
    let safe = sanitise(text);
    match safe.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &safe[..end]),
        None => safe.into_owned(),
    }
}

/// After a condition that did not hold, of a write that was sent once: nothing was written.
pub fn after_refusal(passenger: Passenger<'_>, found: Option<&FoundMapping>) -> Exception {
    match found {
        None if passenger.to.is_none() => Exception::AlreadyThere,
        None => Exception::Vanished,
        Some(found) if passenger.to.is_some_and(|to| found.cell() == Some(to.as_str())) => {
            Exception::AlreadyThere
        }
        Some(found) => found.moved_meanwhile(),
    }
}

/// Of a write whose fate isn't known, by what a consistent read found.
///
/// In a fenced table the version tells all. In a plain one an item at the target is taken for ours, and one at the
/// source for untouched: who wrote it can't be told where items aren't stamped.
pub fn after_doubt(passenger: Passenger<'_>, trace: Trace<'_>, found: Option<&FoundMapping>) -> Verdict {
    let Some(found) = found else {
        return match (passenger.from, passenger.to) {
            // It was to be deleted.
            (_, None) => Verdict::Moved,
            (None, Some(_)) => Verdict::Untouched,
            (Some(_), Some(_)) => Verdict::Not(Exception::Vanished),
        };
    };
    let is_ours = trace.stamp.map(|stamp| found.change.as_deref() == Some(stamp));
    let is_at = |cell: Option<&crate::domain::id::CellId>| {
        cell.is_some_and(|cell| found.cell() == Some(cell.as_str()))
    };
    if passenger.to.is_some() && is_at(passenger.to) {
        let ours = match (trace.version, found.version, is_ours) {
            (_, _, Some(ours)) => ours,
            (Some(before), Some(now), None) => now == before.saturating_add(1),
            _ => true,
        };
        return if ours { Verdict::Moved } else { Verdict::Not(Exception::AlreadyThere) };
    }
    if passenger.from.is_some() && is_at(passenger.from) {
        // Written by us and brought back by somebody who left the stamp: not ours to move again.
        let untouched = match (trace.version, found.version) {
            (Some(before), now) => now == Some(before),
            (None, _) => is_ours != Some(true),
        };
        if untouched {
            return Verdict::Untouched;
        }
    }
    Verdict::Not(found.moved_meanwhile())
}
