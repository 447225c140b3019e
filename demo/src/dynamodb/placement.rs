//! The table that says which cells take new customers: an item a cell, closed where its `Closed` is true.

use std::collections::BTreeSet;

use dynoxide::Database;
use serde_json::json;

use super::DynamoDbError;

/// The table's name.
pub const TABLE: &str = "CellPlacement";
const CELL_ID: &str = "CellId";
const CLOSED: &str = "Closed";

/// Creates the table, without items: every cell takes new customers.
///
/// # Errors
/// Where the engine refuses.
pub fn create(database: &Database) -> Result<(), DynamoDbError> {
    let description = json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": CELL_ID, "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": CELL_ID, "KeyType": "HASH" }],
    });
    database.create_table(serde_json::from_value(description)?)?;
    Ok(())
}

/// The cells that take no new customers; none where somebody deleted the table.
///
/// # Errors
/// Where the table can't be read.
pub fn closed(database: &Database) -> Result<BTreeSet<String>, DynamoDbError> {
    let mut closed = BTreeSet::new();
    if database.get_table_metadata(TABLE)?.is_none() {
        return Ok(closed);
    }
    let mut from = serde_json::Value::Null;
    loop {
        let mut request = json!({ "TableName": TABLE, "ConsistentRead": true });
        if !from.is_null() {
            request["ExclusiveStartKey"] = from;
        }
        let page = serde_json::to_value(database.scan(serde_json::from_value(request)?)?)?;
        let items = page["Items"].as_array().map(Vec::as_slice).unwrap_or_default();
        let shut = items.iter().filter(|item| item[CLOSED]["BOOL"] == true);
        closed.extend(shut.filter_map(|item| item[CELL_ID]["S"].as_str()).map(str::to_owned));
        from = page["LastEvaluatedKey"].clone();
        if from.is_null() {
            return Ok(closed);
        }
    }
}

/// Whether a request may alter the table: nothing but its name is looked for, since it is read anew then.
pub fn may_be_written(operation: &str, body: &[u8]) -> bool {
    let reads = ["BatchGetItem", "Describe", "GetItem", "List", "Query", "Scan", "TransactGetItems"];
    !reads.iter().any(|read| operation.starts_with(read))
        && body.windows(TABLE.len()).any(|part| part == TABLE.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(database: &Database, item: &serde_json::Value) {
        let request = json!({ "TableName": TABLE, "Item": item });
        database.put_item(serde_json::from_value(request).unwrap()).unwrap();
    }

    #[test]
    fn only_a_boolean_closes_a_cell() {
        let database = Database::memory().unwrap();
        assert_eq!(closed(&database).unwrap(), BTreeSet::new(), "there is no table yet");
        create(&database).unwrap();
        put(&database, &json!({ CELL_ID: { "S": "cell-01" }, CLOSED: { "BOOL": true } }));
        put(&database, &json!({ CELL_ID: { "S": "cell-02" }, CLOSED: { "BOOL": false } }));
        put(&database, &json!({ CELL_ID: { "S": "cell-03" }, CLOSED: { "S": "true" } }));
        put(&database, &json!({ CELL_ID: { "S": "cell-04" } }));
        assert_eq!(closed(&database).unwrap(), BTreeSet::from(["cell-01".to_owned()]));
    }

    #[test]
    fn whatever_may_write_it_has_it_read_anew() {
        for (operation, body, written) in [
            ("UpdateItem", r#"{"TableName":"CellPlacement"}"#, true),
            ("TransactWriteItems", r#"{"TransactItems":[{"Put":{"TableName":"CellPlacement"}}]}"#, true),
            ("ExecuteStatement", r#"{"Statement":"DELETE FROM CellPlacement WHERE CellId = 'a'"}"#, true),
            ("DeleteTable", r#"{"TableName":"CellPlacement"}"#, true),
            ("UpdateItem", r#"{"TableName":"CellMappings"}"#, false),
            ("Scan", r#"{"TableName":"CellPlacement"}"#, false),
        ] {
            assert_eq!(may_be_written(operation, body.as_bytes()), written, "{operation}");
        }
    }
}
