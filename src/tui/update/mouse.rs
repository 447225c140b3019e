//! The mouse: a click selects a tab, a tile or a row, a second one opens it, the wheel moves.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::{action, movement};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Screen};
use crate::tui::rows::RowKey;
use crate::tui::view::geometry::{self, Hit};

/// Rows that one notch of the wheel moves by.
const NOTCH: usize = 3;

pub(super) fn act(model: &mut Model, mouse: MouseEvent) -> Vec<Effect> {
    match mouse.kind {
        MouseEventKind::ScrollDown => wheel(model, Action::Down),
        MouseEventKind::ScrollUp => wheel(model, Action::Up),
        MouseEventKind::Down(MouseButton::Left) => {
            model.last_input = model.now;
            return click(model, Position { x: mouse.column, y: mouse.row });
        }
        _ => {}
    }
    Vec::new()
}

fn wheel(model: &mut Model, action: Action) {
    model.last_input = model.now;
    for _ in 0..NOTCH {
        movement::go(model, action);
    }
}

fn click(model: &mut Model, at: Position) -> Vec<Effect> {
    if !model.overlays.is_empty() {
        return Vec::new();
    }
    match geometry::hit(model, at) {
        Some(Hit::Tab(screen)) => action::perform(
            model,
            match screen {
                Screen::Fleet => Action::ScreenFleet,
                Screen::Apis => Action::ScreenApis,
                Screen::Stages => Action::ScreenStages,
                Screen::Throttles => Action::ScreenThrottles,
                Screen::Waf => Action::ScreenWaf,
                Screen::Customers => Action::ScreenCustomers,
                Screen::Changes => Action::Journal,
            },
        ),
        Some(Hit::Part(listing)) => {
            action::show(model, listing);
            Vec::new()
        }
        Some(Hit::Row(place)) if place == model.page().table.cursor => action::perform(model, Action::Open),
        Some(Hit::Row(place)) => {
            movement::select(model, place);
            Vec::new()
        }
        Some(Hit::Tile(cell)) => {
            let key = RowKey::Cell(cell);
            let place = (0..model.page().table.visible.len())
                .find(|place| super::selection::key_at(model, *place).as_ref() == Some(&key));
            if let Some(place) = place {
                movement::select(model, place);
            }
            Vec::new()
        }
        None => Vec::new(),
    }
}
