//! An API in detail: what it is, its stages, who may call it, what it offers.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::{figures, fit, paint, panel, sparkline};
use crate::domain::estate::ApiEntry;
use crate::domain::part::Part;
use crate::tui::model::Model;
use crate::tui::rows::ApiRow;
use crate::tui::theme::Role;

/// The least room for who may call an operation: `AWS_IAM +key`.
const WHO_WIDTH: u16 = 12;

pub fn draw(frame: &mut Frame, model: &Model, area: Rect, row: &ApiRow) {
    let look = &model.look;
    let block = panel::block(look, row.api.name.clone());
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let mut lines = about(model, row, inner.width);
    lines.push(Line::default());
    lines.extend(history(model, row, inner));
    if let Some(entry) = model.estate.api(row.slot, &row.api.id) {
        lines.extend(stages(model, entry, inner.width));
        lines.extend(authorizers(model, entry, inner.width));
        lines.extend(operations(model, entry, inner.width));
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

fn about(model: &Model, row: &ApiRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let api = &row.api;
    let mut lines = vec![
        paint::text_field(look, "id", api.id.to_string()),
        paint::text_field(look, "kind", format!("{} {}", api.kind, api.endpoint_type)),
        paint::text_field(
            look,
            "cell",
            if row.cells.is_empty() { "none".to_owned() } else { row.cell_text() },
        ),
    ];
    if let Some(created) = api.created {
        let age = figures::span(model.now.duration_since(created));
        let text = format!("{}, {age} ago", figures::date_and_time(created));
        lines.extend(paint::wrapped_field(look, "created", Role::Text, &text, width));
    }
    if api.default_endpoint_disabled {
        lines.push(paint::field(
            look,
            "endpoint",
            vec![paint::span(look, Role::Warning, "default switched off")],
        ));
    }
    if let Some(description) = api.description.as_deref().filter(|text| !text.is_empty()) {
        lines.extend(paint::wrapped_field(look, "about", Role::Text, description, width));
    }
    lines
}

fn history(model: &Model, row: &ApiRow, inner: Rect) -> Vec<Line<'static>> {
    let look = &model.look;
    let highest = sparkline::highest(&row.history);
    if highest <= 0.0 {
        return Vec::new();
    }
    let scale = sparkline::Scale::of(&row.history);
    let mut lines = sparkline::tall(look, Role::Spark, &row.history, scale, inner.width, 2);
    let text = sparkline::caption(&row.history);
    lines.push(paint::line(look, Role::Dim, text));
    lines.push(Line::default());
    lines
}

/// A heading with the state of the part below it: being read, failed, or how many.
fn heading<T>(model: &Model, title: &str, part: &Part<Vec<T>>) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut spans = vec![paint::span(look, Role::Column, title.to_owned())];
    if let Some(items) = part.value() {
        spans.push(paint::span(look, Role::Dim, format!("  {}", items.len())));
    } else if part.is_pending() {
        spans.push(paint::span(look, Role::Dim, "  not read yet"));
    }
    let mut lines = vec![Line::from(spans)];
    if let Some(failure) = part.failure() {
        lines.push(paint::line(look, Role::Error, format!("{} {failure}", look.symbols.failed)));
    }
    lines
}

fn stages(model: &Model, entry: &ApiEntry, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines = heading(model, "stages", &entry.stages);
    for stage in entry.stages.value().into_iter().flatten() {
        let deployment = stage.deployment.as_ref().map_or("never deployed", |deployment| deployment.as_str());
        let cache = if stage.cache_enabled() { "  cache on" } else { "" };
        let name = fit::pad(stage.name.as_str(), (width / 3).max(10), look.symbols.ellipsis);
        lines.push(Line::from(vec![
            paint::span(look, Role::Strong, format!("  {name} ")),
            paint::span(look, Role::Text, deployment.to_owned()),
            paint::span(look, Role::Dim, cache),
        ]));
    }
    lines.push(Line::default());
    lines
}

fn authorizers(model: &Model, entry: &ApiEntry, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines = heading(model, "authorizers", &entry.authorizers);
    for authorizer in entry.authorizers.value().into_iter().flatten() {
        let ttl =
            authorizer.result_ttl_seconds.map_or_else(String::new, |seconds| format!("  cached {seconds} s"));
        let name = fit::pad(&authorizer.name, (width / 3).max(10), look.symbols.ellipsis);
        lines.push(Line::from(vec![
            paint::span(look, Role::Strong, format!("  {name} ")),
            paint::span(look, Role::Text, authorizer.kind.clone()),
            paint::span(look, Role::Dim, ttl),
        ]));
    }
    lines.push(Line::default());
    lines
}

fn operations(model: &Model, entry: &ApiEntry, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines = heading(model, "operations", &entry.operations);
    let who_width = WHO_WIDTH.max(width / 3);
    let name_width = width.saturating_sub(who_width + 3).max(12);
    for operation in entry.operations.value().into_iter().flatten() {
        let open = operation.authorization.as_deref().is_none_or(|kind| kind == "NONE");
        let role = if open && !operation.api_key_required { Role::Warning } else { Role::Dim };
        let mut who = operation.authorization.clone().unwrap_or_else(|| "NONE".to_owned());
        if operation.api_key_required {
            who.push_str(" +key");
        }
        lines.push(Line::from(vec![
            paint::span(
                look,
                Role::Text,
                format!("  {} ", fit::pad(&operation.name, name_width, look.symbols.ellipsis)),
            ),
            paint::span(look, role, fit::cut(&who, who_width, look.symbols.ellipsis)),
        ]));
    }
    lines
}
