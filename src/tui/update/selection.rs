//! The selected row: what it is, where it leads, and what can be done with it.

use crate::domain::estate::RegionSlot;
use crate::tui::action::Action;
use crate::tui::model::{ActionItem, Mode, Model, Page, Scope, Screen, StageKey};
use crate::tui::rows::{RowKey, StageRow, TableRow};

/// What the row at a place of the visible rows is.
pub(super) fn key_at(model: &Model, place: usize) -> Option<RowKey> {
    let page = model.page();
    let row = *page.table.visible.get(place)?;
    match page.screen {
        Screen::Fleet => model.rows.cells.get(row).map(TableRow::key),
        Screen::Apis => model.rows.apis.get(row).map(TableRow::key),
        Screen::Stages => model.rows.stages.get(row).map(TableRow::key),
    }
}

/// The region that the selection is in; the first where it is in none.
pub(super) fn slot(model: &Model) -> RegionSlot {
    match &model.page().table.selected {
        Some(RowKey::Api(slot, _) | RowKey::Stage(slot, ..)) => *slot,
        _ => RegionSlot(0),
    }
}

/// The selected stage, on the screen that has them.
pub(super) fn stage(model: &Model) -> Option<StageKey> {
    match model.page().table.selected.clone()? {
        RowKey::Stage(slot, api, Some(stage)) => Some(StageKey { slot, api, stage }),
        _ => None,
    }
}

pub(super) fn stage_row<'model>(model: &'model Model, key: &StageKey) -> Option<&'model StageRow> {
    model.rows.stages.iter().find(|row| row.stage_key().as_ref() == Some(key))
}

/// Opens the selected row: a cell's APIs, an API's stages.
pub(super) fn drill(model: &mut Model) {
    let page = match model.page().table.selected.clone() {
        Some(RowKey::Cell(cell)) => Page::new(Screen::Apis, Scope::Cell(cell)),
        Some(RowKey::Api(slot, api)) => {
            let name =
                model.estate.api(slot, &api).map_or_else(|| api.to_string(), |entry| entry.api.name.clone());
            Page::new(Screen::Stages, Scope::Api { slot, api, name })
        }
        Some(RowKey::Stage(..)) | None => return,
    };
    model.pages.current_mut().table.moved = true;
    model.pages.drill(page);
    model.table_changed();
}

/// The names of the marked rows, or of the selected one, as they are typed elsewhere.
pub(super) fn names(model: &Model) -> Vec<String> {
    let table = &model.page().table;
    let keys: Vec<&RowKey> =
        if table.marks.is_empty() { table.selected.iter().collect() } else { table.marks.iter().collect() };
    keys.into_iter().map(|key| name(model, key)).collect()
}

fn name(model: &Model, key: &RowKey) -> String {
    match key {
        RowKey::Cell(cell) => cell.to_string(),
        RowKey::Api(_, api) | RowKey::Stage(_, api, None) => api.to_string(),
        RowKey::Stage(slot, api, Some(stage)) => {
            let api_name = model.estate.api(*slot, api).map_or(api.as_str(), |entry| entry.api.name.as_str());
            format!("{api_name}/{stage}")
        }
    }
}

/// What can be done with the selection, and why some of it can't.
pub(super) fn action_items(model: &Model) -> Vec<ActionItem> {
    let mut items = Vec::new();
    let mut offer = |action: Action, text: String, blocked: Option<String>| {
        items.push(ActionItem { action, text, blocked });
    };
    let selected = model.page().table.selected.as_ref();
    if let Some(key) = selected {
        let name = name(model, key);
        match model.page().screen {
            Screen::Fleet => offer(Action::Open, format!("open the APIs of {name}"), None),
            Screen::Apis => offer(Action::Open, format!("open the stages of {name}"), None),
            Screen::Stages => {}
        }
        if let Some(row) = stage(model).and_then(|key| stage_row(model, &key)) {
            offer(
                Action::Flush,
                format!("flush the cache of {name}{}", needs_arming(model)),
                row.flush_blocked(),
            );
        }
        offer(Action::Copy, format!("copy {}", copied(model, &name)), None);
    }
    offer(Action::Refresh, "read again now".to_owned(), None);
    let place = slot(model);
    match model.region_state(place) {
        Some(region) if region.mode == Mode::Operate => {
            offer(Action::Disarm, "back to read-only".to_owned(), None);
        }
        Some(region) => offer(Action::Arm, "allow changes".to_owned(), region.locked.clone()),
        None => {}
    }
    items
}

fn needs_arming(model: &Model) -> &'static str {
    let armed = model.region_state(slot(model)).is_some_and(|region| region.mode == Mode::Operate);
    if armed { "" } else { " (asks to allow changes first)" }
}

fn copied(model: &Model, selected: &str) -> String {
    match model.page().table.marks.len() {
        0 => selected.to_owned(),
        1 => "the marked name".to_owned(),
        several => format!("the {several} marked names"),
    }
}
