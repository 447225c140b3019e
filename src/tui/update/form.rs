//! Filling in what a lever needs to be told, and asking for its plan.

mod judge;
mod plans_and_keys;
mod waf;

use super::{bulk, change, moves, selection};
use crate::domain::api::ApiKind;
use crate::domain::change::{Target, number};
use crate::domain::levers::Wanted;
use crate::domain::method::MethodKey;
use crate::domain::stage::Stage;
use crate::domain::target::StageTarget;
use crate::tui::action::{Action, Argument};
use crate::tui::effect::Effect;
use crate::tui::model::{Form, FormState, Listing, Model, NoticeKind, Overlay, StageKey};
use crate::tui::rows::RowKey;

/// Opens the form of a lever for the selected row; plans at once where there is nothing to fill in.
pub(super) fn open_selected(model: &mut Model, action: Action) -> Vec<Effect> {
    match model.page().table.selected.clone() {
        Some(row) if is_row_lever(action, &row) => return open_row(model, action, &row),
        _ if matches!(action.info().argument, Some(Argument::Stage)) => open_selected_stage(model, action),
        _ => {
            let cell = (action == Action::Drain).then_some("a cell");
            let what = cell.or_else(|| plans_and_keys::wants(action)).or_else(|| waf::wants(action));
            let what = what.unwrap_or("a stage");
            let id = action.info().id;
            model.say(NoticeKind::Warning, format!("select {what} first, or name one: :{id} NAME"));
        }
    }
    Vec::new()
}

/// Whether a lever can begin at this row, other than as one of stages does.
fn is_row_lever(action: Action, row: &RowKey) -> bool {
    let of_cell = action == Action::Drain && matches!(row, RowKey::Cell(_));
    of_cell || plans_and_keys::is_for(action, row) || waf::is_for(action, row)
}

/// Whether a lever can begin at the selected row.
pub(super) fn has_subject(model: &Model, action: Action) -> bool {
    let of_row = model.page().table.selected.as_ref().is_some_and(|row| is_row_lever(action, row));
    let of_stage = matches!(action.info().argument, Some(Argument::Stage)) && selected_stage(model).is_some();
    of_row || of_stage
}

/// Opens the form of a lever for a row; plans at once where there is nothing to fill in.
pub(super) fn open_row(model: &mut Model, action: Action, row: &RowKey) -> Vec<Effect> {
    if let (Action::Drain, RowKey::Cell(cell)) = (action, row) {
        moves::open_cell(model, cell.clone());
        return Vec::new();
    }
    if let Some((slot, target, wanted)) = plans_and_keys::at_once(model, action, row) {
        return change::pull(model, slot, target, wanted);
    }
    match plans_and_keys::form(model, action, row).or_else(|| waf::form(model, action, row)) {
        Some(state) => model.overlays.push(Overlay::Form(Box::new(state))),
        None => model.say(NoticeKind::Warning, "that is not there any more"),
    }
    Vec::new()
}

/// What can be named where a lever on rows of this list is meant: the row, its name, and what it is.
pub(super) fn subjects(model: &Model, listing: Listing) -> Vec<(RowKey, String, String)> {
    if listing == Listing::Cells {
        return moves::cells(model);
    }
    let mut subjects = plans_and_keys::subjects(model, listing);
    subjects.extend(waf::subjects(model, listing));
    subjects
}

/// What people call a row that is known by an id.
pub(super) fn called(model: &Model, row: &RowKey) -> Option<String> {
    plans_and_keys::called(model, row)
}

/// What the menu of actions offers for a row that is no stage's, and why some of it can't be done.
pub(super) fn row_offers(model: &Model, row: &RowKey) -> Vec<(Action, String, Option<String>)> {
    let mut offers = plans_and_keys::offers(model, row);
    offers.extend(waf::offers(model, row));
    if matches!(row, RowKey::Cell(_) | RowKey::Customer(_)) {
        offers.extend(moves::cell_offers(model));
    }
    offers
}

/// Opens the form of a lever for the selected stage or throttle.
fn open_selected_stage(model: &mut Model, action: Action) {
    match bulk::marked(model) {
        Some(Ok(marked)) => return open_for(model, action, &marked.stages, marked.method.as_ref()),
        Some(Err(why)) => return model.say(NoticeKind::Warning, why),
        None => {}
    }
    let (stage, method) = match model.page().table.selected.clone() {
        Some(RowKey::Stage(slot, api, Some(stage))) => (StageKey { slot, api, stage }, None),
        Some(RowKey::Throttle(slot, api, Some((stage, method)))) => {
            (StageKey { slot, api, stage }, Some(method))
        }
        _ => {
            let id = action.info().id;
            model.say(NoticeKind::Warning, format!("select a stage first, or name one: :{id} API/STAGE"));
            return;
        }
    };
    open(model, action, &stage, method.as_ref());
}

/// Opens the form of a lever once for several stages.
fn open_for(model: &mut Model, action: Action, stages: &[StageKey], method: Option<&MethodKey>) {
    let Some((first, others)) = stages.split_first() else { return };
    let also: Option<Vec<_>> = others.iter().map(|stage| target(model, stage)).collect();
    let Some(also) = also else {
        return model.say(NoticeKind::Warning, "a marked stage is not there any more");
    };
    open(model, action, first, method);
    if let Some(Overlay::Form(state)) = model.overlays.last_mut() {
        state.also = also;
    }
}

/// A stage as a lever's target.
pub(super) fn target(model: &Model, stage: &StageKey) -> Option<(Target, ApiKind)> {
    let (kind, target, _) = found(model, stage)?;
    Some((Target::stage_of(kind, target), kind))
}

/// Opens the form of a lever for a stage, with what is known of it filled in.
pub(super) fn open(model: &mut Model, action: Action, stage: &StageKey, method: Option<&MethodKey>) {
    let Some(form) = Form::of(action) else { return };
    let Some((kind, target, known)) = found(model, stage) else {
        model.say(NoticeKind::Warning, "that stage is not there any more");
        return;
    };
    if matches!(action, Action::AclAttach | Action::AclDetach) {
        let state = waf::of_stage(model, form, stage.slot, kind, target);
        return model.overlays.push(Overlay::Form(Box::new(state)));
    }
    let first = first_lines(form, known, method);
    let state = FormState::new(form, stage.slot, Target::stage_of(kind, target), kind, first);
    model.overlays.push(Overlay::Form(Box::new(state)));
}

fn found<'model>(model: &'model Model, key: &StageKey) -> Option<(ApiKind, StageTarget, &'model Stage)> {
    let entry = model.estate.api(key.slot, &key.api)?;
    let stage = entry.stage(&key.stage)?;
    let (api, api_name) = (entry.api.id.clone(), entry.api.name.clone());
    Some((entry.api.kind, StageTarget { api, api_name, stage: key.stage.clone() }, stage))
}

/// What a form begins with: what is chosen, and what holds now where little will change.
fn first_lines(form: &Form, stage: &Stage, method: Option<&MethodKey>) -> Vec<String> {
    let method = method.unwrap_or(&MethodKey::All).to_string();
    match form.action {
        Action::Throttle | Action::ClearThrottle | Action::CacheTtl | Action::Logging => vec![method],
        Action::Rollback => vec!["previous".to_owned()],
        Action::Canary => stage.canary.iter().map(|canary| number(canary.percent_traffic)).collect(),
        _ => Vec::new(),
    }
}

/// Goes to another line; what is picked on this one stands there.
pub(super) fn go(model: &mut Model, by: isize) {
    if let Some(Overlay::Form(state)) = model.overlays.last_mut() {
        state.take_picked();
        let last = state.inputs.len().saturating_sub(1);
        state.cursor = state.cursor.saturating_add_signed(by).min(last);
        state.entered();
    }
}

/// Goes to another choice of the line or, where it has none that way, to another line.
pub(super) fn arrow(model: &mut Model, by: isize) {
    if let Some(Overlay::Form(state)) = model.overlays.last_mut() {
        let stays = by > 0 && !state.fitting().is_empty();
        if state.pick(by) || stays {
            return;
        }
    }
    go(model, by);
}

/// What a filled-in form asks for, as far as AWS would take it; else the line that is wrong, and why.
fn asked(model: &Model, state: &FormState) -> Result<Vec<(Target, Wanted)>, (usize, String)> {
    if let Some(Err(wrong)) = moves::asked(model, state) {
        return Err(wrong);
    }
    let targets = state.asked_of_all()?;
    match targets.iter().find_map(|(target, wanted)| judge::illegal(model, state, target, wanted)) {
        Some(wrong) => Err(wrong),
        None => Ok(targets),
    }
}

/// Goes to the next line; from the last, asks for the plan.
pub(super) fn submit(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Form(state)) = model.overlays.last_mut() else { return Vec::new() };
    state.take_picked();
    if state.cursor + 1 < state.inputs.len() {
        state.cursor += 1;
        state.entered();
        return Vec::new();
    }
    let state = state.clone();
    if let Some(Ok(wanted)) = moves::asked(model, &state) {
        model.overlays.pop();
        return moves::pull(model, state.slot, wanted);
    }
    match asked(model, &state) {
        Ok(mut targets) => {
            let slot = state.slot;
            model.overlays.pop();
            match (targets.pop(), targets.is_empty()) {
                (Some((target, wanted)), true) => change::pull(model, slot, target, wanted),
                (last, _) => {
                    targets.extend(last);
                    bulk::pull(model, slot, targets)
                }
            }
        }
        Err((line, why)) => {
            if let Some(Overlay::Form(state)) = model.overlays.last_mut() {
                state.cursor = line;
                state.entered();
                state.error = Some((line, why));
            }
            Vec::new()
        }
    }
}

/// What the menu of actions offers for a stage, and why some of it can't be done.
pub(super) fn offers(
    model: &Model,
    stage: &StageKey,
    of_throttle: bool,
) -> Vec<(Action, String, Option<String>)> {
    let Some((kind, target, known)) = found(model, stage) else { return Vec::new() };
    let target =
        bulk::several(model).map_or_else(|| target.to_string(), |count| format!("the {count} marked stages"));
    let rest = kind == ApiKind::Rest;
    let unless = |possible: bool, why: &str| (!possible).then(|| why.to_owned());
    let mut offers = vec![
        (Action::Throttle, format!("throttle {target}"), None),
        (Action::ClearThrottle, format!("clear a throttle of {target}"), None),
    ];
    if of_throttle {
        return offers;
    }
    offers.extend([
        (
            Action::Rollback,
            format!("roll {target} back"),
            unless(known.canary.is_none(), "it has a canary: promote or abort that first"),
        ),
        (
            Action::Canary,
            format!("change the canary of {target}"),
            unless(known.canary.is_some(), "it has no canary"),
        ),
        (Action::Cache, format!("change the cache of {target}"), unless(rest, "only REST APIs have a cache")),
        (
            Action::CacheTtl,
            format!("change the cache TTL of {target}"),
            unless(rest, "only REST APIs have a cache"),
        ),
        (Action::Variable, format!("set a stage variable of {target}"), None),
        (
            Action::Logging,
            format!("change the logging level of {target}"),
            unless(kind != ApiKind::Http, "HTTP APIs have no logging level"),
        ),
        (
            Action::AclAttach,
            format!("attach a web ACL to {target}"),
            unless(rest, "only stages of REST APIs can have one"),
        ),
        (
            Action::AclDetach,
            format!("detach the web ACL of {target}"),
            unless(known.web_acl_arn.is_some(), "it has none"),
        ),
    ]);
    offers
}

/// The stage that an action is for, where the selection is one or stands on one.
pub(super) fn selected_stage(model: &Model) -> Option<(StageKey, bool)> {
    match model.page().table.selected.clone()? {
        RowKey::Throttle(slot, api, Some((stage, _))) => Some((StageKey { slot, api, stage }, true)),
        _ => selection::stage(model).map(|stage| (stage, false)),
    }
}
