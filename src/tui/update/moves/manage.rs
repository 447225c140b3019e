//! What can be done about moves that were begun: pause, resume, give up, undo; those of this console and others'.

use std::sync::Arc;

use crate::domain::change::Outcome;
use crate::domain::id::ChangeId;
use crate::ops::moves::Wish;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::event::ReplySlot;
use crate::tui::model::{
    Confirmation, Intention, Mode, Model, MovePlanState, MoveRun, MoveStanding, NoticeKind, Offered, Overlay,
    Remedy,
};
use crate::tui::rows::ChangeRow;
use crate::tui::update::{change, left_connections, selection};

/// A move as the journal tells it.
fn standing<'model>(model: &'model Model, id: &ChangeId) -> Option<&'model Arc<MoveStanding>> {
    model.journal.value()?.moves.get(id)
}

/// Whether the move runs in this console.
fn runs_here(model: &Model, id: &ChangeId) -> bool {
    model.moving.as_ref().is_some_and(|run| run.is_running() && run.id.as_ref() == Some(id))
}

/// Puts the move that runs, or ran last, in front.
pub(in crate::tui::update) fn show(model: &mut Model) {
    model.overlays.push(Overlay::MoveProgress { scroll: 0 });
}

/// Opens the form to take back the move in front, once it has ended.
pub(in crate::tui::update) fn undo_shown(model: &mut Model) {
    let ended =
        model.moving.as_ref().filter(|run| !run.is_running() && !run.is_paused() && run.tally.moved > 0);
    match ended.and_then(|run| run.id.clone()) {
        Some(id) => super::open_undo(model, id),
        None => model.say(NoticeKind::Warning, "only a move that has ended can be undone"),
    }
}

/// Asks what it costs to find the connections that a move left behind: the one in front, or the one selected.
pub(in crate::tui::update) fn left_connections(model: &mut Model) -> Vec<Effect> {
    let found = match meant(model) {
        Some(Meant::Listed(standing)) => {
            (standing.tally.moved > 0).then(|| (selection::slot(model), standing.id.clone()))
        }
        Some(Meant::Here) => model
            .moving
            .as_ref()
            .filter(|run| !run.is_running() && run.tally.moved > 0)
            .and_then(|run| Some((run.slot, run.id.clone()?))),
        None => None,
    };
    let Some((slot, id)) = found else {
        model.say(NoticeKind::Warning, "select a move on screen 9 that has moved somebody and doesn't run");
        return Vec::new();
    };
    left_connections::open(model, slot, id)
}

/// The move that an action is for: the one in front or the one that runs here, unless another is selected.
enum Meant {
    Here,
    Listed(Arc<MoveStanding>),
}

fn meant(model: &Model) -> Option<Meant> {
    if matches!(model.overlays.last(), Some(Overlay::MoveProgress { .. })) {
        return Some(Meant::Here);
    }
    let selected = selection::change(model).and_then(|row| row.standing.clone());
    match selected {
        Some(standing) if !runs_here(model, &standing.id) => Some(Meant::Listed(standing)),
        Some(_) => Some(Meant::Here),
        None => model.moving.as_ref().filter(|run| run.is_running() || run.is_paused()).map(|_| Meant::Here),
    }
}

/// Has a running move stop between two ranges.
pub(in crate::tui::update) fn pause(model: &mut Model) -> Vec<Effect> {
    stop(model, Wish::Pause)
}

/// Gives a move up; who was moved stays where they are.
pub(in crate::tui::update) fn abort(model: &mut Model) -> Vec<Effect> {
    stop(model, Wish::Abort)
}

fn stop(model: &mut Model, wish: Wish) -> Vec<Effect> {
    match meant(model) {
        Some(Meant::Here) => stop_here(model, wish),
        Some(Meant::Listed(standing)) if standing.has_ended() => {
            model.say(NoticeKind::Warning, format!("{} has ended", standing.id));
            Vec::new()
        }
        Some(Meant::Listed(standing)) if wish == Wish::Abort && !standing.held => {
            again(model, &standing.id, true)
        }
        Some(Meant::Listed(standing)) if !standing.held => {
            let text =
                format!("no process on this machine carries {} out: it is {}", standing.id, standing.state());
            model.say(NoticeKind::Warning, text);
            Vec::new()
        }
        Some(Meant::Listed(standing)) => wish_of(model, &standing, wish),
        None => {
            model.say(NoticeKind::Warning, "no move runs here: select one on screen 9");
            Vec::new()
        }
    }
}

fn stop_here(model: &mut Model, wish: Wish) -> Vec<Effect> {
    let Some(run) = model.moving.as_mut() else { return Vec::new() };
    if run.is_running() {
        run.wish = Some(wish);
        return vec![Effect::StopMove];
    }
    match (run.is_paused(), wish) {
        (true, Wish::Abort) => super::go_on(model, true),
        (true, Wish::Pause) => {
            model.say(NoticeKind::Done, "it is paused already");
            Vec::new()
        }
        (false, _) => {
            model.say(NoticeKind::Warning, "it has ended");
            Vec::new()
        }
    }
}

/// Leaves a wish for the process that carries the move out.
fn wish_of(model: &mut Model, standing: &MoveStanding, wish: Wish) -> Vec<Effect> {
    let slot = selection::slot(model);
    if model.region_state(slot).is_none_or(|region| region.mode != Mode::Operate) {
        change::open_arming(model, slot, None);
        return Vec::new();
    }
    let ticket = model.tickets.start(ReplySlot::MoveWish);
    vec![Effect::WishMove { slot, id: standing.id.clone(), wish, ticket }]
}

/// Goes on with a move that was paused or cut off.
pub(in crate::tui::update) fn resume(model: &mut Model) -> Vec<Effect> {
    match meant(model) {
        Some(Meant::Here) if model.moving.as_ref().is_some_and(MoveRun::is_paused) => {
            super::go_on(model, false)
        }
        Some(Meant::Here) => {
            let running = model.moving.as_ref().is_some_and(MoveRun::is_running);
            let text = if running { "it is running" } else { "it has ended" };
            model.say(NoticeKind::Warning, text);
            Vec::new()
        }
        Some(Meant::Listed(standing)) => again(model, &standing.id, false),
        None => {
            model.say(NoticeKind::Warning, "no move was paused here: select one on screen 9");
            Vec::new()
        }
    }
}

/// Shows a move that nobody carries out, and asks whether to go on with it or to give it up.
pub(in crate::tui::update) fn again(model: &mut Model, id: &ChangeId, give_up: bool) -> Vec<Effect> {
    let Some(standing) = standing(model, id).cloned() else {
        model.say(NoticeKind::Warning, format!("the journal has no move {id}"));
        return Vec::new();
    };
    if let Some(why) = blocked_again(&standing) {
        model.say(NoticeKind::Warning, format!("{id} can't be taken up: {why}"));
        return Vec::new();
    }
    if super::is_busy(model) {
        return Vec::new();
    }
    let slot = selection::slot(model);
    if model.region_state(slot).is_none_or(|region| region.mode != Mode::Operate) {
        let remedy = if give_up { Remedy::Settle } else { Remedy::Finish };
        change::open_arming(model, slot, Some(Intention::Remedy(remedy, id.clone())));
        return Vec::new();
    }
    // Who gives up sends nothing.
    let confirmation = if give_up {
        Confirmation::YesOrNo
    } else {
        super::confirmation(model, slot, standing.header.risk())
    };
    let offered = Offered::Unfinished { standing, give_up };
    model.overlays.push(Overlay::MovePlan(MovePlanState { slot, offered, scroll: 0, confirmation }));
    Vec::new()
}

fn blocked_again(standing: &MoveStanding) -> Option<String> {
    if standing.has_ended() {
        return Some("it has ended".to_owned());
    }
    standing
        .held
        .then(|| "another process on this machine carries it out, or another move of its cells".to_owned())
}

/// Why a remedy of changes can't be had for a move, where it can't; what finishes a change resumes a move, and what
/// settles one gives it up.
pub(in crate::tui::update) fn named(remedy: Remedy, row: &ChangeRow) -> Option<String> {
    let Some(standing) = &row.standing else { return Some("the journal was not read whole yet".to_owned()) };
    match remedy {
        Remedy::Finish | Remedy::Settle => blocked_again(standing),
        Remedy::Undo if standing.held => Some("it is running".to_owned()),
        Remedy::Undo if standing.tally.in_doubt > 0 => {
            Some(format!("{} customers are in doubt: resume it, or give it up", standing.tally.in_doubt))
        }
        Remedy::Undo if standing.tally.moved == 0 => Some("nobody was moved".to_owned()),
        Remedy::Undo => match (&row.change.undone_by, &row.change.end) {
            (Some(by), _) if row.undone => Some(format!("it was undone by {by}")),
            (_, Some(end)) if matches!(end.outcome, Outcome::NotApplied { .. }) => {
                Some("nobody was moved".to_owned())
            }
            _ => None,
        },
    }
}

/// Adds what can be done about the selected move to the menu of actions.
pub(in crate::tui::update) fn offer(
    model: &Model,
    row: &ChangeRow,
    offer: &mut impl FnMut(Action, String, Option<String>),
) {
    let Some(standing) = &row.standing else { return };
    let id = &standing.id;
    let arming = selection::needs_arming(model);
    let elsewhere = row.slot.is_none().then(|| "this console isn't where it was made".to_owned());
    let mut add = |action, text: String, blocked: Option<String>| {
        offer(action, format!("{text}{arming}"), elsewhere.clone().or(blocked));
    };
    if !standing.has_ended() {
        if standing.held {
            add(Action::PauseMove, format!("pause {id}: its process stops between two ranges"), None);
        }
        add(Action::ResumeMove, format!("resume {id}"), blocked_again(standing));
        add(Action::AbortMove, format!("give {id} up; who was moved stays"), None);
    }
    add(Action::Undo, format!("undo {id}: move those back"), named(Remedy::Undo, row));
    // It reads: changes need not be allowed for that.
    if standing.tally.moved > 0 {
        offer(Action::LeftConnections, format!("find the connections that {id} left behind"), elsewhere);
    }
}
