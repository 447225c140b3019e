//! Amazon DynamoDB: the dynoxide engine, and beside it what the engine lacks.
//!
//! ```text
//! request ─► account level, backups: answered here
//!         └► reads: within the table's capacity? ─► engine
//!         └► writes ─► engine ─► what they left of the mapping table and of placement ─► feed ─► the traffic's router
//! ```

mod account_level;
pub mod arn;
mod backups;
pub mod connections;
mod engine;
pub mod feed;
pub mod mapping;
pub mod placement;
mod read_units;
mod storage;
mod touched;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use axum::response::Response;
use dynoxide::Database;
use jiff::Timestamp;
use serde_json::Value;

use self::backups::Backups;
use self::connections::Connections;
use self::engine::Engine;
use self::feed::MappingFeed;
use self::read_units::ReadUnits;
use self::storage::Storage;
use self::touched::Touched;
use crate::estate::Customer;
use crate::server::fault::Fault;

pub use self::engine::DynamoDbError;

/// The operations that the region serves; any other is unknown here, whether the engine has it or not.
pub const OPERATIONS: &[&str] = &[
    "BatchExecuteStatement",
    "BatchGetItem",
    "BatchWriteItem",
    "CreateTable",
    "DeleteItem",
    "DeleteTable",
    "DescribeContinuousBackups",
    "DescribeEndpoints",
    "DescribeLimits",
    "DescribeTable",
    "DescribeTimeToLive",
    "ExecuteStatement",
    "ExecuteTransaction",
    "GetItem",
    "ListTables",
    "ListTagsOfResource",
    "PutItem",
    "Query",
    "Scan",
    "TagResource",
    "TransactGetItems",
    "TransactWriteItems",
    "UntagResource",
    "UpdateContinuousBackups",
    "UpdateItem",
    "UpdateTable",
    "UpdateTimeToLive",
];

/// The service of one account.
#[derive(Debug)]
pub struct DynamoDb {
    engine: Engine,
    backups: Backups,
    /// Of the account that has the mapping table.
    mapping: Option<Mapping>,
}

#[derive(Debug)]
struct Mapping {
    feed: Arc<MappingFeed>,
    /// Held while what a write left behind is read and noted, so that the feed has the changes in their order.
    order: Arc<Mutex<()>>,
    read_units: ReadUnits,
    connections: Connections,
}

impl DynamoDb {
    /// An account without tables. Blocks while the engine starts.
    ///
    /// # Errors
    /// Where the engine does not start.
    pub fn empty(account_id: &str, region: &str) -> Result<Self, DynamoDbError> {
        let engine = Engine::start(Storage::for_items(0)?, account_id, region)?;
        Ok(Self { engine, backups: Backups::default(), mapping: None })
    }

    /// An account with a mapping table of these customers, and a table of connections, with an index on the cell where
    /// they shall be found `by_cell`. Blocks while they are loaded.
    ///
    /// # Errors
    /// Where the engine does not start or the table can't be loaded.
    pub fn with_mapping(
        account_id: &str,
        region: &str,
        customers: &[Customer],
        by_cell: bool,
        feed: Arc<MappingFeed>,
    ) -> Result<Self, DynamoDbError> {
        let storage = Storage::for_items(customers.len())?;
        mapping::load(&storage.database, customers)?;
        Connections::create(&storage.database, by_cell)?;
        placement::create(&storage.database)?;
        Self::on(storage, account_id, region, feed)
    }

    /// An account with the tables that [`DynamoDb::save`] wrote to this file.
    ///
    /// # Errors
    /// Where the engine does not start, or the file is no snapshot.
    pub fn restored(account_id: &str, region: &str, file: &Path) -> Result<Self, DynamoDbError> {
        let engine = Engine::start(Storage::restored(file)?, account_id, region)?;
        Ok(Self { engine, backups: Backups::default(), mapping: None })
    }

    /// The same for the account with the mapping table; the feed gets what has changed since its customers started.
    ///
    /// # Errors
    /// Where the engine does not start, or the file is no snapshot with a mapping table.
    pub fn restored_with_mapping(
        account_id: &str,
        region: &str,
        file: &Path,
        customers: &[Customer],
        by_cell: bool,
        feed: Arc<MappingFeed>,
    ) -> Result<Self, DynamoDbError> {
        let storage = Storage::restored(file)?;
        feed.push(mapping::changes(&storage.database, customers)?);
        // Clients connect anew to a region that starts.
        Connections::clear(&storage.database, by_cell)?;
        Self::on(storage, account_id, region, feed)
    }

    fn on(
        storage: Storage,
        account_id: &str,
        region: &str,
        feed: Arc<MappingFeed>,
    ) -> Result<Self, DynamoDbError> {
        feed.set_read_capacity(mapping::read_capacity(&storage.database)?);
        feed.set_closed(placement::closed(&storage.database)?);
        let engine = Engine::start(storage, account_id, region)?;
        let mapping = Mapping {
            feed,
            order: Arc::default(),
            read_units: ReadUnits::default(),
            connections: Connections::default(),
        };
        Ok(Self { engine, backups: Backups::default(), mapping: Some(mapping) })
    }

    /// Writes all tables to a new file.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn save(&self, file: &Path) -> Result<(), DynamoDbError> {
        Ok(self.engine.database().vacuum_into(&file.to_string_lossy())?)
    }

    /// The engine's tables.
    pub fn database(&self) -> &Database {
        self.engine.database()
    }

    /// The open WebSocket connections, where they are kept in a table of this account.
    pub fn connections(&self) -> Option<&Connections> {
        self.mapping.as_ref().map(|mapping| &mapping.connections)
    }

    /// Answers one request, whose credentials have been checked already.
    ///
    /// # Errors
    /// What is unknown, or beyond the table's capacity.
    pub async fn answer(
        &self,
        operation: &str,
        parts: &Parts,
        body: Bytes,
        now: Timestamp,
    ) -> Result<Response, Fault> {
        if !OPERATIONS.contains(&operation) {
            return Err(Fault::new(400, "UnknownOperationException", ""));
        }
        match operation {
            "DescribeEndpoints" => return Ok(json_answer(&account_level::endpoints(parts))),
            "DescribeLimits" => return Ok(json_answer(&account_level::limits())),
            "DescribeContinuousBackups" => {
                return Ok(json_answer(&self.backups.describe(self.engine.database(), &body, now)?));
            }
            "UpdateContinuousBackups" => {
                return Ok(json_answer(&self.backups.update(self.engine.database(), &body, now)?));
            }
            _ => {}
        }
        let Some(mapping) = &self.mapping else {
            return self.engine.forward(operation, parts, body).await;
        };
        let touched = Touched::by(operation, &body);
        let places = placement::may_be_written(operation, &body);
        if touched == Touched::Reads {
            mapping.read_units.admit(mapping.feed.read_capacity(), now)?;
        }
        let response = self.engine.forward(operation, parts, body).await?;
        if touched == Touched::Reads {
            return Ok(mapping.read_units.charge(operation, response).await);
        }
        if response.status().is_success() {
            self.note(mapping, touched).await?;
            if places {
                self.note_placement(mapping).await?;
            }
        }
        Ok(response)
    }

    /// Tells the router which cells take new customers now.
    async fn note_placement(&self, mapping: &Mapping) -> Result<(), Fault> {
        let database = self.engine.database().clone();
        let (feed, order) = (Arc::clone(&mapping.feed), Arc::clone(&mapping.order));
        let work = move || -> Result<(), DynamoDbError> {
            let _in_order = order.lock().unwrap_or_else(PoisonError::into_inner);
            feed.set_closed(placement::closed(&database)?);
            Ok(())
        };
        let noted = tokio::task::spawn_blocking(work).await;
        if let Ok(Err(error)) = &noted {
            tracing::error!(%error, "a write of the table of placement did not reach the router");
        }
        noted.map(drop).map_err(|_| Fault::internal("a write of the table of placement was not followed"))
    }

    /// Tells the traffic what a write left behind.
    async fn note(&self, mapping: &Mapping, touched: Touched) -> Result<(), Fault> {
        if matches!(touched, Touched::Nothing | Touched::Reads) {
            return Ok(());
        }
        let database = self.engine.database().clone();
        let (feed, order) = (Arc::clone(&mapping.feed), Arc::clone(&mapping.order));
        let work = move || -> Result<(), DynamoDbError> {
            let _in_order = order.lock().unwrap_or_else(PoisonError::into_inner);
            match touched {
                Touched::Customers(customers) => {
                    let read = customers.iter().map(|customer| mapping::read(&database, customer));
                    feed.push(read.collect::<Result<Vec<_>, _>>()?);
                }
                Touched::Table => feed.set_read_capacity(mapping::read_capacity(&database)?),
                Touched::Nothing | Touched::Reads => {}
            }
            Ok(())
        };
        let noted = tokio::task::spawn_blocking(work).await;
        if let Ok(Err(error)) = &noted {
            // The write itself has happened: the client must not be told otherwise.
            tracing::error!(%error, "a write of the mapping table did not reach the traffic");
        }
        noted.map(drop).map_err(|_| Fault::internal("a write of the mapping table was not followed"))
    }

    /// Stops the engine, and waits a little for the requests under way.
    pub async fn stop(&self) {
        self.engine.stop().await;
    }
}

/// 200 with this document.
fn json_answer(document: &Value) -> Response {
    let body = Bytes::from(document.to_string());
    let checksum = HeaderValue::from(crc32fast::hash(&body));
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/x-amz-json-1.0"));
    headers.insert("x-amz-crc32", checksum);
    response
}
