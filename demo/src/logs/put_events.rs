//! PutLogEvents: events that clients bring.

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::event::OVERHEAD_BYTES;
use super::{Logs, fault, input};
use crate::server::fault::Fault;

/// AWS: events in a batch.
const MOST_EVENTS: usize = 10_000;
/// AWS: bytes of a batch, with 26 for each event; the most of one event, too.
const MOST_BYTES: usize = 1_048_576;
const HOUR_MILLIS: i64 = 3_600_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are those of AWS's parameters")]
struct Input {
    log_group_name: String,
    log_stream_name: String,
    log_events: Vec<InputEvent>,
}

#[derive(Debug, Deserialize)]
struct InputEvent {
    timestamp: i64,
    message: String,
}

/// Answers `PutLogEvents`.
pub fn put_log_events(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Input = input::read(body)?;
    let group = logs.archive.group(&input.log_group_name)?;
    check(&input.log_events)?;
    let now = logs.archive.clock.now();
    let millis = now.as_millisecond();
    let kept = group.retention_days.map(|days| millis - i64::from(days) * 24 * HOUR_MILLIS);
    let count = |rejected: &dyn Fn(i64) -> bool| {
        input.log_events.iter().filter(|event| rejected(event.timestamp)).count()
    };
    let expired = count(&|time| kept.is_some_and(|kept| time < kept));
    let too_old = count(&|time| time < millis - 14 * 24 * HOUR_MILLIS);
    let too_new = count(&|time| time > millis + 2 * HOUR_MILLIS);
    let total = input.log_events.len();
    let events: Vec<(i64, String)> = input
        .log_events
        .into_iter()
        .skip(expired.max(too_old))
        .take((total - too_new).saturating_sub(expired.max(too_old)))
        .map(|event| (event.timestamp, event.message))
        .collect();
    if let (Some(first), Some(last)) = (events.first(), events.last())
        && last.0 - first.0 > 24 * HOUR_MILLIS
    {
        return Err(fault::invalid_parameter(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    let is_put = logs
        .archive
        .look(|_, kept| kept.stored.put(&input.log_group_name, &input.log_stream_name, events, now));
    if !is_put {
        return Err(fault::no_such_stream());
    }
    let mut answer = json!({ "nextSequenceToken": format!("{millis:056}") });
    if expired + too_old + too_new > 0 {
        let mut rejected = json!({});
        for (count, member, index) in [
            (too_new, "tooNewLogEventStartIndex", total - too_new),
            (too_old, "tooOldLogEventEndIndex", too_old),
            (expired, "expiredLogEventEndIndex", expired),
        ] {
            if count > 0 {
                rejected[member] = index.into();
            }
        }
        answer["rejectedLogEventsInfo"] = rejected;
    }
    Ok(answer)
}

fn check(events: &[InputEvent]) -> Result<(), Fault> {
    if events.is_empty() || events.len() > MOST_EVENTS {
        let constraint = "Member must have length between 1 and 10000";
        return Err(fault::validation(&format!("{} events", events.len()), "logEvents", constraint));
    }
    if events.iter().any(|event| event.message.is_empty()) {
        let constraint = "Member must have length greater than or equal to 1";
        return Err(fault::validation("", "logEvents.message", constraint));
    }
    let bytes: usize = events.iter().map(|event| event.message.len() + OVERHEAD_BYTES).sum();
    if bytes > MOST_BYTES {
        return Err(fault::invalid_parameter(format!(
            "Upload too large: {bytes} bytes exceeds limit of {MOST_BYTES}"
        )));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(fault::invalid_parameter(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    Ok(())
}
