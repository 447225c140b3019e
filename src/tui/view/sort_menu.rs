//! The menu of columns to sort by.

use ratatui::text::Line;

use super::overlay::{self, Sheet};
use super::paint;
use crate::tui::model::{Model, SortState};
use crate::tui::rows;
use crate::tui::theme::Role;

pub fn sheet(model: &Model, state: &SortState) -> Sheet {
    let look = &model.look;
    let page = model.page();
    let own = page.listing.own_order();
    let columns =
        rows::columns(page.listing).iter().filter(|column| column.compares).map(|column| column.name);
    let present = page.table.sort.column.map_or(0, |column| column + 1);
    let lines: Vec<Line<'static>> = std::iter::once(own)
        .chain(columns)
        .enumerate()
        .map(|(place, name)| {
            let sign = if place != present {
                " "
            } else if page.table.sort.reversed {
                look.symbols.ascending
            } else {
                look.symbols.descending
            };
            let spans = vec![
                paint::span(look, Role::Text, format!("{name:<14}")),
                paint::span(look, Role::Sorted, sign),
            ];
            overlay::menu_line(model, place == state.cursor, spans, 22)
        })
        .collect();
    Sheet::new("Sort", 22, lines)
}
