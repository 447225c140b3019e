//! Plans of several targets, and of the way back of all that one plan made.

use super::journal::journal_of;
use super::remedies::{history_of, refused};
use super::{Tasks, known_region, trouble};
use crate::aws::Priority;
use crate::domain::bulk::BulkOptions;
use crate::domain::change::Target;
use crate::domain::estate::RegionSlot;
use crate::domain::history;
use crate::domain::id::BulkId;
use crate::domain::levers::Wanted;
use crate::ops::bulk::{self, BulkGrounds};
use crate::tui::event::{ReplyBody, ReplySlot, Ticket};
use crate::tui::model::Model;

impl Tasks {
    pub(super) fn plan_bulk(
        &mut self,
        slot: RegionSlot,
        targets: Vec<(Target, Wanted)>,
        ticket: Ticket,
        model: &Model,
    ) {
        let session = self.session(slot, &ReplySlot::Plan);
        let line = self.line(ReplySlot::Plan, ticket);
        let Some(session) = session else {
            return line.send(ReplyBody::BulkPlanned(Err(refused("not connected".to_owned()))));
        };
        let production = model.region_state(slot).is_some_and(|region| region.production);
        let options = BulkOptions { production, ..BulkOptions::default() };
        let (region, clock, store) = (known_region(model, slot), self.clock.clone(), self.changes.clone());
        let production_tag = self.production_tag.clone();
        let journal = journal_of(&self.changes, &session);
        self.running.spawn(async move {
            let session = session.with_priority(Priority::Change);
            // Without a journal a plan knows less, and says so where it matters.
            let history = history::changes(&journal.records().await.unwrap_or_default());
            let grounds = BulkGrounds {
                region: &region,
                history: &history,
                store: &store,
                clock: &clock,
                production_tag: production_tag.as_ref(),
            };
            let planned = bulk::plan(&session, targets, &options, &grounds, &|_, _| {});
            let planned = Box::pin(planned).await;
            line.send(ReplyBody::BulkPlanned(planned.map(Box::new).map_err(|error| trouble(&error))));
        });
    }

    pub(super) fn plan_bulk_undo(&mut self, slot: RegionSlot, bulk: BulkId, ticket: Ticket, model: &Model) {
        let session = self.session(slot, &ReplySlot::Plan);
        let line = self.line(ReplySlot::Plan, ticket);
        let Some(session) = session else {
            return line.send(ReplyBody::BulkPlanned(Err(refused("not connected".to_owned()))));
        };
        let production = model.region_state(slot).is_some_and(|region| region.production);
        let (region, clock, store) = (known_region(model, slot), self.clock.clone(), self.changes.clone());
        let production_tag = self.production_tag.clone();
        let journal = journal_of(&self.changes, &session);
        self.running.spawn(async move {
            let session = session.with_priority(Priority::Change);
            let planning = async {
                let history = history_of(&journal).await?;
                let grounds = BulkGrounds {
                    region: &region,
                    history: &history,
                    store: &store,
                    clock: &clock,
                    production_tag: production_tag.as_ref(),
                };
                let plan = Box::pin(bulk::plan_undo(&session, &bulk, production, &grounds)).await;
                plan.map(Box::new).map_err(|error| trouble(&error))
            };
            line.send(ReplyBody::BulkPlanned(planning.await));
        });
    }
}
