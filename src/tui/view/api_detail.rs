//! An API in detail: what it is, its stages, who may call it, what it offers.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::{figures, fit, overlay, paint, panel, sparkline};
use crate::domain::estate::ApiEntry;
use crate::domain::part::Part;
use crate::tui::model::Model;
use crate::tui::rows::ApiRow;
use crate::tui::theme::Role;

/// Room for who may call an operation: `AWS_IAM +key`.
const WHO_WIDTH: u16 = 12;

pub fn draw(frame: &mut Frame, model: &Model, area: Rect, row: &ApiRow) {
    let look = &model.look;
    let block = panel::block(look, panel::fitting(look, &row.api.name, area));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let lines = fit::lines(lines(model, row, inner), inner.width, look.symbols.ellipsis);
    frame.render_widget(Paragraph::new(lines), inner);
}

/// All that is known of the API, in lines for an area of this size.
pub fn lines(model: &Model, row: &ApiRow, inner: Rect) -> Vec<Line<'static>> {
    let mut lines = about(model, row, inner.width);
    lines.push(Line::default());
    lines.extend(history(model, row, inner));
    if let Some(entry) = model.estate.api(row.slot, &row.api.id) {
        lines.extend(stages(model, entry, inner.width));
        lines.extend(authorizers(model, entry, inner.width));
        lines.extend(operations(model, entry, inner.width));
    }
    lines
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
        let age = figures::span(model.region_now().duration_since(created));
        let long = format!("{}, {age} ago", figures::date_and_time(created));
        let text = if fit::width(&long) + paint::FIELD_WIDTH <= width {
            long
        } else {
            format!("{}, {age} ago", figures::date(created))
        };
        lines.push(paint::text_field(look, "created", text));
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
    if let Some(why) = row.why_without_figures(model) {
        let mut lines = overlay::paragraph(model, Role::Warning, &why, inner.width);
        lines.push(Line::default());
        return lines;
    }
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
        let cached = authorizer.result_ttl_seconds.map(|seconds| format!("cached {seconds} s"));
        let about =
            3 + fit::width(&authorizer.kind) + cached.as_ref().map_or(0, |cached| 2 + fit::width(cached));
        let column = (width / 3).max(10);
        // Where the line is too short for all of it, the name has one to itself.
        let beside = column.max(fit::width(&authorizer.name)) + about <= width;
        let mut rest = vec![paint::span(look, Role::Text, authorizer.kind.clone())];
        rest.extend(cached.map(|cached| paint::span(look, Role::Dim, format!("  {cached}"))));
        if beside {
            let name = fit::pad(&authorizer.name, column.max(fit::width(&authorizer.name)), "");
            rest.insert(0, paint::span(look, Role::Strong, format!("  {name} ")));
        } else {
            lines.push(paint::line(look, Role::Strong, format!("  {}", authorizer.name)));
            rest.insert(0, Span::raw("  "));
        }
        lines.push(Line::from(rest));
    }
    lines.push(Line::default());
    lines
}

fn operations(model: &Model, entry: &ApiEntry, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines = heading(model, "operations", &entry.operations);
    let name_width = width.saturating_sub(WHO_WIDTH + 3).max(12);
    for operation in entry.operations.value().into_iter().flatten() {
        let open = operation.authorization.as_deref().is_none_or(|kind| kind == "NONE");
        let role = if open && !operation.api_key_required { Role::Warning } else { Role::Dim };
        let mut who = match operation.authorization.as_deref() {
            // The one long name; the authorizers above have it in full.
            Some("COGNITO_USER_POOLS") => "COGNITO",
            Some(kind) => kind,
            None => "NONE",
        }
        .to_owned();
        if operation.api_key_required {
            who.push_str(" +key");
        }
        lines.push(Line::from(vec![
            paint::span(
                look,
                Role::Text,
                format!("  {} ", fit::pad(&operation.name, name_width, look.symbols.ellipsis)),
            ),
            paint::span(look, role, fit::cut(&who, WHO_WIDTH, look.symbols.ellipsis)),
        ]));
    }
    lines
}
