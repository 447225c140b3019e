//! Looking a customer up: its mapping, what the router would answer, its API keys, its connections, its moves.
//!
//! The parts are read side by side, and one that can't be read costs the others nothing: a role that may not list
//! API keys still learns the cell.

mod cell;
mod keys;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

pub use self::cell::state_of;
pub use self::keys::{KeyOfCustomer, PlanOfKey};
use super::customers::{self, CONNECTIONS_RATE};
use super::found::Found;
use crate::aws::{Mode, Session};
use crate::domain::connection::{Connection, ConnectionSettings, Wanted};
use crate::domain::failure::Failure;
use crate::domain::journal::Record;
use crate::domain::lookup::{Answer, Mapping, PastMove, RouterSettings, moves_in_journal};
use crate::domain::mapping::MappingSettings;

/// The parts of the configuration that a lookup needs.
#[derive(Clone, Debug, PartialEq)]
pub struct LookupSettings {
    pub mapping: MappingSettings,
    pub router: RouterSettings,
    pub connections: ConnectionSettings,
    /// What the API key of a customer is called, with `{CustomerId}` in it.
    pub key_name: Option<String>,
    /// US dollars for a million read units.
    pub read_unit_price: Option<f64>,
}

/// What is wanted beside the mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Also {
    /// The table of connections is read from one end to the other.
    pub connections: bool,
}

/// What was found of a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Lookup {
    /// As it was asked for, not sanitised.
    pub customer: String,
    pub at: Timestamp,
    pub mapping: Result<Mapping, Failure>,
    /// None where the mapping could not be read.
    pub answer: Option<Answer>,
    pub keys: Found<KeyOfCustomer>,
    /// Oldest first.
    pub moves: Vec<PastMove>,
    /// None where they were not asked for.
    pub connections: Option<Result<OpenConnections, Failure>>,
}

/// A customer's connections, and what it took to find them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenConnections {
    pub open: Vec<Connection>,
    pub read_units: f64,
}

impl Lookup {
    /// Every part that could not be read.
    pub fn failures(&self) -> Vec<Failure> {
        let mapping = self.mapping.as_ref().err();
        let connections = self.connections.as_ref().and_then(|read| read.as_ref().err());
        mapping.into_iter().chain(&self.keys.failures).chain(connections).cloned().collect()
    }
}

/// Looks a customer up. `now` is the region's time; `records` are the journal's, where there are any.
pub async fn lookup<M: Mode>(
    session: &Session<M>,
    customer: &str,
    settings: &LookupSettings,
    also: Also,
    (now, records): (Timestamp, &[Record]),
) -> Lookup {
    let today = now.to_zoned(TimeZone::UTC).date();
    let key_name = settings.key_name.as_ref().map(|name| name.replace("{CustomerId}", customer));
    let connections = async {
        if !also.connections {
            return None;
        }
        let mut open = Vec::new();
        let wanted = Wanted::OfCustomer(customer.to_owned());
        let read =
            customers::connections(session, &settings.connections, &wanted, CONNECTIONS_RATE, |mut page| {
                open.append(&mut page);
                true
            });
        let read_units = read.await;
        Some(read_units.map(|read_units| OpenConnections { open, read_units }))
    };
    let (mapping, keys, connections) = tokio::join!(
        session.mapping_of(&settings.mapping, customer),
        keys::of_customer(session, customer, key_name.as_deref(), today),
        connections,
    );
    let answer = mapping.as_ref().ok().map(|mapping| Answer::of(customer, mapping, &settings.router));
    let mut moves = moves_in_journal(records, customer);
    if let (Ok(Mapping::To(mapped)), true) = (&mapping, moves.is_empty()) {
        moves.extend(mapped.last_move());
    }
    Lookup { customer: customer.to_owned(), at: now, mapping, answer, keys, moves, connections }
}
