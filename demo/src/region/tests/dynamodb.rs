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

#[tokio::test]
async fn every_write_of_the_mapping_table_reaches_the_traffic() {
    use crate::dynamodb::feed::{MappingChange, MappingFeed};
    use crate::dynamodb::mapping;

    let feed = std::sync::Arc::new(MappingFeed::default());
    let estate = crate::estate::seed::starting_estate(7, 4, 12, jiff::Timestamp::UNIX_EPOCH);
    let customers = crate::estate::customer::starting_customers(&estate.cells, 60, 7);
    let start = {
        let (feed, customers) = (std::sync::Arc::clone(&feed), customers.clone());
        move || crate::dynamodb::DynamoDb::with_mapping("123456789012", "eu-west-1", &customers, true, feed)
    };
    let tables = tokio::task::spawn_blocking(start).await.unwrap().unwrap();
    let write = async |operation: &str, request: Value| {
        let (parts, ()) = axum::http::Request::post("/")
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20261120T120000Z")
            .header("authorization", super::caller::authorization("eu-west-1", "dynamodb"))
            .body(())
            .unwrap()
            .into_parts();
        let body = axum::body::Bytes::from(request.to_string());
        let answer = tables.answer(operation, &parts, body, jiff::Timestamp::UNIX_EPOCH).await.unwrap();
        (answer.status().as_u16(), feed.drain())
    };
    let change = |number: u32, cell: Option<&str>| MappingChange {
        customer_id: crate::estate::customer::id_of(number),
        cell: cell.map(str::to_owned),
    };
    let item = |number: u32, cell: &str| json!({ "CustomerId": { "S": crate::estate::customer::id_of(number) }, "CellId": { "S": cell } });
    let key = |number: u32| json!({ "CustomerId": { "S": crate::estate::customer::id_of(number) } });
    let table = "CellMappings";

    let put = json!({ "TableName": table, "Item": item(1, "cell-03") });
    assert_eq!(write("PutItem", put).await, (200, vec![change(1, Some("cell-03"))]));
    let refused = json!({
        "TableName": table, "Item": item(1, "cell-04"),
        "ConditionExpression": "attribute_not_exists(CustomerId)",
    });
    assert_eq!(write("PutItem", refused).await, (400, vec![]));
    let update = json!({
        "TableName": table, "Key": key(2), "UpdateExpression": "SET CellId = :cell",
        "ExpressionAttributeValues": { ":cell": { "S": "cell-04" } },
    });
    assert_eq!(write("UpdateItem", update).await, (200, vec![change(2, Some("cell-04"))]));
    assert_eq!(
        write("DeleteItem", json!({ "TableName": table, "Key": key(2) })).await,
        (200, vec![change(2, None)])
    );
    let batch = json!({ "RequestItems": { table: [
        { "PutRequest": { "Item": item(3, "cell-01") } }, { "DeleteRequest": { "Key": key(4) } },
    ] } });
    let expected = vec![change(3, Some("cell-01")), change(4, None)];
    assert_eq!(write("BatchWriteItem", batch).await, (200, expected));
    let transaction = json!({ "TransactItems": [
        { "Put": { "TableName": table, "Item": item(5, "cell-02") } },
        { "Delete": { "TableName": table, "Key": key(6) } },
    ] });
    let expected = vec![change(5, Some("cell-02")), change(6, None)];
    assert_eq!(write("TransactWriteItems", transaction).await, (200, expected));
    let statement = json!({
        "Statement": "UPDATE \"CellMappings\" SET CellId = 'cell-02' WHERE CustomerId = ?",
        "Parameters": [{ "S": "customer-00007" }],
    });
    let (status, noted) = write("ExecuteStatement", statement).await;
    assert!(status == 200 && noted.contains(&change(7, Some("cell-02"))), "{noted:?}");

    let provisioned = json!({
        "TableName": table, "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": { "ReadCapacityUnits": 3, "WriteCapacityUnits": 5 },
        "GlobalSecondaryIndexUpdates": [{ "Update": {
            "IndexName": mapping::CELL_INDEX,
            "ProvisionedThroughput": { "ReadCapacityUnits": 3, "WriteCapacityUnits": 5 },
        } }],
    });
    assert_eq!(write("UpdateTable", provisioned).await, (200, vec![]));
    assert_eq!(feed.read_capacity(), Some(3.0));
    let mut refused = 0;
    for _ in 0..20 {
        let (parts, ()) = axum::http::Request::post("/")
            .header("x-amz-target", "DynamoDB_20120810.GetItem")
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20261120T120000Z")
            .header("authorization", super::caller::authorization("eu-west-1", "dynamodb"))
            .body(())
            .unwrap()
            .into_parts();
        let body = axum::body::Bytes::from(json!({ "TableName": table, "Key": key(1) }).to_string());
        let answer = tables.answer("GetItem", &parts, body, jiff::Timestamp::UNIX_EPOCH).await;
        refused +=
            usize::from(answer.is_err_and(|fault| fault.code == "ProvisionedThroughputExceededException"));
    }
    assert_eq!(refused, 14, "three units are six eventually consistent reads");
    let on_demand = json!({ "TableName": table, "BillingMode": "PAY_PER_REQUEST" });
    assert_eq!(write("UpdateTable", on_demand).await.0, 200);
    assert_eq!(feed.read_capacity(), None);
    tables.stop().await;
}

#[tokio::test]
async fn backups_are_described_and_switched() {
    let caller = Caller::start(small()).await;
    let status = |answer: &Value| {
        answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
            .clone()
    };
    let table = json!({ "TableName": "CellMappings" });
    assert_eq!(status(&call(&caller, "DescribeContinuousBackups", table.clone()).await), "DISABLED");
    let enable = json!({
        "TableName": "CellMappings",
        "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true },
    });
    assert_eq!(status(&call(&caller, "UpdateContinuousBackups", enable).await), "ENABLED");
    assert_eq!(status(&call(&caller, "DescribeContinuousBackups", table).await), "ENABLED");
    let unknown = r#"{"TableName":"Nothing"}"#;
    let reply = caller.target("dynamodb", "DynamoDB_20120810.DescribeContinuousBackups", unknown).await;
    assert_eq!(reply.json()["__type"], "com.amazon.coral.service#TableNotFoundException");
}

#[tokio::test]
async fn each_open_connection_has_a_row() {
    // The thirteenth API is the first of the WebSocket APIs.
    let caller = Caller::start(crate::RegionOptions { apis: 13, ..small() }).await;
    let rows = call(&caller, "Scan", json!({ "TableName": "WebSocketConnections" })).await;
    let rows = rows["Items"].as_array().unwrap();
    assert!(!rows.is_empty());
    let estate = caller.region.estate();
    let estate = estate.read().unwrap();
    for row in rows {
        let cell = row["CellId"]["S"].as_str().unwrap();
        assert!(estate.cells.iter().any(|known| known.id == cell), "{row}");
        assert!(row["ConnectionId"]["S"].as_str().is_some_and(|id| !id.is_empty()));
        assert!(row["ConnectedAt"]["S"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    }
}
