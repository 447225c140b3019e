//! Who writes into a log group: the stages whose access, execution or WAF log it is, and the router's functions.

mod access;
mod context;
mod execution;
mod function;
mod gateway_words;
mod waf;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::ops::ControlFlow;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;

pub use self::access::Template;
use self::execution::Keys;
pub use self::function::group_name as function_group;
pub use self::waf::LogSettings;
use super::event::{Event, EventKey};
use super::pattern::Pattern;
use crate::estate::{Api, ApiKind, Stage};
use crate::ledger::{Ledger, Request, StageName};

/// How many streams a service writes at a time. AWS has one for each of its hosts.
const STREAMS: u128 = 4;

/// What a stage writes into a group, in a stretch of time.
#[derive(Debug)]
pub struct Producer {
    kind: Kind,
    api: Arc<Api>,
    stage: StageName,
    account_id: String,
    region: String,
    from: Timestamp,
    until: Timestamp,
    streams: Vec<Arc<str>>,
}

#[derive(Debug)]
enum Kind {
    Access(Template),
    Execution {
        is_canary: bool,
        keys: Keys,
    },
    Waf(LogSettings),
    /// The function with this name.
    Function(String),
}

/// Where a producer's requests come from, and when.
#[derive(Debug)]
pub struct Origin<'a> {
    pub group: &'a str,
    pub api: Arc<Api>,
    pub stage: &'a str,
    pub account_id: &'a str,
    pub region: &'a str,
    pub from: Timestamp,
    pub until: Timestamp,
}

impl Producer {
    /// The access log of a stage.
    pub fn access(origin: Origin<'_>, format: &str) -> Self {
        let streams = hex_streams(&origin);
        Self::new(origin, Kind::Access(Template::new(format)), streams)
    }

    /// The execution log of a stage, or that of its canary.
    pub fn execution(origin: Origin<'_>, is_canary: bool, estate: &crate::estate::Estate) -> Self {
        let keys = execution::keys(estate, &origin.api.id, origin.stage);
        let streams = hex_streams(&origin);
        Self::new(origin, Kind::Execution { is_canary, keys }, streams)
    }

    /// What WAF logs of a stage.
    pub fn waf(origin: Origin<'_>, settings: LogSettings) -> Self {
        let streams = vec![Arc::from(format!("{}_{}_0", origin.region, settings.acl_name()))];
        Self::new(origin, Kind::Waf(settings), streams)
    }

    /// What a function writes for the requests of a stage.
    pub fn function(origin: Origin<'_>, name: &str) -> Self {
        Self::new(origin, Kind::Function(name.to_owned()), Vec::new())
    }

    fn new(origin: Origin<'_>, kind: Kind, streams: Vec<Arc<str>>) -> Self {
        Self {
            kind,
            stage: (origin.api.id.clone(), origin.stage.to_owned()),
            api: origin.api,
            account_id: origin.account_id.to_owned(),
            region: origin.region.to_owned(),
            from: origin.from,
            until: origin.until,
            streams,
        }
    }

    /// The names of the streams that are always the same.
    pub fn stream_names(&self) -> impl Iterator<Item = &str> {
        self.streams.iter().map(|name| &**name)
    }

    /// Shows the events whose time lies within the range, in milliseconds, in the order of their time, until
    /// `visit` has seen enough. A request that the pattern rules out by its status is not made out.
    pub fn events(
        &self,
        ledger: &Ledger,
        range: &Range<i64>,
        pattern: &Pattern,
        mut visit: impl FnMut(Event) -> ControlFlow<()>,
    ) {
        let at = |millis: i64| Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
        let range = at(range.start).max(self.from)..at(range.end).min(self.until);
        if range.start >= range.end {
            return;
        }
        let Some(stage) = self.api.stage(&self.stage.1) else { return };
        let wanted = |group: &crate::ledger::Group| self.may_write(group, pattern);
        let mut lines = Vec::new();
        ledger.requests(&self.stage, &range, wanted, |request| {
            lines.clear();
            self.write(stage, &request, &mut lines);
            let bits = request_bits(&request);
            for (number, message) in lines.drain(..).enumerate() {
                let line = u128::try_from(number).unwrap_or(0) & 0xff;
                let key = EventKey { millis: request.time.as_millisecond(), id: (bits & !0xff) | line };
                let event =
                    Event { ingested: key.ingested(), stream: self.stream(&request, bits), key, message };
                visit(event)?;
            }
            ControlFlow::Continue(())
        });
    }

    fn may_write(&self, group: &crate::ledger::Group, pattern: &Pattern) -> bool {
        match &self.kind {
            Kind::Access(template) => template
                .statuses(group.outcome.status())
                .all(|(name, value)| !pattern.rules_out(name, &value)),
            Kind::Execution { is_canary, .. } => group.canary == *is_canary,
            Kind::Waf(_) => true,
            Kind::Function(_) => group.outcome.reached_backend(),
        }
    }

    fn write(&self, stage: &Stage, request: &Request, lines: &mut Vec<String>) {
        let scene = context::Scene::new(request, &self.api, stage, &self.account_id, &self.region);
        match &self.kind {
            Kind::Access(template) => lines.push(template.render(&scene)),
            Kind::Execution { keys, .. } => execution::write(&scene, keys, lines),
            Kind::Waf(settings) => lines.extend(settings.line(&scene)),
            Kind::Function(name) => function::write(&scene, name, lines),
        }
    }

    fn stream(&self, request: &Request, bits: u128) -> Arc<str> {
        if let Kind::Function(name) = &self.kind {
            return Arc::from(function::stream(name, request, bits));
        }
        let count = u128::try_from(self.streams.len()).unwrap_or(1).max(1);
        let place = usize::try_from((bits >> 96) % count).unwrap_or(0);
        self.streams.get(place).cloned().unwrap_or_else(|| Arc::from(""))
    }
}

/// The names of the streams that API Gateway makes: 32 hexadecimal digits.
fn hex_streams(origin: &Origin<'_>) -> Vec<Arc<str>> {
    let half = |number: u128, side: u8| {
        let mut hasher = DefaultHasher::new();
        (origin.group, &origin.api.id, origin.stage, number, side).hash(&mut hasher);
        hasher.finish()
    };
    (0..STREAMS)
        .map(|number| Arc::from(format!("{:016x}{:016x}", half(number, 0), half(number, 1))))
        .collect()
}

/// The id of a request as a number.
fn request_bits(request: &Request) -> u128 {
    request
        .id
        .chars()
        .filter_map(|character| character.to_digit(16))
        .fold(0, |bits: u128, digit| (bits << 4) | u128::from(digit))
}

/// The group of a stage's execution log, and that of its canary. AWS: HTTP APIs have none.
pub fn execution_groups(api: &Api, stage: &Stage) -> Vec<(String, bool)> {
    let is_on = |setting: &crate::estate::MethodSetting| {
        setting.logging_level != "OFF" && !setting.logging_level.is_empty()
    };
    let logs = stage.settings.default.iter().chain(stage.settings.overrides.values()).any(is_on);
    match api.kind {
        ApiKind::Rest if logs => {
            let name = format!("API-Gateway-Execution-Logs_{}/{}", api.id, stage.name);
            let canary = stage.canary.as_ref().map(|_| (format!("{name}/Canary"), true));
            std::iter::once((name, false)).chain(canary).collect()
        }
        ApiKind::WebSocket if logs => vec![(format!("/aws/apigateway/{}/{}", api.id, stage.name), false)],
        _ => Vec::new(),
    }
}

/// The group that a stage's access log goes to; `None` for a stage without one, or one that writes to Firehose.
pub fn access_group(stage: &Stage) -> Option<&str> {
    stage.access_log.as_ref().and_then(|log| group_of_arn(&log.destination_arn))
}

/// The name of the group in its ARN, with or without `:*`.
pub fn group_of_arn(arn: &str) -> Option<&str> {
    let (head, name) = arn.split_once(":log-group:")?;
    head.starts_with("arn:").then(|| name.strip_suffix(":*").unwrap_or(name))
}
