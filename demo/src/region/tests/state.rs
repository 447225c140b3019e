//! State on disk: what is read back, and what is refused.

use std::path::PathBuf;

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::caller::{Caller, small};
use crate::RegionOptions;

/// A directory of a test's own, which goes with it.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("demo-state-{:032x}", rand::random::<u128>()));
        Self(path)
    }

    fn options(&self) -> RegionOptions {
        RegionOptions { state: Some(self.0.clone()), ..small() }
    }

    async fn refusal(&self, options: RegionOptions) -> String {
        let error = crate::start(options).await.unwrap_err().to_string();
        assert!(!error.contains('\n'), "{error}");
        assert!(error.contains(self.0.to_str().unwrap()), "{error}");
        error
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn dynamodb(caller: &Caller, operation: &str, body: Value) -> Value {
    let reply = caller.target("dynamodb", &format!("DynamoDB_20120810.{operation}"), &body.to_string()).await;
    assert_eq!(reply.status, 200, "{operation}: {:?}", reply.body);
    reply.json()
}

#[tokio::test]
async fn a_region_goes_on_where_it_was_left() {
    let directory = Directory::new();
    let first = Caller::start(directory.options()).await;
    let stage = format!("/restapis/{}/stages/prod", first.api_id("cell-01-api"));
    let patch = json!({ "patchOperations": [{ "op": "replace", "path": "/description", "value": "kept" }] });
    assert_eq!(first.rest(Method::PATCH, &stage, &patch.to_string()).await.status, 200);
    let moved = json!({ "CustomerId": { "S": "customer-00007" }, "CellId": { "S": "cell-04" } });
    dynamodb(&first, "PutItem", json!({ "TableName": "CellMappings", "Item": moved })).await;
    let own = json!({
        "TableName": "Own",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "Id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "Id", "KeyType": "HASH" }],
    });
    dynamodb(&first, "CreateTable", own).await;
    first.region.advance(SignedDuration::from_mins(7)).await;
    let (apis, now) = (first.get("/restapis").await, first.region.now());
    first.region.close().await.unwrap();

    let second = Caller::start(directory.options()).await;
    assert_eq!(second.region.now(), now);
    assert_eq!(second.get("/restapis").await, apis);
    assert_eq!(second.get(&stage).await["description"], "kept");
    let key = json!({ "TableName": "CellMappings", "Key": { "CustomerId": { "S": "customer-00007" } } });
    assert_eq!(dynamodb(&second, "GetItem", key).await["Item"], moved);
    let tables = dynamodb(&second, "ListTables", json!({})).await;
    assert!(tables["TableNames"].as_array().unwrap().contains(&"Own".into()), "{tables}");
}

#[tokio::test]
async fn a_directory_serves_one_region_at_a_time() {
    let directory = Directory::new();
    let first = Caller::start(directory.options()).await;
    assert!(directory.refusal(directory.options()).await.contains("in use by another region"));
    first.region.close().await.unwrap();
    Caller::start(directory.options()).await.region.close().await.unwrap();
}

#[tokio::test]
async fn what_is_damaged_or_of_another_version_or_region_is_named() {
    let directory = Directory::new();
    Caller::start(directory.options()).await.region.close().await.unwrap();
    let other = directory.refusal(RegionOptions { cells: 3, ..directory.options() }).await;
    assert!(other.contains("--cells 4"), "{other}");

    let file = directory.0.join("region.cbor");
    let whole = std::fs::read(&file).unwrap();
    for length in [0, 1, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&file, &whole[..length]).unwrap();
        let error = directory.refusal(directory.options()).await;
        assert!(error.contains("region.cbor"), "{error}");
    }
    let mut newer = Vec::new();
    let head = crate::region::state::Head { version: 99, ..Default::default() };
    ciborium::into_writer(&head, &mut newer).unwrap();
    std::fs::write(&file, newer).unwrap();
    assert!(directory.refusal(directory.options()).await.contains("has version 99"));

    std::fs::write(&file, whole).unwrap();
    let tables = directory.0.join("tables-123456789012.sqlite");
    std::fs::write(&tables, b"no database").unwrap();
    assert!(directory.refusal(directory.options()).await.contains("tables-123456789012.sqlite"));
}
