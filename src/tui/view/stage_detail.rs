//! A stage in detail: its settings, its cache at work over the last half hour, and its API's deployments.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::sparkline::{self, Scale};
use super::{figures, fit, overlay, paint, panel, stage_settings};
use crate::domain::part::Part;
use crate::domain::signal::{Series, StageTraffic};
use crate::domain::stage::Stage;
use crate::tui::model::Model;
use crate::tui::rows::StageRow;
use crate::tui::theme::Role;

/// Minutes of traffic that are shown.
pub const TRAFFIC_MINUTES: i64 = 30;

/// Beside the table there is room for all of it in one column; below it stands in two.
pub fn draw(frame: &mut Frame, model: &Model, area: Rect, row: &StageRow, beside: bool) {
    let look = &model.look;
    let block = panel::block(look, panel::fitting(look, &title(row), area));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    if beside {
        let lines = lines(model, row, inner.width, if inner.height > 40 { 3 } else { 2 });
        let lines = fit::lines(lines, inner.width, look.symbols.ellipsis);
        frame.render_widget(Paragraph::new(lines), inner);
    } else {
        let [left, right] =
            Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).spacing(2).areas(inner);
        for (lines, area) in
            [(traffic(model, row, left.width, 1), left), (deployments(model, row, right.width), right)]
        {
            let lines = fit::lines(lines, area.width, look.symbols.ellipsis);
            frame.render_widget(Paragraph::new(lines), area);
        }
    }
}

/// The stage as `API/STAGE`.
pub fn title(row: &StageRow) -> String {
    match &row.stage {
        Some(stage) => format!("{}/{}", row.api.name, stage.name),
        None => row.api.name.clone(),
    }
}

/// All that is known of the stage; its charts are so many lines high.
pub fn lines(model: &Model, row: &StageRow, width: u16, chart_rows: u16) -> Vec<Line<'static>> {
    let mut lines = stage_settings::lines(model, row, width);
    lines.push(Line::default());
    lines.extend(traffic(model, row, width, chart_rows));
    if lines.last().is_some_and(|line| line.width() > 0) {
        lines.push(Line::default());
    }
    lines.extend(deployments(model, row, width));
    lines.extend(stage_settings::closing_lines(model, row, width));
    lines
}

/// Requests, and for a cache its hits and misses.
fn traffic(model: &Model, row: &StageRow, width: u16, rows: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let part = row.stage_key().and_then(|key| model.traffic.get(&key));
    let Some(part) = part else { return vec![paint::line(look, Role::Dim, "traffic not read yet")] };
    let mut lines = Vec::new();
    if let Some(failure) = part.failure() {
        let text = format!("{} {failure}", look.symbols.failed);
        lines.extend(overlay::paragraph(model, Role::Error, &text, width));
    }
    let Some(traffic) = part.value() else { return lines };
    lines.push(traffic_heading(model, part, traffic, width));
    let Some(minute) = traffic.minute else {
        lines.push(paint::line(look, Role::Dim, "no traffic in the last half hour"));
        return lines;
    };
    let mut chart = |name: &str, series: &Series, role: Role, figure: String| {
        let minutes = last_minutes(series, minute);
        let chart_width = width.saturating_sub(18);
        let chart_width = chart_width.min(fit::to_u16(minutes.len()));
        let draw_line = |name: &str, bars: Vec<Span<'static>>, figure: &str| {
            let mut line = Line::from(paint::span(look, Role::Dim, format!("{name:<8} ")));
            line.extend(bars);
            line.push_span(paint::span(look, Role::Text, format!(" {figure:>7}")));
            line
        };
        if rows == 1 {
            let bars = sparkline::bars(&minutes, chart_width, look.symbols);
            lines.push(draw_line(name, vec![paint::span(look, role, bars)], &figure));
            return;
        }
        let bars = sparkline::tall(look, role, &minutes, Scale::of(&minutes), chart_width, rows);
        let last = bars.len().saturating_sub(1);
        for (place, bars) in bars.into_iter().enumerate() {
            let (name, figure) = if place == last { (name, figure.as_str()) } else { ("", "") };
            lines.push(draw_line(name, bars.spans, figure));
        }
        lines.push(Line::default());
    };
    let per_second = |series: &Series| {
        series.at(minute).map_or_else(String::new, |value| format!("{}/s", figures::rate(value / 60.0)))
    };
    chart("requests", &traffic.requests, Role::Spark, per_second(&traffic.requests));
    if row.stage.as_ref().is_some_and(Stage::cache_enabled) {
        chart("hits", &traffic.cache_hits, Role::Good, per_second(&traffic.cache_hits));
        chart("misses", &traffic.cache_misses, Role::SparkSecond, per_second(&traffic.cache_misses));
    }
    lines
}

fn traffic_heading(
    model: &Model,
    part: &Part<StageTraffic>,
    traffic: &StageTraffic,
    width: u16,
) -> Line<'static> {
    let look = &model.look;
    let mut spans = vec![paint::span(look, Role::Column, "last 30 minutes")];
    if let Some(rate) = traffic.minute.and_then(|minute| traffic.hit_rate(minute)) {
        spans.push(paint::span(look, Role::Dim, "  hit rate "));
        spans.push(paint::span(look, Role::Strong, figures::share(rate)));
    }
    if let Some(read) = part.read_at() {
        let age = format!("  read {} ago", figures::span(model.now.duration_since(read)));
        let used: u16 = spans.iter().map(|span| fit::width(&span.content)).sum();
        if used + fit::width(&age) <= width {
            spans.push(paint::span(look, Role::Dim, age));
        }
    }
    Line::from(spans)
}

fn last_minutes(series: &Series, until: jiff::Timestamp) -> Vec<Option<f64>> {
    (0..TRAFFIC_MINUTES).rev().map(|back| series.at(until - jiff::SignedDuration::from_mins(back))).collect()
}

/// Deployments, newest first; the one that the stage points at is marked.
fn deployments(model: &Model, row: &StageRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let Some(entry) = model.estate.api(row.slot, &row.api.id) else { return Vec::new() };
    let mut heading = vec![paint::span(look, Role::Column, "deployments")];
    match entry.deployments.value() {
        Some(all) => heading.push(paint::span(look, Role::Dim, format!("  {}", all.len()))),
        None if entry.deployments.failure().is_none() => {
            heading.push(paint::span(look, Role::Dim, "  not read yet"));
        }
        None => {}
    }
    let mut lines = vec![Line::from(heading)];
    if let Some(failure) = entry.deployments.failure() {
        let text = format!("{} {failure}", look.symbols.failed);
        lines.extend(fit::wrap(&text, width).into_iter().map(|line| paint::line(look, Role::Error, line)));
    }
    let current = row.stage.as_ref().and_then(|stage| stage.deployment.as_ref());
    for deployment in entry.deployments.value().into_iter().flatten() {
        let is_current = current == Some(&deployment.id);
        let (sign, role) = if is_current { (look.symbols.current, Role::Good) } else { (" ", Role::Dim) };
        let age = figures::age(deployment.created, model.region_now()).unwrap_or_default();
        let id = fit::pad(deployment.id.as_str(), 10, look.symbols.ellipsis);
        let state = deployment.status.as_deref().filter(|status| *status != "DEPLOYED");
        let mut spans = vec![
            paint::span(look, role, format!("{sign} ")),
            paint::span(look, if is_current { Role::Strong } else { Role::Text }, id),
            paint::span(look, Role::Dim, format!(" {age:>5}  ")),
        ];
        if let Some(state) = state {
            spans.push(paint::span(look, Role::Warning, format!("{state} ")));
        }
        let used: u16 = spans.iter().map(|span| fit::width(&span.content)).sum();
        let about = deployment.description.clone().unwrap_or_default();
        spans.push(paint::span(
            look,
            Role::Dim,
            fit::cut(&about, width.saturating_sub(used), look.symbols.ellipsis),
        ));
        lines.push(Line::from(spans));
    }
    lines
}
