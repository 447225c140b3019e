//! StartLiveTail: the events of some groups as they are taken in, once a second, until the client goes.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::archive::{Archive, Streams, Wish};
use super::event::{Event, MOST_LAG_MILLIS};
use super::filter_events::{pattern, refuse_infrequent};
use super::pattern::Pattern;
use super::producer::group_of_arn;
use super::{Logs, event_stream, fault, input};
use crate::server::fault::Fault;

/// AWS: groups of a session.
const MOST_GROUPS: usize = 10;
/// AWS: names or prefixes of streams.
const MOST_STREAMS: usize = 100;
/// AWS: events of an update; beyond it they are sampled.
const MOST_EVENTS: usize = 500;
/// AWS: sessions at the same time.
const MOST_SESSIONS: usize = 15;
/// AWS: how long a session lasts.
const LONGEST: SignedDuration = SignedDuration::from_hours(3);
/// How often events are sent.
const BEAT: Duration = Duration::from_secs(1);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names are those of AWS's parameters")]
struct Input {
    log_group_identifiers: Vec<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefixes: Option<Vec<String>>,
    log_event_filter_pattern: Option<String>,
}

/// The sessions that are open.
#[derive(Clone, Debug, Default)]
pub struct Sessions(Arc<AtomicUsize>);

/// A place among the sessions, given back when it is dropped.
#[derive(Debug)]
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Sessions {
    fn enter(&self) -> Result<Place, Fault> {
        let place = Place(Arc::clone(&self.0));
        if self.0.fetch_add(1, Ordering::AcqRel) >= MOST_SESSIONS {
            return Err(Fault::new(
                400,
                "LimitExceededException",
                format!("The account has {MOST_SESSIONS} Live Tail sessions open, which is the limit."),
            ));
        }
        Ok(place)
    }
}

/// A session.
#[derive(Debug)]
struct Session {
    archive: Archive,
    /// ARNs with the names of their groups.
    groups: Vec<(String, String)>,
    streams: Streams,
    pattern: Pattern,
    started: Timestamp,
    /// Events that were taken in up to this millisecond have been sent.
    sent_until: i64,
    /// Held until the session ends.
    _place: Place,
}

/// What a session sends next.
enum Step {
    Start { session: Session, start: Value },
    Update { session: Session, beat: tokio::time::Interval },
    End,
}

/// Answers `StartLiveTail` with a body that goes on.
pub fn start_live_tail(logs: &Logs, body: &Bytes) -> Result<Response, Fault> {
    let input: Input = input::read(body)?;
    let groups = groups(logs, &input.log_group_identifiers)?;
    let streams = streams(&input)?;
    let pattern = pattern(input.log_event_filter_pattern.as_deref(), "logEventFilterPattern")?;
    let started = logs.archive.clock.now();
    let bits: u128 = rand::random();
    let mut start = json!({
        "requestId": format!("{bits:032x}"),
        "sessionId": format!("{:032x}", bits.rotate_left(61)),
        "logGroupIdentifiers": input.log_group_identifiers,
        "logEventFilterPattern": input.log_event_filter_pattern.unwrap_or_default(),
    });
    for (member, names) in [
        ("logStreamNames", input.log_stream_names),
        ("logStreamNamePrefixes", input.log_stream_name_prefixes),
    ] {
        if let Some(names) = names {
            start[member] = names.into();
        }
    }
    let session = Session {
        archive: logs.archive.clone(),
        groups,
        streams,
        pattern,
        started,
        sent_until: started.as_millisecond(),
        _place: logs.sessions.enter()?,
    };
    let frames = futures_util::stream::unfold(Step::Start { session, start }, |step| async {
        let (frame, next) = step.advance().await?;
        Some((Ok::<Bytes, std::convert::Infallible>(Bytes::from(frame)), next))
    });
    let mut response = Response::new(Body::from_stream(frames));
    let kind = HeaderValue::from_static("application/vnd.amazon.eventstream");
    response.headers_mut().insert("content-type", kind);
    Ok(response)
}

fn groups(logs: &Logs, arns: &[String]) -> Result<Vec<(String, String)>, Fault> {
    if arns.is_empty() || arns.len() > MOST_GROUPS {
        let constraint = "Member must have length between 1 and 10";
        return Err(fault::validation(&format!("{arns:?}"), "logGroupIdentifiers", constraint));
    }
    let mut groups = Vec::new();
    for arn in arns {
        if arn.ends_with('*') {
            return Err(fault::invalid_parameter(format!(
                "The log group ARN can't end with an asterisk (*): {arn}"
            )));
        }
        let name = group_of_arn(arn).ok_or_else(|| {
            fault::invalid_parameter(format!("The log group identifier is not an ARN: {arn}"))
        })?;
        refuse_infrequent(&logs.archive.group(name)?, "StartLiveTail")?;
        groups.push((arn.clone(), name.to_owned()));
    }
    Ok(groups)
}

fn streams(input: &Input) -> Result<Streams, Fault> {
    let streams = match (&input.log_stream_names, &input.log_stream_name_prefixes) {
        (None, None) => return Ok(Streams::All),
        (Some(_), Some(_)) => {
            let message = "LogStreamNames and LogStreamNamePrefixes are mutually exclusive parameters.";
            return Err(fault::invalid_parameter(message));
        }
        (Some(names), None) | (None, Some(names)) if names.is_empty() || names.len() > MOST_STREAMS => {
            let constraint = "Member must have length between 1 and 100";
            return Err(fault::validation(&format!("{names:?}"), "logStreamNames", constraint));
        }
        (Some(names), None) => Streams::Named(names.iter().cloned().collect::<HashSet<_>>()),
        (None, Some(prefixes)) => Streams::Prefixed(prefixes.clone()),
    };
    if input.log_group_identifiers.len() > 1 {
        let message = "Log stream names or prefixes can be specified only with a single log group.";
        return Err(fault::invalid_parameter(message));
    }
    Ok(streams)
}

impl Step {
    /// The next bytes, and what follows them; `None` at the end.
    async fn advance(self) -> Option<(Vec<u8>, Self)> {
        match self {
            Self::End => None,
            Self::Start { session, start } => {
                let mut bytes = event_stream::event("initial-response", &json!({}));
                bytes.extend(event_stream::event("sessionStart", &start));
                let mut beat = tokio::time::interval(BEAT);
                beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
                // The first beat comes at once.
                beat.tick().await;
                Some((bytes, Self::Update { session, beat }))
            }
            Self::Update { session, mut beat } => {
                beat.tick().await;
                if session.is_over() {
                    let message = json!({ "message": "The session has reached its limit of three hours." });
                    return Some((event_stream::exception("SessionTimeoutException", &message), Self::End));
                }
                let read = tokio::task::spawn_blocking(move || {
                    let mut session = session;
                    let update = session.update();
                    (event_stream::event("sessionUpdate", &update), session)
                });
                let Ok((bytes, session)) = read.await else {
                    let message = json!({ "message": "The session failed." });
                    return Some((event_stream::exception("SessionStreamingException", &message), Self::End));
                };
                Some((bytes, Self::Update { session, beat }))
            }
        }
    }
}

impl Session {
    fn is_over(&self) -> bool {
        self.archive.clock.now().duration_since(self.started) >= LONGEST
    }

    /// What was taken in since the last update.
    fn update(&mut self) -> Value {
        let now = self.archive.now_millis();
        let mut found: Vec<(usize, Event)> = Vec::new();
        for (place, (_, name)) in self.groups.iter().enumerate() {
            // A group that was deleted meanwhile has no events.
            let Ok(source) = self.archive.source(name) else { continue };
            let range = self.sent_until - MOST_LAG_MILLIS..now + 1;
            let wish = Wish { range, pattern: &self.pattern, streams: &self.streams, newest_first: false };
            self.archive.read(
                &source,
                &wish,
                |event| {
                    if event.ingested > self.sent_until && event.ingested <= now {
                        found.push((place, event));
                    }
                    ControlFlow::Continue(())
                },
                |_| ControlFlow::Continue(()),
            );
        }
        self.sent_until = now;
        found.sort_by_key(|(_, event)| (event.ingested, event.key));
        let total = found.len();
        let is_kept = |at: usize| total <= MOST_EVENTS || (at * MOST_EVENTS) % total < MOST_EVENTS;
        let results: Vec<Value> = found
            .iter()
            .enumerate()
            .filter(|(at, _)| is_kept(*at))
            .take(MOST_EVENTS)
            .map(|(_, (place, event))| {
                json!({
                    "logStreamName": &*event.stream,
                    "logGroupIdentifier": self.groups.get(*place).map(|(arn, _)| arn),
                    "message": event.message,
                    "timestamp": event.key.millis,
                    "ingestionTime": event.ingested,
                })
            })
            .collect();
        json!({ "sessionMetadata": { "sampled": total > MOST_EVENTS }, "sessionResults": results })
    }
}
