//! Plans of moves, moves themselves, and wishes for those of other processes.

use super::remedies::refused;
use super::{Tasks, trouble};
use crate::aws::{Priority, Read, Session};
use crate::domain::estate::RegionSlot;
use crate::domain::id::ChangeId;
use crate::domain::moves::MovePlan;
use crate::ops::change::ChangeError;
use crate::ops::moves::{self, MoveGrounds, Wish};
use crate::tui::event::{ReplyBody, ReplySlot, Ticket, Trouble};
use crate::tui::model::{Model, MoveWanted};
use crate::tui::runtime::moving::{self, MoveOrder};
use crate::tui::runtime::sessions::RegionSessions;

impl Tasks {
    pub(super) fn plan_move(&mut self, slot: RegionSlot, wanted: MoveWanted, ticket: Ticket, model: &Model) {
        let session = self.session(slot, &ReplySlot::Plan);
        let line = self.line(ReplySlot::Plan, ticket);
        let Some(session) = session else {
            return line.send(ReplyBody::MovePlanned(Err(refused("not connected".to_owned()))));
        };
        let (settings, mapping) = (model.settings.moves.clone(), self.customers.lookup.mapping.clone());
        let (fleet, estate) = (model.rows.cells.clone(), model.estate.clone());
        let (thresholds, clock) = (model.settings.thresholds.clone(), self.clock.clone());
        let store = self.changes.clone();
        self.running.spawn(async move {
            let session = session.with_priority(Priority::Change);
            let known = match moves::known_moves(&session, &store).await {
                Ok(known) => known,
                Err(error) => {
                    let trouble = trouble(&ChangeError::Journal(error));
                    return line.send(ReplyBody::MovePlanned(Err(trouble)));
                }
            };
            let grounds = MoveGrounds {
                known: &known,
                moves: &settings,
                mapping: &mapping,
                fleet: &fleet,
                estate: &estate,
                thresholds: &thresholds,
                clock: &clock,
            };
            let planned = Box::pin(plan(&session, wanted, &grounds)).await;
            line.send(ReplyBody::MovePlanned(planned.map(Box::new)));
        });
    }

    /// Only a session that may operate can get here.
    pub(super) fn carry_on_move(&mut self, slot: RegionSlot, order: MoveOrder, ticket: Ticket) {
        let line = self.line(ReplySlot::Move, ticket);
        let Some(session) = self.regions.get(slot.0).and_then(RegionSessions::operate).cloned() else {
            return line.send(ReplyBody::MoveEnded(Err(refused("the session is read-only".to_owned()))));
        };
        let (store, clock) = (self.changes.clone(), self.clock.clone());
        moving::start(&mut self.moving, session, order, store, clock, move |body| line.send(body));
    }

    pub(super) fn wish_move(&mut self, slot: RegionSlot, id: ChangeId, wish: Wish, ticket: Ticket) {
        let line = self.line(ReplySlot::MoveWish, ticket);
        let Some(session) = self.regions.get(slot.0).and_then(RegionSessions::operate).cloned() else {
            return line.send(ReplyBody::MoveWished(Err(refused("the session is read-only".to_owned()))));
        };
        let store = self.changes.clone();
        self.running.spawn(async move {
            let wished = Box::pin(moves::wish(&session, &store, &id, wish)).await;
            line.send(ReplyBody::MoveWished(wished.map(|()| wish).map_err(|error| trouble(&error))));
        });
    }
}

async fn plan(
    session: &Session<Read>,
    wanted: MoveWanted,
    grounds: &MoveGrounds<'_>,
) -> Result<MovePlan, Trouble> {
    let planned = match wanted {
        MoveWanted::Choice(choice, terms) => {
            let chosen = Box::pin(moves::choose(session, choice, grounds, &|_, _| {})).await;
            match chosen {
                Ok(wanted) => Box::pin(moves::plan(session, &wanted, &terms, grounds)).await,
                Err(error) => Err(error),
            }
        }
        MoveWanted::Undo(id, terms) => {
            let run = moves::named(grounds.known, Some(id.as_str())).map_err(refused)?;
            Box::pin(moves::plan_undo(session, &run, &terms, grounds)).await
        }
    };
    planned.map_err(|error| trouble(&error))
}
