//! The selected row: what it is, where it leads, and what can be done with it.

use super::{action, bulk, customers, form, moves, remedy};
use crate::domain::estate::RegionSlot;
use crate::domain::id::{ApiId, StageName};
use crate::domain::method::MethodKey;
use crate::domain::web_acl::name_in_arn;
use crate::tui::action::Action;
use crate::tui::model::{ActionItem, Listing, Mode, Model, Overlay, Page, Scope, StageKey};
use crate::tui::rows::{ChangeRow, RowKey, StageRow, TableRow};

/// What the row at a place of the visible rows is.
pub(super) fn key_at(model: &Model, place: usize) -> Option<RowKey> {
    let page = model.page();
    let row = *page.table.visible.get(place)?;
    let rows = &model.rows;
    match page.listing {
        Listing::Cells => rows.cells.get(row).map(TableRow::key),
        Listing::Apis => rows.apis.get(row).map(TableRow::key),
        Listing::Stages => rows.stages.get(row).map(TableRow::key),
        Listing::Throttles => rows.listed.throttles.get(row).map(TableRow::key),
        Listing::Plans => rows.listed.plans.get(row).map(TableRow::key),
        Listing::Keys => rows.listed.keys.get(row).map(TableRow::key),
        Listing::WebAcls => rows.listed.web_acls.get(row).map(TableRow::key),
        Listing::Rules => rows.listed.rules.get(row).map(TableRow::key),
        Listing::IpSets => rows.listed.ip_sets.get(row).map(TableRow::key),
        Listing::Domains => rows.listed.mappings.get(row).map(TableRow::key),
        Listing::VpcLinks => rows.listed.vpc_links.get(row).map(TableRow::key),
        Listing::Counts => rows.listed.counts.get(row).map(TableRow::key),
        Listing::Customers => rows.listed.customers.get(row).map(TableRow::key),
        Listing::Changes => rows.listed.changes.get(row).map(TableRow::key),
    }
}

/// The region that the selection is in; the first where it is in none.
pub(super) fn slot(model: &Model) -> RegionSlot {
    let selected = model.page().table.selected.as_ref();
    let of_change = || change(model).and_then(|row| row.slot);
    let of_cell = || selected.and_then(|key| cell_region(model, key));
    selected.and_then(RowKey::slot).or_else(of_change).or_else(of_cell).unwrap_or(RegionSlot(0))
}

/// The first region that a selected cell is in.
fn cell_region(model: &Model, key: &RowKey) -> Option<RegionSlot> {
    let RowKey::Cell(cell) = key else { return None };
    model.rows.cells.iter().find(|row| row.id == *cell)?.cell.regions.first().copied()
}

/// The selected change, on the screen that has them.
pub(super) fn change(model: &Model) -> Option<&ChangeRow> {
    let selected = model.page().table.selected.as_ref()?;
    model.rows.listed.changes.iter().find(|row| row.key() == *selected)
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

/// Opens the selected row: a cell's APIs, an API's stages, a plan's keys, a web ACL's rules; of others, all
/// that is known.
pub(super) fn drill(model: &mut Model) {
    let Some(selected) = model.page().table.selected.clone() else { return };
    let name = name(model, &selected);
    let page = match selected {
        RowKey::Cell(_) if model.page().listing == Listing::Counts => return customers::open_cell(model),
        RowKey::Cell(cell) => Page::new(Listing::Apis, Scope::Cell(cell)),
        RowKey::Api(slot, api) => {
            let name = model.estate.api(slot, &api).map_or(name, |entry| entry.api.name.clone());
            Page::new(Listing::Stages, Scope::Api { slot, api, name })
        }
        RowKey::Plan(slot, plan) => {
            let row = model.rows.listed.plans.iter().find(|row| row.slot == slot && row.plan.id == plan);
            let name = row.map_or(name, |row| row.plan.name.clone());
            Page::new(Listing::Keys, Scope::Plan { slot, plan, name })
        }
        RowKey::WebAcl(slot, arn) => Page::new(Listing::Rules, Scope::WebAcl { slot, arn, name }),
        RowKey::Change(_) if change(model).is_some_and(|row| row.running && row.is_move()) => {
            return moves::show(model);
        }
        RowKey::Change(_) if change(model).is_some_and(|row| row.running) => {
            let bulk = model.bulk.as_ref().is_some_and(crate::tui::model::BulkRun::is_running);
            let front = if bulk { Overlay::BulkProgress { scroll: 0 } } else { Overlay::Progress };
            return model.overlays.push(front);
        }
        RowKey::Stage(..)
        | RowKey::Throttle(..)
        | RowKey::Key(..)
        | RowKey::Rule(..)
        | RowKey::IpSet(..)
        | RowKey::Mapping(..)
        | RowKey::VpcLink(..)
        | RowKey::Customer(_)
        | RowKey::Change(_) => {
            return action::open_detail(model);
        }
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
        RowKey::Api(_, api) | RowKey::Stage(_, api, None) | RowKey::Throttle(_, api, None) => api.to_string(),
        RowKey::Stage(slot, api, Some(stage))
        | RowKey::Throttle(slot, api, Some((stage, MethodKey::All))) => stage_name(model, *slot, api, stage),
        RowKey::Throttle(slot, api, Some((stage, method))) => {
            format!("{} {method}", stage_name(model, *slot, api, stage))
        }
        RowKey::Plan(_, plan) => plan.to_string(),
        RowKey::Key(_, key) => key.to_string(),
        RowKey::WebAcl(_, arn) | RowKey::IpSet(_, arn) => name_in_arn(arn),
        RowKey::Rule(_, arn, rule) => format!("{} {rule}", name_in_arn(arn)),
        RowKey::Mapping(_, domain, path) => format!("{domain}{}", path.as_deref().unwrap_or_default()),
        RowKey::VpcLink(_, link) => link.clone(),
        RowKey::Customer(customer) => crate::domain::text::sanitise(customer).into_owned(),
        RowKey::Change(change) => change.to_string(),
    }
}

fn stage_name(model: &Model, slot: RegionSlot, api: &ApiId, stage: &StageName) -> String {
    let api_name = model.estate.api(slot, api).map_or(api.as_str(), |entry| entry.api.name.as_str());
    format!("{api_name}/{stage}")
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
        // By what people call it; what is copied names it wherever it is typed.
        let shown = form::called(model, key).unwrap_or_else(|| name.clone());
        match model.page().listing {
            Listing::Cells => {
                offer(Action::Open, format!("open the APIs of {name}"), None);
                offer(Action::CellCustomers, format!("list the customers of {name}"), None);
                offer(Action::CellChanges, format!("list the changes of {name}"), None);
            }
            Listing::Counts => offer(Action::Open, format!("list the customers of {name}"), None),
            Listing::Customers => offer(Action::Open, format!("look {name} up"), None),
            Listing::Apis => offer(Action::Open, format!("open the stages of {name}"), None),
            Listing::Plans => offer(Action::Open, format!("open the keys of {shown}"), None),
            Listing::WebAcls => offer(Action::Open, format!("open the rules of {name}"), None),
            Listing::Changes => remedy::offer(model, &mut offer),
            Listing::Stages
            | Listing::Throttles
            | Listing::Keys
            | Listing::Rules
            | Listing::IpSets
            | Listing::Domains
            | Listing::VpcLinks => {}
        }
        for (action, text, blocked) in form::row_offers(model, key) {
            offer(action, text, blocked);
        }
        if let Some(row) = stage(model).and_then(|key| stage_row(model, &key)) {
            let several = bulk::several(model);
            let of = several.map_or_else(|| name.clone(), |count| format!("the {count} marked stages"));
            // Of several, the plan tells which can't be.
            let blocked = row.flush_blocked().filter(|_| several.is_none());
            offer(Action::Flush, format!("flush the cache of {of}{}", needs_arming(model)), blocked);
        }
        if let Some((stage, of_throttle)) = form::selected_stage(model) {
            for (action, text, blocked) in form::offers(model, &stage, of_throttle) {
                offer(action, text, blocked);
            }
        }
        offer(Action::Detail, format!("show all of {shown}"), None);
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

pub(super) fn needs_arming(model: &Model) -> &'static str {
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
