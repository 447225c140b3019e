//! A cell in detail: why it is judged as it is, its figures, its APIs, and who knows of it.

use std::collections::BTreeSet;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::{figures, fit, fleet, overlay, paint, panel, sparkline};
use crate::domain::cell_findings::CellFinding;
use crate::domain::fleet::{CellRow, CellState, LatencySource, Resource};
use crate::tui::model::Model;
use crate::tui::rows::ApiRow;
use crate::tui::theme::Role;

pub fn draw(frame: &mut Frame, model: &Model, area: Rect, row: &CellRow) {
    let look = &model.look;
    let title = vec![
        paint::span(
            look,
            paint::state_role(row.state),
            if model.has_figures() { format!("{} ", look.symbols.state(row.state)) } else { String::new() },
        ),
        paint::span(look, Role::Title, panel::fitting(look, row.id.as_str(), area)),
    ];
    let block = panel::titled(look, title);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let lines = fit::lines(lines(model, row, inner), inner.width, look.symbols.ellipsis);
    frame.render_widget(Paragraph::new(lines), inner);
}

/// All that is known of the cell, in lines for an area of this size.
pub fn lines(model: &Model, row: &CellRow, inner: Rect) -> Vec<Line<'static>> {
    let mut lines = judgement(model, row, inner.width);
    lines.push(Line::default());
    lines.extend(figures_of(model, row, inner.width));
    lines.push(Line::default());
    lines.extend(history(model, row, inner));
    lines.extend(apis(model, row, inner.width));
    lines
}

/// Why the cell is in its state.
fn judgement(model: &Model, row: &CellRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let thresholds = &model.settings.thresholds;
    if !model.has_figures() {
        return vec![paint::line(look, Role::Dim, "figures not read yet")];
    }
    let why = match row.state {
        CellState::Well => "all figures are below their thresholds".to_owned(),
        CellState::Silent => without_figures(model, row)
            .into_iter()
            .next()
            .unwrap_or_else(|| "CloudWatch shows no traffic".to_owned()),
        CellState::Unseen => unreachable_regions(model, row),
        CellState::Alarm => "figures are below their thresholds, but an alarm fires".to_owned(),
        CellState::Errors => {
            let rate = row.rate_5xx.map(figures::share).unwrap_or_default();
            format!("5xx {rate}, threshold {}", figures::share(thresholds.errors_5xx))
        }
        CellState::Full => {
            let load = row.load.map(figures::percent).unwrap_or_default();
            let of = row.saturation.worst().map_or("", |(resource, _)| resource.word());
            format!("{load} of its {of}, threshold {}", figures::percent(thresholds.load))
        }
        CellState::Slow => {
            let p99 = row.p99.as_ref().map(|p99| figures::milliseconds(p99.milliseconds)).unwrap_or_default();
            format!("p99 {p99} ms, threshold {} ms", figures::milliseconds(thresholds.p99_ms))
        }
    };
    let mut lines = paint::wrapped_field(look, row.state.word(), Role::Text, &why, width);
    if let Some(span) = lines.first_mut().and_then(|line| line.spans.first_mut()) {
        span.style = look.theme.style(paint::state_role(row.state));
    }
    lines
}

fn figures_of(model: &Model, row: &CellRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let thresholds = &model.settings.thresholds;
    let absent = look.symbols.absent;
    let text = |value: Option<String>| value.unwrap_or_else(|| absent.to_owned());
    let mut lines = vec![paint::text_field(
        look,
        "requests",
        text(row.requests_per_second.map(|rate| format!("{}/s", figures::rate(rate)))),
    )];
    let errors_role = row.rate_5xx.map_or(Role::Dim, |rate| paint::errors_role(rate, thresholds));
    lines.push(paint::field(
        look,
        "errors",
        vec![
            paint::span(
                look,
                errors_role,
                text(row.rate_5xx.map(|rate| format!("{} 5xx", figures::share(rate)))),
            ),
            paint::span(look, Role::Dim, "   "),
            paint::span(
                look,
                Role::Text,
                text(row.rate_4xx.map(|rate| format!("{} 4xx", figures::share(rate)))),
            ),
        ],
    ));
    let mut p99 = Vec::new();
    let mut p99_source = None;
    match &row.p99 {
        Some(latency) => {
            let role = paint::latency_role(latency.milliseconds, thresholds);
            p99.push(paint::span(look, role, format!("{} ms", figures::milliseconds(latency.milliseconds))));
            let source = match &latency.source {
                LatencySource::CellMetric => "cell metric".to_owned(),
                LatencySource::WorstApi(name) => format!("worst API: {name}"),
            };
            let used: u16 = p99.iter().map(|span| fit::width(&span.content)).sum();
            if paint::FIELD_WIDTH + used + 2 + fit::width(&source) <= width {
                p99.push(paint::span(look, Role::Dim, format!("  {source}")));
            } else {
                p99_source = Some(paint::span(look, Role::Dim, source));
            }
        }
        None => p99.push(paint::span(look, Role::Dim, absent)),
    }
    lines.push(paint::field(look, "p99", p99));
    lines.extend(p99_source.map(|source| paint::field(look, "", vec![source])));
    lines.extend(saturation(model, row));
    let customers = match row.customers {
        Some(count) if count.complete => vec![paint::span(look, Role::Text, fleet::customers(model, count))],
        Some(count) => vec![
            paint::span(look, Role::Text, fleet::customers(model, count)),
            paint::span(look, Role::Dim, "  counted in part"),
        ],
        None => vec![paint::span(look, Role::Dim, absent)],
    };
    lines.push(paint::field(look, "customers", customers));
    if let Some(count) = row.connections {
        lines.push(paint::text_field(look, "connections", fleet::customers(model, count)));
    }
    lines.extend(beside(model, row, width));
    let sources: Vec<&str> = row.cell.sources.iter().map(|source| source.words()).collect();
    lines.extend(paint::wrapped_field(look, "known from", Role::Text, &sources.join(", "), width));
    lines.extend(findings(model, row, width));
    lines
}

/// How full it is of each thing that a limit is configured for, the fullest first.
fn saturation(model: &Model, row: &CellRow) -> Vec<Line<'static>> {
    let look = &model.look;
    let thresholds = &model.settings.thresholds;
    let cell = &row.cell;
    let mut loads = row.saturation.loads.clone();
    loads.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let mut lines: Vec<Line<'static>> = Vec::new();
    for (resource, load) in loads {
        let limit = match resource {
            Resource::Requests => cell.capacity.map(|most| format!("{} req/s", figures::setting(most))),
            Resource::Customers => {
                cell.most_customers.map(|most| format!("{} customers", figures::count(most)))
            }
            Resource::Connections => {
                cell.most_connections.map(|most| format!("{} connections", figures::count(most)))
            }
        };
        let spans = vec![
            paint::span(look, paint::load_role(load, thresholds), figures::percent(load)),
            paint::span(look, Role::Dim, format!("  of {}", limit.unwrap_or_default())),
        ];
        lines.push(paint::field(look, if lines.is_empty() { "load" } else { "" }, spans));
    }
    if lines.is_empty() {
        let text = match cell.capacity {
            Some(capacity) => format!("{}  of {} req/s", look.symbols.absent, figures::setting(capacity)),
            None => "no capacity configured".to_owned(),
        };
        lines.push(paint::field(look, "load", vec![paint::span(look, Role::Dim, text)]));
    }
    if let Some(highest) = row.highest {
        let now = row.load_of_highest().map_or_else(|| look.symbols.absent.to_owned(), figures::percent);
        let rate = figures::rate(highest.requests_per_second);
        let spans = vec![
            paint::span(look, Role::Text, now),
            paint::span(look, Role::Dim, format!("  of {rate}/s seen")),
        ];
        lines.push(paint::field(look, "highest", spans));
    }
    lines
}

/// What is known beside traffic: only what there is, so that a cell that is well stays calm.
fn beside(model: &Model, row: &CellRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines = Vec::new();
    if let Some(blocked) = row.blocked_per_minute.filter(|blocked| *blocked > 0.0) {
        lines.push(paint::text_field(
            look,
            "WAF blocks",
            format!("{} a minute", figures::setting(blocked.round())),
        ));
    }
    if let Some(alarms) = row.alarms.as_ref().filter(|alarms| !alarms.is_empty()) {
        lines.extend(paint::wrapped_field(look, "alarms", Role::Warning, &alarms.join(", "), width));
    }
    if let Some(change) = &row.last_change {
        let age = figures::age(Some(change.at), model.region_now()).unwrap_or_default();
        let what = change.lever.as_ref().map(|lever| format!("{lever} ")).unwrap_or_default();
        let text = format!("{age} ago, {what}{}", change.target);
        lines.extend(paint::wrapped_field(look, "changed", Role::Text, &text, width));
    }
    lines
}

/// Where sources, or the cell and its fleet, disagree; nothing where they don't.
fn findings(model: &Model, row: &CellRow, width: u16) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (place, finding) in row.findings.iter().enumerate() {
        let name = if place == 0 { "findings" } else { "" };
        lines.extend(paint::wrapped_field(&model.look, name, Role::Warning, &finding.text(), width));
    }
    lines
}

/// Which of the cell's regions can't be reached, and why.
fn unreachable_regions(model: &Model, row: &CellRow) -> String {
    let why = row.cell.regions.iter().filter_map(|slot| {
        let region = model.estate.region(*slot)?;
        let failure = region.unreachable().or_else(|| model.signals.get(slot.0)?.failure())?;
        let name = model.region_state(*slot).and_then(|state| state.alias.as_deref());
        Some(format!("{}: {failure}", name.unwrap_or("its region")))
    });
    why.collect::<Vec<_>>().join("; ")
}

/// Requests of the last hour, taller where there is room.
fn history(model: &Model, row: &CellRow, inner: Rect) -> Vec<Line<'static>> {
    let look = &model.look;
    let highest = sparkline::highest(&row.history);
    if highest <= 0.0 {
        return Vec::new();
    }
    let rows = if inner.height >= 40 { 4 } else { 2 };
    let scale = sparkline::Scale::of(&row.history);
    let mut lines = sparkline::tall(look, Role::Spark, &row.history, scale, inner.width, rows);
    let peak = sparkline::caption(&row.history);
    lines.push(paint::line(look, Role::Dim, peak));
    lines.push(Line::default());
    lines
}

/// The rows of the cell's APIs.
fn of_cell<'model>(model: &'model Model, row: &CellRow) -> impl Iterator<Item = &'model ApiRow> {
    model.rows.apis.iter().filter(|api| row.cell.apis.contains(&(api.slot, api.api.id.clone())))
}

/// Why APIs of the cell have no figures, each reason once.
fn without_figures(model: &Model, row: &CellRow) -> Vec<String> {
    let reasons: BTreeSet<String> =
        of_cell(model, row).filter_map(|api| api.why_without_figures(model)).collect();
    reasons.into_iter().collect()
}

fn apis(model: &Model, row: &CellRow, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut of_cell: Vec<&ApiRow> = of_cell(model, row).collect();
    of_cell.sort_by(|one, other| {
        let rate = |row: &ApiRow| row.requests_per_second.unwrap_or(-1.0);
        rate(other).total_cmp(&rate(one))
    });
    let name_width = width.saturating_sub(21);
    let mut lines = vec![Line::from(vec![paint::span(
        look,
        Role::Column,
        format!("{}{:>7}{:>7}{:>7}", fit::pad("APIs", name_width, ""), "req/s", "5xx", "p99"),
    )])];
    for api in of_cell {
        let absent = || look.symbols.absent.to_owned();
        let thresholds = &model.settings.thresholds;
        let rate = api.requests_per_second.map_or_else(absent, figures::rate);
        let errors = api.rate_5xx.map_or_else(absent, figures::share);
        let p99 = api.p99_ms.map_or_else(absent, figures::milliseconds);
        let errors_role = api.rate_5xx.map_or(Role::Dim, |rate| paint::errors_role(rate, thresholds));
        let p99_role = api.p99_ms.map_or(Role::Dim, |p99| paint::latency_role(p99, thresholds));
        lines.push(Line::from(vec![
            paint::span(look, Role::Text, fit::pad(&api.api.name, name_width, look.symbols.ellipsis)),
            paint::span(look, Role::Text, format!("{rate:>7}")),
            paint::span(look, errors_role, format!("{errors:>7}")),
            paint::span(look, p99_role, format!("{p99:>7}")),
        ]));
    }
    let told: Vec<String> = row.findings.iter().map(CellFinding::text).collect();
    for why in without_figures(model, row).into_iter().filter(|why| !told.contains(why)) {
        lines.push(Line::default());
        lines.extend(overlay::paragraph(model, Role::Warning, &why, width));
    }
    lines
}
