//! Customers whose WebSocket connection was closed on them.
//!
//! ```text
//! closed -- some seconds --> asks the router -- told --> asks the cell's WebSocket API for a connection --> open
//!                             ^                            |
//!                             +-- not told, or not let in -+
//! ```

use std::sync::PoisonError;

use jiff::{SignedDuration, Timestamp};

use super::asked::router_route;
use super::chance::{Chance, whole};
use super::gate::Step;
use super::live::OpenConnection;
use super::population::CustomerIndex;
use super::{Simulation, demand, roster};
use crate::estate::ApiKind;

/// Seconds after which a client that lost its connection begins anew, at the least and beyond that at the most:
/// clients that all came at once would be a flood.
const PAUSE_SECONDS: (f64, f64) = (1.0, 4.0);

/// Everybody who is on the way back.
#[derive(Debug, Default)]
pub struct Comebacks(Vec<Comeback>);

#[derive(Clone, Debug)]
struct Comeback {
    customer: CustomerIndex,
    /// The stage that the connection was at; the customer's cell may be another one by now.
    stage: String,
    at: Timestamp,
    next: Next,
}

/// What a customer's client does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    AskRouter,
    /// It asked, and waits for the answer.
    BeTold,
    Connect,
    /// It asked for a connection, and waits.
    BeLetIn,
}

impl Simulation {
    /// How many customers are about to open a connection again.
    pub fn customers_coming_back(&self) -> usize {
        self.comebacks.0.len()
    }

    /// Notes who lost a connection.
    pub(super) fn expect_back(&mut self, connection: &OpenConnection) {
        let population = self.sources.population().read().unwrap_or_else(PoisonError::into_inner);
        let customer = population.find(&connection.customer_id);
        drop(population);
        if let Some(customer) = customer {
            let at = self.next + pause(&mut self.chance);
            let stage = connection.at.stage.clone();
            self.comebacks.0.push(Comeback { customer, stage, at, next: Next::AskRouter });
        }
    }

    /// Lets those whose time has come send their requests with this step.
    pub(super) fn come_back(&mut self, step: Step) {
        let end = step.start + SignedDuration::from_secs(i64::from(step.seconds));
        let mut comebacks = std::mem::take(&mut self.comebacks.0);
        comebacks.retain_mut(|comeback| {
            if comeback.at >= end {
                return true;
            }
            match comeback.next {
                Next::AskRouter => {
                    // Without a router a client knows its cell.
                    comeback.next =
                        if self.ask_router(comeback.customer) { Next::BeTold } else { Next::Connect };
                    true
                }
                Next::Connect => {
                    comeback.next = Next::BeLetIn;
                    self.ask_for_connection(comeback)
                }
                Next::BeTold | Next::BeLetIn => true,
            }
        });
        self.comebacks.0 = comebacks;
    }

    /// Takes up how they fared in this step.
    pub(super) fn learn_of_comebacks(&mut self, step: Step) {
        if self.comebacks.0.is_empty() {
            return;
        }
        let end = step.start + SignedDuration::from_secs(i64::from(step.seconds));
        let gates = self.accounts.iter_mut().flat_map(|account| &mut account.plane.apis);
        let gates = gates.filter(|running| running.api.kind == ApiKind::WebSocket);
        let turned_away: Vec<CustomerIndex> =
            gates.flat_map(|running| &mut running.gates).flat_map(super::gate::Gate::turned_away).collect();
        let (chance, told) = (&mut self.chance, self.router.answers());
        self.comebacks.0.retain_mut(|comeback| match comeback.next {
            Next::BeTold if chance.number() < told => {
                comeback.next = Next::Connect;
                true
            }
            Next::BeLetIn if !turned_away.contains(&comeback.customer) => false,
            Next::BeTold | Next::BeLetIn => {
                (comeback.next, comeback.at) = (Next::AskRouter, end + pause(chance));
                true
            }
            Next::AskRouter | Next::Connect => true,
        });
    }

    fn ask_router(&mut self, customer: CustomerIndex) -> bool {
        let cell = self.sources.population().read().unwrap_or_else(PoisonError::into_inner).cell(customer);
        let Some(source) = self.roster.clients(usize::from(cell)) else { return false };
        let Some(account) = self.accounts.first_mut() else { return false };
        let router = account.plane.apis.iter_mut().find(|running| roster::is_router(&running.api));
        let Some((router, route)) = router.and_then(|running| {
            let route = router_route(&running.api)?;
            Some((running, route))
        }) else {
            return false;
        };
        let live = router.gates.iter_mut().find(|gate| !demand::is_trial(&gate.layout.name.1));
        if let Some(gate) = live {
            gate.ask(source, route);
            return true;
        }
        false
    }

    /// Whether there is something to connect to: a cell without a WebSocket API has no such customers.
    fn ask_for_connection(&mut self, comeback: &Comeback) -> bool {
        let cell = {
            let population = self.sources.population().read().unwrap_or_else(PoisonError::into_inner);
            self.roster.cells.get(usize::from(population.cell(comeback.customer))).map(|cell| &*cell.id)
        };
        let Some(source) = self.roster.source_of(comeback.customer, &self.sources) else { return false };
        let apis = self.accounts.iter_mut().flat_map(|account| &mut account.plane.apis);
        let of_cell = apis
            .filter(|running| running.api.kind == ApiKind::WebSocket && running.api.cell.as_deref() == cell);
        let mut gates = of_cell.flat_map(|running| &mut running.gates);
        let gate = gates.find(|gate| gate.layout.name.1 == comeback.stage);
        gate.is_some_and(|gate| gate.let_return(source, comeback.customer))
    }
}

fn pause(chance: &mut Chance) -> SignedDuration {
    let (least, spread) = PAUSE_SECONDS;
    let milliseconds = whole((least + spread * chance.number()) * 1_000.0);
    SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(0))
}
