//! GetLogEvents: the events of one stream, forward or backward.

use std::collections::HashSet;

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::archive::{Streams, Wish};
use super::event::EventKey;
use super::filter_events::{MOST_EVENTS, page, range, refuse_infrequent};
use super::input::{self, GroupChoice};
use super::page::Position;
use super::pattern::Pattern;
use super::streams::has_stream;
use super::{Logs, fault};
use crate::server::fault::Fault;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    #[serde(flatten)]
    group: GroupChoice,
    log_stream_name: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<i64>,
    #[serde(default)]
    start_from_head: bool,
}

/// Answers `GetLogEvents`.
pub fn get_log_events(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Input = input::read(body)?;
    let archive = &logs.archive;
    let stream = input
        .log_stream_name
        .ok_or_else(|| fault::validation("null", "logStreamName", "Member must not be null"))?;
    input::stream_name(&stream)?;
    let source = archive.source(input.group.name()?)?;
    refuse_infrequent(&source.group, "GetLogEvents")?;
    let now = archive.now_millis();
    let given = input.next_token.as_deref().map(|token| Position::parse(token, now)).transpose()?;
    let mut range = range(input.start_time, input.end_time, 0)?;
    let newest_first = given.map_or(!input.start_from_head, |position| position.newest_first);
    if let Some(position) = given {
        if newest_first {
            range.end = range.end.min(position.after.millis.saturating_add(1));
        } else {
            range.start = range.start.max(position.after.millis);
        }
    }
    let end = range.end;
    let most = input::rows(input.limit, "limit", MOST_EVENTS)?;
    let streams = Streams::Named(HashSet::from([stream.clone()]));
    let pattern = Pattern::everything();
    let wish = Wish { range, pattern: &pattern, streams: &streams, newest_first };
    let mut page = page(archive, &source, &wish, given, most);
    if page.events.is_empty() && !has_stream(archive, &source, &stream) {
        return Err(fault::no_such_stream());
    }
    // AWS: events come in the order of their time, whichever way one goes.
    if newest_first {
        page.events.reverse();
    }
    // A page without events may still have got on: the search has its bounds.
    let gone_on = page.next.filter(|_| page.events.is_empty()).map(|next| next.after);
    let rest = given.map(|position| position.after).or(gone_on);
    let rest = gone_on.or(rest).unwrap_or(EventKey { millis: end.min(now), id: 0 });
    let token = |newest_first: bool, after: Option<EventKey>| {
        // Whoever turns round at an end meets the event that was seen last once more.
        let turns = given.is_some_and(|given| given.newest_first != newest_first);
        let after = after.unwrap_or_else(|| if turns { beyond(rest, newest_first) } else { rest });
        let unmoved = given.filter(|given| given.newest_first == newest_first && given.after == after);
        match (unmoved, &input.next_token) {
            // AWS: at the end, the token that came is given back, to the letter.
            (Some(_), Some(token)) => token.clone(),
            _ => Position { newest_first, after }.token(now),
        }
    };
    Ok(json!({
        "events": page.events.iter().map(|event| json!({
            "timestamp": event.key.millis,
            "message": event.message,
            "ingestionTime": event.ingested,
        })).collect::<Vec<_>>(),
        "nextForwardToken": token(false, page.events.last().map(|event| event.key)),
        "nextBackwardToken": token(true, page.events.first().map(|event| event.key)),
    }))
}

/// The place just before or after an event, from which a token in this direction meets it.
fn beyond(key: EventKey, newest_first: bool) -> EventKey {
    let id = if newest_first { key.id.saturating_add(1) } else { key.id.saturating_sub(1) };
    EventKey { id, ..key }
}
