//! Asking for the account's id or alias before changes are allowed.

use ratatui::text::{Line, Span};

use super::overlay::{self, Sheet};
use super::{fit, paint};
use crate::tui::model::{ArmingState, Model};
use crate::tui::theme::Role;

pub fn sheet(model: &Model, state: &ArmingState, room: u16) -> Sheet {
    let look = &model.look;
    let width = room.min(72);
    let region = model.region_state(state.slot);
    let connected = model.estate.region(state.slot).and_then(|region| region.connection.value());
    let mut lines = Vec::new();
    if region.is_some_and(|region| region.production) {
        lines.push(Line::from(paint::span(look, Role::Production, " PRODUCTION ")));
        lines.push(Line::default());
    }
    lines.extend(overlay::paragraph(
        model,
        Role::Text,
        "This session is read-only. To allow changes, type the id or the alias of the account:",
        width,
    ));
    lines.push(Line::default());
    let account = connected.map_or_else(|| "not connected yet".to_owned(), |known| known.key.to_string());
    lines.push(paint::text_field(look, "account", account));
    if let Some(alias) = region.and_then(|region| region.alias.clone()) {
        lines.push(paint::text_field(look, "alias", alias));
    }
    if let Some(known) = connected {
        lines.push(paint::text_field(look, "you are", fit::cut(&known.arn, width.saturating_sub(12), "…")));
    }
    lines.push(Line::default());
    let input_at = lines.len();
    lines.push(overlay::input_line(model, "> ", state.input.value(), width));
    lines.push(if state.waiting {
        Line::from(vec![paint::spinner(model), Span::raw(" "), paint::span(look, Role::Dim, "comparing")])
    } else {
        Line::default()
    });
    if let Some(error) = &state.error {
        lines.pop();
        let text = format!("{} {error}", look.symbols.failed);
        lines.extend(overlay::paragraph(model, Role::Error, &text, width));
    }
    let cursor = Some((2 + fit::to_u16(state.input.visual_cursor()), input_at));
    Sheet { cursor, frame: Some(Role::Operate), ..Sheet::new("Allow changes", width, lines) }
}
