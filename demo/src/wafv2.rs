//! AWS WAF: web ACLs, IP sets, rule groups, and samples of what they inspected.

use std::sync::Arc;

use axum::body::Bytes;
use axum::response::Response;

use crate::clock::Clock;
use crate::estate::SharedEstate;
use crate::ledger::Ledger;
use crate::server::fault::Fault;

/// The operations that the service answers.
pub const OPERATIONS: &[&str] = &[];

/// What `X-Amz-Target` begins with.
pub const TARGET: &str = "AWSWAF_20190729.";

/// The service of one account.
#[derive(Debug)]
pub struct WafV2 {
    estate: SharedEstate,
    ledger: Arc<Ledger>,
    clock: Clock,
}

impl WafV2 {
    /// The service over this account's estate and the region's traffic.
    pub fn new(estate: SharedEstate, ledger: Arc<Ledger>, clock: Clock) -> Self {
        Self { estate, ledger, clock }
    }

    /// Answers one request, whose credentials have been checked already. Blocks.
    pub fn handle(&self, operation: &str, body: &Bytes) -> Result<Response, Fault> {
        tracing::debug!(operation, bytes = body.len(), now = %self.clock.now(), ?self.estate, ?self.ledger, "unknown");
        Err(Fault::new(400, "UnknownOperationException", ""))
    }
}
