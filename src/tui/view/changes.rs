//! The changes of the journal: what was done by whom, what became of it, and whether the chain holds.

use ratatui::text::{Line, Span};

use super::table::Sheet;
use super::{figures, fit, paint};
use crate::tui::event::ReplySlot;
use crate::tui::model::{ChangeState, Listing, Model};
use crate::tui::rows::{ChangeRow, Column};
use crate::tui::theme::Role;

pub struct Changes;

impl Sheet for Changes {
    type Row = ChangeRow;

    fn rows<'model>(&self, model: &'model Model) -> &'model [ChangeRow] {
        &model.rows.listed.changes
    }

    fn cell(&self, model: &Model, row: &ChangeRow, column: &Column, width: u16) -> Line<'static> {
        let look = &model.look;
        let cut = |text: &str| fit::cut(text, width, look.symbols.ellipsis);
        let plan = &row.change.plan;
        let (role, text) = match column.name {
            // The year is in the pane.
            "time" => (Role::Text, figures::date_and_time(row.change.at).split_off(5)),
            "age" => (Role::Dim, figures::age(Some(row.change.at), model.region_now()).unwrap_or_default()),
            "lever" => (Role::Text, cut(&format!("{}{}", row.lever(), bulk_tag(row)))),
            "target" => (Role::Strong, cut(&plan.target.to_string())),
            "operator" => (Role::Dim, cut(row.operator())),
            "outcome" => return Line::from(outcome(model, row)),
            "change" => (Role::Dim, cut(row.change.id.as_str())),
            "bulk" => {
                (Role::Dim, cut(plan.bulk.as_ref().map(ToString::to_string).unwrap_or_default().as_str()))
            }
            "region" => (Role::Dim, cut(plan.region.region.as_str())),
            _ => (Role::Dim, cut(plan.region.account.as_str())),
        };
        paint::line(look, role, text)
    }

    fn is_failing(&self, _row: &ChangeRow) -> bool {
        false
    }

    fn note(&self, model: &Model) -> Vec<Span<'static>> {
        chain(model)
    }

    fn needs_login(&self) -> bool {
        false
    }
}

/// The last part of its bulk's id: enough to see which changes one plan made.
fn bulk_tag(row: &ChangeRow) -> String {
    let bulk = row.change.plan.bulk.as_ref().and_then(|bulk| bulk.as_str().rsplit('-').next());
    bulk.map(|tag| format!(" #{tag}")).unwrap_or_default()
}

/// The word for how a change stands, with a sign and a colour of its own.
pub fn outcome(model: &Model, row: &ChangeRow) -> Vec<Span<'static>> {
    let look = &model.look;
    if let Some(run) = model.moving.as_ref().filter(|_| row.running && row.is_move()) {
        let text = format!(" {}/{}", run.tally.done(), run.header.customers);
        return vec![paint::spinner(model), paint::span(look, Role::Strong, text)];
    }
    if row.running {
        let run = model.change.as_ref();
        let word = match run.map(|run| &run.state) {
            Some(ChangeState::Checking) => "checking",
            Some(ChangeState::Sending) => "sending",
            Some(ChangeState::Waiting) => "sent, waiting",
            _ => row.state(),
        };
        return vec![paint::spinner(model), paint::span(look, Role::Strong, format!(" {word}"))];
    }
    if let Some(standing) = row.standing.as_ref().filter(|standing| !standing.has_ended()) {
        let sign = if standing.held { look.symbols.current } else { look.symbols.warning };
        let text = format!("{sign} {} {}/{}", row.state(), standing.tally.moved, standing.header.customers);
        return vec![paint::span(look, Role::Warning, text)];
    }
    let (role, sign) = match row.state() {
        "applied" => (Role::Good, look.symbols.done),
        "undone" => (Role::Dim, look.symbols.done),
        "open" | "unknown" => (Role::Warning, look.symbols.warning),
        _ => (Role::Error, look.symbols.failed),
    };
    vec![paint::span(look, role, format!("{sign} {}", row.state()))]
}

/// Whether the records are whole, in a few words: the status line says where they aren't.
fn chain(model: &Model) -> Vec<Span<'static>> {
    let look = &model.look;
    match model.journal.value().map(|listing| &listing.verified) {
        None | Some(Ok(0)) => Vec::new(),
        Some(Ok(count)) => vec![
            paint::span(look, Role::Good, format!(" {}", look.symbols.done)),
            paint::span(look, Role::Dim, format!(" chain verified: {} records ", figures::count(*count))),
        ],
        Some(Err(_)) => {
            vec![paint::span(look, Role::Error, format!(" {} chain broken ", look.symbols.failed))]
        }
    }
}

/// Where there is no change to show.
pub fn empty(model: &Model) -> Vec<Line<'static>> {
    let look = &model.look;
    if model.is_unread(Listing::Changes) {
        let waiting = model.tickets.is_running(&ReplySlot::Journal);
        let text = if waiting { " reading the journal" } else { " the journal was not read yet" };
        return vec![Line::from(vec![paint::spinner(model), paint::span(look, Role::Text, text)])];
    }
    let place = model.journal.value().map(|listing| listing.place.clone()).unwrap_or_default();
    vec![
        paint::line(look, Role::Text, "No change was made yet."),
        paint::line(look, Role::Dim, format!("the journal is in {place}")),
    ]
}
