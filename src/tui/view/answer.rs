//! The answer to a lookup: which cell serves the customer and how it does, its mapping, keys and moves.

use ratatui::text::{Line, Span};

use super::overlay::{self, Sheet};
use super::{detail, figures, fit, paint};
use crate::domain::lookup::{Answer, Mapping, PastMove};
use crate::ops::lookup::{KeyOfCustomer, Lookup};
use crate::tui::model::{LookupState, Model};
use crate::tui::theme::Role;

/// Columns that the panel would like.
const WIDTH: u16 = 76;

/// Where a customer's id is typed.
pub fn input(model: &Model, state: &LookupState, room: u16) -> Sheet {
    let width = room.min(WIDTH);
    let mut lines = overlay::paragraph(
        model,
        Role::Text,
        "The customer's id: its mapping is read consistently, and shown with what the router makes of it.",
        width,
    );
    lines.push(Line::default());
    let input_at = lines.len();
    lines.push(overlay::input_line(model, "> ", state.input.value(), width));
    match &state.error {
        Some(error) => {
            let text = format!("{} {error}", model.look.symbols.failed);
            lines.extend(overlay::paragraph(model, Role::Error, &text, width));
        }
        None => lines.push(Line::default()),
    }
    let cursor = Some(((2 + fit::to_u16(state.input.visual_cursor())).min(width), input_at));
    Sheet { cursor, ..Sheet::new("Look a customer up", width, lines) }
}

/// What was found, in front of the screen.
pub fn sheet(model: &Model, scroll: usize, room: u16) -> Option<Sheet> {
    let (customer, found) = model.customers.lookup.as_ref()?;
    let width = room.min(WIDTH);
    let lines = match found {
        Some(found) => lines(model, found, width),
        None => vec![Line::from(vec![paint::spinner(model), Span::raw(" looking it up")])],
    };
    let title = fit::cut(customer, width.saturating_sub(2), model.look.symbols.ellipsis);
    let lines = fit::lines(lines, width, model.look.symbols.ellipsis);
    Some(Sheet { scroll, ..Sheet::new(title, width, lines) })
}

/// All that was found.
pub fn lines(model: &Model, found: &Lookup, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines = Vec::new();
    match &found.mapping {
        Err(failure) => lines.extend(detail::failure_lines(model, failure, width)),
        Ok(mapping) => lines.extend(of_mapping(model, found.answer.as_ref(), mapping, width)),
    }
    lines.push(Line::default());
    let count = found.keys.rows.len();
    let note = if count == 0 { "none of its own".to_owned() } else { figures::count(count as u64) };
    lines.push(detail::heading(model, "API keys", &note));
    for failure in &found.keys.failures {
        lines.extend(detail::failure_lines(model, failure, width));
    }
    for key in &found.keys.rows {
        lines.extend(of_key(model, key, width));
    }
    lines.push(Line::default());
    lines.push(detail::heading(model, "moves", if found.moves.is_empty() { "none known" } else { "" }));
    for past in &found.moves {
        lines.extend(of_move(model, past, width));
    }
    lines.push(Line::default());
    let age = figures::span(model.region_now().duration_since(found.at));
    lines.push(paint::line(look, Role::Dim, format!("read {age} ago")));
    lines
}

fn of_mapping(model: &Model, answer: Option<&Answer>, mapping: &Mapping, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let mut lines = Vec::new();
    let Some(answer) = answer else { return lines };
    match answer.cell() {
        Some(cell) => {
            let value = paint::span(look, Role::Strong, cell.to_string());
            lines.push(paint::field(look, "cell", detail::noted(model, value, &answer.words(), width)));
            lines.push(paint::field(look, "state", state(model, cell.as_str())));
        }
        None => lines.extend(paint::wrapped_field(look, "cell", Role::Warning, &answer.words(), width)),
    }
    if let Some(seconds) = model.settings.router_cache_seconds.filter(|_| answer.cell().is_some()) {
        let text = format!("may give an answer that is up to {seconds} s old");
        lines.extend(paint::wrapped_field(look, "router", Role::Dim, &text, width));
    }
    if let Mapping::To(mapped) = mapping {
        for (name, value) in &mapped.attributes {
            lines.extend(paint::wrapped_field(
                look,
                "attribute",
                Role::Dim,
                &format!("{name} = {value}"),
                width,
            ));
        }
    }
    lines
}

/// How the cell does, as the fleet shows it.
fn state(model: &Model, cell: &str) -> Vec<Span<'static>> {
    let look = &model.look;
    let Some(row) = model.rows.cells.iter().find(|row| row.id.as_str() == cell) else {
        return vec![paint::span(look, Role::Warning, "no API here serves it")];
    };
    if !model.has_figures() {
        return vec![paint::span(look, Role::Dim, "figures not read yet")];
    }
    let mut spans = vec![paint::span(
        look,
        paint::state_role(row.state),
        format!("{} {}", look.symbols.state(row.state), row.state.word()),
    )];
    let figures = [
        row.requests_per_second.map(|rate| format!("{}/s", figures::rate(rate))),
        row.rate_5xx.map(|rate| format!("{} 5xx", figures::share(rate))),
        row.load.map(|load| format!("load {}", figures::percent(load))),
    ];
    let figures: Vec<String> = figures.into_iter().flatten().collect();
    spans.push(paint::span(look, Role::Dim, format!("  {}", figures.join(", "))));
    spans
}

fn of_key(model: &Model, key: &KeyOfCustomer, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let (role, state) = if key.key.enabled { (Role::Text, "on") } else { (Role::Warning, "off: a 403") };
    let mut lines = vec![paint::line(look, role, format!("  {} ({}), {state}", key.key.name, key.key.id))];
    for plan in &key.plans {
        let throttle = figures::throttle(plan.throttle);
        let quota = plan.quota.as_ref().map(figures::quota);
        let used = plan.used_today.map(|used| format!("{} used today", figures::count(used.unsigned_abs())));
        let left = plan.remaining.map(|left| format!("{} left", figures::count(left.unsigned_abs())));
        let name = format!("plan {}", plan.name);
        let words: Vec<String> =
            std::iter::once(name).chain(throttle).chain(quota).chain(used).chain(left).collect();
        let wrapped = fit::wrap(&words.join(", "), width.saturating_sub(4));
        lines.extend(wrapped.into_iter().map(|line| paint::line(look, Role::Dim, format!("    {line}"))));
    }
    if key.plans.is_empty() {
        lines.push(paint::line(look, Role::Warning, "    on no plan"));
    }
    lines
}

fn of_move(model: &Model, past: &PastMove, width: u16) -> Vec<Line<'static>> {
    let look = &model.look;
    let cell = |cell: &Option<crate::domain::id::CellId>| {
        cell.as_ref().map_or_else(|| look.symbols.absent.to_owned(), ToString::to_string)
    };
    let mut words = format!("from {} to {}", cell(&past.from), cell(&past.to));
    for (lead, text) in [(" at ", &past.at), (" by ", &past.by), (": ", &past.reason)] {
        if let Some(text) = text {
            words.push_str(lead);
            words.push_str(text);
        }
    }
    let wrapped = fit::wrap(&words, width.saturating_sub(2));
    wrapped.into_iter().map(|line| paint::line(look, Role::Text, format!("  {line}"))).collect()
}
