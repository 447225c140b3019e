//! Amazon CloudWatch: the metrics and alarms of the region, in the wire protocols that AWS's clients speak.
//!
//! ```text
//! request ─► wire ─► cbor | json | query ─► Value ─► operation ─► Value ─► the same protocol ─► response
//! ```
//!
//! Each operation is written once, on a value that belongs to no protocol.

mod alarms;
mod cbor;
mod error;
mod expression;
mod input;
mod json;
mod list_metrics;
mod metric;
mod metric_data;
mod metric_statistics;
mod page;
mod put_metric_data;
mod query;
mod value;
mod window;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::{Arc, PoisonError};

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::response::Response;

use crate::clock::Clock;
use crate::estate::SharedEstate;
use crate::metrics::MetricStore;
use error::Fault;
use value::Value;

/// The service.
#[derive(Clone, Debug)]
pub struct CloudWatch {
    estate: SharedEstate,
    metrics: Arc<MetricStore>,
    clock: Clock,
}

impl CloudWatch {
    /// The service over these metrics; its alarms watch the cells of the estate.
    pub fn new(estate: SharedEstate, metrics: Arc<MetricStore>, clock: Clock) -> Self {
        Self { estate, metrics, clock }
    }

    /// The operation that a request names, for records; `None` when it names none.
    pub fn operation(parts: &Parts, body: &Bytes) -> Option<String> {
        match wire::protocol(parts) {
            wire::Protocol::AwsQuery => wire::read(parts, body).ok().map(|call| call.operation),
            _ => wire::operation_in_head(parts).map(str::to_owned),
        }
    }

    /// Answers one request, whose signature has been checked already.
    pub fn handle(&self, parts: &Parts, body: &Bytes, request_id: &str) -> Response {
        let protocol = wire::protocol(parts);
        match wire::read(parts, body) {
            Ok(call) => {
                let outcome = self.perform(&call.operation, &call.input);
                wire::answer(protocol, &call.operation, outcome, request_id)
            }
            Err(fault) => wire::answer(protocol, "", Err(fault), request_id),
        }
    }

    fn perform(&self, operation: &str, input: &Value) -> Result<Value, Fault> {
        let now = self.clock.now();
        match operation {
            "GetMetricData" => metric_data::get_metric_data(&self.metrics, now, input),
            "GetMetricStatistics" => metric_statistics::get_metric_statistics(&self.metrics, now, input),
            "ListMetrics" => list_metrics::list_metrics(&self.metrics, now, input),
            "PutMetricData" => put_metric_data::put_metric_data(&self.metrics, now, input),
            "DescribeAlarms" => {
                let estate = self.estate.read().unwrap_or_else(PoisonError::into_inner);
                alarms::describe_alarms(&estate, &self.metrics, now, input)
            }
            _ => Err(Fault::unknown_operation(operation)),
        }
    }
}
