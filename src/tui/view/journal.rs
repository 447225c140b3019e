//! The journal: each change with who made it and what became of it, and whether the chain holds.

use ratatui::text::{Line, Span};

use super::overlay::{self, Sheet};
use super::{figures, fit, paint};
use crate::domain::change::Outcome;
use crate::domain::journal::{Entry, Record};
use crate::tui::event::JournalListing;
use crate::tui::model::{JournalState, Model};
use crate::tui::theme::Role;

pub fn sheet(model: &Model, state: &JournalState, room: u16) -> Sheet {
    let width = room.min(130);
    let look = &model.look;
    let (lines, fixed) = match &state.listing {
        None => {
            let waiting = vec![paint::spinner(model), paint::span(look, Role::Text, " reading the journal")];
            (vec![Line::from(waiting)], 0)
        }
        Some(Err(trouble)) => {
            let mut lines = overlay::paragraph(model, Role::Error, &trouble.why, width);
            if let Some(hint) = &trouble.hint {
                lines.extend(overlay::paragraph(model, Role::Text, hint, width));
            }
            (lines, 0)
        }
        Some(Ok(listing)) => (listed(model, listing, width), 2),
    };
    Sheet { scroll: state.scroll, fixed, ..Sheet::new("Changes", width, lines) }
}

fn listed(model: &Model, listing: &JournalListing, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let changes = changes(&listing.records);
    let mut lines = vec![chain(model, listing)];
    if changes.is_empty() {
        lines.push(paint::line(look, Role::Dim, "no change was made from here yet"));
        return lines;
    }
    let widths = Widths::of(&changes, width);
    lines.push(paint::line(
        look,
        Role::Column,
        format!(
            "{:<18}{}{}{}{}",
            "time (UTC)",
            fit::pad("change", widths.id, ""),
            fit::pad("operator", widths.operator, ""),
            fit::pad("target", widths.target, ""),
            "outcome"
        ),
    ));
    lines.extend(changes.iter().map(|change| change.line(model, widths)));
    lines
}

fn chain(model: &Model, listing: &JournalListing) -> Line<'static> {
    let look = &model.look;
    match &listing.verified {
        Ok(0) => paint::line(look, Role::Dim, "the journal is empty"),
        Ok(count) => Line::from(vec![
            paint::span(look, Role::Good, look.symbols.done),
            paint::span(look, Role::Text, format!(" chain verified: {} records", figures::count(*count))),
        ]),
        Err(why) => paint::line(look, Role::Error, format!("{} {why}", look.symbols.failed)),
    }
}

#[derive(Clone, Copy)]
struct Widths {
    id: u16,
    operator: u16,
    target: u16,
}

impl Widths {
    /// As wide as their texts, so that what is left over goes to the outcome.
    fn of(changes: &[Change<'_>], width: u16) -> Self {
        let longest = |texts: &mut dyn Iterator<Item = &str>| texts.map(fit::width).max().unwrap_or(0);
        let operator = longest(&mut changes.iter().map(Change::operator)).clamp(8, width / 6) + 2;
        let target =
            longest(&mut changes.iter().map(|change| change.target.as_str())).clamp(8, width / 3) + 2;
        Self { id: if width >= 100 { 22 } else { 0 }, operator, target }
    }
}

/// An intent with its outcome, where that was recorded.
struct Change<'records> {
    intent: &'records Record,
    target: String,
    outcome: Option<&'records Outcome>,
}

/// Newest first.
fn changes(records: &[Record]) -> Vec<Change<'_>> {
    let mut changes: Vec<Change<'_>> = Vec::new();
    for record in records {
        match &record.body.entry {
            Entry::Intent { plan } => {
                changes.push(Change { intent: record, target: plan.target.to_string(), outcome: None });
            }
            Entry::Outcome { outcome, .. } => {
                let of_same = |change: &&mut Change<'_>| change.intent.body.change == record.body.change;
                if let Some(change) = changes.iter_mut().rev().find(of_same) {
                    change.outcome = Some(outcome);
                }
            }
        }
    }
    changes.reverse();
    changes
}

impl Change<'_> {
    /// The name behind the ARN's last slash says who; the rest is the account's.
    fn operator(&self) -> &str {
        let arn = &self.intent.body.operator.arn;
        arn.rsplit('/').next().unwrap_or(arn)
    }

    fn line(&self, model: &Model, widths: Widths) -> Line<'static> {
        let look = &model.look;
        let ellipsis = look.symbols.ellipsis;
        let body = &self.intent.body;
        let cell = |text: &str, width: u16| {
            if width == 0 { String::new() } else { format!("{}  ", fit::pad(text, width - 2, ellipsis)) }
        };
        let (role, outcome) = match self.outcome {
            Some(Outcome::Applied) => (Role::Good, format!("{} applied", look.symbols.done)),
            Some(Outcome::NotApplied { why }) => {
                (Role::Error, format!("{} not applied: {why}", look.symbols.failed))
            }
            Some(Outcome::Partly { why, .. }) => {
                (Role::Error, format!("{} partly applied: {why}", look.symbols.failed))
            }
            Some(Outcome::Unknown { why }) => {
                (Role::Warning, format!("{} unknown: {why}", look.symbols.warning))
            }
            None => (Role::Warning, format!("{} no outcome", look.symbols.warning)),
        };
        Line::from(vec![
            paint::span(look, Role::Text, format!("{:<18}", figures::date_and_time(body.at))),
            paint::span(look, Role::Dim, cell(body.change.as_str(), widths.id)),
            paint::span(look, Role::Dim, cell(self.operator(), widths.operator)),
            paint::span(look, Role::Strong, cell(&self.target, widths.target)),
            Span::styled(outcome, look.theme.style(role)),
        ])
    }
}
