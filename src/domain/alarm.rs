//! Alarms of CloudWatch that fire, and whose they are.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::cell::{Cell, CellSettings};
use super::estate::Estate;
use super::id::CellId;

/// An alarm in state `ALARM`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    pub name: String,
    /// Of all metrics that it watches; none for a composite alarm.
    pub dimensions: Vec<(String, String)>,
    /// Since when it has been in this state.
    pub since: Option<Timestamp>,
}

impl Alarm {
    /// Whether it is about a cell: one of its dimensions names the cell, one of the cell's APIs or its web ACL,
    /// or its own name has the cell's id in it.
    pub fn is_of(&self, id: &CellId, cell: &Cell, estate: &Estate, settings: &CellSettings) -> bool {
        let acl = settings.web_acl.replace("{CellId}", id.as_str());
        let by_dimension = self.dimensions.iter().any(|(name, value)| match name.as_str() {
            "CellId" => value == id.as_str(),
            "WebACL" => *value == acl,
            "ApiId" => cell.apis.iter().any(|(_, api)| api.as_str() == value),
            "ApiName" => {
                let apis = cell.apis.iter().filter_map(|(slot, api)| estate.api(*slot, api));
                apis.into_iter().any(|entry| entry.api.metric_name() == *value)
            }
            _ => false,
        });
        by_dimension || names(&self.name, id.as_str())
    }
}

/// Whether an id stands in a text as a word of its own: `cell-1` is in `cell-1-5xx`, but not in `cell-10`.
fn names(text: &str, id: &str) -> bool {
    !id.is_empty()
        && text.match_indices(id).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + id.len()..].chars().next();
            [before, after].into_iter().flatten().all(|beside| !beside.is_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_word_of_its_own() {
        for (text, expected) in [
            ("cell-1-5xx", true),
            ("waf-cell-1-waf-blocks", true),
            ("cell-10-5xx", false),
            ("subcell-1", false),
            ("cell-10, cell-1", true),
            ("orders", false),
        ] {
            assert_eq!(names(text, "cell-1"), expected, "{text}");
        }
    }
}
