//! The way of a change: allow changes, plan, confirm, carry out, see what became of it.
//!
//! A read-only session can't get past the first step here, and has no session to change anything
//! with below.

use jiff::SignedDuration;
use tui_input::Input;

use super::{action, bulk, form, journal, left_connections, moves, refresh, remedy, selection};
use crate::domain::change::{BlastRadius, Lever, Outcome, Plan, Risk, Target};
use crate::domain::estate::RegionSlot;
use crate::domain::levers::Wanted;
use crate::tui::effect::Effect;
use crate::tui::event::{AppliedChange, ReplySlot, Trouble};
use crate::tui::model::{
    ArmingState, BulkRun, ChangeRun, ChangeState, Confirmation, Intention, Mode, Model, NoticeKind, Overlay,
    PlanState, Remedy, StageKey,
};

/// How long a flushed stage's traffic is read more often, so that the misses are seen to rise.
const FOLLOW: SignedDuration = SignedDuration::from_mins(3);

/// Plans to flush the selected stage.
pub(super) fn flush_selected(model: &mut Model) -> Vec<Effect> {
    match bulk::marked(model) {
        Some(Ok(marked)) => {
            let slot = marked.stages.first().map_or(RegionSlot(0), |stage| stage.slot);
            let targets = marked.stages.iter().filter_map(|stage| form::target(model, stage));
            let targets = targets.map(|(target, _)| (target, Wanted::FlushStageCache)).collect();
            return bulk::pull(model, slot, targets);
        }
        Some(Err(why)) => {
            model.say(NoticeKind::Warning, why);
            return Vec::new();
        }
        None => {}
    }
    let Some(stage) = selection::stage(model) else {
        model.say(NoticeKind::Warning, "select a stage first, or name one: :flush API/STAGE");
        return Vec::new();
    };
    flush(model, &stage)
}

/// Plans to flush a stage, once changes are allowed.
pub(super) fn flush(model: &mut Model, stage: &StageKey) -> Vec<Effect> {
    let Some(row) = selection::stage_row(model, stage) else { return Vec::new() };
    if let Some(why) = row.flush_blocked() {
        let text = format!("{}/{} can't be flushed: {why}", row.api.name, stage.stage);
        model.say(NoticeKind::Warning, text);
        return Vec::new();
    }
    let Some(target) = row.target() else { return Vec::new() };
    let target = Target::stage_of(row.api.kind, target);
    pull(model, stage.slot, target, Wanted::FlushStageCache)
}

/// Plans what is wanted of a target, once changes are allowed.
pub(super) fn pull(model: &mut Model, slot: RegionSlot, target: Target, wanted: Wanted) -> Vec<Effect> {
    if is_busy(model) {
        return Vec::new();
    }
    if model.region_state(slot).is_some_and(|region| region.mode == Mode::Operate) {
        return request_plan(model, slot, target, wanted);
    }
    open_arming(model, slot, Some(Intention::Pull(Box::new((target, wanted)))));
    Vec::new()
}

/// Whether a change runs; it says so, since only one may at a time.
pub(super) fn is_busy(model: &mut Model) -> bool {
    if let Some(run) = model.bulk.as_ref().filter(|run| run.is_running()) {
        let text = format!("{} is running: one at a time", run.what());
        model.say(NoticeKind::Warning, text);
        return true;
    }
    let Some(run) = model.change.as_ref().filter(|run| run.is_running()) else { return false };
    let text = format!("a change to {} is running: one at a time", run.plan.target);
    model.say(NoticeKind::Warning, text);
    true
}

/// Asks for the account's id or alias; says why where changes can't be allowed from inside.
pub(super) fn open_arming(model: &mut Model, slot: RegionSlot, then: Option<Intention>) {
    let Some(region) = model.region_state(slot) else { return };
    if region.mode == Mode::Operate {
        model.say(NoticeKind::Done, "changes are allowed already");
        return;
    }
    if let Some(why) = &region.locked {
        let lines = vec![
            format!("Changes can't be allowed here: {why}."),
            "That can't be lifted from inside. Everything can still be read.".to_owned(),
        ];
        model.overlays.push(Overlay::Message { title: "Read-only session".to_owned(), lines });
        return;
    }
    let state = ArmingState { slot, input: Input::default(), error: None, then, waiting: false };
    model.overlays.push(Overlay::Arming(state));
}

/// Sends what was typed to be compared with the account.
pub(super) fn submit_arming(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Arming(state)) = model.overlays.last_mut() else { return Vec::new() };
    let typed = state.input.value().trim().to_owned();
    let slot = state.slot;
    if typed.is_empty() {
        state.error = Some("type the account's id or alias".to_owned());
        return Vec::new();
    }
    let connected = model.estate.region(slot).is_some_and(|region| region.connection.value().is_some());
    if !connected {
        state.error = Some("not connected yet: which account this is isn't known".to_owned());
        return Vec::new();
    }
    state.waiting = true;
    state.error = None;
    request_arming(model, slot, typed)
}

/// Allows changes without asking, where the session was started so.
pub(super) fn arm_at_start(model: &mut Model, slot: RegionSlot, account: String) -> Vec<Effect> {
    let wanted =
        model.region_state(slot).is_some_and(|region| region.arm_at_start && region.mode == Mode::ReadOnly);
    if wanted { request_arming(model, slot, account) } else { Vec::new() }
}

/// The one place that asks for changes to be allowed; a locked region never gets past it.
fn request_arming(model: &mut Model, slot: RegionSlot, typed: String) -> Vec<Effect> {
    if model.region_state(slot).is_none_or(|region| region.locked.is_some()) {
        return Vec::new();
    }
    let ticket = model.tickets.start(ReplySlot::Arming(slot));
    vec![Effect::Arm { slot, typed, ticket }]
}

/// Takes the answer to an arming.
pub(super) fn armed(model: &mut Model, slot: RegionSlot, outcome: Result<(), String>) -> Vec<Effect> {
    let front = match model.overlays.last_mut() {
        Some(Overlay::Arming(state)) if state.slot == slot => Some(state),
        _ => None,
    };
    match (outcome, front) {
        (Err(why), Some(state)) => {
            state.waiting = false;
            state.error = Some(why);
            state.input.reset();
            Vec::new()
        }
        (Err(why), None) => {
            model.say(NoticeKind::Error, why);
            Vec::new()
        }
        (Ok(()), front) => {
            let then = front.and_then(|state| state.then.take());
            if matches!(model.overlays.last(), Some(Overlay::Arming(_))) {
                model.overlays.pop();
            }
            if let Some(region) = model.regions.get_mut(slot.0) {
                region.mode = Mode::Operate;
                region.arm_at_start = false;
            }
            match then {
                Some(Intention::Pull(pulled)) => {
                    let (target, wanted) = *pulled;
                    pull(model, slot, target, wanted)
                }
                Some(Intention::PullAll(targets)) => bulk::pull(model, slot, targets),
                Some(Intention::UndoBulk(undone)) => bulk::undo(model, slot, undone),
                Some(Intention::CloseConnections) => left_connections::confirm(model),
                Some(Intention::Move(wanted)) => moves::pull(model, slot, *wanted),
                Some(Intention::Remedy(remedy, change)) => remedy::of(model, remedy, &change),
                None => {
                    let text = "changes are allowed now; :disarm goes back to read-only";
                    model.say(NoticeKind::Warning, text);
                    Vec::new()
                }
            }
        }
    }
}

/// Forbids changes again, and drops a plan that waits for its yes.
pub(super) fn disarm(model: &mut Model, slot: RegionSlot) -> Vec<Effect> {
    let Some(region) = model.regions.get_mut(slot.0) else { return Vec::new() };
    region.mode = Mode::ReadOnly;
    model.overlays.retain(|overlay| {
        !matches!(
            overlay,
            Overlay::Plan(_) | Overlay::BulkPlan(_) | Overlay::MovePlan(_) | Overlay::Planning { .. }
        )
    });
    model.tickets.end(&ReplySlot::Plan);
    model.say(NoticeKind::Done, "read-only again");
    vec![Effect::Cancel(ReplySlot::Plan), Effect::Disarm { slot }]
}

/// Asks for a plan, and shows that it is being made.
fn request_plan(model: &mut Model, slot: RegionSlot, target: Target, wanted: Wanted) -> Vec<Effect> {
    let (name, lever) = (target.to_string(), wanted.lever());
    model.overlays.push(Overlay::Planning { slot, lever, name, remedy: None });
    let ticket = model.tickets.start(ReplySlot::Plan);
    vec![Effect::Plan { slot, target, wanted, ticket }]
}

/// Shows the plan to whoever still waits for it.
pub(super) fn planned(model: &mut Model, outcome: Result<Box<Plan>, Trouble>) {
    let Some(place) = model.overlays.iter().rposition(|overlay| matches!(overlay, Overlay::Planning { .. }))
    else {
        return;
    };
    let Overlay::Planning { slot, lever, name, remedy } = model.overlays.remove(place) else { return };
    let overlay = match outcome {
        Ok(plan) => {
            let confirmation = confirmation(model, slot, plan.risk, &plan.blast_radius);
            Overlay::Plan(PlanState { slot, plan, scroll: 0, confirmation, unfinished: None })
        }
        Err(trouble) => {
            let title = if trouble.refused { "Refused" } else { "No plan" };
            let what = if remedy == Some(Remedy::Undo) { "undo" } else { lever.title() };
            let lines = std::iter::once(trouble.why).chain(trouble.hint).collect();
            Overlay::Message { title: format!("{title}: {what} of {name}"), lines }
        }
    };
    model.overlays.insert(place, overlay);
}

/// How a plan of this risk is said yes to: it grows with the risk, and in production.
pub(super) fn confirmation(
    model: &Model,
    slot: RegionSlot,
    risk: Risk,
    radius: &BlastRadius,
) -> Confirmation {
    let production = model.region_state(slot).is_some_and(|region| region.production);
    if production || !radius.production.is_empty() || risk > Risk::Low {
        Confirmation::TypeName { input: Input::default(), error: None, again: false }
    } else {
        Confirmation::YesOrNo
    }
}

/// Carries out the plan in front: the one place where an [`Effect::Apply`] is made.
pub(super) fn confirm(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Plan(state)) = model.overlays.last() else { return Vec::new() };
    let (slot, plan, unfinished) = (state.slot, state.plan.clone(), state.unfinished.clone());
    let allowed = model
        .region_state(slot)
        .is_some_and(|region| region.mode == Mode::Operate && region.locked.is_none());
    let busy = model.change.as_ref().is_some_and(ChangeRun::is_running)
        || model.bulk.as_ref().is_some_and(BulkRun::is_running);
    if !allowed || busy {
        action::close_front(model);
        let why = if busy { "another change is running" } else { "the session is read-only" };
        model.say(NoticeKind::Warning, format!("not carried out: {why}"));
        return Vec::new();
    }
    model.overlays.pop();
    if let Some(unfinished) = unfinished {
        return remedy::carry_on(model, slot, &unfinished);
    }
    if plan.lever == Lever::CloseConnections {
        // The list that it was planned from is of before.
        model.overlays.retain(|overlay| !matches!(overlay, Overlay::LeftConnections(_)));
    }
    model.overlays.push(Overlay::Progress);
    model.change = Some(ChangeRun::new(slot, plan.clone(), model.now));
    model.notice = None;
    // It is a row, too.
    model.data_changed();
    let ticket = model.tickets.start(ReplySlot::Change);
    vec![Effect::Apply { slot, plan, ticket }]
}

/// Compares what was typed with the target's name.
pub(super) fn confirm_typed(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Plan(state)) = model.overlays.last_mut() else { return Vec::new() };
    let (name, risk) = (state.plan.target.to_string(), state.plan.risk);
    if state.confirmation.take(&name, risk) { confirm(model) } else { Vec::new() }
}

pub(super) fn decline(model: &mut Model) {
    if matches!(model.overlays.last(), Some(Overlay::Leaving)) {
        model.overlays.pop();
    }
    if matches!(model.overlays.last(), Some(Overlay::Plan(_) | Overlay::BulkPlan(_) | Overlay::MovePlan(_))) {
        model.overlays.pop();
        model.say(NoticeKind::Done, "not carried out: nothing was sent");
    }
}

/// Notes what became of the change, follows its effect for a while, and reads the journal that tells of it.
pub(super) fn applied(model: &mut Model, outcome: Result<AppliedChange, Trouble>) -> Vec<Effect> {
    let now = model.now;
    let Some(run) = model.change.as_mut() else { return Vec::new() };
    let what = format!("{} of {}", run.plan.lever.title(), run.plan.target);
    let stage = run.stage();
    let altered = outcome.is_ok().then(|| (run.slot, run.plan.lever, run.plan.target.clone()));
    let (kind, text) = match outcome {
        Ok(applied) => {
            let is_flushed = applied.outcome == Outcome::Applied && run.plan.lever == Lever::FlushStageCache;
            let (kind, text) = match &applied.outcome {
                outcome if run.remedy == Some(Remedy::Settle) => {
                    (NoticeKind::Done, format!("recorded as {}: {what}", outcome.word()))
                }
                Outcome::Applied => (NoticeKind::Done, format!("done: {what}")),
                Outcome::NotApplied { why } => (NoticeKind::Error, format!("not done: {what}: {why}")),
                Outcome::Partly { why, .. } => (NoticeKind::Error, format!("partly done: {what}: {why}")),
                Outcome::Unknown { why } => {
                    (NoticeKind::Error, format!("whether it was done is unknown: {what}: {why}"))
                }
            };
            let said = match &applied.unrecorded {
                Some(why) => (NoticeKind::Error, format!("{text}, but that is not recorded: {why}")),
                None => (kind, text),
            };
            run.change = Some(applied.change);
            run.state = ChangeState::Ended {
                outcome: applied.outcome,
                request_ids: applied.request_ids,
                unrecorded: applied.unrecorded,
                at: now,
            };
            if let Some(stage) = stage {
                if is_flushed {
                    moves::note_flush(model, &stage);
                }
                model.schedule.followed = Some((stage.clone(), now + FOLLOW));
                model.schedule.traffic.remove(&stage);
                model.schedule.apis.remove(&(stage.slot, stage.api));
            }
            said
        }
        Err(trouble) => {
            let text = format!("not done: {what}: {}", trouble.why);
            run.state = ChangeState::Failed { trouble, at: now };
            (NoticeKind::Error, text)
        }
    };
    model.say(kind, text);
    model.data_changed();
    let mut effects = vec![journal::read(model)];
    if let Some((slot, lever, target)) = altered {
        effects.extend(refresh::after_change(model, slot, lever, &target));
    }
    effects
}
