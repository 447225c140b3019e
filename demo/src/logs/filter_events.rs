//! FilterLogEvents: the events of a group that match a pattern, page by page.

use std::collections::HashSet;
use std::ops::ControlFlow;

use axum::body::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::archive::{Archive, Streams, Wish};
use super::event::{Event, EventKey};
use super::input::{self, GroupChoice};
use super::page::Position;
use super::pattern::{LONGEST_PATTERN, Pattern};
use super::{Logs, fault};
use crate::estate::{LogClass, LogGroup};
use crate::server::fault::Fault;

/// AWS: events on a page.
pub const MOST_EVENTS: usize = 10_000;
/// AWS: bytes on a page.
pub const MOST_BYTES: usize = 1024 * 1024;
/// Events that are looked at for one page. AWS has such a bound too: pages may be empty and still not be the last.
const MOST_SCANNED: usize = 120_000;
/// Windows of time that are looked at for one page.
const MOST_WINDOWS: usize = 1_000;
/// AWS: names of streams in a request.
const MOST_STREAMS: usize = 100;
/// AWS: newest first only from 1 January 2024 on.
const NEWEST_FIRST_SINCE: i64 = 1_704_067_200_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    #[serde(flatten)]
    group: GroupChoice,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
    start_from_head: Option<bool>,
}

/// Answers `FilterLogEvents`.
pub fn filter_log_events(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Input = input::read(body)?;
    let archive = &logs.archive;
    let source = archive.source(input.group.name()?)?;
    refuse_infrequent(&source.group, "FilterLogEvents")?;
    let now = archive.now_millis();
    let position = input.next_token.as_deref().map(|token| Position::parse(token, now)).transpose()?;
    let newest_first =
        position.map_or(input.start_from_head == Some(false), |position| position.newest_first);
    if newest_first && position.is_none() && input.start_time.unwrap_or(0) < NEWEST_FIRST_SINCE {
        return Err(fault::invalid_parameter(
            "startFromHead can be false only if startTime is on or after January 1, 2024.",
        ));
    }
    let pattern = pattern(input.filter_pattern.as_deref(), "filterPattern")?;
    let streams = streams(input.log_stream_names, input.log_stream_name_prefix)?;
    let mut range = range(input.start_time, input.end_time, 1)?;
    if let Some(position) = position {
        if newest_first {
            range.end = range.end.min(position.after.millis.saturating_add(1));
        } else {
            range.start = range.start.max(position.after.millis);
        }
    }
    let most = input::rows(input.limit, "limit", MOST_EVENTS)?;
    let wish = Wish { range, pattern: &pattern, streams: &streams, newest_first };
    let page = page(archive, &source, &wish, position, most);
    let mut answer = json!({
        "events": page.events.iter().map(filtered).collect::<Vec<_>>(),
        // AWS: no longer supported since May 2020, and empty.
        "searchedLogStreams": [],
    });
    if let Some(next) = page.next {
        answer["nextToken"] = Value::from(next.token(now));
    }
    Ok(answer)
}

/// A page of events, and where the next one begins, if there may be more.
pub struct Page {
    pub events: Vec<Event>,
    pub next: Option<Position>,
}

/// Reads a page.
pub fn page(
    archive: &Archive,
    source: &super::archive::Source,
    wish: &Wish<'_>,
    position: Option<Position>,
    most: usize,
) -> Page {
    let newest_first = wish.newest_first;
    let mut events: Vec<Event> = Vec::new();
    let mut bytes = 0;
    let mut next = None;
    let (mut scanned, mut windows) = (0, 0);
    let mut reached = None;
    archive.read(
        source,
        wish,
        |event| {
            if position.is_some_and(|position| !position.precedes(event.key)) {
                return ControlFlow::Continue(());
            }
            if events.len() == most || (bytes + event.bytes() > MOST_BYTES && !events.is_empty()) {
                next = events.last().map(|last| Position { newest_first, after: last.key });
                return ControlFlow::Break(());
            }
            bytes += event.bytes();
            events.push(event);
            ControlFlow::Continue(())
        },
        |window| {
            scanned += window.scanned;
            windows += 1;
            if scanned > MOST_SCANNED || windows > MOST_WINDOWS {
                reached = Some(window.reached);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        },
    );
    if let Some(millis) = reached {
        // All before this millisecond has been seen, and nothing of it.
        let id = if newest_first { 0 } else { u128::MAX };
        let millis = if newest_first { millis } else { millis - 1 };
        let at_end = if newest_first { millis <= wish.range.start } else { millis + 1 >= wish.range.end };
        next = (!at_end).then_some(Position { newest_first, after: EventKey { millis, id } });
    }
    Page { events, next }
}

fn filtered(event: &Event) -> Value {
    json!({
        "logStreamName": &*event.stream,
        "timestamp": event.key.millis,
        "message": event.message,
        "ingestionTime": event.ingested,
        "eventId": event.key.event_id(),
    })
}

/// Reads a pattern, in AWS's limits.
pub fn pattern(text: Option<&str>, member: &str) -> Result<Pattern, Fault> {
    let text = text.unwrap_or_default();
    if text.chars().count() > LONGEST_PATTERN {
        let constraint = "Member must have length less than or equal to 1024";
        return Err(fault::validation(text, member, constraint));
    }
    Pattern::parse(text).map_err(|error| fault::invalid_parameter(error.to_string()))
}

fn streams(names: Option<Vec<String>>, prefix: Option<String>) -> Result<Streams, Fault> {
    match (names, prefix) {
        (Some(_), Some(_)) => Err(fault::invalid_parameter(
            "LogStreamNamePrefix and LogStreamNames are mutually exclusive parameters.",
        )),
        (Some(names), None) if names.is_empty() || names.len() > MOST_STREAMS => {
            let constraint = "Member must have length between 1 and 100";
            Err(fault::validation(&format!("{names:?}"), "logStreamNames", constraint))
        }
        (Some(names), None) => Ok(Streams::Named(names.into_iter().collect::<HashSet<_>>())),
        (None, Some(prefix)) => Ok(Streams::Prefixed(vec![prefix])),
        (None, None) => Ok(Streams::All),
    }
}

/// The range of time in milliseconds; `inclusive` is 1 where the end belongs to it.
pub fn range(start: Option<i64>, end: Option<i64>, inclusive: i64) -> Result<std::ops::Range<i64>, Fault> {
    for (value, member) in [(start, "startTime"), (end, "endTime")] {
        if let Some(value) = value.filter(|value| *value < 0) {
            let constraint = "Member must have value greater than or equal to 0";
            return Err(fault::validation(&value.to_string(), member, constraint));
        }
    }
    let latest = Timestamp::MAX.as_millisecond();
    let (start, end) = (start.unwrap_or(0), end.unwrap_or(latest).min(latest));
    if start > end {
        return Err(fault::invalid_parameter("startTime must be less than or equal to endTime."));
    }
    Ok(start..end.saturating_add(inclusive))
}

/// AWS: some operations work on the standard class only.
pub fn refuse_infrequent(group: &LogGroup, operation: &str) -> Result<(), Fault> {
    if group.class == LogClass::Standard {
        return Ok(());
    }
    Err(fault::invalid_parameter(format!(
        "{operation} operation is not supported for log groups with the Infrequent Access log class."
    )))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TestInput {
    filter_pattern: String,
    log_event_messages: Vec<String>,
}

/// Answers `TestMetricFilter`: which of some messages a pattern matches.
pub fn test_metric_filter(_logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: TestInput = input::read(body)?;
    let pattern = pattern(Some(&input.filter_pattern), "filterPattern")?;
    let matches: Vec<Value> = (1..)
        .zip(&input.log_event_messages)
        .filter(|(_, message)| pattern.matches(message))
        .map(|(number, message)| json!({ "eventNumber": number, "eventMessage": message, "extractedValues": {} }))
        .collect();
    Ok(json!({ "matches": matches }))
}
