//! The table that says which cell serves a customer.

use dynoxide::{AttributeValue, Database, ImportOptions, Item};
use serde_json::json;

use super::DynamoDbError;
use super::feed::MappingChange;
use crate::estate::customer::number_of;
use crate::estate::{Customer, MAPPING_TABLE};

/// Finds the customers of a cell.
pub const CELL_INDEX: &str = "CellId-index";

/// The attribute that is the table's key.
pub const CUSTOMER_ID: &str = "CustomerId";
const CELL_ID: &str = "CellId";

/// Items that are handed to the engine at once: each takes some hundred bytes until it is written.
const CHUNK: usize = 20_000;

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
    database.enable_bulk_loading()?;
    for chunk in customers.chunks(CHUNK) {
        let items = chunk.iter().map(item).collect();
        database.import_items(MAPPING_TABLE, items, ImportOptions::default())?;
    }
    database.disable_bulk_loading()?;
    Ok(())
}

fn item(customer: &Customer) -> Item {
    let mut item = Item::from([
        (CUSTOMER_ID.to_owned(), AttributeValue::S(customer.id())),
        (CELL_ID.to_owned(), AttributeValue::S(customer.cell.to_string())),
    ]);
    if let Some(tier) = customer.listed_tier() {
        item.insert("tier".to_owned(), AttributeValue::S(tier.as_str().to_owned()));
    }
    item
}

/// What the table says of a customer now.
pub fn read(database: &Database, customer_id: &str) -> Result<MappingChange, DynamoDbError> {
    let request = json!({
        "TableName": MAPPING_TABLE,
        "Key": { CUSTOMER_ID: { "S": customer_id } },
        "ConsistentRead": true,
    });
    let answer = database.get_item(serde_json::from_value(request)?)?;
    let cell = answer.item.and_then(|mut item| match item.remove(CELL_ID) {
        Some(AttributeValue::S(cell)) => Some(cell),
        _ => None,
    });
    Ok(MappingChange { customer_id: customer_id.to_owned(), cell })
}

/// What the table says otherwise than the customers that the region starts with.
pub fn changes(database: &Database, customers: &[Customer]) -> Result<Vec<MappingChange>, DynamoDbError> {
    let mut changes = Vec::new();
    let mut found = vec![false; customers.len()];
    let mut from = serde_json::Value::Null;
    loop {
        let mut request = json!({ "TableName": MAPPING_TABLE });
        if !from.is_null() {
            request["ExclusiveStartKey"] = from;
        }
        let page = serde_json::to_value(database.scan(serde_json::from_value(request)?)?)?;
        for item in page["Items"].as_array().map(Vec::as_slice).unwrap_or_default() {
            let Some(customer_id) = item[CUSTOMER_ID]["S"].as_str() else { continue };
            let cell = item[CELL_ID]["S"].as_str();
            let place = number_of(customer_id).and_then(|number| usize::try_from(number - 1).ok());
            let started = place.and_then(|place| {
                *found.get_mut(place)? = true;
                customers.get(place)
            });
            if started.map(|customer| &*customer.cell) != cell {
                let cell = cell.map(str::to_owned);
                changes.push(MappingChange { customer_id: customer_id.to_owned(), cell });
            }
        }
        from = page["LastEvaluatedKey"].clone();
        if from.is_null() {
            break;
        }
    }
    let deleted = customers.iter().zip(found).filter(|(_, found)| !found);
    changes.extend(deleted.map(|(customer, _)| MappingChange { customer_id: customer.id(), cell: None }));
    Ok(changes)
}

/// Read units a second that the table is provisioned with; `None`: as many as are asked for.
pub fn read_capacity(database: &Database) -> Result<Option<f64>, DynamoDbError> {
    let request = json!({ "TableName": MAPPING_TABLE });
    let description = database.describe_table(serde_json::from_value(request)?)?;
    let table = serde_json::to_value(description)?;
    let table = &table["Table"];
    if table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST" {
        return Ok(None);
    }
    Ok(table["ProvisionedThroughput"]["ReadCapacityUnits"].as_f64().filter(|units| *units > 0.0))
}
