//! The search for connections that a move left on the old cell, and the plan to close them.

use super::remedies::refused;
use super::{Tasks, trouble};
use crate::aws::{Mode, Priority, Session};
use crate::domain::cell;
use crate::domain::estate::RegionSlot;
use crate::domain::id::ChangeId;
use crate::domain::moves::run::Run;
use crate::ops::change::{self, ChangeError, ChangeStore};
use crate::ops::customers;
use crate::ops::moves::{self, CLOSED_PER_SECOND, LeftBehind, Surroundings};
use crate::tui::event::{ReplyBody, ReplySlot, Ticket, Trouble};
use crate::tui::model::Model;

impl Tasks {
    pub(super) fn weigh_connections(&mut self, slot: RegionSlot, ticket: Ticket) {
        let session = self.session(slot, &ReplySlot::LeftConnections);
        let line = self.line(ReplySlot::LeftConnections, ticket);
        let Some(session) = session else {
            return line.send(ReplyBody::ConnectionsWeighed(Err(refused("not connected".to_owned()))));
        };
        let lookup = &self.customers.lookup;
        let (settings, price) = (lookup.connections.clone(), lookup.read_unit_price);
        self.running.spawn(async move {
            let cost = customers::connections_cost(&session, &settings, price).await;
            let cost = cost.map_err(|failure| trouble(&ChangeError::Failed(failure)));
            line.send(ReplyBody::ConnectionsWeighed(cost));
        });
    }

    pub(super) fn find_connections(&mut self, slot: RegionSlot, id: ChangeId, ticket: Ticket) {
        let session = self.session(slot, &ReplySlot::LeftConnections);
        let line = self.line(ReplySlot::LeftConnections, ticket);
        let Some(session) = session else {
            return line.send(ReplyBody::ConnectionsFound(Err(refused("not connected".to_owned()))));
        };
        let (settings, store) = (self.customers.lookup.connections.clone(), self.changes.clone());
        self.running.spawn(async move {
            let seen = |count| line.send(ReplyBody::ConnectionsSeen(count));
            let finding = async {
                let run = run_of(&session, &store, &id).await?;
                let rate = customers::CONNECTIONS_RATE;
                let left = Box::pin(moves::left_behind(&session, &run, &settings, rate, &seen)).await;
                left.map(Box::new).map_err(|error| trouble(&error))
            };
            line.send(ReplyBody::ConnectionsFound(finding.await));
        });
    }

    pub(super) fn plan_closing(
        &mut self,
        slot: RegionSlot,
        id: ChangeId,
        left: Box<LeftBehind>,
        ticket: Ticket,
        model: &Model,
    ) {
        let session = self.session(slot, &ReplySlot::Plan);
        let line = self.line(ReplySlot::Plan, ticket);
        let Some(session) = session else {
            return line.send(ReplyBody::Planned(Err(refused("not connected".to_owned()))));
        };
        let (access, estate) = (self.customers.connection_access.clone(), model.estate.clone());
        let (cells, store) = (cell::discover(&estate, &self.settings.cells), self.changes.clone());
        let clock = self.clock.clone();
        self.running.spawn(async move {
            let session = session.with_priority(Priority::Change);
            let planning = async {
                let run = run_of(&session, &store, &id).await?;
                let around = Surroundings { access: &access, estate: &estate, cells: &cells };
                let closing =
                    Box::pin(moves::closing_of(&session, &run, &left, around, CLOSED_PER_SECOND)).await;
                let closing = closing.map_err(|error| trouble(&error))?;
                Ok(Box::new(change::plan_closing(&session, closing, &clock)))
            };
            line.send(ReplyBody::Planned(planning.await));
        });
    }
}

async fn run_of<M: Mode>(session: &Session<M>, store: &ChangeStore, id: &ChangeId) -> Result<Run, Trouble> {
    let known = moves::known_moves(session, store).await;
    let known = known.map_err(|error| trouble(&ChangeError::Journal(error)))?;
    moves::named(&known, Some(id.as_str())).map_err(refused)
}
