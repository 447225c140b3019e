//! StartQuery, GetQueryResults, StopQuery, DescribeQueries.

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::insights::{MOST_ROWS, Query, QueryError};
use super::queries::{Job, Status};
use super::{Logs, fault, input};
use crate::server::fault::Fault;

/// AWS: groups of a query.
const MOST_GROUPS: usize = 50;
/// AWS: rows on a page of results.
const MOST_ITEMS: usize = 10_000;
/// AWS: queries on a page.
const MOST_QUERIES: usize = 1_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are those of AWS's parameters")]
struct Start {
    query_language: Option<String>,
    log_group_name: Option<String>,
    log_group_names: Option<Vec<String>>,
    log_group_identifiers: Option<Vec<String>>,
    start_time: i64,
    end_time: i64,
    query_string: String,
    limit: Option<i64>,
}

/// Why a query was not started.
#[derive(Debug)]
pub enum Refusal {
    Fault(Fault),
    Malformed(QueryError),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Refusal {
    /// AWS's `MalformedQueryException`, which says where in the query the error is.
    pub fn malformed_body(error: &QueryError) -> Value {
        json!({
            "__type": "MalformedQueryException",
            "message": error.message,
            "queryCompileError": {
                "location": { "startCharOffset": error.start, "endCharOffset": error.end },
                "message": error.message,
            },
        })
    }
}

/// Answers `StartQuery`.
pub fn start_query(logs: &Logs, body: &Bytes) -> Result<Value, Refusal> {
    let input: Start = input::read(body)?;
    if !matches!(input.query_language.as_deref(), None | Some("CWLI")) {
        let message = "The demo region understands the query language CWLI only.";
        return Err(fault::invalid_parameter(message).into());
    }
    let names = match (input.log_group_name, input.log_group_names, input.log_group_identifiers) {
        (Some(name), None, None) => vec![name],
        (None, Some(names), None) => names,
        (None, None, Some(identifiers)) => {
            identifiers.iter().map(|one| input::group_of_identifier(one).to_owned()).collect()
        }
        (None, None, None) => {
            return Err(fault::invalid_parameter("At least one log group must be specified.").into());
        }
        _ => {
            let message =
                "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be specified.";
            return Err(fault::invalid_parameter(message).into());
        }
    };
    if names.is_empty() || names.len() > MOST_GROUPS {
        let message = format!("A query takes from 1 to {MOST_GROUPS} log groups.");
        return Err(fault::invalid_parameter(message).into());
    }
    if input.start_time < 0 || input.end_time < input.start_time {
        return Err(fault::invalid_parameter("Query time range is invalid.").into());
    }
    let limit = input.limit.map(|limit| input::rows(Some(limit), "limit", MOST_ROWS)).transpose()?;
    let query = Query::parse(&input.query_string).map_err(Refusal::Malformed)?;
    let mut sources = Vec::new();
    for name in &names {
        let source = logs.archive.source(name).map_err(|_| {
            let account = logs.archive.look(|estate, _| estate.account_id.clone());
            fault::not_found(format!("Log group '{name}' does not exist for account ID '{account}'"))
        })?;
        sources.push(source);
    }
    let millis = |seconds: i64| seconds.saturating_mul(1_000);
    // AWS: the end belongs to the range.
    let range = millis(input.start_time)..millis(input.end_time).saturating_add(1);
    let job = Job { query, text: input.query_string, sources, range, limit };
    let id = logs.queries.start(&logs.archive, job)?;
    Ok(json!({ "queryId": id }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Results {
    query_id: String,
    next_token: Option<String>,
    max_items: Option<i64>,
}

/// Answers `GetQueryResults`.
pub fn get_query_results(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Results = input::read(body)?;
    let run = logs.queries.find(&input.query_id)?;
    let shown = run.shown(&logs.archive);
    let most = match input.max_items {
        None | Some(0) => MOST_ITEMS,
        items => input::rows(items, "maxItems", MOST_ITEMS)?,
    };
    let from = match &input.next_token {
        None => 0,
        Some(token) => usize::from_str_radix(token, 16).map_err(|_| fault::bad_token())?,
    };
    let rows = &shown.answer.rows;
    let page = rows.iter().skip(from).take(most);
    let cell = |(field, value): &(String, String)| json!({ "field": field, "value": value });
    let results: Vec<Vec<Value>> = page.map(|row| row.iter().map(cell).collect()).collect();
    let next = from.saturating_add(results.len());
    let mut answer = json!({
        "queryLanguage": "CWLI",
        "results": results,
        "statistics": {
            "recordsMatched": shown.answer.matched,
            "recordsScanned": shown.scanned,
            "estimatedRecordsSkipped": 0,
            "bytesScanned": shown.bytes,
            "estimatedBytesSkipped": 0,
            "logGroupsScanned": run.groups.len(),
        },
        "status": shown.status.as_str(),
    });
    if shown.status == Status::Complete && next < rows.len() {
        answer["nextToken"] = Value::from(format!("{next:x}"));
    }
    Ok(answer)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stop {
    query_id: String,
}

/// Answers `StopQuery`.
pub fn stop_query(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Stop = input::read(body)?;
    let run = logs.queries.find(&input.query_id)?;
    if run.cancel(&logs.archive) {
        return Ok(json!({ "success": true }));
    }
    Err(fault::invalid_parameter(format!(
        "Query is already ended with {} status",
        run.shown(&logs.archive).status.as_str()
    )))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Describe {
    log_group_name: Option<String>,
    status: Option<String>,
    max_results: Option<i64>,
}

/// Answers `DescribeQueries`.
pub fn describe_queries(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Describe = input::read(body)?;
    let most = input::rows(input.max_results, "maxResults", MOST_QUERIES)?;
    let mut queries = Vec::new();
    for run in logs.queries.all() {
        let shown = run.shown(&logs.archive);
        let is_wanted = input.log_group_name.as_ref().is_none_or(|name| run.groups.contains(name))
            && input.status.as_deref().is_none_or(|status| status == shown.status.as_str());
        if is_wanted && queries.len() < most {
            queries.push(json!({
                "queryLanguage": "CWLI",
                "queryId": run.id,
                "queryString": run.text,
                "status": shown.status.as_str(),
                "createTime": run.created.as_millisecond(),
                "logGroupName": run.groups.first(),
                "bytesScanned": shown.bytes,
            }));
        }
    }
    Ok(json!({ "queries": queries }))
}
