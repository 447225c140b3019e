//! WebSocket connections that stay on the cell that their customers have left.
//!
//! The table of connections has no index on customer: it is read whole, at a rate. Whose mapping has come back to the
//! cell meanwhile is not left behind.

use std::collections::{BTreeMap, HashMap};

use super::known::refuse_elsewhere;
use super::plan::read_all;
use crate::aws::{Mode, Session};
use crate::domain::cell::Cell;
use crate::domain::change::{ConnectionsTarget, Refusal, Request};
use crate::domain::connection::{Connection, ConnectionAccess, ConnectionSettings, ConnectionStage, Wanted};
use crate::domain::estate::Estate;
use crate::domain::failure::Failure;
use crate::domain::id::CellId;
use crate::domain::moves::run::Run;
use crate::ops::change::{ChangeError, Closing, MOST_CLOSED};
use crate::ops::customers;

/// Connections that are closed a second, where nobody says otherwise: their clients connect anew all at once.
pub const CLOSED_PER_SECOND: f64 = 20.0;

/// Connections of customers whom a move has brought elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftBehind {
    pub connections: Vec<LeftConnection>,
    /// What finding them took.
    pub read_units: f64,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct LeftConnection {
    #[serde(flatten)]
    pub connection: Connection,
    /// The cell that serves its customer now; none where none does.
    pub customer_cell: Option<String>,
}

/// What is known of cells and their APIs, to find out where a connection is managed.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'plan> {
    pub access: &'plan ConnectionAccess,
    pub estate: &'plan Estate,
    pub cells: &'plan BTreeMap<CellId, Cell>,
}

/// Reads the table of connections for those that a move left behind. `seen` is told how many are found so far.
///
/// # Errors
/// `Refused` where the move was made elsewhere; a failure where the table of connections or the mapping table can't be
/// read.
pub async fn left_behind<M: Mode>(
    session: &Session<M>,
    run: &Run,
    settings: &ConnectionSettings,
    rate: f64,
    seen: &(dyn Fn(usize) + Send + Sync),
) -> Result<LeftBehind, ChangeError> {
    refuse_elsewhere(session, run)?;
    let left: HashMap<&str, &CellId> =
        run.moved().filter_map(|(_, passenger)| Some((passenger.customer, passenger.from?))).collect();
    let sources = run.header.sources();
    let wanted = match sources.first() {
        Some(only) if sources.len() == 1 => Wanted::OfCell(only.to_string()),
        _ => Wanted::All,
    };
    let mut found: Vec<Connection> = Vec::new();
    let read_units = customers::connections(session, settings, &wanted, rate, |page| {
        found.extend(page.into_iter().filter(|connection| {
            let cell = connection.customer.as_deref().and_then(|customer| left.get(customer));
            cell.is_some_and(|cell| connection.cell.as_deref() == Some(cell.as_str()))
        }));
        seen(found.len());
        true
    })
    .await?;
    let mut customers: Vec<&str> = found.iter().filter_map(|one| one.customer.as_deref()).collect();
    customers.sort_unstable();
    customers.dedup();
    let mappings = read_all(session, &run.header.table, &customers).await?;
    let now: HashMap<String, Option<String>> = customers
        .iter()
        .zip(mappings)
        .map(|(customer, mapping)| {
            let cell = mapping.as_ref().and_then(|mapping| mapping.cell()).map(str::to_owned);
            ((*customer).to_owned(), cell)
        })
        .collect();
    let connections = found
        .into_iter()
        .filter_map(|connection| {
            let customer_cell = now.get(connection.customer.as_deref()?)?.clone();
            (customer_cell != connection.cell).then_some(LeftConnection { connection, customer_cell })
        })
        .collect();
    Ok(LeftBehind { connections, read_units })
}

/// What closing them takes: where each is managed, as its item or its cell's APIs tell.
///
/// # Errors
/// `Refused` where none is left, or none can be reached; a failure where an API can't be asked.
pub async fn closing_of<M: Mode>(
    session: &Session<M>,
    run: &Run,
    left: &LeftBehind,
    around: Surroundings<'_>,
    per_second: f64,
) -> Result<Closing, ChangeError> {
    refuse_elsewhere(session, run)?;
    if left.connections.is_empty() {
        let why = format!("no connection of a customer of the move {} is left behind", run.id);
        return Err(Refusal::NothingLeft { why }.into());
    }
    let mut groups: BTreeMap<ConnectionStage, (String, Vec<String>)> = BTreeMap::new();
    let mut unreachable = 0;
    let mut count = 0;
    let mut looked_at = 0;
    // Those that can't be closed don't count, or they would stand in the way of the others for ever.
    for left in &left.connections {
        if count == MOST_CLOSED {
            break;
        }
        looked_at += 1;
        let connection = &left.connection;
        match place_of(session, connection, around).await? {
            Some((stage, endpoint)) => {
                groups.entry(stage).or_insert_with(|| (endpoint, Vec::new())).1.push(connection.id.clone());
                count += 1;
            }
            None => unreachable += 1,
        }
    }
    let mut warnings = Vec::new();
    if unreachable > 0 {
        warnings.push(format!(
            "{unreachable} connections are left out: neither their items nor their cells' APIs tell the stage that \
             they are connected to, or they have no id that one can have, or they are gone already"
        ));
    }
    let more = left.connections.len().saturating_sub(looked_at);
    if more > 0 {
        warnings
            .push(format!("{more} more are left for another time: a change closes {MOST_CLOSED} at most"));
    }
    if count == 0 {
        let why = warnings.join("; ");
        return Err(Refusal::NothingLeft { why }.into());
    }
    let requests = groups.into_iter().map(|(stage, (endpoint, ids))| Request::CloseConnections {
        api: stage.api,
        stage: stage.stage,
        endpoint,
        per_second,
        ids,
    });
    let target = ConnectionsTarget {
        left_by: run.id.clone(),
        cells: run.header.sources(),
        connections: u32::try_from(count).unwrap_or(u32::MAX),
    };
    Ok(Closing { target, requests: requests.collect(), warnings })
}

/// The stage that a connection is to, with the endpoint that manages it. Where the item doesn't tell and the cell has
/// several, the one that knows it. None where none does.
async fn place_of<M: Mode>(
    session: &Session<M>,
    connection: &Connection,
    around: Surroundings<'_>,
) -> Result<Option<(ConnectionStage, String)>, Failure> {
    let template = around.access.endpoint.as_deref();
    if !connection.can_be_named() {
        return Ok(None);
    }
    if let Some(stage) = connection.stage(around.access) {
        let endpoint = session.connections_endpoint(template, &stage)?;
        return Ok(Some((stage, endpoint)));
    }
    let Some(cell) = connection.cell.as_deref().and_then(|cell| around.cells.get(&CellId::new(cell))) else {
        return Ok(None);
    };
    let of_cell = cell.apis.iter().filter_map(|(slot, api)| around.estate.api(*slot, api));
    let sockets = of_cell.filter(|entry| entry.api.kind == crate::domain::api::ApiKind::WebSocket);
    let stages = sockets.flat_map(|entry| {
        let stages = entry.stages.value().into_iter().flatten();
        stages.map(|stage| ConnectionStage { api: entry.api.id.clone(), stage: stage.name.clone() })
    });
    // Listed, so that whoever awaits this may do so on any thread.
    for stage in stages.collect::<Vec<ConnectionStage>>() {
        let endpoint = session.connections_endpoint(template, &stage)?;
        if session.is_connected(&endpoint, &connection.id).await? {
            return Ok(Some((stage, endpoint)));
        }
    }
    Ok(None)
}
