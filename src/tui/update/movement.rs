//! Moving a cursor, or scrolling what is in front.

use crate::tui::action::Action;
use crate::tui::model::{BulkPlanState, LeftConnections, Model, MovePlanState, Overlay, PlanState};
use crate::tui::rows;
use crate::tui::view::geometry;

/// Moves in the overlay in front, or in the table.
pub(super) fn go(model: &mut Model, action: Action) {
    let page = geometry::page_height(model).max(1);
    let last_column = rows::columns(model.page().listing).iter().filter(|column| column.compares).count();
    let scroll_limit = geometry::scroll_limit(model);
    match model.overlays.last_mut() {
        None | Some(Overlay::Filter { .. }) => {
            let last = model.page().table.visible.len().saturating_sub(1);
            let to = moved(model.page().table.cursor, last, page, action);
            select(model, to);
        }
        Some(Overlay::Sort(state)) => state.cursor = moved(state.cursor, last_column, page, action),
        Some(Overlay::Actions { items, cursor }) => {
            *cursor = moved(*cursor, items.len().saturating_sub(1), page, action);
        }
        Some(Overlay::Palette(state)) => {
            state.cursor = moved(state.cursor, state.items.len().saturating_sub(1), page, action);
        }
        Some(
            Overlay::Help { scroll }
            | Overlay::Failures { scroll }
            | Overlay::Detail { scroll }
            | Overlay::BulkProgress { scroll }
            | Overlay::Answer { scroll }
            | Overlay::Plan(PlanState { scroll, .. })
            | Overlay::BulkPlan(BulkPlanState { scroll, .. })
            | Overlay::MovePlan(MovePlanState { scroll, .. })
            | Overlay::LeftConnections(LeftConnections { scroll, .. })
            | Overlay::MoveProgress { scroll },
        ) => *scroll = moved(*scroll, scroll_limit, page, action),
        Some(
            Overlay::Arming(_)
            | Overlay::Form(_)
            | Overlay::Lookup(_)
            | Overlay::Planning { .. }
            | Overlay::Progress
            | Overlay::Leaving
            | Overlay::Message { .. },
        ) => {}
    }
}

/// Puts the cursor on a place of the table's visible rows.
pub(super) fn select(model: &mut Model, place: usize) {
    let key = super::selection::key_at(model, place);
    let table = &mut model.pages.current_mut().table;
    if place < table.visible.len() {
        table.cursor = place;
        table.moved = true;
        table.selected = key;
    }
}

fn moved(from: usize, last: usize, page: usize, action: Action) -> usize {
    let to = match action {
        Action::Up => from.saturating_sub(1),
        Action::Down => from.saturating_add(1),
        Action::PageUp => from.saturating_sub(page),
        Action::PageDown => from.saturating_add(page),
        Action::Top => 0,
        Action::Bottom => last,
        _ => from,
    };
    to.min(last)
}
