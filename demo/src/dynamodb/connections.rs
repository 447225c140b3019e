//! The table of WebSocket connections, as the functions behind `$connect` and `$disconnect` would keep it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use dynoxide::{AttributeValue, Database, ImportOptions, Item};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::DynamoDbError;
use crate::traffic::OpenConnection;

/// The table's name.
pub const TABLE: &str = "WebSocketConnections";
const KEY: &str = "ConnectionId";
const CELL_ID: &str = "CellId";

/// Finds the connections of a cell, where the table has it.
pub const CELL_INDEX: &str = "CellId-index";

/// How often the table is brought up to date, in the region's time.
const PERIOD: SignedDuration = SignedDuration::from_secs(5);
/// Rows that are written at once: whoever reads the table shall not wait for long.
pub const AT_ONCE: usize = 500;

/// Rows that are handed to the engine at once: each takes a kilobyte until it is written.
const CHUNK: usize = 10_000;

/// The connections that clients may speak to.
#[derive(Clone, Debug, Default)]
pub struct Connections {
    contents: Arc<Mutex<Contents>>,
}

#[derive(Debug, Default)]
struct Contents {
    /// Boxed, since a table that has just grown is half empty.
    open: HashMap<Arc<str>, Box<OpenConnection>>,
    /// Closed through the management API; the customers' clients do not connect again under the same id.
    closed: HashSet<Arc<str>>,
    /// When something was last sent to a connection through the management API.
    posted: HashMap<String, Timestamp>,
    synced: Option<Timestamp>,
}

impl Connections {
    /// The connection with this id, if it is open.
    pub fn get(&self, id: &str) -> Option<OpenConnection> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner).open.get(id).map(|open| (**open).clone())
    }

    /// Notes that something was sent to a connection, if it is open.
    pub fn note_post(&self, id: &str, now: Timestamp) {
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        if contents.open.contains_key(id) {
            contents.posted.insert(id.to_owned(), now);
        }
    }

    /// When something was last sent to a connection through the management API.
    pub fn posted(&self, id: &str) -> Option<Timestamp> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner).posted.get(id).copied()
    }

    /// Closes a connection; whether it was open.
    ///
    /// # Errors
    /// Where its row can't be deleted.
    pub fn close(&self, database: &Database, id: &str) -> Result<bool, DynamoDbError> {
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((id, _)) = contents.open.remove_entry(id) else { return Ok(false) };
        contents.posted.remove(&*id);
        contents.closed.insert(Arc::clone(&id));
        delete(database, &id)?;
        Ok(true)
    }

    /// Creates the table, without rows; with an index on the cell where it shall be found `by_cell`.
    ///
    /// # Errors
    /// Where the engine refuses.
    pub fn create(database: &Database, by_cell: bool) -> Result<(), DynamoDbError> {
        let mut description = json!({
            "TableName": TABLE,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": KEY, "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": KEY, "KeyType": "HASH" }],
        });
        if by_cell {
            description["AttributeDefinitions"] = json!([
                { "AttributeName": KEY, "AttributeType": "S" },
                { "AttributeName": CELL_ID, "AttributeType": "S" },
            ]);
            description["GlobalSecondaryIndexes"] = json!([{
                "IndexName": CELL_INDEX,
                "KeySchema": [{ "AttributeName": CELL_ID, "KeyType": "HASH" }],
                "Projection": { "ProjectionType": "ALL" },
            }]);
        }
        database.create_table(serde_json::from_value(description)?)?;
        Ok(())
    }

    /// Empties the table, and makes it where somebody deleted it.
    ///
    /// # Errors
    /// Where the engine refuses.
    pub fn clear(database: &Database, by_cell: bool) -> Result<(), DynamoDbError> {
        if database.get_table_metadata(TABLE)?.is_some() {
            database.delete_table(serde_json::from_value(json!({ "TableName": TABLE }))?)?;
        }
        Self::create(database, by_cell)
    }

    /// Whether it is time to bring the table up to date.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let synced = self.contents.lock().unwrap_or_else(PoisonError::into_inner).synced;
        synced.is_none_or(|synced| now.duration_since(synced) >= PERIOD)
    }

    /// Brings the table up to date with the connections that are open now: so many rows at most, and what is more
    /// follows next time.
    ///
    /// # Errors
    /// Where the engine refuses, as when somebody has deleted the table.
    pub fn sync(
        &self,
        database: &Database,
        listed: Vec<OpenConnection>,
        now: Timestamp,
        at_once: usize,
    ) -> Result<(), DynamoDbError> {
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        let Contents { open, closed, posted, synced } = &mut *contents;
        *synced = Some(now);
        let ids: HashSet<&str> = listed.iter().map(|connection| &*connection.id).collect();
        closed.retain(|id| ids.contains(&**id));
        let gone = open.keys().filter(|id| !ids.contains(&***id)).take(at_once).cloned();
        for id in gone.collect::<Vec<_>>() {
            delete(database, &id)?;
            open.remove(&id);
            posted.remove(&*id);
        }
        let opened = listed
            .into_iter()
            .filter(|connection| !open.contains_key(&connection.id) && !closed.contains(&connection.id));
        let opened: Vec<OpenConnection> = opened.take(at_once).collect();
        let mut opened = opened.into_iter();
        loop {
            let rows: Vec<Box<OpenConnection>> = opened.by_ref().take(CHUNK).map(Box::new).collect();
            if rows.is_empty() {
                return Ok(());
            }
            let items = rows.iter().map(|connection| item(connection)).collect();
            database.import_items(TABLE, items, ImportOptions::default())?;
            open.extend(rows.into_iter().map(|connection| (Arc::clone(&connection.id), connection)));
        }
    }
}

fn item(connection: &OpenConnection) -> Item {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    Item::from([
        (KEY.to_owned(), text(&connection.id)),
        ("CustomerId".to_owned(), text(&connection.customer_id)),
        (CELL_ID.to_owned(), text(&connection.at.cell)),
        ("ApiId".to_owned(), text(&connection.at.api_id)),
        ("Stage".to_owned(), text(&connection.at.stage)),
        ("ConnectedAt".to_owned(), text(&connection.connected_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())),
    ])
}

fn delete(database: &Database, id: &str) -> Result<(), DynamoDbError> {
    let request = json!({ "TableName": TABLE, "Key": { KEY: { "S": id } } });
    database.delete_item(serde_json::from_value(request)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::ConnectedStage;

    fn connection(number: usize) -> OpenConnection {
        OpenConnection {
            id: format!("connection-{number}").into(),
            customer_id: format!("customer-{number:05}").into(),
            at: Arc::new(ConnectedStage {
                cell: "cell-01".to_owned(),
                api_id: "api".to_owned(),
                stage: "prod".to_owned(),
            }),
            serial: number as u64,
            connected_at: Timestamp::UNIX_EPOCH,
            client: [198, 18, 0, 1].into(),
            user_agent: "test",
        }
    }

    fn rows(database: &Database) -> u64 {
        let request = json!({ "TableName": TABLE, "Select": "COUNT" });
        let answer = database.scan(serde_json::from_value(request).unwrap()).unwrap();
        serde_json::to_value(answer).unwrap()["Count"].as_u64().unwrap()
    }

    fn rows_of_cell(database: &Database, cell: &str) -> u64 {
        let request = json!({
            "TableName": TABLE,
            "IndexName": CELL_INDEX,
            "Select": "COUNT",
            "KeyConditionExpression": "CellId = :cell",
            "ExpressionAttributeValues": { ":cell": { "S": cell } },
        });
        let answer = database.query(serde_json::from_value(request).unwrap()).unwrap();
        serde_json::to_value(answer).unwrap()["Count"].as_u64().unwrap()
    }

    #[test]
    fn the_table_follows_what_is_open_batch_by_batch() {
        let database = Database::memory().unwrap();
        Connections::create(&database, true).unwrap();
        let connections = Connections::default();
        let now = Timestamp::UNIX_EPOCH;
        let open: Vec<OpenConnection> = (0..700).map(connection).collect();
        connections.sync(&database, open.clone(), now, AT_ONCE).unwrap();
        assert_eq!(rows(&database), 500);
        assert!(!connections.is_due(now) && connections.is_due(now + PERIOD));
        connections.sync(&database, open.clone(), now, AT_ONCE).unwrap();
        assert_eq!(rows(&database), 700);
        assert_eq!(connections.get("connection-3").unwrap().customer_id.as_ref(), "customer-00003");

        assert!(connections.close(&database, "connection-3").unwrap());
        assert!(!connections.close(&database, "connection-3").unwrap());
        connections.sync(&database, open[..10].to_vec(), now, AT_ONCE).unwrap();
        connections.sync(&database, open[..10].to_vec(), now, AT_ONCE).unwrap();
        assert_eq!(rows(&database), 9, "what was closed does not come back");
        assert_eq!((rows_of_cell(&database, "cell-01"), rows_of_cell(&database, "cell-02")), (9, 0));
    }
}
