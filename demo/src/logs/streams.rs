//! Log streams: those that services write to, seen from their latest events, and those that clients made.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::archive::{Archive, Source, Streams, Wish};
use super::input::{self, GroupChoice};
use super::pattern::Pattern;
use super::{Logs, fault, page};
use crate::server::fault::Fault;

/// AWS: streams on a page.
const MOST_STREAMS: usize = 50;
/// How many of the latest events are looked at for the streams they are in.
const LATEST_EVENTS: usize = 2_000;
/// After so many, every stream that is written to has shown itself.
const ENOUGH_EVENTS: usize = 200;
/// How many windows of time are looked at for them.
const MOST_WINDOWS: usize = 20;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Describe {
    #[serde(flatten)]
    group: GroupChoice,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    #[serde(default)]
    descending: bool,
    next_token: Option<String>,
    limit: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    log_group_name: String,
    log_stream_name: String,
}

/// What is told of a stream.
#[derive(Clone, Copy, Debug)]
struct Stream {
    created: i64,
    first: Option<i64>,
    last: Option<(i64, i64)>,
}

/// Answers `DescribeLogStreams`.
pub fn describe_log_streams(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Describe = input::read(body)?;
    let archive = &logs.archive;
    let name = input.group.name()?;
    let source = archive.source(name)?;
    let by_time = match input.order_by.as_deref() {
        None | Some("LogStreamName") => false,
        Some("LastEventTime") => true,
        Some(other) => {
            let constraint = "Member must satisfy enum value set: [LogStreamName, LastEventTime]";
            return Err(fault::validation(other, "orderBy", constraint));
        }
    };
    let prefix = input.log_stream_name_prefix.unwrap_or_default();
    if by_time && !prefix.is_empty() {
        return Err(fault::invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let mut rows: Vec<(String, Stream)> =
        streams(archive, &source).into_iter().filter(|(name, _)| name.starts_with(&prefix)).collect();
    if by_time {
        rows.sort_by_key(|(_, stream)| stream.last);
    }
    if input.descending {
        rows.reverse();
    }
    let most = input::rows(input.limit, "limit", MOST_STREAMS)?;
    let (rows, next) = page::rows(rows, |(name, _)| name.clone(), input.next_token.as_deref(), most)?;
    let group_arn = logs.group_arn(name);
    let mut answer = json!({
        "logStreams": rows.iter().map(|(name, stream)| describe(name, *stream, &group_arn)).collect::<Vec<_>>(),
    });
    if let Some(next) = next {
        answer["nextToken"] = Value::from(next);
    }
    Ok(answer)
}

fn describe(name: &str, stream: Stream, group_arn: &str) -> Value {
    let mut row = json!({
        "logStreamName": name,
        "creationTime": stream.created,
        "arn": format!("{group_arn}:log-stream:{name}"),
        // AWS: always zero for streams since June 2019.
        "storedBytes": 0,
    });
    if let Some(first) = stream.first {
        row["firstEventTimestamp"] = first.into();
    }
    if let Some((last, ingested)) = stream.last {
        row["lastEventTimestamp"] = last.into();
        row["lastIngestionTime"] = ingested.into();
        row["uploadSequenceToken"] = Value::from(format!("{ingested:056}"));
    }
    row
}

/// The streams of a group, by name.
fn streams(archive: &Archive, source: &Source) -> BTreeMap<String, Stream> {
    let created = source.group.created.as_millisecond();
    let mut streams: BTreeMap<String, Stream> = BTreeMap::new();
    let wish = Wish {
        range: 0..archive.now_millis() + 1,
        pattern: &Pattern::everything(),
        streams: &Streams::All,
        newest_first: true,
    };
    let (seen, mut windows) = (Cell::new(0), 0);
    archive.read(
        source,
        &wish,
        |event| {
            let stream = streams.entry(event.stream.to_string()).or_insert(Stream {
                created,
                first: None,
                last: Some((event.key.millis, event.ingested)),
            });
            // Newest first: the last that is seen here is the first there is, as far as was looked.
            stream.first = Some(event.key.millis);
            seen.set(seen.get() + 1);
            if seen.get() < LATEST_EVENTS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        },
        |_| {
            windows += 1;
            if seen.get() > ENOUGH_EVENTS || windows > MOST_WINDOWS {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        },
    );
    archive.look(|_, kept| {
        for (name, stored) in kept.stored.streams(&source.group.name) {
            let stream = Stream {
                created: stored.created.as_millisecond(),
                first: stored.events.first().map(|event| event.key.millis),
                last: stored.events.last().map(|event| (event.key.millis, event.ingested)),
            };
            streams.insert(name.clone(), stream);
        }
    });
    streams
}

/// Whether a group has this stream.
pub fn has_stream(archive: &Archive, source: &Source, name: &str) -> bool {
    let is_stored =
        archive.look(|_, kept| kept.stored.streams(&source.group.name).any(|(known, _)| known == name));
    is_stored
        || source.stream_names().any(|known| known == name)
        || streams(archive, source).contains_key(name)
}

/// Answers `CreateLogStream`.
pub fn create_log_stream(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Named = input::read(body)?;
    input::stream_name(&input.log_stream_name)?;
    let source = logs.archive.source(&input.log_group_name)?;
    let now = logs.archive.clock.now();
    let is_taken = has_stream(&logs.archive, &source, &input.log_stream_name);
    let created = !is_taken
        && logs
            .archive
            .look(|_, kept| kept.stored.create(&input.log_group_name, &input.log_stream_name, now));
    if created { Ok(json!({})) } else { Err(super::groups_api::already_exists("log stream")) }
}

/// Answers `DeleteLogStream`. A stream that a service writes to comes back with its next event.
pub fn delete_log_stream(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Named = input::read(body)?;
    let source = logs.archive.source(&input.log_group_name)?;
    let deleted =
        logs.archive.look(|_, kept| kept.stored.delete_stream(&input.log_group_name, &input.log_stream_name));
    if deleted || has_stream(&logs.archive, &source, &input.log_stream_name) {
        Ok(json!({}))
    } else {
        Err(fault::no_such_stream())
    }
}
