//! How the model answers events: a pure step from one state to the next, and what it wants done.

mod action;
mod bulk;
mod change;
mod customers;
mod form;
mod journal;
mod keys;
mod left_connections;
mod mouse;
mod movement;
mod moves;
mod palette;
mod refresh;
mod remedy;
mod reply;
mod selection;
mod text_entry;

use crossterm::event::KeyEventKind;
use jiff::SignedDuration;
use ratatui::layout::Size;

use super::effect::Effect;
use super::event::Event;
use super::key::Key;
use super::model::{Model, NoticeKind};

/// How long a line about something that went well stays.
const NOTICE_SECONDS: i64 = 8;

/// Takes one event. Nothing here waits, reads a clock or touches a terminal.
pub fn update(model: &mut Model, event: Event) -> Vec<Effect> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => {
            model.last_input = model.now;
            model.settle();
            keys::press(model, Key::from(key))
        }
        Event::Key(_) => Vec::new(),
        Event::Mouse(mouse) => {
            model.settle();
            mouse::act(model, mouse)
        }
        Event::Paste(text) => {
            model.last_input = model.now;
            text_entry::paste(model, &text);
            Vec::new()
        }
        Event::Resize(width, height) => {
            model.size = Size { width, height };
            Vec::new()
        }
        Event::FocusGained => {
            model.focused = true;
            model.last_input = model.now;
            refresh::due(model)
        }
        Event::FocusLost => {
            model.focused = false;
            Vec::new()
        }
        Event::Tick(now) => tick(model, now),
        Event::Budget(slot, budget) => {
            model.cost.take(model.now, budget.metrics_requested);
            if let Some(place) = model.budgets.get_mut(slot.0) {
                *place = Some(budget);
            }
            Vec::new()
        }
        Event::Ahead(slot, ahead) => {
            if let Some(region) = model.regions.get_mut(slot.0) {
                region.ahead = ahead;
            }
            Vec::new()
        }
        Event::Reply(reply) => {
            let mut effects = reply::take(model, reply);
            effects.extend(refresh::due(model));
            effects
        }
        Event::Terminate => vec![Effect::Quit],
    }
}

fn tick(model: &mut Model, now: jiff::Timestamp) -> Vec<Effect> {
    let minute = |at: jiff::Timestamp| at.as_second().div_euclid(60);
    if minute(model.now) != minute(now) {
        // Ages in filters and sort orders have moved on.
        model.table_changed();
    }
    model.now = now;
    if model.is_waiting() {
        model.frame = model.frame.wrapping_add(1);
    }
    let expiry = SignedDuration::from_secs(NOTICE_SECONDS);
    if model
        .notice
        .as_ref()
        .is_some_and(|notice| notice.kind != NoticeKind::Error && now.duration_since(notice.at) > expiry)
    {
        model.notice = None;
    }
    refresh::due(model)
}
