//! Whom a move is about: what is selected, marked or looked up, and the form for it.

use crate::domain::api::ApiKind;
use crate::domain::change::Target;
use crate::domain::estate::RegionSlot;
use crate::domain::fleet::{CellRow, CellState};
use crate::domain::id::{CellId, ChangeId};
use crate::domain::lookup::Answer;
use crate::domain::moves::hook::HookKind;
use crate::tui::action::Action;
use crate::tui::model::{Choice, FormState, Listing, Model, MoveSubject, NoticeKind, Overlay, move_form};
use crate::tui::rows::RowKey;
use crate::tui::update::selection;

/// Opens the form for the customers that are marked, selected or were looked up, or for a part of the selected cell.
pub(in crate::tui::update) fn open_selected(model: &mut Model) {
    match of_selection(model) {
        Ok(subject) => open(model, subject),
        Err(why) => model.say(NoticeKind::Warning, why),
    }
}

fn of_selection(model: &Model) -> Result<MoveSubject, String> {
    match model.overlays.last() {
        Some(Overlay::Answer { .. }) => {
            let found = model.customers.lookup.as_ref().and_then(|(_, found)| found.as_ref());
            let found = found.ok_or("wait until the customer is found")?;
            // Whom the router sends somewhere without a mapping may get one to that very cell.
            let from = match &found.answer {
                Some(Answer::Mapped { cell }) => Some(cell.clone()),
                _ => None,
            };
            return Ok(MoveSubject::Customers { customers: vec![found.customer.clone()], from });
        }
        Some(_) => return Err("close what is in front first".to_owned()),
        None => {}
    }
    let table = &model.page().table;
    let marked = table.marks.iter().filter_map(|key| match key {
        RowKey::Customer(customer) => Some(customer.clone()),
        _ => None,
    });
    let marked: Vec<String> = marked.collect();
    if !marked.is_empty() {
        return Ok(MoveSubject::Customers { customers: marked, from: open_cell_of(model) });
    }
    match &table.selected {
        Some(RowKey::Customer(customer)) => {
            Ok(MoveSubject::Customers { customers: vec![customer.clone()], from: open_cell_of(model) })
        }
        Some(RowKey::Cell(cell)) => Ok(MoveSubject::PartOf(cell.clone())),
        _ => Err("select a cell or a customer first, or name one: :move CUSTOMER".to_owned()),
    }
}

/// The cell whose customers are listed.
fn open_cell_of(model: &Model) -> Option<CellId> {
    let list = model.customers.list.as_ref().filter(|_| model.page().listing == Listing::Customers)?;
    Some(list.cell.clone())
}

/// Opens the form for one customer by name.
pub(in crate::tui::update) fn open_named(model: &mut Model, customer: &str) {
    open(model, MoveSubject::Customers { customers: vec![customer.to_owned()], from: None });
}

/// Opens the form to drain a cell.
pub(in crate::tui::update) fn open_cell(model: &mut Model, cell: CellId) {
    open(model, MoveSubject::AllOf(cell));
}

/// Opens the form to even cells out.
pub(in crate::tui::update) fn open_rebalance(model: &mut Model) {
    open(model, MoveSubject::Fleet);
}

/// Opens the form to take a move back.
pub(in crate::tui::update) fn open_undo(model: &mut Model, id: ChangeId) {
    open(model, MoveSubject::Undo(id));
}

/// The region whose mapping table is meant: that of the open list, else the first that has one.
fn slot(model: &Model) -> RegionSlot {
    let listed = model.customers.list.as_ref().filter(|_| model.page().listing == Listing::Customers);
    let has_table = || {
        let mut regions = model.estate.regions();
        regions.find(|(_, region)| region.mapping_table.value().is_some()).map(|(slot, _)| slot)
    };
    let of_change = || selection::change(model).and_then(|row| row.slot);
    listed.map(|list| list.slot).or_else(of_change).or_else(has_table).unwrap_or(RegionSlot(0))
}

fn open(model: &mut Model, subject: MoveSubject) {
    let keeps_data = keeps_data(model, &subject);
    let form = move_form::of(&subject, keeps_data);
    let settings = &model.settings.moves;
    let first = form.fields.iter().map(|field| move_form::first(field, settings.rate));
    let (slot, target) = (slot(model), Target::Customers(subject.target()));
    let mut state = FormState::new(form, slot, target, ApiKind::Rest, first.collect());
    state.cells = model.rows.cells.iter().map(|row| row.id.clone()).collect();
    let choices = form.fields.iter().map(|field| match field.name {
        "to" | "cells" => cell_choices(model, subject.from()),
        _ => move_form::choices(field, &settings.gate),
    });
    let mut state = state.with_choices(choices.collect());
    state.subject = Some(subject);
    model.overlays.push(Overlay::Form(Box::new(state)));
}

/// Whether a cell that may be left keeps data of its customers.
fn keeps_data(model: &Model, subject: &MoveSubject) -> bool {
    let moves = &model.settings.moves;
    if moves.hooks.kinds().contains(&HookKind::Before) {
        // It is copied.
        return false;
    }
    let all = || model.rows.cells.iter().any(|row| !moves.is_stateless(&row.id));
    match subject {
        MoveSubject::Undo(id) => {
            let standing = model.journal.value().and_then(|listing| listing.moves.get(id));
            standing.map_or_else(all, |standing| {
                standing.header.targets().iter().any(|cell| !moves.is_stateless(cell))
            })
        }
        _ => subject.from().map_or_else(all, |cell| !moves.is_stateless(cell)),
    }
}

fn cell_choices(model: &Model, but: Option<&CellId>) -> Vec<Choice> {
    let others = model.rows.cells.iter().filter(|row| Some(&row.id) != but);
    // The well ones first: that is where customers go.
    let mut others: Vec<&CellRow> = others.collect();
    others.sort_by_key(|row| (row.state != CellState::Well, row.id.clone()));
    others.into_iter().map(|row| Choice::text(row.id.to_string(), note(row))).collect()
}

fn note(row: &CellRow) -> String {
    let load = row.load.map(|load| format!(", load {:.0}%", load * 100.0)).unwrap_or_default();
    let customers = row.customers.map(|count| format!(", {} customers", count.customers)).unwrap_or_default();
    format!("{}{load}{customers}", row.state.word())
}

/// The cells that a drained one goes to where none is named.
pub(super) fn well_cells(model: &Model, but: Option<&CellId>) -> Vec<CellId> {
    let well = model.rows.cells.iter().filter(|row| row.state == CellState::Well && Some(&row.id) != but);
    well.map(|row| row.id.clone()).collect()
}

/// The cells that can be named where one is meant: the row, its name, and what it is.
pub(in crate::tui::update) fn cells(model: &Model) -> Vec<(RowKey, String, String)> {
    let rows = model.rows.cells.iter();
    rows.map(|row| (RowKey::Cell(row.id.clone()), row.id.to_string(), note(row))).collect()
}

/// What the menu of actions offers for a cell or a customer.
pub(in crate::tui::update) fn cell_offers(model: &Model) -> Vec<(Action, String, Option<String>)> {
    let arming = selection::needs_arming(model);
    let locked = model.region_state(slot(model)).and_then(|region| region.locked.clone());
    let blocked = || locked.clone();
    let Ok(subject) = of_selection(model) else { return Vec::new() };
    let mut offers = vec![(Action::Move, format!("move {}{arming}", subject.words()), blocked())];
    if let MoveSubject::PartOf(cell) = &subject {
        offers.push((Action::Drain, format!("drain {cell}: move all its customers{arming}"), blocked()));
        offers.push((Action::Rebalance, format!("even cells out with the fewest moves{arming}"), blocked()));
    }
    offers
}
