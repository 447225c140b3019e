//! Screen 8: what is asked when a customer is looked up, a cell's customers are paged through, or counts are shown.

use super::refresh::older_than;
use super::{action, selection};
use crate::domain::estate::RegionSlot;
use crate::domain::failure::Failure;
use crate::domain::text::sanitise;
use crate::ops::lookup::Lookup;
use crate::tui::effect::Effect;
use crate::tui::event::{CustomerPage, ReplySlot};
use crate::tui::model::{
    CustomerList, Listing, LookupState, MOST_CUSTOMERS, Model, NoticeKind, Overlay, Page, Scope,
};
use crate::tui::rows::RowKey;

/// The kept count is read again after so long: another cellgate may have counted.
const COUNT_SECONDS: i64 = 30;
/// Rows before the end of what was read at which the next page is asked for.
const AHEAD: usize = 100;

/// Asks for a customer's id.
pub(super) fn open_lookup(model: &mut Model) {
    model.overlays.push(Overlay::Lookup(LookupState::default()));
}

/// Looks up what was typed.
pub(super) fn submit(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Lookup(state)) = model.overlays.last_mut() else { return Vec::new() };
    let customer = state.input.value().trim().to_owned();
    if customer.is_empty() {
        state.error = Some("type a customer's id".to_owned());
        return Vec::new();
    }
    model.overlays.pop();
    look_up(model, customer)
}

/// Looks a customer up, and puts the answer in front.
pub(super) fn look_up(model: &mut Model, customer: String) -> Vec<Effect> {
    let slot = selection::slot(model);
    model.customers.lookup = Some((sanitise(&customer).into_owned(), None));
    model.overlays.push(Overlay::Answer { scroll: 0 });
    let ticket = model.tickets.start(ReplySlot::Lookup);
    vec![Effect::Lookup { slot, customer, ticket }]
}

/// Looks the selected customer up.
pub(super) fn look_up_selected(model: &mut Model) -> Vec<Effect> {
    match model.page().table.selected.clone() {
        Some(RowKey::Customer(customer)) => look_up(model, customer),
        _ => Vec::new(),
    }
}

/// Goes to the customers of the selected cell.
pub(super) fn open_cell(model: &mut Model) {
    let Some(RowKey::Cell(cell)) = model.page().table.selected.clone() else {
        return model.say(NoticeKind::Warning, "select a cell to see its customers");
    };
    let slot = selection::slot(model);
    if !model.customers.list.as_ref().is_some_and(|list| list.cell == cell && list.slot == slot) {
        model.customers.list = Some(CustomerList::new(slot, cell.clone()));
        model.tickets.end(&ReplySlot::Customers);
    }
    model.pages.current_mut().table.moved = true;
    model.pages.drill(Page::new(Listing::Customers, Scope::Cell(cell)));
    model.data_changed();
}

/// Starts what the open list is made of, where it is due.
pub(super) fn due(model: &mut Model, slot: RegionSlot, effects: &mut Vec<Effect>) {
    match model.page().listing {
        Listing::Counts => count_if_due(model, slot, effects),
        Listing::Customers => page_if_due(model, slot, effects),
        _ => {}
    }
}

fn count_if_due(model: &mut Model, slot: RegionSlot, effects: &mut Vec<Effect>) {
    if slot == RegionSlot(0)
        && !model.tickets.is_running(&ReplySlot::KeptCount)
        && older_than(model, model.schedule.kept_count, COUNT_SECONDS)
    {
        model.schedule.kept_count = Some(model.now);
        let ticket = model.tickets.start(ReplySlot::KeptCount);
        effects.push(Effect::ReadKeptCount { slot, ticket });
    }
}

/// The next page, where the cursor comes near the end of what was read.
fn page_if_due(model: &mut Model, slot: RegionSlot, effects: &mut Vec<Effect>) {
    let Some(list) = &model.customers.list else { return };
    let near = model.page().table.cursor + AHEAD >= list.customers.len();
    let room = list.customers.len() < MOST_CUSTOMERS;
    let wanted = list.slot == slot && list.has_more() && list.failure.is_none() && near && room;
    if !wanted || model.tickets.is_running(&ReplySlot::Customers) {
        return;
    }
    let (cell, from) = (list.cell.clone(), list.next.clone());
    let ticket = model.tickets.start(ReplySlot::Customers);
    effects.push(Effect::ReadCustomers { slot, cell, from, ticket });
}

/// A page of customers has come, or hasn't.
pub(super) fn take_page(model: &mut Model, outcome: Result<CustomerPage, Failure>) {
    if let Some(list) = model.customers.list.as_mut() {
        list.tried = true;
        match outcome {
            Ok(page) => {
                list.customers.extend(page.customers);
                list.next = page.next;
            }
            Err(failure) => list.failure = Some(failure),
        }
    }
    model.data_changed();
}

pub(super) fn found(model: &mut Model, lookup: Box<Lookup>) {
    if let Some((_, found)) = model.customers.lookup.as_mut() {
        *found = Some(lookup);
    }
    model.table_changed();
}

/// Reads the open list anew from its beginning.
pub(super) fn forget(model: &mut Model) {
    model.schedule.kept_count = None;
    if let Some(list) = &model.customers.list {
        model.customers.list = Some(CustomerList::new(list.slot, list.cell.clone()));
        model.tickets.end(&ReplySlot::Customers);
        model.data_changed();
    }
}

/// Closes the answer and asks for another customer.
pub(super) fn ask_again(model: &mut Model) {
    if matches!(model.overlays.last(), Some(Overlay::Answer { .. })) {
        action::close_front(model);
    }
    open_lookup(model);
}
