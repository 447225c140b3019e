//! What could not be read: which call, on what, why, and how to mend it.

use ratatui::text::{Line, Span};

use super::overlay::{self, Sheet};
use super::paint;
use crate::tui::model::Model;
use crate::tui::theme::Role;

pub fn sheet(model: &Model, scroll: usize, room: u16) -> Sheet {
    let look = &model.look;
    let width = room.min(100);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for failure in model.failures() {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::from(vec![
            paint::span(look, Role::Error, format!("{} {}", look.symbols.failed, failure.operation)),
            Span::raw("  "),
            paint::span(look, Role::Strong, failure.target.clone()),
        ]));
        lines.extend(overlay::paragraph(model, Role::Text, &failure.message, width));
        if let Some(hint) = &failure.hint {
            lines.extend(overlay::paragraph(model, Role::Accent, hint, width));
        }
        if let Some(request) = &failure.request_id {
            lines.push(paint::line(look, Role::Dim, format!("request {request}")));
        }
    }
    if lines.is_empty() {
        lines.push(Line::from(vec![
            paint::span(look, Role::Good, look.symbols.done),
            paint::span(look, Role::Text, " everything that was asked for could be read"),
        ]));
    }
    Sheet { scroll, ..Sheet::new("Failures", width, lines) }
}
