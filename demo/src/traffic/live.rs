//! The WebSocket connections that customers hold, one by one.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;

use super::chance::{self, Chance};
use super::gate::{Connection, Gate};
use super::router::Router;
use super::{Simulation, backend_name, demand};
use crate::estate::{Api, ApiKind};
use crate::ledger::Person;

/// A WebSocket connection that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenConnection {
    pub id: Arc<str>,
    pub customer_id: Box<str>,
    /// Where it ends, the same for all of a stage.
    pub at: Arc<ConnectedStage>,
    /// Its number at the stage.
    pub serial: u64,
    pub connected_at: Timestamp,
    /// The address and the agent that the client connected with.
    pub client: IpAddr,
    pub user_agent: &'static str,
}

/// The stage that a WebSocket connection leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectedStage {
    pub cell: String,
    pub api_id: String,
    pub stage: String,
}

impl Simulation {
    /// How many WebSocket connections customers hold to a cell now.
    pub fn connections(&self, cell: &str) -> usize {
        self.live_gates(Some(cell)).map(|(_, gate)| gate.connections.open().len()).sum()
    }

    /// The WebSocket connections that are open now, those of each stage in the order in which they were opened.
    pub fn open_connections(&self) -> Vec<OpenConnection> {
        // As much room as they need: a large region has hundreds of thousands.
        let count = self.live_gates(None).map(|(_, gate)| gate.connections.open().len()).sum();
        let mut listed = Vec::with_capacity(count);
        for (api, gate) in self.live_gates(None) {
            let mut open = gate.connections.open().to_vec();
            open.sort_unstable_by_key(|connection| connection.serial);
            let (api_id, stage) = &gate.layout.name;
            let at = Arc::new(ConnectedStage {
                cell: api.cell.clone().unwrap_or_default(),
                api_id: api_id.clone(),
                stage: stage.clone(),
            });
            listed.extend(open.into_iter().map(|connection| {
                let text = format!("{api_id} {stage} {}", connection.serial);
                let holder = self.holder(&connection, &text);
                OpenConnection {
                    id: connection_id(self.seed, &text).into(),
                    customer_id: holder.customer_id.unwrap_or_default().into(),
                    at: Arc::clone(&at),
                    serial: connection.serial,
                    connected_at: connection.since,
                    client: holder.client,
                    user_agent: self.sources.get(connection.source).user_agent,
                }
            }));
        }
        listed
    }

    /// Closes a connection from the gateway's side; whether it was still open. Its customer comes back in some
    /// seconds.
    pub fn close_connection(&mut self, connection: &OpenConnection) -> bool {
        let apis = self.accounts.iter_mut().flat_map(|account| &mut account.plane.apis);
        let of_api = apis.filter(|running| running.api.id == connection.at.api_id);
        let mut gates = of_api.flat_map(|running| &mut running.gates);
        let gate = gates.find(|gate| gate.layout.name.1 == connection.at.stage);
        let closed = gate.and_then(|gate| gate.close(connection.serial));
        if closed.is_some() {
            self.expect_back(connection);
        }
        closed.is_some()
    }

    /// Opens as many WebSocket connections as there are in the long run.
    pub(super) fn open_usual_connections(&mut self, now: Timestamp) {
        let rates = self.roster.rates(&self.sources, &[], Router::memory(0));
        for number in 0..self.accounts.len() {
            for place in 0..self.accounts[number].plane.apis.len() {
                let api = self.accounts[number].plane.apis[place].api.clone();
                if api.kind != ApiKind::WebSocket {
                    continue;
                }
                let curve = demand::at_time(now, backend_name(&api), self.seed);
                for stage in &api.stages {
                    let demands = self.demands(&self.accounts[number], (&api, stage), curve, &rates, &[]);
                    let gates = &mut self.accounts[number].plane.apis[place].gates;
                    if let Some(gate) = gates.iter_mut().find(|gate| gate.layout.name.1 == stage.name) {
                        gate.open_usual(&demands, &self.sources, now, &mut self.chance);
                    }
                }
            }
        }
    }

    fn live_gates(&self, cell: Option<&str>) -> impl Iterator<Item = (&Api, &Gate)> {
        let apis = self.accounts.iter().flat_map(|account| &account.plane.apis);
        apis.filter(move |running| cell.is_none() || running.api.cell.as_deref() == cell)
            .flat_map(|running| running.gates.iter().map(|gate| (&*running.api, gate)))
            .filter(|(api, _)| api.kind == ApiKind::WebSocket)
    }

    fn holder(&self, connection: &Connection, text: &str) -> Person {
        let mut chance = Chance::new(chance::bits(self.seed, text));
        let mut draw = || chance.number();
        match connection.customer {
            Some(customer) => self.sources.customer(connection.source, customer, &mut draw),
            None => self.sources.person(connection.id, &mut draw),
        }
    }
}

/// AWS: connection ids look like `L0SM9cOFvHcCIhw=`.
fn connection_id(seed: u64, text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits = (u128::from(chance::bits(seed, text)) << 64) | u128::from(chance::bits(seed ^ 1, text));
    let letter = |place: u32| {
        let six = u8::try_from((bits >> (6 * place)) & 63).unwrap_or(0);
        char::from(LETTERS[usize::from(six)])
    };
    (0..15).map(letter).chain(['=']).collect()
}
