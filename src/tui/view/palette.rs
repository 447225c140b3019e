//! The palette: a line to type into, and what fits it.

use ratatui::text::{Line, Span};

use super::overlay::{self, Sheet};
use super::{fit, paint};
use crate::tui::model::{Model, PaletteState};
use crate::tui::theme::Role;

/// Lines that are offered at once.
const OFFERED: usize = 12;

pub fn sheet(model: &Model, state: &PaletteState, room: u16) -> Sheet {
    let look = &model.look;
    let width = room.min(84);
    let mut lines = vec![overlay::input_line(model, ": ", state.input.value(), width)];
    match &state.error {
        Some(error) => lines.extend(overlay::paragraph(model, Role::Error, error, width)),
        None => lines.push(Line::default()),
    }
    let first = (state.cursor + 1).saturating_sub(OFFERED);
    let names = state.items.iter().map(|item| fit::width(&item.line)).max().unwrap_or(0).clamp(10, width / 2);
    for (place, item) in state.items.iter().enumerate().skip(first).take(OFFERED) {
        let role = if item.dangerous { Role::Warning } else { Role::Strong };
        let key = item.key.clone().unwrap_or_default();
        let doc_width = width.saturating_sub(names + 4 + fit::width(&key) + 1);
        let spans = vec![
            paint::span(look, role, fit::pad(&item.line, names, look.symbols.ellipsis)),
            Span::raw("  "),
            paint::span(look, Role::Dim, fit::pad(&item.doc, doc_width, look.symbols.ellipsis)),
            paint::span(look, Role::Key, format!(" {key}")),
        ];
        lines.push(overlay::menu_line(model, place == state.cursor, spans, width));
    }
    if state.items.is_empty() {
        lines.push(paint::line(look, Role::Dim, "nothing fits"));
    }
    // The panel keeps its height while the list shrinks, so that it doesn't jump under the eye.
    lines.resize(OFFERED + 2, Line::default());
    let cursor = 2 + fit::to_u16(state.input.visual_cursor());
    Sheet { cursor: Some((cursor, 0)), ..Sheet::new("Palette", width, lines) }
}
