//! From a key to what it does, depending on what is in front.

use super::{action, text_entry};
use crate::tui::action::{Action, Scope};
use crate::tui::effect::Effect;
use crate::tui::key::Key;
use crate::tui::model::{Confirmation, Model, Overlay};

pub(super) fn press(model: &mut Model, key: Key) -> Vec<Effect> {
    if model.keymap.keys(Action::QuitNow).contains(&key) {
        return vec![Effect::Quit];
    }
    if model.overlays.last().is_some_and(Overlay::takes_text) {
        return text_entry::press(model, key);
    }
    match model.keymap.action(key, scope(model)) {
        Some(wanted) => action::perform(model, wanted),
        None => Vec::new(),
    }
}

/// Which keys work now, beside those that work everywhere.
fn scope(model: &Model) -> Scope {
    match model.overlays.last() {
        None => Scope::Table,
        Some(Overlay::Plan(plan)) if matches!(plan.confirmation, Confirmation::YesOrNo) => {
            Scope::Confirmation
        }
        Some(Overlay::BulkPlan(plan)) if matches!(plan.confirmation, Confirmation::YesOrNo) => {
            Scope::Confirmation
        }
        Some(Overlay::MovePlan(plan)) if matches!(plan.confirmation, Confirmation::YesOrNo) => {
            Scope::Confirmation
        }
        Some(Overlay::LeftConnections(state)) if state.asks() => Scope::Confirmation,
        Some(Overlay::Leaving) => Scope::Confirmation,
        Some(Overlay::MoveProgress { .. }) => Scope::Move,
        Some(_) => Scope::Everywhere,
    }
}
