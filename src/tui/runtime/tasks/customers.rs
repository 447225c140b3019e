//! Reads what screen 8 shows: a lookup, a page of a cell's customers, the count that was kept.

use super::journal::journal_of;
use super::{Tasks, not_connected};
use crate::aws::Priority;
use crate::domain::estate::RegionSlot;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::id::CellId;
use crate::domain::page_key::PageKey;
use crate::ops::count::CountStore;
use crate::ops::lookup::{self, Also, Lookup};
use crate::ops::{customers, found::Found};
use crate::tui::event::{CustomerPage, ReplyBody, ReplySlot, Ticket};

/// Customers of a page: three or four screens.
const PAGE: i32 = 250;

impl Tasks {
    pub(super) fn look_up(&mut self, slot: RegionSlot, customer: String, ticket: Ticket) {
        let session = self.session(slot, &ReplySlot::Lookup);
        let line = self.line(ReplySlot::Lookup, ticket);
        let clock = self.clock.clone();
        let Some(session) = session else {
            let keys = Found { rows: Vec::new(), failures: Vec::new() };
            return line.send(ReplyBody::LookedUp(Box::new(Lookup {
                customer,
                at: clock.now(),
                mapping: Err(not_connected("GetItem")),
                answer: None,
                keys,
                moves: Vec::new(),
                connections: None,
            })));
        };
        let settings = self.customers.lookup.clone();
        let journal = journal_of(&self.changes, &session);
        self.running.spawn(async move {
            let session = session.with_priority(Priority::Change);
            // Without a journal a lookup knows less of moves, and all the rest.
            let records = journal.records().await.unwrap_or_default();
            let (now, also) = (session.now(clock.now()), Also { connections: false });
            let work = lookup::lookup(&session, &customer, &settings, also, (now, records.as_slice()));
            let found = Box::pin(work).await;
            line.send(ReplyBody::LookedUp(Box::new(found)));
        });
    }

    pub(super) fn customers(
        &mut self,
        slot: RegionSlot,
        cell: CellId,
        from: Option<PageKey>,
        ticket: Ticket,
    ) {
        let session = self.session(slot, &ReplySlot::Customers);
        let line = self.line(ReplySlot::Customers, ticket);
        let Some(session) = session else {
            return line.send(ReplyBody::Customers(Err(not_connected("Query"))));
        };
        let mapping = self.customers.lookup.mapping.clone();
        self.running.spawn(async move {
            line.send(ReplyBody::Customers(page(&session, &mapping, &cell, from).await));
        });
    }

    pub(super) fn kept_count(&mut self, slot: RegionSlot, ticket: Ticket) {
        let session = self.session(slot, &ReplySlot::KeptCount);
        let line = self.line(ReplySlot::KeptCount, ticket);
        let Some(session) = session else {
            return line.send(ReplyBody::KeptCount(Err(not_connected("reading the last count"))));
        };
        let table = &self.customers.lookup.mapping.table;
        let store = CountStore::of(&self.customers.counts, session.key(), table);
        self.running.spawn(async move {
            let kept = store.last().map_err(|error| {
                Failure::new("reading the last count", "", FailureKind::Configuration, &error.to_string())
            });
            line.send(ReplyBody::KeptCount(kept));
        });
    }
}

async fn page(
    session: &crate::aws::Session<crate::aws::Read>,
    mapping: &crate::domain::mapping::MappingSettings,
    cell: &CellId,
    from: Option<PageKey>,
) -> Result<CustomerPage, Failure> {
    let table = customers::table(session, mapping).await?;
    if table.cell_index.is_none() {
        let message = format!("the table has no index on {}", mapping.cell_attribute);
        return Err(Failure::new("Query", &mapping.table, FailureKind::Refused, &message)
            .with_hint("`cellgate get customers --cell` reads the whole table, and says what that takes"));
    }
    let source = customers::source(&table, Some(cell));
    let page = customers::page(session, mapping, &source, from.as_ref(), PAGE).await?;
    let customers = page.items.into_iter().filter_map(|row| row.customer).collect();
    Ok(CustomerPage { customers, next: page.next })
}
