//! The menu of what can be done with the selection, and why some of it can't.

use ratatui::text::Line;

use super::overlay::{self, Sheet};
use super::{fit, paint};
use crate::tui::model::{ActionItem, Model};
use crate::tui::theme::Role;

pub fn sheet(model: &Model, items: &[ActionItem], cursor: usize, room: u16) -> Sheet {
    let look = &model.look;
    let text_of = |item: &ActionItem| {
        item.blocked.as_ref().map_or_else(|| item.text.clone(), |why| format!("{}: {why}", item.text))
    };
    let widest = items.iter().map(|item| fit::width(&text_of(item))).max().unwrap_or(0);
    let width = (widest + 2).max(24).min(room);
    let lines: Vec<Line<'static>> = items
        .iter()
        .enumerate()
        .map(|(place, item)| {
            let role = match (&item.blocked, item.action.info().dangerous) {
                (Some(_), _) => Role::Dim,
                (None, true) => Role::Warning,
                (None, false) => Role::Text,
            };
            let text = fit::cut(&text_of(item), width.saturating_sub(2), look.symbols.ellipsis);
            overlay::menu_line(model, place == cursor, vec![paint::span(look, role, text)], width)
        })
        .collect();
    Sheet::new("Actions", width, lines)
}
