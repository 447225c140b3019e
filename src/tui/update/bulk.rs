//! The way of a bulk in the console: from marked stages to one plan, its yes, and what became of each target.

use super::{change, journal, selection};
use crate::domain::bulk::{BulkPlan, PartState, Stop};
use crate::domain::change::Target;
use crate::domain::estate::RegionSlot;
use crate::domain::id::BulkId;
use crate::domain::levers::Wanted;
use crate::domain::method::MethodKey;
use crate::ops::bulk::{BulkEnd, BulkProgress};
use crate::tui::effect::Effect;
use crate::tui::event::{ReplySlot, Trouble};
use crate::tui::model::{
    BulkPlanState, BulkRun, BulkRunEnd, Intention, Mode, Model, NoticeKind, Overlay, Remedy, StageKey,
};
use crate::tui::rows::RowKey;

/// The stages that are marked, and the method of marked throttles where all have the same.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Marked {
    pub stages: Vec<StageKey>,
    pub method: Option<MethodKey>,
}

/// What is marked, in the table's order; none where nothing is.
///
/// # Errors
/// Where it can't be one plan.
pub(super) fn marked(model: &Model) -> Option<Result<Marked, String>> {
    let table = &model.page().table;
    if table.marks.is_empty() {
        return None;
    }
    let places = 0..table.visible.len();
    let seen: Vec<RowKey> = places.filter_map(|place| selection::key_at(model, place)).collect();
    let (mut stages, mut methods) = (Vec::new(), Vec::new());
    // Marks on rows that the filter hides count, too.
    let hidden = table.marks.iter().filter(|key| !seen.contains(key));
    for key in seen.iter().filter(|key| table.marks.contains(key)).chain(hidden) {
        let (slot, api, stage) = match key.clone() {
            RowKey::Stage(slot, api, Some(stage)) => (slot, api, stage),
            RowKey::Throttle(slot, api, Some((stage, method))) => {
                methods.push(method);
                (slot, api, stage)
            }
            _ => return Some(Err("a marked row is no stage: U removes all marks".to_owned())),
        };
        let stage = StageKey { slot, api, stage };
        if !stages.contains(&stage) {
            stages.push(stage);
        }
    }
    let (first, slot) = (methods.first(), stages.first().map(|stage| stage.slot));
    if methods.iter().any(|method| Some(method) != first) {
        return Some(Err("the marked throttles are of different methods: mark those of one".to_owned()));
    }
    if stages.iter().any(|stage| Some(stage.slot) != slot) {
        return Some(Err(
            "the marked stages are in different accounts or regions: mark those of one".to_owned()
        ));
    }
    let method = methods.into_iter().next();
    Some(Ok(Marked { stages, method }))
}

/// How many stages a lever would be pulled at, where several are marked.
pub(super) fn several(model: &Model) -> Option<usize> {
    let count = marked(model)?.ok()?.stages.len();
    (count > 1).then_some(count)
}

/// Plans what is wanted of several targets, once changes are allowed.
pub(super) fn pull(model: &mut Model, slot: RegionSlot, targets: Vec<(Target, Wanted)>) -> Vec<Effect> {
    if change::is_busy(model) {
        return Vec::new();
    }
    let Some(lever) = targets.first().map(|(_, wanted)| wanted.lever()) else { return Vec::new() };
    if model.region_state(slot).is_none_or(|region| region.mode != Mode::Operate) {
        change::open_arming(model, slot, Some(Intention::PullAll(targets)));
        return Vec::new();
    }
    let name = format!("{} stages", targets.len());
    model.overlays.push(Overlay::Planning { slot, lever, name, remedy: None });
    let ticket = model.tickets.start(ReplySlot::Plan);
    vec![Effect::PlanBulk { slot, targets, ticket }]
}

/// The bulk that the selected change is a part of.
pub(super) fn of_selected(model: &Model) -> Option<&BulkId> {
    selection::change(model)?.change.plan.bulk.as_ref()
}

/// Plans to take the whole bulk of the selected change back.
pub(super) fn undo_selected(model: &mut Model) -> Vec<Effect> {
    let Some(bulk) = of_selected(model).cloned() else {
        model.say(NoticeKind::Warning, "select a change that is part of a bulk first");
        return Vec::new();
    };
    undo(model, selection::slot(model), bulk)
}

/// Plans to take a bulk back, once changes are allowed.
pub(super) fn undo(model: &mut Model, slot: RegionSlot, bulk: BulkId) -> Vec<Effect> {
    if change::is_busy(model) {
        return Vec::new();
    }
    if model.region_state(slot).is_none_or(|region| region.mode != Mode::Operate) {
        change::open_arming(model, slot, Some(Intention::UndoBulk(bulk)));
        return Vec::new();
    }
    let all = model.journal.value().into_iter().flat_map(|listing| &listing.changes);
    let Some(lever) = all.map(|known| &known.plan).find(|plan| plan.bulk.as_ref() == Some(&bulk)) else {
        model.say(NoticeKind::Warning, format!("the journal has no {bulk}"));
        return Vec::new();
    };
    let (lever, name) = (lever.lever, bulk.to_string());
    model.overlays.push(Overlay::Planning { slot, lever, name, remedy: Some(Remedy::Undo) });
    let ticket = model.tickets.start(ReplySlot::Plan);
    vec![Effect::PlanBulkUndo { slot, bulk, ticket }]
}

/// Shows the plan to whoever still waits for it; one with a refused target says which.
pub(super) fn planned(model: &mut Model, outcome: Result<Box<BulkPlan>, Trouble>) {
    let waits = |overlay: &Overlay| matches!(overlay, Overlay::Planning { .. });
    let Some(place) = model.overlays.iter().rposition(waits) else { return };
    let Overlay::Planning { slot, lever, name, .. } = model.overlays.remove(place) else { return };
    let message = |title: &str, lines: Vec<String>| Overlay::Message {
        title: format!("{title}: {} of {name}", lever.title()),
        lines,
    };
    let overlay = match outcome {
        Err(trouble) => {
            let title = if trouble.refused { "Refused" } else { "No plan" };
            message(title, std::iter::once(trouble.why).chain(trouble.hint).collect())
        }
        Ok(plan) if plan.refusal().is_some() => {
            let told = |all: &[crate::domain::bulk::LeftOut]| {
                all.iter().map(|one| format!("{}: {}", one.target, one.why)).collect::<Vec<_>>()
            };
            let (mut lines, none_left) = (told(&plan.refused), plan.refused.is_empty());
            if none_left {
                lines = told(&plan.left_out);
                lines.push("There is nothing to change.".to_owned());
            } else if plan.undoes.is_none() {
                lines.push("Unmark these to change the others.".to_owned());
            }
            message("Refused", lines)
        }
        Ok(plan) => {
            let confirmation = change::confirmation(model, slot, plan.risk, &plan.blast_radius);
            Overlay::BulkPlan(BulkPlanState { slot, plan, scroll: 0, confirmation })
        }
    };
    model.overlays.insert(place, overlay);
}

/// Carries out the plan in front: the one place where an [`Effect::ApplyBulk`] is made.
pub(super) fn confirm(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::BulkPlan(state)) = model.overlays.last() else { return Vec::new() };
    let (slot, plan) = (state.slot, state.plan.clone());
    let allowed = model
        .region_state(slot)
        .is_some_and(|region| region.mode == Mode::Operate && region.locked.is_none());
    model.overlays.pop();
    if !allowed {
        model.say(NoticeKind::Warning, "not carried out: the session is read-only");
        return Vec::new();
    }
    if change::is_busy(model) {
        return Vec::new();
    }
    model.overlays.push(Overlay::BulkProgress { scroll: 0 });
    model.bulk = Some(BulkRun::new(slot, plan.clone(), model.now));
    model.notice = None;
    // What was meant is on its way: the next lever is not for these again.
    model.pages.current_mut().table.marks.clear();
    model.data_changed();
    let ticket = model.tickets.start(ReplySlot::Change);
    vec![Effect::ApplyBulk { slot, plan, ticket }]
}

/// Compares what was typed with the lever and the number of targets.
pub(super) fn confirm_typed(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::BulkPlan(state)) = model.overlays.last_mut() else { return Vec::new() };
    let (name, risk) = (state.plan.phrase(), state.plan.risk);
    if state.confirmation.take(&name, risk) { confirm(model) } else { Vec::new() }
}

/// Begins no other target; none where nothing runs that could be stopped.
pub(super) fn stop(model: &mut Model) -> Option<Vec<Effect>> {
    let run = model.bulk.as_mut().filter(|run| run.is_running() && !run.stopping)?;
    run.stopping = true;
    Some(vec![Effect::StopBulk])
}

/// Notes how far a bulk is; with each target that has ended, the journal and the target's row are read anew.
pub(super) fn step(model: &mut Model, progress: BulkProgress) -> Vec<Effect> {
    let Some(run) = model.bulk.as_mut() else { return Vec::new() };
    let ended = match &progress {
        BulkProgress::Part { place, state } if !matches!(state, PartState::Running { .. }) => Some(*place),
        _ => None,
    };
    run.take(progress);
    let read = ended.and_then(|place| {
        let target = run.plan.parts.get(place)?.target.stage()?;
        Some((run.slot, target.api.clone()))
    });
    model.data_changed();
    let Some(read) = read else { return Vec::new() };
    model.schedule.apis.remove(&read);
    vec![journal::read(model)]
}

/// Notes what became of the bulk.
pub(super) fn ended(model: &mut Model, outcome: Result<Box<BulkEnd>, Trouble>) -> Vec<Effect> {
    let at = model.now;
    let Some(run) = model.bulk.as_mut() else { return Vec::new() };
    let what = run.what();
    let (kind, text) = match outcome {
        Ok(end) => {
            let BulkEnd { bulk, parts, stop, .. } = *end;
            run.bulk = Some(bulk);
            run.parts = parts;
            let counts = run.counts();
            let words = match &stop {
                None => counts.words(),
                Some(Stop::Operator) => format!("stopped: {}", counts.words()),
                Some(Stop::Part { .. }) => format!("stopped by a failure: {}", counts.words()),
                Some(Stop::Guard { why }) => format!("stopped by the guard: {why}"),
            };
            let whole = counts.done == run.parts.len();
            run.end = Some(BulkRunEnd { at, stop, trouble: None });
            if whole {
                (NoticeKind::Done, format!("done: {what}"))
            } else {
                (NoticeKind::Error, format!("{what}: {words}"))
            }
        }
        Err(trouble) => {
            let text = format!("not done: {what}: {}", trouble.why);
            run.end = Some(BulkRunEnd { at, stop: None, trouble: Some(trouble) });
            (NoticeKind::Error, text)
        }
    };
    model.say(kind, text);
    model.data_changed();
    vec![journal::read(model)]
}
