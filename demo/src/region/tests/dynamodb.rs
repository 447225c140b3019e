//! The mapping table through the region's port.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::caller::{Caller, small};

async fn call(caller: &Caller, operation: &str, body: Value) -> Value {
    let reply = caller.target("dynamodb", &format!("DynamoDB_20120810.{operation}"), &body.to_string()).await;
    assert_eq!(reply.status, 200, "{operation}: {:?}", reply.body);
    let checksum = reply.headers["x-amz-crc32"].to_str().unwrap();
    assert_eq!(checksum, crc32fast::hash(&reply.body).to_string(), "{operation}");
    reply.json()
}

#[tokio::test]
async fn the_index_finds_each_cells_customers() {
    let caller = Caller::start(small()).await;
    let all = call(&caller, "Scan", json!({ "TableName": "CellMappings" })).await;
    let mut by_cell: BTreeMap<String, usize> = BTreeMap::new();
    for item in all["Items"].as_array().unwrap() {
        *by_cell.entry(item["CellId"]["S"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(by_cell.values().sum::<usize>(), 60);
    assert!(by_cell.len() > 1, "{by_cell:?}");
    for (cell, customers) in by_cell {
        let query = json!({
            "TableName": "CellMappings",
            "IndexName": "CellId-index",
            "KeyConditionExpression": "CellId = :cell",
            "ExpressionAttributeValues": { ":cell": { "S": cell } },
        });
        assert_eq!(call(&caller, "Query", query).await["Count"], customers);
    }
}

#[tokio::test]
async fn arns_are_those_of_the_region_both_ways() {
    let caller = Caller::start(small()).await;
    let table = call(&caller, "DescribeTable", json!({ "TableName": "CellMappings" })).await;
    let arn = &table["Table"]["TableArn"];
    assert_eq!(arn, "arn:aws:dynamodb:eu-west-1:123456789012:table/CellMappings");
    let tags = json!([{ "Key": "team", "Value": "platform" }]);
    let reply = caller
        .target(
            "dynamodb",
            "DynamoDB_20120810.TagResource",
            &json!({ "ResourceArn": arn, "Tags": tags }).to_string(),
        )
        .await;
    assert_eq!(reply.status, 200, "{:?}", reply.body);
    assert_eq!(call(&caller, "ListTagsOfResource", json!({ "ResourceArn": arn })).await["Tags"], tags);
}

#[tokio::test]
async fn a_write_on_a_stale_read_is_refused() {
    let caller = Caller::start(small()).await;
    let update = json!({
        "TableName": "CellMappings",
        "Key": { "CustomerId": { "S": "customer-00001" } },
        "UpdateExpression": "SET CellId = :target",
        "ConditionExpression": "CellId = :source",
        "ExpressionAttributeValues": { ":target": { "S": "cell-02" }, ":source": { "S": "cell-99" } },
    });
    let reply = caller.target("dynamodb", "DynamoDB_20120810.UpdateItem", &update.to_string()).await;
    assert_eq!(reply.status, 400);
    let code = reply.json()["__type"].as_str().unwrap().to_owned();
    assert!(code.ends_with("#ConditionalCheckFailedException"), "{code}");
}
