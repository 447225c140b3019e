//! Connections that a move left on the old cell: asked for, weighed, read, and closed by a plan like any other.

use super::change;
use crate::domain::change::Lever;
use crate::domain::count::ScanCost;
use crate::domain::estate::RegionSlot;
use crate::domain::id::ChangeId;
use crate::ops::moves::LeftBehind;
use crate::tui::effect::Effect;
use crate::tui::event::{ReplySlot, Trouble};
use crate::tui::model::{Intention, LeftConnections, Mode, Model, Overlay, Search};

/// Asks what it costs to find those of a move.
pub(super) fn open(model: &mut Model, slot: RegionSlot, id: ChangeId) -> Vec<Effect> {
    model.overlays.push(Overlay::LeftConnections(LeftConnections::new(slot, id)));
    let ticket = model.tickets.start(ReplySlot::LeftConnections);
    vec![Effect::WeighConnections { slot, ticket }]
}

fn shown(model: &mut Model) -> Option<&mut LeftConnections> {
    model.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::LeftConnections(state) => Some(state),
        _ => None,
    })
}

pub(super) fn weighed(model: &mut Model, outcome: Result<ScanCost, Trouble>) {
    let Some(state) = shown(model) else { return };
    match outcome {
        Ok(cost) => (state.cost, state.search) = (Some(cost), Search::Weighed),
        Err(trouble) => state.search = Search::Failed(trouble),
    }
}

pub(super) fn seen(model: &mut Model, count: usize) {
    if let Some(state) = shown(model) {
        state.search = Search::Reading(count);
    }
}

pub(super) fn found(model: &mut Model, outcome: Result<Box<LeftBehind>, Trouble>) {
    let Some(state) = shown(model) else { return };
    state.search = match outcome {
        Ok(left) => Search::Found(left),
        Err(trouble) => Search::Failed(trouble),
    };
}

/// A yes: to the search first, and then to a plan to close those that were found, which asks for itself.
pub(super) fn confirm(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::LeftConnections(state)) = model.overlays.last_mut() else { return Vec::new() };
    let (slot, id) = (state.slot, state.id.clone());
    match &state.search {
        Search::Weighed => {
            state.search = Search::Reading(0);
            let ticket = model.tickets.start(ReplySlot::LeftConnections);
            vec![Effect::FindConnections { slot, id, ticket }]
        }
        Search::Found(left) if !left.connections.is_empty() => {
            let left = left.clone();
            close(model, slot, id, left)
        }
        _ => Vec::new(),
    }
}

/// Plans to close them, once changes are allowed.
fn close(model: &mut Model, slot: RegionSlot, id: ChangeId, left: Box<LeftBehind>) -> Vec<Effect> {
    if change::is_busy(model) {
        return Vec::new();
    }
    if model.region_state(slot).is_none_or(|region| region.mode != Mode::Operate) {
        change::open_arming(model, slot, Some(Intention::CloseConnections));
        return Vec::new();
    }
    let (lever, name) = (Lever::CloseConnections, format!("the move {id}"));
    model.overlays.push(Overlay::Planning { slot, lever, name, remedy: None });
    let ticket = model.tickets.start(ReplySlot::Plan);
    vec![Effect::PlanClosing { slot, id, left, ticket }]
}
