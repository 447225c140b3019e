//! What there is to know once customers have been moved: for how long the router may still name the cell that they
//! left, that open connections stay there, and what takes the move back. Every face says it in these words.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::MoveHeader;
use crate::domain::api::ApiKind;
use crate::domain::cell::{self, CellSettings};
use crate::domain::estate::Estate;
use crate::domain::id::{ApiId, CellId, ChangeId};
use crate::domain::target::StageReference;

/// What is left to see to after a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aftermath {
    pub id: ChangeId,
    /// Until when the router may answer from its cache; none where it keeps nothing of before.
    pub outdated: Option<Timestamp>,
    /// The stage whose cache keeps the router's answers, where that is configured.
    pub router_stage: Option<StageReference>,
    /// Clients may be connected to a cell that customers left.
    pub keeps_connections: bool,
    pub can_be_undone: bool,
}

/// What a sentence is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    Router,
    Sockets,
    Undo,
}

impl Topic {
    pub fn word(self) -> &'static str {
        match self {
            Self::Router => "router",
            Self::Sockets => "sockets",
            Self::Undo => "undo",
        }
    }
}

impl Aftermath {
    /// A sentence for each thing that is left to see to.
    pub fn words(&self) -> Vec<(Topic, String)> {
        let id = &self.id;
        let router = self.outdated.map(|until| {
            let flush = match &self.router_stage {
                Some(stage) => format!("`cellgate flush {stage}` empties its cache"),
                None => "flush its cache to have them there sooner".to_owned(),
            };
            format!("may answer with the old cell until {}; {flush}", time_of_day(until))
        });
        let sockets = self.keeps_connections.then(|| {
            format!("open connections stay where they are; `cellgate moves connections {id}` lists them")
        });
        let undo = self.can_be_undone.then(|| format!("`cellgate undo {id}`"));
        [(Topic::Router, router), (Topic::Sockets, sockets), (Topic::Undo, undo)]
            .into_iter()
            .filter_map(|(topic, words)| Some((topic, words?)))
            .collect()
    }

    /// The same at some later time: a cache that is outdated by then is nothing to see to.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        Self { outdated: self.outdated.filter(|until| *until > now), ..self.clone() }
    }
}

/// Whether clients may be connected to a cell that customers left. What was not read may be so.
pub fn keeps_connections(header: &MoveHeader, estate: &Estate, settings: &CellSettings) -> bool {
    if estate.apis().is_empty() {
        return true;
    }
    let cells = cell::discover(estate, settings);
    let sources: BTreeSet<CellId> = header.sources().into_iter().collect();
    let is_socket = |(slot, api): &(_, ApiId)| {
        estate.api(*slot, api).is_some_and(|entry| entry.api.kind == ApiKind::WebSocket)
    };
    cells.iter().any(|(id, cell)| sources.contains(id) && cell.apis.iter().any(is_socket))
}

/// The time of day, in UTC.
pub fn time_of_day(at: Timestamp) -> String {
    at.strftime("%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_left_to_see_to_is_said() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let after = Aftermath {
            id: "m1".into(),
            outdated: Some(at("2026-11-20T14:08:34Z")),
            router_stage: Some(StageReference { api: "router".into(), stage: "prod".into() }),
            keeps_connections: true,
            can_be_undone: true,
        };
        let words = |after: &Aftermath| -> Vec<String> {
            after.words().iter().map(|(topic, words)| format!("{}: {words}", topic.word())).collect()
        };
        assert_eq!(
            words(&after),
            [
                "router: may answer with the old cell until 14:08:34Z; `cellgate flush router/prod` empties its \
                 cache",
                "sockets: open connections stay where they are; `cellgate moves connections m1` lists them",
                "undo: `cellgate undo m1`",
            ]
        );
        let later = after.at(at("2026-11-20T14:08:34Z"));
        assert_eq!(words(&later).len(), 2, "outdated by then");
        assert_eq!(words(&after.at(at("2026-11-20T14:08:33Z"))).len(), 3);
        let unknown = Aftermath { router_stage: None, keeps_connections: false, ..after };
        assert!(words(&unknown)[0].ends_with("flush its cache to have them there sooner"));
        assert_eq!(words(&unknown).len(), 2);
    }
}
