//! What each action does.

use super::{
    bulk, change, customers, form, left_connections, movement, moves, palette, refresh, remedy, selection,
};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::event::ReplySlot;
use crate::tui::model::{
    Listing, Model, NoticeKind, Overlay, Page, PaletteState, Remedy, Scope, Screen, SortState,
};
use crate::tui::rows::{self, RowKey};

/// Does `action` to whatever is in front.
#[expect(clippy::too_many_lines, reason = "a line for each action")]
pub(super) fn perform(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::Top | Action::Bottom => {
            movement::go(model, action);
        }
        Action::Open => return open(model),
        Action::Back => return back(model),
        Action::Quit => return quit(model),
        Action::QuitNow => return vec![Effect::Quit],
        Action::Confirm if matches!(model.overlays.last(), Some(Overlay::BulkPlan(_))) => {
            return bulk::confirm(model);
        }
        Action::Confirm if matches!(model.overlays.last(), Some(Overlay::MovePlan(_))) => {
            return moves::confirm(model);
        }
        Action::Confirm if matches!(model.overlays.last(), Some(Overlay::LeftConnections(_))) => {
            return left_connections::confirm(model);
        }
        Action::Confirm if matches!(model.overlays.last(), Some(Overlay::Leaving)) => {
            return moves::leave(model);
        }
        Action::Confirm => return change::confirm(model),
        Action::Decline if matches!(model.overlays.last(), Some(Overlay::LeftConnections(_))) => {
            return close_front(model);
        }
        Action::Decline => change::decline(model),
        Action::ScreenFleet => visit(model, Screen::Fleet),
        Action::ScreenApis => visit(model, Screen::Apis),
        Action::ScreenStages => visit(model, Screen::Stages),
        Action::ScreenThrottles => visit(model, Screen::Throttles),
        Action::ScreenWaf => visit(model, Screen::Waf),
        Action::ScreenCustomers => visit(model, Screen::Customers),
        Action::Lookup => customers::ask_again(model),
        Action::CellCustomers => customers::open_cell(model),
        Action::CellChanges => open_changes(model),
        Action::Plans => show(model, Listing::Plans),
        Action::Keys => show(model, Listing::Keys),
        Action::WebAcls => show(model, Listing::WebAcls),
        Action::Rules => show(model, Listing::Rules),
        Action::IpSets => show(model, Listing::IpSets),
        Action::Domains => show(model, Listing::Domains),
        Action::VpcLinks => show(model, Listing::VpcLinks),
        Action::NextPart => step_part(model, 1),
        Action::PreviousPart => step_part(model, model.page().screen().listings().len() - 1),
        Action::NextScreen => step_screen(model, 1),
        Action::PreviousScreen => step_screen(model, Screen::ALL.len() - 1),
        Action::Palette => {
            let state = PaletteState { items: palette::items(model, ""), ..PaletteState::default() };
            model.overlays.push(Overlay::Palette(state));
        }
        Action::Help => {
            if !matches!(model.overlays.last(), Some(Overlay::Help { .. })) {
                model.overlays.push(Overlay::Help { scroll: 0 });
            }
        }
        // What could be filtered is a page of many; what is looked for may stand on any.
        Action::Filter if model.page().screen() == Screen::Customers => customers::open_lookup(model),
        Action::Filter => {
            let input = model.page().table.filter.clone().into();
            model.overlays.push(Overlay::Filter { input });
        }
        Action::Sort => model.overlays.push(Overlay::Sort(sort_state(model))),
        Action::SortNext => sort_next(model),
        Action::SortReverse => {
            let table = &mut model.pages.current_mut().table;
            table.sort.reversed = !table.sort.reversed;
            model.table_changed();
        }
        Action::Detail => open_detail(model),
        Action::Actions => {
            let items = selection::action_items(model);
            model.overlays.push(Overlay::Actions { items, cursor: 0 });
        }
        Action::Mark => mark(model),
        Action::Unmark => model.pages.current_mut().table.marks.clear(),
        Action::Copy => return copy(model),
        Action::Refresh => return refresh::now(model),
        Action::Pause => pause(model),
        Action::Failures => model.overlays.push(Overlay::Failures { scroll: 0 }),
        Action::Journal => visit(model, Screen::Changes),
        Action::Arm => change::open_arming(model, selection::slot(model), None),
        Action::Disarm => return change::disarm(model, selection::slot(model)),
        Action::Flush => return change::flush_selected(model),
        Action::Undo => return remedy::of_selected(model, Remedy::Undo),
        Action::UndoBulk => return bulk::undo_selected(model),
        Action::Finish => return remedy::of_selected(model, Remedy::Finish),
        Action::Settle => return remedy::of_selected(model, Remedy::Settle),
        Action::Move => moves::open_selected(model),
        Action::Rebalance => moves::open_rebalance(model),
        Action::ShowMove => moves::show(model),
        Action::PauseMove => return moves::pause(model),
        Action::ResumeMove => return moves::resume(model),
        Action::AbortMove => return moves::abort(model),
        Action::UndoMove => moves::undo_shown(model),
        Action::LeftConnections => return moves::left_connections(model),
        Action::FlushRouter => return moves::flush_router(model),
        Action::Throttle
        | Action::ClearThrottle
        | Action::Rollback
        | Action::Canary
        | Action::Cache
        | Action::CacheTtl
        | Action::Variable
        | Action::Logging
        | Action::PlanThrottle
        | Action::PlanMethodThrottle
        | Action::PlanQuota
        | Action::PlanAddStage
        | Action::PlanRemoveStage
        | Action::KeyExtend
        | Action::KeyMove
        | Action::KeyEnable
        | Action::KeyDisable
        | Action::RuleAction
        | Action::RuleRate
        | Action::IpAdd
        | Action::IpRemove
        | Action::AclAttach
        | Action::AclDetach
        | Action::Drain => return form::open_selected(model, action),
        Action::Panic => return vec![Effect::Panic],
    }
    Vec::new()
}

fn visit(model: &mut Model, screen: Screen) {
    model.overlays.clear();
    model.pages.visit(screen);
    if screen == Screen::Changes {
        // Another operator, or this one in another terminal, may just have changed something.
        model.schedule.journal = None;
    }
    model.table_changed();
}

/// Goes to a list of any screen.
pub(super) fn show(model: &mut Model, listing: Listing) {
    model.overlays.clear();
    model.pages.show(listing);
    model.table_changed();
}

/// Goes to the changes of the selected cell.
fn open_changes(model: &mut Model) {
    let Some(RowKey::Cell(cell)) = model.page().table.selected.clone() else {
        return model.say(NoticeKind::Warning, "select a cell to see its changes");
    };
    model.schedule.journal = None;
    model.pages.current_mut().table.moved = true;
    model.pages.drill(Page::new(Listing::Changes, Scope::Cell(cell)));
    model.table_changed();
}

/// Goes to another list of the same screen.
fn step_part(model: &mut Model, by: usize) {
    let (open, beside) = (model.page().listing, model.page().listing.beside(by));
    if open != beside {
        show(model, beside);
    }
}

/// Puts all of the selected row in front.
pub(super) fn open_detail(model: &mut Model) {
    if model.page().table.selected.is_some() {
        model.overlays.push(Overlay::Detail { scroll: 0 });
    }
}

fn step_screen(model: &mut Model, by: usize) {
    let place = model.page().screen().place() + by;
    visit(model, Screen::ALL[place % Screen::ALL.len()]);
}

/// Opens the chosen line of a menu, or drills into the selected row.
fn open(model: &mut Model) -> Vec<Effect> {
    match model.overlays.last() {
        None if model.page().listing == Listing::Customers => customers::look_up_selected(model),
        None => {
            selection::drill(model);
            Vec::new()
        }
        Some(Overlay::Sort(state)) => {
            let cursor = state.cursor;
            model.overlays.pop();
            choose_sort(model, cursor);
            Vec::new()
        }
        Some(Overlay::Actions { items, cursor }) => {
            let Some(item) = items.get(*cursor).cloned() else { return Vec::new() };
            if item.blocked.is_some() {
                return Vec::new();
            }
            model.overlays.pop();
            perform(model, item.action)
        }
        // A plan is confirmed by its own keys, never by the one that opens things.
        Some(Overlay::Plan(_) | Overlay::BulkPlan(_) | Overlay::MovePlan(_) | Overlay::Leaving) => Vec::new(),
        Some(Overlay::LeftConnections(state)) if state.asks() => Vec::new(),
        Some(_) => {
            close_front(model);
            Vec::new()
        }
    }
}

fn back(model: &mut Model) -> Vec<Effect> {
    if matches!(model.overlays.last(), Some(Overlay::BulkProgress { .. }))
        && let Some(effects) = bulk::stop(model)
    {
        return effects;
    }
    if !model.overlays.is_empty() {
        return close_front(model);
    }
    // An error stays until it was seen; anything milder doesn't stand in the way.
    if model.notice.take().is_some_and(|notice| notice.kind == NoticeKind::Error) {
        return Vec::new();
    }
    let table = &mut model.pages.current_mut().table;
    if table.filter.is_empty() {
        model.pages.back();
    } else {
        table.filter.clear();
    }
    model.table_changed();
    Vec::new()
}

/// Closes what is in front, and calls off what it was waiting for.
pub(super) fn close_front(model: &mut Model) -> Vec<Effect> {
    match model.overlays.pop() {
        Some(Overlay::Planning { .. }) => {
            model.tickets.end(&ReplySlot::Plan);
            vec![Effect::Cancel(ReplySlot::Plan)]
        }
        Some(Overlay::LeftConnections(_)) => {
            model.tickets.end(&ReplySlot::LeftConnections);
            vec![Effect::Cancel(ReplySlot::LeftConnections)]
        }
        Some(Overlay::Answer { .. }) => {
            model.tickets.end(&ReplySlot::Lookup);
            vec![Effect::Cancel(ReplySlot::Lookup)]
        }
        Some(Overlay::Arming(state)) => {
            model.tickets.end(&ReplySlot::Arming(state.slot));
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn quit(model: &mut Model) -> Vec<Effect> {
    if !model.overlays.is_empty() {
        return close_front(model);
    }
    if moves::ask_before_leaving(model) {
        return Vec::new();
    }
    if let Some(run) = model.change.as_ref().filter(|run| run.is_running()) {
        let text = format!("a change to {} is running: ctrl-c leaves it as it stands", run.plan.target);
        model.say(NoticeKind::Warning, text);
        return Vec::new();
    }
    if let Some(run) = model.bulk.as_ref().filter(|run| run.is_running()) {
        let text = format!("{} is running: ctrl-c leaves it as it stands", run.what());
        model.say(NoticeKind::Warning, text);
        return Vec::new();
    }
    vec![Effect::Quit]
}

fn sort_state(model: &Model) -> SortState {
    SortState { cursor: model.page().table.sort.column.map_or(0, |column| column + 1) }
}

/// Sorts by what the menu's line says; choosing the present one again reverses it.
pub(super) fn choose_sort(model: &mut Model, line: usize) {
    let sort = &mut model.pages.current_mut().table.sort;
    let column = line.checked_sub(1);
    if sort.column == column {
        sort.reversed = !sort.reversed;
    } else {
        sort.column = column;
        sort.reversed = false;
    }
    model.table_changed();
}

fn sort_next(model: &mut Model) {
    let columns = rows::columns(model.page().listing);
    let sort = &mut model.pages.current_mut().table.sort;
    let after = sort.column.map_or(0, |column| column + 1);
    sort.column = (after..columns.len()).find(|place| columns[*place].compares);
    sort.reversed = false;
    model.table_changed();
}

fn mark(model: &mut Model) {
    let table = &mut model.pages.current_mut().table;
    let Some(key) = table.selected.clone() else { return };
    if !table.marks.remove(&key) {
        table.marks.insert(key);
    }
    movement::go(model, Action::Down);
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let names = selection::names(model);
    if names.is_empty() {
        return Vec::new();
    }
    let text = match names.as_slice() {
        [one] => format!("copied {one}"),
        several => format!("copied {} names", several.len()),
    };
    model.say(NoticeKind::Done, text);
    vec![Effect::Copy(names.join("\n"))]
}

fn pause(model: &mut Model) {
    model.schedule.paused = !model.schedule.paused;
    let text = if model.schedule.paused {
        "paused: nothing is read until p is pressed again"
    } else {
        "refreshing again"
    };
    model.say(NoticeKind::Done, text);
}
