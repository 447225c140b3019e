//! The read capacity of the mapping table, as clients of the front door meet it.

use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::Value;

use crate::server::fault::Fault;

/// AWS: unused capacity of the last five minutes may be spent at once.
const BURST_SECONDS: f64 = 300.0;
/// AWS: bytes that one unit reads, eventually consistent reads cost half.
const BYTES_PER_UNIT: f64 = 4_096.0;
const EVENTUALLY: f64 = 0.5;

/// Units that are left of a provisioned table.
#[derive(Debug, Default)]
pub struct ReadUnits {
    bucket: Mutex<Option<Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    rate: f64,
    units: f64,
    filled_at: Timestamp,
}

impl ReadUnits {
    /// Lets a read through while there are units.
    ///
    /// # Errors
    /// The table's throttling error.
    pub fn admit(&self, capacity: Option<f64>, now: Timestamp) -> Result<(), Fault> {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(rate) = capacity else {
            *bucket = None;
            return Ok(());
        };
        // A table that was provisioned anew has saved nothing up: it starts with a second's worth.
        let mut state = bucket.unwrap_or(Bucket { rate, units: rate.max(1.0), filled_at: now });
        let passed = now.duration_since(state.filled_at).as_secs_f64().max(0.0);
        state.units = (state.units + passed * rate).min(rate * BURST_SECONDS);
        (state.rate, state.filled_at) = (rate, state.filled_at.max(now));
        *bucket = Some(state);
        if state.units > 0.0 {
            return Ok(());
        }
        Err(Fault::new(
            400,
            "ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded. Consider increasing your \
             provisioning level with the UpdateTable API.",
        ))
    }

    /// Takes what an answer cost; AWS takes it afterwards, too, so that the last read may overdraw.
    pub async fn charge(&self, operation: &str, response: Response) -> Response {
        if self.bucket.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
            return response;
        }
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
        let units = cost(operation, &body);
        if let Some(bucket) = self.bucket.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            bucket.units -= units;
        }
        Response::from_parts(parts, Body::from(body))
    }
}

/// The units of an answer: its size in blocks for a query or scan, one block for each item otherwise.
fn cost(operation: &str, body: &[u8]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "an answer has at most 16 MB")]
    let bytes = body.len() as f64;
    let blocks = match operation {
        "BatchGetItem" => {
            let answer: Value = serde_json::from_slice(body).unwrap_or_default();
            let tables = answer["Responses"].as_object().into_iter().flatten();
            let items: usize = tables.map(|(_, items)| items.as_array().map_or(0, Vec::len)).sum();
            f64::from(u32::try_from(items).unwrap_or(u32::MAX)).max(1.0)
        }
        _ => (bytes / BYTES_PER_UNIT).ceil().max(1.0),
    };
    blocks * EVENTUALLY
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[tokio::test]
    async fn a_provisioned_table_gives_no_more_than_its_units() {
        let units = ReadUnits::default();
        let mut now = Timestamp::UNIX_EPOCH;
        assert!(units.admit(None, now).is_ok());
        let mut granted = 0;
        for _ in 0..10 {
            for _ in 0..20 {
                if units.admit(Some(2.0), now).is_ok() {
                    granted += 1;
                    units.charge("GetItem", Response::new(Body::from("{}"))).await;
                }
            }
            now += SignedDuration::from_secs(1);
        }
        // Two units a second for ten seconds, half a unit each.
        assert_eq!(granted, 40);
        let refused = units.admit(Some(2.0), now - SignedDuration::from_secs(1)).unwrap_err();
        assert_eq!(refused.code, "ProvisionedThroughputExceededException");
    }
}
