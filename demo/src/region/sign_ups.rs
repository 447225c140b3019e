//! New customers: so many a minute sign up, and each gets a mapping to the cell that the router places it on.

use std::sync::Arc;

use dynoxide::Database;
use jiff::Timestamp;
use serde_json::json;

use super::course::Follower;
use crate::dynamodb::DynamoDbError;
use crate::dynamodb::feed::{MappingChange, MappingFeed};
use crate::dynamodb::mapping::CUSTOMER_ID;
use crate::estate::MAPPING_TABLE;
use crate::estate::customer::id_of;
use crate::traffic::Simulation;

/// Those that are let in at once, however much time has gone by: whoever reads the table shall not wait for long.
const AT_ONCE: usize = 1_000;

/// Who signs up, and how often.
pub struct SignUps {
    pub database: Database,
    pub feed: Arc<MappingFeed>,
    pub per_minute: f64,
    /// The number of the next one.
    pub next: u32,
    pub since: Timestamp,
}

impl SignUps {
    /// What lets them in, after steps of the traffic.
    pub fn follower(mut self) -> Follower {
        let mut served = 0.0;
        Box::new(move |simulation, now| {
            let due = now.duration_since(self.since).as_secs_f64() / 60.0 * self.per_minute;
            for _ in 0..AT_ONCE {
                if served + 1.0 > due {
                    return;
                }
                served += 1.0;
                if let Err(error) = self.let_in(simulation) {
                    // Somebody may have deleted the table: nobody can sign up then.
                    tracing::debug!(%error, "a new customer has no mapping");
                }
            }
        })
    }

    /// Writes the mapping of the next one. Where every cell is closed it is turned away.
    fn let_in(&mut self, simulation: &Simulation) -> Result<(), DynamoDbError> {
        let customer_id = loop {
            let id = id_of(self.next);
            self.next += 1;
            if !self.is_mapped(&id)? {
                break id;
            }
        };
        let Some(cell) = simulation.place(&customer_id) else { return Ok(()) };
        let request = json!({
            "TableName": MAPPING_TABLE,
            "Item": { CUSTOMER_ID: { "S": customer_id }, "CellId": { "S": cell } },
            "ConditionExpression": "attribute_not_exists(CustomerId)",
        });
        self.database.put_item(serde_json::from_value(request)?)?;
        self.feed.push([MappingChange { customer_id, cell: Some(cell.to_owned()) }]);
        Ok(())
    }

    /// Of an earlier run, or written by somebody else.
    fn is_mapped(&self, id: &str) -> Result<bool, DynamoDbError> {
        let request = json!({
            "TableName": MAPPING_TABLE,
            "Key": { CUSTOMER_ID: { "S": id } },
            "ConsistentRead": true,
        });
        Ok(self.database.get_item(serde_json::from_value(request)?)?.item.is_some())
    }
}
