//! Access logs of stages: whose requests their lines tell of, where the format has it.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::signal::{TimeWindow, floor_to_minute};
use super::text::sanitise;

/// What was read of a log group, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogEvents {
    pub lines: Vec<(Timestamp, String)>,
    /// Whether all of the window was read.
    pub whole: bool,
    /// How many pages were.
    pub pages: usize,
}

/// Pages that tell how far back the next ones will reach.
const PAGES_THAT_TELL: usize = 3;

impl LogEvents {
    /// The oldest event that was read.
    pub fn oldest(&self) -> Option<Timestamp> {
        self.lines.iter().map(|(at, _)| *at).min()
    }

    /// Whether so many pages of `window` may yet reach back a whole minute, judged by those that were read: not
    /// where even twice as many wouldn't.
    pub fn may_hold_a_minute(&self, window: TimeWindow, most_pages: usize) -> bool {
        let Some(oldest) = self.oldest().filter(|_| self.pages >= PAGES_THAT_TELL) else { return true };
        let reached = window.end.duration_since(oldest);
        let (read, most) = (i32::try_from(self.pages), i32::try_from(most_pages.saturating_mul(2)));
        match (read, most) {
            (Ok(read), Ok(most)) => reached * most / read >= SignedDuration::from_mins(1),
            _ => true,
        }
    }

    /// The whole minutes of `window` that were read; the oldest one may have been broken off.
    pub fn covered(&self, window: TimeWindow) -> TimeWindow {
        if self.whole {
            return window;
        }
        let start =
            self.oldest().map_or(window.end, |oldest| floor_to_minute(oldest) + SignedDuration::from_mins(1));
        TimeWindow { start: start.max(window.start).min(window.end), ..window }
    }
}

/// Where a stage's lines tell who sent a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// The member with the API key's id, or else with the authorizer's principal.
    caller: String,
    /// Whether it is the API key's id.
    pub by_key: bool,
    verb: Option<String>,
    path: Option<String>,
    /// HTTP and WebSocket APIs tell their routes instead.
    route: Option<String>,
}

/// One request, as far as its line tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    pub at: Timestamp,
    /// None for a request without a key or a principal.
    pub caller: Option<String>,
    /// `GET /users`; none where the format has no path.
    pub method: Option<String>,
}

/// AWS: `$context` variables. A key's value (`$context.identity.apiKey`) is a secret and is never looked at.
const KEY_ID: &str = "$context.identity.apiKeyId";
const PRINCIPAL: &str = "$context.authorizer.principalId";
/// What AWS writes where there is nothing.
const ABSENT: &str = "-";

impl Format {
    /// Reads a format as it is configured. None where it isn't JSON, or its lines don't tell who sent a request.
    pub fn of(format: &str) -> Option<Self> {
        // Numbers stand in the template without quotes, so it isn't JSON until they are filled in.
        let member = |variable: &str| {
            let quoted = format!("\"{variable}\"");
            let value = format.find(&quoted)?;
            let before = format[..value].trim_end().strip_suffix(':')?.trim_end().strip_suffix('"')?;
            before.rfind('"').map(|start| before[start + 1..].to_owned())
        };
        if !format.trim_start().starts_with('{') {
            return None;
        }
        let key = member(KEY_ID);
        let by_key = key.is_some();
        Some(Self {
            caller: key.or_else(|| member(PRINCIPAL))?,
            by_key,
            verb: member("$context.httpMethod"),
            path: member("$context.resourcePath"),
            route: member("$context.routeKey"),
        })
    }

    /// Whether its lines tell the method or route.
    pub fn has_method(&self) -> bool {
        (self.verb.is_some() && self.path.is_some()) || self.route.is_some()
    }

    /// What a line tells; none for one that isn't JSON.
    pub fn request(&self, at: Timestamp, line: &str) -> Option<LoggedRequest> {
        let line: Value = serde_json::from_str(line).ok()?;
        let text = |member: &String| {
            let text = line[member].as_str().filter(|text| !text.is_empty() && *text != ABSENT)?;
            Some(sanitise(text).into_owned())
        };
        let method = self.verb.as_ref().and_then(text).zip(self.path.as_ref().and_then(text));
        Some(LoggedRequest {
            at,
            caller: text(&self.caller),
            method: method
                .map(|(verb, path)| format!("{verb} {path}"))
                .or_else(|| self.route.as_ref().and_then(text)),
        })
    }
}

/// The name of the log group that a destination's ARN is of; none for a Firehose stream.
pub fn group_of(destination_arn: &str) -> Option<&str> {
    let (_, rest) = destination_arn.split_once(":log-group:")?;
    Some(rest.strip_suffix(":*").unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: &str = r#"{"requestId":"$context.requestId","httpMethod": "$context.httpMethod","status":$context.status,
        "resourcePath":"$context.resourcePath","who" : "$context.identity.apiKeyId","sub":"$context.authorizer.principalId"}"#;

    #[test]
    fn a_format_says_where_the_caller_stands() {
        let format = Format::of(FORMAT).unwrap();
        assert!(format.by_key);
        let line = r#"{"requestId":"r1","httpMethod":"GET","status":200,"resourcePath":"/users","who":"k1","sub":"c1"}"#;
        let request = format.request(Timestamp::UNIX_EPOCH, line).unwrap();
        assert_eq!((request.caller.as_deref(), request.method.as_deref()), (Some("k1"), Some("GET /users")));
        let without = line.replace("\"k1\"", "\"-\"");
        assert_eq!(format.request(Timestamp::UNIX_EPOCH, &without).unwrap().caller, None);
        assert_eq!(format.request(Timestamp::UNIX_EPOCH, "no JSON"), None);

        let by_principal = Format::of(&FORMAT.replace("$context.identity.apiKeyId", "x")).unwrap();
        assert!(!by_principal.by_key);
        assert_eq!(by_principal.request(Timestamp::UNIX_EPOCH, line).unwrap().caller.as_deref(), Some("c1"));
    }

    #[test]
    fn a_format_without_a_caller_tells_nobody() {
        for format in [
            "$context.identity.sourceIp - $context.identity.apiKeyId",
            r#"{"status":"$context.status"}"#,
            r#"{"key":"$context.identity.apiKey"}"#,
            "",
        ] {
            assert_eq!(Format::of(format), None, "{format}");
        }
    }

    #[test]
    fn what_was_broken_off_covers_whole_minutes_alone() {
        let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
        let window = TimeWindow { start: at(0), end: at(600) };
        let broken = LogEvents {
            lines: vec![(at(599), String::new()), (at(330), String::new())],
            whole: false,
            pages: 1,
        };
        assert_eq!(broken.covered(window), TimeWindow { start: at(360), end: at(600) });
        assert_eq!(LogEvents { whole: true, ..broken }.covered(window), window);
        assert_eq!(LogEvents::default().covered(window).start, window.end);
    }

    #[test]
    fn pages_that_reach_back_a_second_each_never_hold_a_minute() {
        let at = |seconds: i64| Timestamp::from_second(1_800_000_000 + seconds).unwrap();
        let window = TimeWindow { start: at(0), end: at(600) };
        let read = |seconds: i64, pages| LogEvents {
            lines: vec![(at(599), String::new()), (at(600 - seconds), String::new())],
            whole: false,
            pages,
        };
        assert!(!read(3, 3).may_hold_a_minute(window, 24));
        assert!(read(3, 2).may_hold_a_minute(window, 24), "it is too early to tell");
        assert!(read(4, 3).may_hold_a_minute(window, 24), "it may, if less is written further back");
        assert!(LogEvents { pages: 9, ..LogEvents::default() }.may_hold_a_minute(window, 24));
    }

    #[test]
    fn a_destination_names_its_group() {
        let arn = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/apigateway/cell-01";
        assert_eq!(group_of(arn), Some("/aws/apigateway/cell-01"));
        assert_eq!(group_of(&format!("{arn}:*")), Some("/aws/apigateway/cell-01"));
        assert_eq!(
            group_of("arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-x"),
            None
        );
    }
}
