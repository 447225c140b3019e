//! What can be done about a change of the journal: undo it or, where it has no outcome, finish or settle it.

use super::{change, moves, selection};
use crate::domain::change::{Outcome, Target, Undo};
use crate::domain::estate::RegionSlot;
use crate::domain::id::ChangeId;
use crate::domain::suggest::nearest;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::event::{Examined, ReplySlot, Trouble};
use crate::tui::model::{
    ChangeRun, Confirmation, Intention, Mode, Model, NoticeKind, Overlay, PlanState, Remedy, Unfinished,
};
use crate::tui::rows::{ChangeRow, change_rows};

impl Remedy {
    fn action(self) -> Action {
        match self {
            Self::Undo => Action::Undo,
            Self::Finish => Action::Finish,
            Self::Settle => Action::Settle,
        }
    }

    /// What has been done to a change once it is done.
    fn done(self) -> &'static str {
        match self {
            Self::Undo => "undone",
            Self::Finish => "finished",
            Self::Settle => "settled",
        }
    }

    fn words(self, change: &ChangeId) -> String {
        match self {
            Self::Undo => format!("undo {change}"),
            Self::Finish => format!("finish {change}: look how far it came, send the rest"),
            Self::Settle => format!("settle {change}: record what its target tells, send nothing"),
        }
    }
}

/// The remedy that an action's id stands for.
pub(super) fn of_action(id: &str) -> Option<Remedy> {
    let all = [Remedy::Undo, Remedy::Finish, Remedy::Settle];
    all.into_iter().find(|remedy| remedy.action().info().id == id)
}

/// Why it can't be done, where it can't.
fn blocked(model: &Model, remedy: Remedy, row: &ChangeRow) -> Option<String> {
    let change = &row.change;
    if row.running {
        return Some("it is running".to_owned());
    }
    if matches!(change.plan.target, Target::Customers(_)) {
        return moves::named(remedy, row).or_else(|| elsewhere(model, row));
    }
    match (remedy, &change.end) {
        (Remedy::Finish | Remedy::Settle, Some(_)) => {
            return Some(format!("it has ended: {}", row.state()));
        }
        (Remedy::Undo, end) => {
            if let Undo::Impossible { why } = &change.plan.undo {
                return Some(why.clone());
            }
            if let Some(by) = change.undone_by.as_ref().filter(|_| row.undone) {
                return Some(format!("it was undone by {by}"));
            }
            if matches!(end.as_ref().map(|end| &end.outcome), Some(Outcome::NotApplied { .. })) {
                return Some("nothing was changed".to_owned());
            }
        }
        (_, None) => {}
    }
    elsewhere(model, row)
}

/// Why it can't be reached, where it can't.
fn elsewhere(model: &Model, row: &ChangeRow) -> Option<String> {
    if row.slot.is_some() {
        return None;
    }
    let all_connected = model.estate.regions().all(|(_, region)| region.connection.value().is_some());
    let region = &row.change.plan.region;
    Some(if all_connected {
        format!("it was made in {region}, where this console isn't")
    } else {
        format!("it was made in {region}, and that isn't connected")
    })
}

/// Adds what can be done about the selected change to the menu of actions.
pub(super) fn offer(model: &Model, offer: &mut impl FnMut(Action, String, Option<String>)) {
    let Some(row) = selection::change(model) else { return };
    if row.running {
        offer(Action::Open, "show how far it has come".to_owned(), None);
        if row.is_move() {
            offer(Action::PauseMove, "pause it between two ranges".to_owned(), None);
            offer(Action::AbortMove, "give it up; who was moved stays".to_owned(), None);
        }
        return;
    }
    if row.standing.is_some() {
        return moves::offer(model, row, offer);
    }
    let remedies: &[Remedy] = match row.change.end {
        None => &[Remedy::Finish, Remedy::Settle, Remedy::Undo],
        Some(_) => &[Remedy::Undo],
    };
    for remedy in remedies {
        let why = blocked(model, *remedy, row);
        let arming = if why.is_none() { selection::needs_arming(model) } else { "" };
        offer(remedy.action(), format!("{}{arming}", remedy.words(&row.change.id)), why);
    }
    if let Some(bulk) = &row.change.plan.bulk {
        let why = row.slot.is_none().then(|| "this console isn't where it was made".to_owned());
        let arming = if why.is_none() { selection::needs_arming(model) } else { "" };
        offer(Action::UndoBulk, format!("undo all of {bulk}{arming}"), why);
    }
}

/// The changes that a remedy may be meant for, newest first: id, text to find it by, and what it is.
pub(super) fn changes(model: &Model, action: Action) -> Vec<(String, String, String)> {
    let Some(remedy) = of_action(action.info().id) else { return Vec::new() };
    let mut rows: Vec<(Option<String>, ChangeRow)> =
        change_rows(model).into_iter().map(|row| (blocked(model, remedy, &row), row)).collect();
    rows.retain(|(_, row)| !row.running && (remedy == Remedy::Undo || row.change.end.is_none()));
    rows.sort_by_key(|(blocked, _)| blocked.is_some());
    let item = |(blocked, row): (Option<String>, ChangeRow)| {
        let (id, what) =
            (row.change.id.to_string(), format!("{} of {}", row.lever(), row.change.plan.target));
        let doc = blocked.map_or_else(|| format!("{what}: {}", row.state()), |why| format!("{what}: {why}"));
        (id.clone(), format!("{id} {what}"), doc)
    };
    rows.into_iter().map(item).collect()
}

/// A remedy by its action's id, and the change that it is for.
///
/// # Errors
/// Where the journal has no such change.
pub(super) fn named(model: &Model, action: &str, wanted: &str) -> Result<(Remedy, ChangeId), String> {
    let remedy = of_action(action).ok_or_else(|| format!("'{action}' takes no change"))?;
    let id = ChangeId::new(wanted);
    let listing = model.journal.value().ok_or("the journal was not read yet")?;
    if listing.change(&id).is_some() {
        return Ok((remedy, id));
    }
    let meant = nearest(wanted, listing.changes.iter().map(|change| change.id.as_str()));
    let meant = meant.map(|id| format!(", did you mean {id}?")).unwrap_or_default();
    Err(format!("the journal has no change {wanted}{meant}"))
}

pub(super) fn of_selected(model: &mut Model, remedy: Remedy) -> Vec<Effect> {
    let Some(row) = selection::change(model) else {
        let id = remedy.action().info().id;
        model.say(NoticeKind::Warning, format!("select a change first, or name one: :{id} CHANGE"));
        return Vec::new();
    };
    let change = row.change.id.clone();
    of(model, remedy, &change)
}

/// Plans what is to be done about a change, once changes are allowed.
pub(super) fn of(model: &mut Model, remedy: Remedy, id: &ChangeId) -> Vec<Effect> {
    let Some(row) = change_rows(model).into_iter().find(|row| row.change.id == *id) else {
        model.say(NoticeKind::Warning, format!("the journal has no change {id}"));
        return Vec::new();
    };
    let (Some(slot), None) = (row.slot, blocked(model, remedy, &row)) else {
        let why = blocked(model, remedy, &row).unwrap_or_default();
        model.say(NoticeKind::Warning, format!("{id} can't be {}: {why}", remedy.done()));
        return Vec::new();
    };
    if row.standing.is_some() {
        match remedy {
            Remedy::Undo => moves::open_undo(model, id.clone()),
            Remedy::Finish | Remedy::Settle => return moves::again(model, id, remedy == Remedy::Settle),
        }
        return Vec::new();
    }
    if change::is_busy(model) {
        return Vec::new();
    }
    if model.region_state(slot).is_none_or(|region| region.mode != Mode::Operate) {
        change::open_arming(model, slot, Some(Intention::Remedy(remedy, id.clone())));
        return Vec::new();
    }
    let plan = &row.change.plan;
    let (lever, name) = (plan.lever, plan.target.to_string());
    model.overlays.push(Overlay::Planning { slot, lever, name, remedy: Some(remedy) });
    let ticket = model.tickets.start(ReplySlot::Plan);
    let change = id.clone();
    vec![match remedy {
        Remedy::Undo => Effect::PlanUndo { slot, change, ticket },
        Remedy::Finish | Remedy::Settle => Effect::Examine { slot, change, ticket },
    }]
}

/// Shows how far a change came to whoever still waits for it.
pub(super) fn examined(model: &mut Model, outcome: Result<Box<Examined>, Trouble>) {
    let waits = |overlay: &Overlay| matches!(overlay, Overlay::Planning { remedy: Some(_), .. });
    let Some(place) = model.overlays.iter().rposition(waits) else { return };
    let Overlay::Planning { slot, lever, name, remedy } = model.overlays.remove(place) else { return };
    let overlay = match outcome {
        Ok(examined) => {
            let plan = Box::new(examined.change.plan.clone());
            let send = remedy == Some(Remedy::Finish) && examined.resumes_after().is_some();
            let confirmation = if send {
                change::confirmation(model, slot, plan.risk, &plan.blast_radius)
            } else {
                // Nothing is sent.
                Confirmation::YesOrNo
            };
            let unfinished = Some(Unfinished { examined, send });
            Overlay::Plan(PlanState { slot, plan, scroll: 0, confirmation, unfinished })
        }
        Err(trouble) => {
            let lines = std::iter::once(trouble.why).chain(trouble.hint).collect();
            Overlay::Message { title: format!("Not finished: {} of {name}", lever.title()), lines }
        }
    };
    model.overlays.insert(place, overlay);
}

/// Ends an unfinished change as was confirmed: the one place where an [`Effect::Finish`] is made.
pub(super) fn carry_on(model: &mut Model, slot: RegionSlot, unfinished: &Unfinished) -> Vec<Effect> {
    let (change, send) = (Box::new(unfinished.examined.change.clone()), unfinished.send);
    if send {
        model.overlays.push(Overlay::Progress);
    }
    let remedy = if send { Remedy::Finish } else { Remedy::Settle };
    let run = ChangeRun::new(slot, Box::new(change.plan.clone()), model.now);
    model.change = Some(run.of_unfinished(change.id.clone(), remedy));
    model.notice = None;
    model.data_changed();
    let ticket = model.tickets.start(ReplySlot::Change);
    vec![Effect::Finish { slot, change, send, ticket }]
}
