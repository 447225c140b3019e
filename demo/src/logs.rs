//! Amazon CloudWatch Logs: what the gateway, WAF and the router's functions wrote of the requests, made out from
//! the ledger when it is asked for, so that logs agree with the metrics to the request.

mod archive;
mod event;
mod event_stream;
mod fault;
mod filter_events;
mod get_events;
mod groups;
mod groups_api;
mod input;
mod insights;
mod journal;
mod live_tail;
mod page;
mod pattern;
mod producer;
mod put_events;
mod queries;
mod queries_api;
mod records;
mod stored;
mod streams;
mod tags;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use self::archive::Archive;
use self::live_tail::Sessions;
use self::queries::Queries;
use self::queries_api::Refusal;
use crate::clock::Clock;
use crate::estate::SharedEstate;
use crate::ledger::Ledger;
use crate::server::fault::Fault;

/// What `X-Amz-Target` begins with.
pub const TARGET: &str = "Logs_20140328.";

/// Answers an operation.
#[derive(Clone, Copy)]
enum Handler {
    Json(fn(&Logs, &Bytes) -> Result<Value, Fault>),
    /// Starts a query, which may be malformed.
    Query(fn(&Logs, &Bytes) -> Result<Value, Refusal>),
    Stream(fn(&Logs, &Bytes) -> Result<Response, Fault>),
}

use Handler::{Json, Query, Stream};

const TABLE: [(&str, Handler); 29] = [
    ("CreateLogGroup", Json(groups_api::create_log_group)),
    ("CreateLogStream", Json(streams::create_log_stream)),
    ("DeleteLogGroup", Json(groups_api::delete_log_group)),
    ("DeleteLogStream", Json(streams::delete_log_stream)),
    ("DeleteRetentionPolicy", Json(groups_api::delete_retention_policy)),
    ("DescribeLogGroups", Json(groups_api::describe_log_groups)),
    ("DescribeLogStreams", Json(streams::describe_log_streams)),
    ("DescribeMetricFilters", Json(|_, _| Ok(json!({ "metricFilters": [] })))),
    ("DescribeQueries", Json(queries_api::describe_queries)),
    ("DescribeQueryDefinitions", Json(|_, _| Ok(json!({ "queryDefinitions": [] })))),
    ("DescribeSubscriptionFilters", Json(groups_api::describe_subscription_filters)),
    ("FilterLogEvents", Json(filter_events::filter_log_events)),
    ("GetLogEvents", Json(get_events::get_log_events)),
    ("GetLogGroupFields", Json(records::get_log_group_fields)),
    ("GetLogRecord", Json(records::get_log_record)),
    ("GetQueryResults", Json(queries_api::get_query_results)),
    ("ListLogGroups", Json(groups_api::list_log_groups)),
    ("ListTagsForResource", Json(tags::list_tags)),
    ("ListTagsLogGroup", Json(tags::list_tags)),
    ("PutLogEvents", Json(put_events::put_log_events)),
    ("PutRetentionPolicy", Json(groups_api::put_retention_policy)),
    ("StartLiveTail", Stream(live_tail::start_live_tail)),
    ("StartQuery", Query(queries_api::start_query)),
    ("StopQuery", Json(queries_api::stop_query)),
    ("TagLogGroup", Json(tags::tag)),
    ("TagResource", Json(tags::tag)),
    ("TestMetricFilter", Json(filter_events::test_metric_filter)),
    ("UntagLogGroup", Json(tags::untag)),
    ("UntagResource", Json(tags::untag)),
];

/// The operations that the service answers.
pub const OPERATIONS: &[&str] = &{
    let mut names = [""; TABLE.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = TABLE[index].0;
        index += 1;
    }
    names
};

/// The service of one account.
#[derive(Debug)]
pub struct Logs {
    archive: Archive,
    queries: Queries,
    sessions: Sessions,
}

impl Logs {
    /// The service over this account's estate and the region's traffic.
    pub fn new(estate: SharedEstate, ledger: Arc<Ledger>, clock: Clock) -> Self {
        Self {
            archive: Archive::new(estate, ledger, clock),
            queries: Queries::default(),
            sessions: Sessions::default(),
        }
    }

    /// Answers one request, whose credentials have been checked already. Blocks.
    pub fn handle(&self, operation: &str, body: &Bytes) -> Result<Response, Fault> {
        match TABLE.iter().find(|(name, _)| *name == operation) {
            Some((_, Json(handle))) => handle(self, body).map(|answer| json_response(&answer)),
            Some((_, Stream(handle))) => handle(self, body),
            Some((_, Query(handle))) => match handle(self, body) {
                Ok(answer) => Ok(json_response(&answer)),
                Err(Refusal::Fault(fault)) => Err(fault),
                Err(Refusal::Malformed(error)) => {
                    let mut response = json_response(&Refusal::malformed_body(&error));
                    *response.status_mut() = StatusCode::BAD_REQUEST;
                    Ok(response)
                }
            },
            None => Err(Fault::new(
                400,
                "UnknownOperationException",
                format!("The demo region does not serve the operation {operation} of CloudWatch Logs"),
            )),
        }
    }

    /// The ARN of a group, without `:*`.
    fn group_arn(&self, name: &str) -> String {
        self.archive.look(|estate, _| {
            format!("arn:aws:logs:{}:{}:log-group:{name}", estate.region, estate.account_id)
        })
    }
}

fn json_response(answer: &Value) -> Response {
    let mut response = Response::new(Body::from(answer.to_string()));
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/x-amz-json-1.1"));
    response
}
