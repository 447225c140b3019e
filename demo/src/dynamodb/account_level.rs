//! What DynamoDB says of an account as a whole.

use axum::http::request::Parts;
use serde_json::{Value, json};

/// AWS: the default quotas of an account and of a table.
const ACCOUNT_UNITS: u32 = 80_000;
const TABLE_UNITS: u32 = 40_000;
/// Minutes for which clients keep an endpoint. AWS says 1,440.
const ENDPOINT_MINUTES: u32 = 1_440;

/// `DescribeLimits`.
pub fn limits() -> Value {
    json!({
        "AccountMaxReadCapacityUnits": ACCOUNT_UNITS,
        "AccountMaxWriteCapacityUnits": ACCOUNT_UNITS,
        "TableMaxReadCapacityUnits": TABLE_UNITS,
        "TableMaxWriteCapacityUnits": TABLE_UNITS,
    })
}

/// `DescribeEndpoints`: the one that was asked.
pub fn endpoints(parts: &Parts) -> Value {
    let host = parts.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    json!({ "Endpoints": [{ "Address": host, "CachePeriodInMinutes": ENDPOINT_MINUTES }] })
}
