//! The table that says which cell serves a customer.

use dynoxide::{AttributeValue, Database, ImportOptions, Item};
use serde_json::json;

use super::DynamoDbError;
use crate::estate::{Customer, MAPPING_TABLE};

/// Finds the customers of a cell.
pub const CELL_INDEX: &str = "CellId-index";

/// Creates the table and fills it.
pub fn load(database: &Database, customers: &[Customer]) -> Result<(), DynamoDbError> {
    let description = json!({
        "TableName": MAPPING_TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            { "AttributeName": "CustomerId", "AttributeType": "S" },
            { "AttributeName": "CellId", "AttributeType": "S" },
        ],
        "KeySchema": [{ "AttributeName": "CustomerId", "KeyType": "HASH" }],
        "GlobalSecondaryIndexes": [{
            "IndexName": CELL_INDEX,
            "KeySchema": [{ "AttributeName": "CellId", "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "ALL" },
        }],
    });
    database.create_table(serde_json::from_value(description)?)?;
    if customers.is_empty() {
        return Ok(());
    }
    let items = customers.iter().map(item).collect();
    database.enable_bulk_loading()?;
    database.import_items(MAPPING_TABLE, items, ImportOptions::default())?;
    database.disable_bulk_loading()?;
    Ok(())
}

fn item(customer: &Customer) -> Item {
    let mut item = Item::from([
        ("CustomerId".to_owned(), AttributeValue::S(customer.id())),
        ("CellId".to_owned(), AttributeValue::S(customer.cell.to_string())),
    ]);
    if let Some(tier) = customer.listed_tier() {
        item.insert("tier".to_owned(), AttributeValue::S(tier.as_str().to_owned()));
    }
    item
}
