//! Short ways to styled text, and which role a figure has.

use ratatui::text::{Line, Span};

use super::fit;
use crate::domain::fleet::{CellState, Thresholds};
use crate::tui::model::{Look, Model};
use crate::tui::theme::Role;

/// Text in the style of a role.
pub fn span(look: &Look, role: Role, text: impl Into<String>) -> Span<'static> {
    Span::styled(text.into(), look.theme.style(role))
}

/// One line of one role.
pub fn line(look: &Look, role: Role, text: impl Into<String>) -> Line<'static> {
    Line::from(span(look, role, text))
}

/// Columns of a field's name with the gap behind it.
pub const FIELD_WIDTH: u16 = 12;

/// A name and its value, the names of a list in one column.
pub fn field(look: &Look, name: &str, value: Vec<Span<'static>>) -> Line<'static> {
    let mut spans = vec![span(look, Role::Dim, format!("{name:<11} "))];
    spans.extend(value);
    Line::from(spans)
}

/// A name and a plain value.
pub fn text_field(look: &Look, name: &str, value: impl Into<String>) -> Line<'static> {
    field(look, name, vec![span(look, Role::Text, value)])
}

/// A name and a text that takes as many lines as it needs.
pub fn wrapped_field(look: &Look, name: &str, role: Role, text: &str, width: u16) -> Vec<Line<'static>> {
    fit::wrap(text, width.saturating_sub(FIELD_WIDTH))
        .into_iter()
        .enumerate()
        .map(|(place, text)| field(look, if place == 0 { name } else { "" }, vec![span(look, role, text)]))
        .collect()
}

/// Key hints: `enter open  esc back`.
pub fn hint(look: &Look, key: &str, what: &str) -> Vec<Span<'static>> {
    vec![span(look, Role::Key, key.to_owned()), span(look, Role::Dim, format!(" {what}   "))]
}

pub fn state_role(state: CellState) -> Role {
    match state {
        CellState::Well => Role::Well,
        CellState::Silent | CellState::Unseen => Role::Silent,
        CellState::Alarm => Role::Warning,
        CellState::Slow => Role::Slow,
        CellState::Full => Role::Full,
        CellState::Errors => Role::Errors,
    }
}

pub fn tile_role(state: CellState) -> Role {
    match state {
        CellState::Well => Role::TileWell,
        CellState::Silent | CellState::Unseen => Role::TileSilent,
        CellState::Slow | CellState::Alarm => Role::TileSlow,
        CellState::Full => Role::TileFull,
        CellState::Errors => Role::TileErrors,
    }
}

/// A share of 5xx answers: quiet at nothing, loud from its threshold on.
pub fn errors_role(share: f64, thresholds: &Thresholds) -> Role {
    if share >= thresholds.errors_5xx {
        Role::Errors
    } else if share > 0.0 {
        Role::Text
    } else {
        Role::Dim
    }
}

pub fn latency_role(milliseconds: f64, thresholds: &Thresholds) -> Role {
    if milliseconds >= thresholds.p99_ms { Role::Slow } else { Role::Text }
}

pub fn load_role(load: f64, thresholds: &Thresholds) -> Role {
    if load >= thresholds.load { Role::Full } else { Role::Text }
}

/// The spinner's sign of this moment.
pub fn spinner(model: &Model) -> Span<'static> {
    span(&model.look, Role::Accent, model.look.symbols.spinner(model.frame))
}

/// What stands where a figure is not known.
pub fn absent(look: &Look) -> Line<'static> {
    line(look, Role::Dim, look.symbols.absent)
}
