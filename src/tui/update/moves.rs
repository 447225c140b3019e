//! The way of a move in the console: whom it is about, its form, its plan and the yes to it, and what became of it.

mod after;
mod manage;
mod subject;

pub(super) use self::after::{flush_router, note_flush};
pub(super) use self::manage::{
    abort, again, left_connections, named, offer, pause, resume, show, undo_shown,
};
pub(super) use self::subject::{
    cell_offers, cells, open_cell, open_named, open_rebalance, open_selected, open_undo,
};

use super::{action, change, customers, journal};
use crate::domain::change::{BlastRadius, Lever, Outcome, Risk};
use crate::domain::estate::RegionSlot;
use crate::domain::moves::MovePlan;
use crate::ops::moves::{Ended, Progress, Wish};
use crate::tui::effect::Effect;
use crate::tui::event::{MoveEnd, ReplySlot, Trouble};
use crate::tui::model::{
    FormState, Intention, Mode, Model, MovePlanState, MoveRun, MoveRunEnd, MoveWanted, MoveWork, NoticeKind,
    Offered, Overlay, move_form, move_phrase,
};

/// What a filled-in form asks for.
///
/// # Errors
/// The place of the line that can't be read, and why.
pub(super) fn asked(model: &Model, state: &FormState) -> Option<Result<MoveWanted, (usize, String)>> {
    let subject = state.subject.as_ref()?;
    Some(move_form::wanted(state, subject, subject::well_cells(model, subject.from())))
}

/// Plans what is wanted, once changes are allowed.
pub(super) fn pull(model: &mut Model, slot: RegionSlot, wanted: MoveWanted) -> Vec<Effect> {
    if is_busy(model) {
        return Vec::new();
    }
    if model.region_state(slot).is_none_or(|region| region.mode != Mode::Operate) {
        change::open_arming(model, slot, Some(Intention::Move(Box::new(wanted))));
        return Vec::new();
    }
    let (lever, name) = (Lever::MoveCustomers, wanted.words());
    model.overlays.push(Overlay::Planning { slot, lever, name, remedy: None });
    let ticket = model.tickets.start(ReplySlot::Plan);
    vec![Effect::PlanMove { slot, wanted: Box::new(wanted), ticket }]
}

/// Whether a move runs here; it says so, since only one may at a time.
pub(super) fn is_busy(model: &mut Model) -> bool {
    let Some(run) = model.moving.as_ref().filter(|run| run.is_running()) else { return false };
    let text = format!("a move of {} is running: one at a time", run.what());
    model.say(NoticeKind::Warning, text);
    true
}

/// Shows the plan to whoever still waits for it.
pub(super) fn planned(model: &mut Model, outcome: Result<Box<MovePlan>, Trouble>) {
    let waits = |overlay: &Overlay| matches!(overlay, Overlay::Planning { .. });
    let Some(place) = model.overlays.iter().rposition(waits) else { return };
    let Overlay::Planning { slot, lever, name, .. } = model.overlays.remove(place) else { return };
    let overlay = match outcome {
        Ok(plan) => {
            let confirmation = confirmation(model, slot, plan.header.risk());
            Overlay::MovePlan(MovePlanState { slot, offered: Offered::New(plan), scroll: 0, confirmation })
        }
        Err(trouble) => {
            let title = if trouble.refused { "Refused" } else { "No plan" };
            let lines = std::iter::once(trouble.why).chain(trouble.hint).collect();
            Overlay::Message { title: format!("{title}: {} of {name}", lever.title()), lines }
        }
    };
    model.overlays.insert(place, overlay);
}

/// How a move is said yes to: as any other change of its risk.
pub(super) fn confirmation(model: &Model, slot: RegionSlot, risk: Risk) -> crate::tui::model::Confirmation {
    change::confirmation(model, slot, risk, &BlastRadius::default())
}

/// Carries out what is in front: the one place where an [`Effect::StartMove`] or [`Effect::ContinueMove`] is made
/// that an operator has to say yes to.
pub(super) fn confirm(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::MovePlan(state)) = model.overlays.last() else { return Vec::new() };
    let (slot, offered) = (state.slot, state.offered.clone());
    model.overlays.pop();
    if !may_operate(model, slot) {
        model.say(NoticeKind::Warning, "not carried out: the session is read-only");
        return Vec::new();
    }
    if is_busy(model) {
        return Vec::new();
    }
    match offered {
        Offered::New(plan) => {
            // What was meant is on its way: the next action is not for these again.
            model.pages.current_mut().table.marks.clear();
            let run = MoveRun::new(slot, plan.header.clone(), MoveWork::Starting, model.now);
            let ticket = begin(model, run);
            vec![Effect::StartMove { slot, plan, ticket }]
        }
        Offered::Unfinished { standing, give_up } => {
            let work = if give_up { MoveWork::GivingUp } else { MoveWork::Resuming };
            let run = MoveRun::again(slot, &standing, work, model.now);
            let ticket = begin(model, run);
            vec![Effect::ContinueMove { slot, id: standing.id.clone(), give_up, ticket }]
        }
    }
}

/// Goes on with a move that has just been paused here, or gives it up: nobody has to find it first.
fn go_on(model: &mut Model, give_up: bool) -> Vec<Effect> {
    let Some(before) = model.moving.as_ref().filter(|run| run.is_paused()) else { return Vec::new() };
    let (slot, Some(id)) = (before.slot, before.id.clone()) else { return Vec::new() };
    let work = if give_up { MoveWork::GivingUp } else { MoveWork::Resuming };
    let mut run = MoveRun::new(slot, before.header.clone(), work, model.now);
    (run.id, run.tally) = (Some(id.clone()), before.tally);
    if !may_operate(model, slot) {
        model.say(NoticeKind::Warning, "not carried out: the session is read-only");
        return Vec::new();
    }
    let ticket = begin(model, run);
    vec![Effect::ContinueMove { slot, id, give_up, ticket }]
}

/// Puts a move that begins now in front.
fn begin(model: &mut Model, run: MoveRun) -> crate::tui::event::Ticket {
    model.moving = Some(run);
    model.notice = None;
    if !matches!(model.overlays.last(), Some(Overlay::MoveProgress { .. })) {
        model.overlays.push(Overlay::MoveProgress { scroll: 0 });
    }
    model.data_changed();
    model.tickets.start(ReplySlot::Move)
}

fn may_operate(model: &Model, slot: RegionSlot) -> bool {
    let region = model.region_state(slot);
    region.is_some_and(|region| region.mode == Mode::Operate && region.locked.is_none())
}

/// Compares what was typed with the cells that customers go to.
pub(super) fn confirm_typed(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::MovePlan(state)) = model.overlays.last_mut() else { return Vec::new() };
    let header = match &state.offered {
        Offered::New(plan) => &plan.header,
        Offered::Unfinished { standing, .. } => &standing.header,
    };
    let (name, risk) = (move_phrase(header), header.risk());
    if state.confirmation.take(&name, risk) { confirm(model) } else { Vec::new() }
}

/// Notes how far the move is.
pub(super) fn step(model: &mut Model, progress: Progress) -> Vec<Effect> {
    let announced = matches!(progress, Progress::Announced(_));
    let Some(run) = model.moving.as_mut() else { return Vec::new() };
    run.take(progress);
    // The move that runs is a row, too.
    model.data_changed();
    if announced { vec![journal::read(model)] } else { Vec::new() }
}

/// Notes what became of the move; one that is to be given up and has only paused is given up now.
pub(super) fn ended(model: &mut Model, outcome: Result<Box<MoveEnd>, Trouble>) -> Vec<Effect> {
    let at = model.now;
    let Some(run) = model.moving.as_mut() else { return Vec::new() };
    let outcome = outcome.map(|end| *end);
    if let Ok(end) = &outcome {
        run.id = Some(end.id.clone());
        run.tally = end.tally;
    }
    let what = run.what();
    let (kind, text) = match &outcome {
        Ok(MoveEnd { ended: Ended::Paused { why }, tally, .. }) => {
            let far = format!("{} of {} moved", tally.moved, run.header.customers);
            (NoticeKind::Warning, format!("paused, {far}: {why}"))
        }
        Ok(MoveEnd { ended: Ended::Ended(outcome), .. }) if run.work == MoveWork::GivingUp => {
            (NoticeKind::Done, format!("given up: {what}; those who were moved stay: {}", outcome.word()))
        }
        Ok(MoveEnd { ended: Ended::Ended(Outcome::Applied), .. }) => {
            (NoticeKind::Done, format!("moved: {what}"))
        }
        Ok(MoveEnd { ended: Ended::Ended(outcome), .. }) => {
            let why = outcome.why().unwrap_or_default();
            (NoticeKind::Error, format!("{}: {what}: {why}", outcome.word()))
        }
        Err(trouble) => (NoticeKind::Error, format!("not moved: {what}: {}", trouble.why)),
    };
    run.gate = None;
    let after = outcome.as_ref().ok().and_then(|end| after::of(run, end, &model.estate, &model.settings));
    run.end = Some(MoveRunEnd { at, outcome, after });
    let give_up = run.wish == Some(Wish::Abort) && run.is_paused();
    if give_up {
        return go_on(model, true);
    }
    model.say(kind, text);
    customers::forget(model);
    model.data_changed();
    vec![journal::read(model)]
}

/// A wish was left for another process, or couldn't be.
pub(super) fn wished(model: &mut Model, outcome: Result<Wish, Trouble>) -> Vec<Effect> {
    match outcome {
        Ok(wish) => {
            let text = format!("asked its process to {}: it obeys between two ranges", wish.word());
            model.say(NoticeKind::Done, text);
        }
        Err(trouble) => model.say(NoticeKind::Error, trouble.why),
    }
    vec![journal::read(model)]
}

/// Asks whether to pause the move and leave; false where none runs.
pub(super) fn ask_before_leaving(model: &mut Model) -> bool {
    let runs = model.moving.as_ref().is_some_and(MoveRun::is_running);
    if runs {
        model.overlays.push(Overlay::Leaving);
    }
    runs
}

/// Leaves: the move pauses between two ranges, and its pause is in the journal before the program ends.
pub(super) fn leave(model: &mut Model) -> Vec<Effect> {
    action::close_front(model);
    vec![Effect::Quit]
}
