//! DynamoDB as anybody may call it, to make tables and to tamper with them behind cellgate's back.

use serde_json::{Value, json};

use super::home::{ACCESS_KEY_ID, REGION};
use super::http::Request;

/// The table that a team shares, at some server that speaks DynamoDB's protocol.
#[derive(Debug, Clone)]
pub struct TeamTable {
    endpoint_url: String,
}

impl TeamTable {
    pub const NAME: &'static str = "cellgate-team";

    /// Makes the table as the README tells it.
    pub fn create(endpoint_url: &str) -> Self {
        let table = Self { endpoint_url: endpoint_url.to_owned() };
        table.call(
            "CreateTable",
            json!({
                "AttributeDefinitions": [
                    { "AttributeName": "pk", "AttributeType": "S" },
                    { "AttributeName": "sk", "AttributeType": "S" },
                ],
                "KeySchema": [
                    { "AttributeName": "pk", "KeyType": "HASH" },
                    { "AttributeName": "sk", "KeyType": "RANGE" },
                ],
                "BillingMode": "PAY_PER_REQUEST",
            }),
        );
        table
    }

    /// The text of a record, as it is stored.
    pub fn record(&self, sequence: u64) -> String {
        let answer = self.call("GetItem", json!({ "Key": record_key(sequence) }));
        answer["Item"]["record"]["S"].as_str().expect("a record").to_owned()
    }

    /// Puts another text in a record's place.
    pub fn forge(&self, sequence: u64, text: &str) {
        self.call(
            "UpdateItem",
            json!({
                "Key": record_key(sequence),
                "UpdateExpression": "SET #record = :text",
                "ExpressionAttributeNames": { "#record": "record" },
                "ExpressionAttributeValues": { ":text": { "S": text } },
            }),
        );
    }

    /// Deletes a record.
    pub fn remove(&self, sequence: u64) {
        self.call("DeleteItem", json!({ "Key": record_key(sequence) }));
    }

    /// How many items the table has, by partition.
    pub fn count(&self, partition: &str) -> usize {
        let answer = self.call(
            "Query",
            json!({
                "KeyConditionExpression": "pk = :pk",
                "ExpressionAttributeValues": { ":pk": { "S": partition } },
            }),
        );
        answer["Items"].as_array().expect("items").len()
    }

    fn call(&self, operation: &str, mut body: Value) -> Value {
        body["TableName"] = Self::NAME.into();
        let address = self.endpoint_url.trim_start_matches("http://");
        let credential = format!("{ACCESS_KEY_ID}/20261120/{REGION}/dynamodb/aws4_request");
        let body = body.to_string().into_bytes();
        let headers = [
            ("host", address.to_owned()),
            ("content-type", "application/x-amz-json-1.0".to_owned()),
            ("content-length", body.len().to_string()),
            ("x-amz-target", format!("DynamoDB_20120810.{operation}")),
            ("x-amz-date", "20261120T140330Z".to_owned()),
            (
                "authorization",
                format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=00"),
            ),
        ];
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let request = Request { method: "POST".to_owned(), target: "/".to_owned(), headers, body };
        let answer = request.forward(address).expect("the server answers");
        let text = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, 200, "{operation}: {text}");
        serde_json::from_str(&text).expect("an answer of JSON")
    }
}

fn record_key(sequence: u64) -> Value {
    json!({ "pk": { "S": "journal" }, "sk": { "S": format!("{sequence:020}") } })
}
