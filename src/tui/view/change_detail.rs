//! All that the journal has of a change: who, what, before and after, requests, outcome, and its way back.

use ratatui::text::{Line, Span};

use super::{changes, detail, figures, move_detail, overlay, paint, progress};
use crate::domain::change::{FieldChange, Outcome, Undo};
use crate::tui::model::{Listing, Model};
use crate::tui::rows::ChangeRow;
use crate::tui::theme::Role;

pub fn title(row: &ChangeRow) -> String {
    match row.change.id.as_str() {
        "" => "the change that runs".to_owned(),
        id => id.to_owned(),
    }
}

pub fn lines(model: &Model, row: &ChangeRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let plan = &row.change.plan;
    let mut lines = Vec::new();
    if let Some(failure) = model.failure_of(Listing::Changes) {
        lines.extend(detail::failure_lines(model, failure, width));
        lines.push(Line::default());
    }
    lines.extend(paint::wrapped_field(look, "change", Role::Text, plan.lever.title(), width));
    lines.extend(paint::wrapped_field(look, "of", Role::Strong, &plan.target.to_string(), width));
    lines.extend(paint::wrapped_field(look, "which is", Role::Dim, plan.target.kind(), width));
    if let Some(bulk) = &plan.bulk {
        let count =
            model.rows.listed.changes.iter().filter(|row| row.change.plan.bulk.as_ref() == Some(bulk));
        let text = format!("{bulk}, with {} changes", count.count());
        lines.extend(paint::wrapped_field(look, "part of", Role::Text, &text, width));
    }
    lines.push(paint::field(look, "outcome", changes::outcome(model, row)));
    lines.extend(move_detail::lines(model, row, width));
    if row.running
        && !row.is_move()
        && let Some(run) = &model.change
    {
        lines.extend(progress::steps(model, run));
    }
    if let Some(why) = row.change.why() {
        lines.extend(paint::wrapped_field(look, "why", Role::Warning, why, width));
    }
    if !row.is_move() {
        lines.extend(parts(model, row, width));
    }
    lines.extend(way_back(model, row, width));
    lines.push(Line::default());
    lines.push(paint::text_field(
        look,
        "announced",
        format!("{} UTC", figures::date_and_time(row.change.at)),
    ));
    if let Some(end) = &row.change.end {
        let took = figures::span(end.at.duration_since(row.change.at));
        lines.push(paint::text_field(look, "ended", format!("{} UTC, {took} later", figures::time(end.at))));
    }
    lines.extend(paint::wrapped_field(look, "operator", Role::Text, &row.change.operator, width));
    lines.extend(paint::wrapped_field(look, "where", Role::Text, &plan.region.to_string(), width));
    lines.extend(fields(model, &plan.fields, width));
    if !row.is_move() {
        lines.extend(requests(model, row, width));
    }
    lines
}

/// What was done and what wasn't, where a change stopped in the middle.
fn parts(model: &Model, row: &ChangeRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let Some(Outcome::Partly { done, not_done, .. }) = row.change.end.as_ref().map(|end| &end.outcome) else {
        return Vec::new();
    };
    let list = |name: &str, role: Role, all: &[String]| {
        all.iter().flat_map(|one| paint::wrapped_field(look, name, role, one, width)).collect::<Vec<_>>()
    };
    let mut lines = list("done", Role::Text, done);
    lines.extend(list("not done", Role::Error, not_done));
    lines
}

fn way_back(model: &Model, row: &ChangeRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let change = &row.change;
    let mut lines = Vec::new();
    if let Some(undone) = &change.plan.undoes {
        lines.extend(paint::wrapped_field(look, "takes back", Role::Text, undone.as_str(), width));
    }
    match (&change.undone_by, &change.plan.undo) {
        (Some(by), _) => {
            let text = if row.undone { by.to_string() } else { format!("{by}, which was undone itself") };
            lines.extend(paint::wrapped_field(look, "undone by", Role::Text, &text, width));
        }
        (None, Undo::Possible { how }) => {
            lines.extend(paint::wrapped_field(look, "undo", Role::Text, how, width));
        }
        (None, Undo::Impossible { why }) => {
            lines.extend(paint::wrapped_field(look, "no undo", Role::Dim, why, width));
        }
    }
    lines
}

/// Each field with what it was and what it became.
fn fields(model: &Model, fields: &[FieldChange], width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines = vec![Line::default(), detail::heading(model, "fields", "before and after")];
    for field in fields {
        let spans = vec![
            paint::span(look, Role::Text, format!("  {}  ", field.field)),
            paint::span(look, Role::Dim, field.before.clone()),
            paint::span(look, Role::Accent, format!(" {} ", look.symbols.arrow)),
            paint::span(look, Role::Strong, field.after.clone()),
        ];
        let line = Line::from(spans);
        if line.width() <= usize::from(width) {
            lines.push(line);
            continue;
        }
        lines.extend(overlay::paragraph(model, Role::Text, &format!("  {}", field.field), width));
        let indent = width.saturating_sub(4);
        let indented = |role: Role, sign: &str, text: &str| {
            let wrapped = super::fit::wrap(text, indent).into_iter().enumerate();
            let lines = wrapped.map(|(place, text)| {
                let sign = if place == 0 { sign } else { " " };
                Line::from(vec![
                    Span::raw("  "),
                    paint::span(look, Role::Accent, sign.to_owned()),
                    Span::raw(" "),
                    paint::span(look, role, text),
                ])
            });
            lines.collect::<Vec<_>>()
        };
        lines.extend(indented(Role::Dim, " ", &field.before));
        lines.extend(indented(Role::Strong, look.symbols.arrow, &field.after));
    }
    lines
}

/// What was sent, and AWS's ids of it.
fn requests(model: &Model, row: &ChangeRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let steps = &row.change.plan.steps;
    let mut lines = vec![Line::default(), detail::heading(model, "requests", &steps.len().to_string())];
    for call in steps.iter().map(|step| &step.call) {
        lines.extend(overlay::paragraph(model, Role::Text, &format!("  {}", call.request), width));
        for part in &call.body {
            lines.extend(overlay::paragraph(model, Role::Dim, &format!("    {part}"), width));
        }
    }
    for id in row.change.end.iter().flat_map(|end| &end.request_ids) {
        lines.extend(paint::wrapped_field(look, "request id", Role::Dim, id, width));
    }
    lines
}
