//! What a request has to do with the mapping table. No expression is looked into: whoever might be touched by a write
//! is read anew, and what is read is the truth.

use std::collections::BTreeSet;

use serde_json::Value;

use super::mapping::CUSTOMER_ID;
use crate::estate::MAPPING_TABLE;

/// What a request may alter or take of the mapping table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touched {
    Nothing,
    /// It reads items, which takes capacity.
    Reads,
    /// It may write the items of these customers.
    Customers(BTreeSet<String>),
    /// It alters the table itself.
    Table,
}

impl Touched {
    /// What the request touches. What is no request of the operation touches nothing: the engine refuses it.
    pub fn by(operation: &str, body: &[u8]) -> Self {
        let Ok(request) = serde_json::from_slice::<Value>(body) else { return Self::Nothing };
        let mut customers = BTreeSet::new();
        match operation {
            "GetItem" | "Query" | "Scan" if is_mapping(&request["TableName"]) => return Self::Reads,
            "BatchGetItem" if requests_of(&request).next().is_some() => return Self::Reads,
            "CreateTable" | "UpdateTable" if is_mapping(&request["TableName"]) => return Self::Table,
            "PutItem" if is_mapping(&request["TableName"]) => customers.extend(customer(&request["Item"])),
            "UpdateItem" | "DeleteItem" if is_mapping(&request["TableName"]) => {
                customers.extend(customer(&request["Key"]));
            }
            "BatchWriteItem" => {
                for write in requests_of(&request).flat_map(rows) {
                    customers.extend(customer(&write["PutRequest"]["Item"]));
                    customers.extend(customer(&write["DeleteRequest"]["Key"]));
                }
            }
            "TransactWriteItems" => {
                let items = rows(&request["TransactItems"]);
                for (action, key) in items.iter().flat_map(actions) {
                    if is_mapping(&action["TableName"]) {
                        customers.extend(customer(&action[key]));
                    }
                }
            }
            "ExecuteStatement" => statement(&request, &mut customers),
            "BatchExecuteStatement" => {
                for row in rows(&request["Statements"]) {
                    statement(row, &mut customers);
                }
            }
            "ExecuteTransaction" => {
                for row in rows(&request["TransactStatements"]) {
                    statement(row, &mut customers);
                }
            }
            _ => {}
        }
        if customers.is_empty() { Self::Nothing } else { Self::Customers(customers) }
    }
}

/// The table's name, or an ARN that ends with it.
fn is_mapping(name: &Value) -> bool {
    name.as_str().is_some_and(|name| name.rsplit(":table/").next() == Some(MAPPING_TABLE))
}

fn customer(item: &Value) -> Option<String> {
    item[CUSTOMER_ID]["S"].as_str().map(str::to_owned)
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What a batch asks of the mapping table.
fn requests_of(request: &Value) -> impl Iterator<Item = &Value> {
    let tables = request["RequestItems"].as_object().into_iter().flatten();
    tables.filter(|(name, _)| name.rsplit(":table/").next() == Some(MAPPING_TABLE)).map(|(_, asked)| asked)
}

/// The writes of one entry of a transaction, each with the member that holds its key.
fn actions(item: &Value) -> impl Iterator<Item = (&Value, &'static str)> {
    [("Put", "Item"), ("Update", "Key"), ("Delete", "Key")].into_iter().map(|(name, key)| (&item[name], key))
}

/// All texts of a PartiQL statement that could be a customer's id: its literals and its parameters.
fn statement(request: &Value, customers: &mut BTreeSet<String>) {
    let text = request["Statement"].as_str().unwrap_or_default();
    if text.trim_start().get(..6).is_some_and(|verb| verb.eq_ignore_ascii_case("select"))
        || !text.contains(MAPPING_TABLE)
    {
        return;
    }
    // Within doubled quotes a literal goes on; its pieces are nobody's id.
    customers
        .extend(text.split('\'').skip(1).step_by(2).filter(|literal| !literal.is_empty()).map(str::to_owned));
    let parameters = rows(&request["Parameters"]).iter();
    customers.extend(parameters.filter_map(|parameter| parameter["S"].as_str()).map(str::to_owned));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn customers(operation: &str, request: &Value) -> Vec<String> {
        match Touched::by(operation, request.to_string().as_bytes()) {
            Touched::Customers(customers) => customers.into_iter().collect(),
            other => panic!("{operation}: {other:?}"),
        }
    }

    #[test]
    fn every_way_to_write_names_its_customers() {
        let key = json!({ "CustomerId": { "S": "customer-00001" } });
        let table = MAPPING_TABLE;
        let one = [
            ("PutItem", json!({ "TableName": table, "Item": key })),
            (
                "UpdateItem",
                json!({ "TableName": format!("arn:aws:dynamodb:eu-west-1:1:table/{table}"), "Key": key }),
            ),
            ("DeleteItem", json!({ "TableName": table, "Key": key })),
            ("BatchWriteItem", json!({ "RequestItems": { table: [{ "DeleteRequest": { "Key": key } }] } })),
            (
                "TransactWriteItems",
                json!({ "TransactItems": [{ "Update": { "TableName": table, "Key": key } }] }),
            ),
            (
                "ExecuteStatement",
                json!({ "Statement": format!("DELETE FROM \"{table}\" WHERE CustomerId = 'customer-00001'") }),
            ),
            (
                "ExecuteTransaction",
                json!({ "TransactStatements": [{
                    "Statement": format!("UPDATE {table} SET CellId = ? WHERE CustomerId = ?"),
                    "Parameters": [{ "N": "1" }, { "S": "customer-00001" }],
                }] }),
            ),
        ];
        for (operation, request) in one {
            assert_eq!(customers(operation, &request), ["customer-00001"], "{operation}");
        }
    }

    #[test]
    fn what_writes_elsewhere_or_not_at_all_touches_nobody() {
        let key = json!({ "CustomerId": { "S": "customer-00001" } });
        let nothing = [
            ("PutItem", json!({ "TableName": "Others", "Item": key })),
            ("ExecuteStatement", json!({ "Statement": "SELECT * FROM CellMappings WHERE CustomerId = 'a'" })),
            ("BatchWriteItem", json!({ "RequestItems": [] })),
            (
                "TransactWriteItems",
                json!({ "TransactItems": [{ "ConditionCheck": { "TableName": "CellMappings", "Key": key } }] }),
            ),
            ("ListTables", json!({})),
        ];
        for (operation, request) in nothing {
            let touched = Touched::by(operation, request.to_string().as_bytes());
            assert_eq!(touched, Touched::Nothing, "{operation}");
        }
        let read = Touched::by("GetItem", json!({ "TableName": "CellMappings" }).to_string().as_bytes());
        assert_eq!(read, Touched::Reads);
        assert_eq!(Touched::by("PutItem", b"{"), Touched::Nothing);
    }
}
