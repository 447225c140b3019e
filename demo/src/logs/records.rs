//! GetLogRecord and GetLogGroupFields: single events, and which fields a group's events have.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::archive::{Streams, Wish};
use super::input::{self, GroupChoice};
use super::insights::{flattened, pointed};
use super::pattern::Pattern;
use super::{Logs, fault};
use crate::server::fault::Fault;

/// Events that are looked at for the fields they have.
const SAMPLE: usize = 1_000;
const MINUTE_MILLIS: i64 = 60_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    log_record_pointer: String,
}

/// Answers `GetLogRecord`.
pub fn get_log_record(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Record = input::read(body)?;
    let (group, key) = pointed(&input.log_record_pointer)
        .ok_or_else(|| fault::invalid_parameter("The specified logRecordPointer is invalid."))?;
    let source = logs.archive.source(&group)?;
    let event = logs
        .archive
        .event(&source, key)
        .ok_or_else(|| fault::not_found("The specified log record does not exist."))?;
    let account = logs.archive.look(|estate, _| estate.account_id.clone());
    let mut record = flattened(&event.message);
    record.extend([
        ("@timestamp".to_owned(), event.key.millis.to_string()),
        ("@ingestionTime".to_owned(), event.ingested.to_string()),
        ("@logStream".to_owned(), event.stream.to_string()),
        ("@log".to_owned(), format!("{account}:{group}")),
        ("@ptr".to_owned(), input.log_record_pointer),
        ("@message".to_owned(), event.message),
    ]);
    Ok(json!({ "logRecord": record }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    #[serde(flatten)]
    group: GroupChoice,
    time: Option<i64>,
}

/// Answers `GetLogGroupFields`. AWS: the last 15 minutes, or 8 minutes on both sides of the time.
pub fn get_log_group_fields(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Fields = input::read(body)?;
    let source = logs.archive.source(input.group.name()?)?;
    let now = logs.archive.now_millis();
    let range = match input.time {
        None => now - 15 * MINUTE_MILLIS..now + 1,
        Some(seconds) => {
            let at = seconds.saturating_mul(1_000);
            at.saturating_sub(8 * MINUTE_MILLIS)..at.saturating_add(8 * MINUTE_MILLIS)
        }
    };
    let wish = Wish { range, pattern: &Pattern::everything(), streams: &Streams::All, newest_first: true };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut seen = 0;
    logs.archive.read(
        &source,
        &wish,
        |event| {
            seen += 1;
            for name in flattened(&event.message).into_keys() {
                *counts.entry(name).or_default() += 1;
            }
            if seen < SAMPLE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        },
        |_| ControlFlow::Continue(()),
    );
    if seen > 0 {
        for name in ["@ingestionTime", "@log", "@logStream", "@message", "@timestamp"] {
            counts.insert(name.to_owned(), seen);
        }
    }
    let mut fields: Vec<(String, usize)> =
        counts.into_iter().map(|(name, count)| (name, count * 100 / seen)).collect();
    fields.sort_by_key(|(_, percent)| std::cmp::Reverse(*percent));
    let field = |(name, percent): &(String, usize)| json!({ "name": name, "percent": percent });
    Ok(json!({ "logGroupFields": fields.iter().map(field).collect::<Vec<_>>() }))
}
