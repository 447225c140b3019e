//! Overlays that are typed into: palette, filter, arming, the target's name.

use crossterm::event::{KeyCode, KeyModifiers};
use tui_input::InputRequest;

use super::{action, bulk, change, customers, form, movement, moves, palette};
use crate::domain::text::sanitise;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::key::Key;
use crate::tui::model::{Confirmation, Model, Overlay};

/// No name or filter is longer.
const LONGEST: usize = 200;
/// AWS: a key, such as a customer's id, has at most so many bytes.
const LONGEST_ID: usize = 2_048;

/// Characters that the line in front takes.
fn longest(model: &Model) -> usize {
    if matches!(model.overlays.last(), Some(Overlay::Lookup(_))) { LONGEST_ID } else { LONGEST }
}

pub(super) fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    if matches!(model.overlays.last(), Some(Overlay::Form(_))) {
        match key.code {
            KeyCode::Up => form::arrow(model, -1),
            KeyCode::Down => form::arrow(model, 1),
            KeyCode::BackTab => form::go(model, -1),
            KeyCode::Tab => form::go(model, 1),
            _ => return press_any(model, key),
        }
        return Vec::new();
    }
    press_any(model, key)
}

fn press_any(model: &mut Model, key: Key) -> Vec<Effect> {
    match key.code {
        KeyCode::Esc => return cancel(model),
        KeyCode::Enter => return submit(model),
        KeyCode::Up => movement::go(model, Action::Up),
        KeyCode::Down => movement::go(model, Action::Down),
        KeyCode::PageUp => movement::go(model, Action::PageUp),
        KeyCode::PageDown => movement::go(model, Action::PageDown),
        KeyCode::Tab => palette::complete(model),
        _ => {
            if let Some(request) = request(key) {
                edit(model, request);
            }
        }
    }
    Vec::new()
}

/// Types text in as if it had been keyed, control characters made harmless.
pub(super) fn paste(model: &mut Model, text: &str) {
    if model.overlays.last().is_some_and(Overlay::takes_text) {
        for character in sanitise(text.trim()).chars().take(longest(model)) {
            edit(model, InputRequest::InsertChar(character));
        }
    }
}

/// The usual keys of a line editor.
fn request(key: Key) -> Option<InputRequest> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    Some(match key.code {
        KeyCode::Char('a') if control => InputRequest::GoToStart,
        KeyCode::Char('e') if control => InputRequest::GoToEnd,
        KeyCode::Char('w') if control => InputRequest::DeletePrevWord,
        KeyCode::Char('u') if control => InputRequest::DeleteLine,
        KeyCode::Char('k') if control => InputRequest::DeleteTillEnd,
        KeyCode::Char(_) if control || alt => return None,
        KeyCode::Char(character) => InputRequest::InsertChar(character),
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        _ => return None,
    })
}

fn edit(model: &mut Model, request: InputRequest) {
    let longest = longest(model);
    let types = matches!(request, InputRequest::InsertChar(_));
    if let Some(Overlay::Form(state)) = model.overlays.last_mut() {
        state.touch(types);
    }
    let Some(input) = model.overlays.last_mut().and_then(Overlay::input_mut) else { return };
    let full = input.value().chars().count() >= longest;
    if full && types {
        return;
    }
    input.handle(request);
    let line = input.value().to_owned();
    match model.overlays.last_mut() {
        Some(Overlay::Filter { .. }) => set_filter(model, line),
        Some(Overlay::Palette(_)) => palette::typed(model, &line),
        Some(Overlay::Arming(state)) => state.error = None,
        Some(Overlay::Form(state)) => state.edited(),
        Some(Overlay::Lookup(state)) => state.error = None,
        Some(Overlay::Plan(plan)) => {
            if let Confirmation::TypeName { error, .. } = &mut plan.confirmation {
                *error = None;
            }
        }
        Some(Overlay::MovePlan(plan)) => {
            if let Confirmation::TypeName { error, .. } = &mut plan.confirmation {
                *error = None;
            }
        }
        Some(Overlay::BulkPlan(plan)) => {
            if let Confirmation::TypeName { error, .. } = &mut plan.confirmation {
                *error = None;
            }
        }
        _ => {}
    }
}

/// Filters the open table; what is selected stays so if it passes.
pub(super) fn set_filter(model: &mut Model, text: String) {
    model.pages.current_mut().table.filter = text;
    model.table_changed();
}

fn cancel(model: &mut Model) -> Vec<Effect> {
    if matches!(model.overlays.last(), Some(Overlay::Filter { .. })) {
        set_filter(model, String::new());
    }
    action::close_front(model)
}

fn submit(model: &mut Model) -> Vec<Effect> {
    match model.overlays.last() {
        Some(Overlay::Filter { .. }) => {
            model.settle();
            // A filter that can't be read stays open, with its error in sight.
            if model.page().table.error.is_none() {
                // What was looked for stays selected when the filter goes.
                model.pages.current_mut().table.moved = true;
                model.overlays.pop();
            }
            Vec::new()
        }
        Some(Overlay::Palette(_)) => palette::run_chosen(model),
        Some(Overlay::Arming(state)) if !state.waiting => change::submit_arming(model),
        Some(Overlay::Plan(_)) => change::confirm_typed(model),
        Some(Overlay::BulkPlan(_)) => bulk::confirm_typed(model),
        Some(Overlay::MovePlan(_)) => moves::confirm_typed(model),
        Some(Overlay::Form(_)) => form::submit(model),
        Some(Overlay::Lookup(_)) => customers::submit(model),
        _ => Vec::new(),
    }
}
