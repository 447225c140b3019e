//! The access logs of one stage: where they are, what their lines tell, and what whole minutes they hold.

use crate::aws::{Mode, Session};
use crate::domain::access_log::{Format, LoggedRequest, group_of};
use crate::domain::change::Settings;
use crate::domain::figures::count;
use crate::domain::levers::rest_stage;
use crate::domain::signal::TimeWindow;

/// Where a stage's lines go.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub group: String,
    pub format: Format,
}

/// What was read of some stages' logs.
pub(super) struct Logged {
    pub requests: Vec<LoggedRequest>,
    /// The minutes that all of them cover.
    pub window: TimeWindow,
    pub pages: usize,
}

impl Source {
    /// # Errors
    /// Why nobody can read from there whose requests they are.
    pub(super) fn of(settings: &Settings) -> Result<Self, String> {
        // Both control planes call them alike.
        let setting = |name: &str| settings.get(name).ok_or("it writes no access logs");
        let group = group_of(setting(rest_stage::LOG_DESTINATION)?)
            .ok_or("its access logs go to Firehose, from where they can't be read")?;
        let format = Format::of(setting(rest_stage::LOG_FORMAT)?).ok_or(
            "its access logs don't tell who sent a request: put $context.identity.apiKeyId or \
             $context.authorizer.principalId into a JSON format",
        )?;
        Ok(Self { group: group.to_owned(), format })
    }

    /// What a caller is, in the lines of this format.
    pub(super) fn whose(&self) -> &'static str {
        whose(self.format.by_key)
    }
}

impl Logged {
    pub(super) fn said(&self, by_key: bool, stages: usize) -> String {
        format!(
            "by {} in {} lines of the access logs of {stages} {} ({} pages of FilterLogEvents, which AWS bills nothing for)",
            whose(by_key),
            count(u64::try_from(self.requests.len()).unwrap_or(u64::MAX)),
            if stages == 1 { "stage" } else { "stages" },
            self.pages
        )
    }
}

const fn whose(by_key: bool) -> &'static str {
    if by_key { "API key" } else { "the authorizer's principal" }
}

/// The newest whole minutes of the window that so many pages hold; none where they don't hold one.
///
/// # Errors
/// Where the log group can't be read.
pub(super) async fn read<M: Mode>(
    session: &Session<M>,
    source: &Source,
    window: TimeWindow,
    most_pages: usize,
) -> Result<Option<Logged>, String> {
    let events = session
        .log_events(&source.group, window, most_pages, |read| read.may_hold_a_minute(window, most_pages))
        .await
        .map_err(|failure| failure.to_string())?;
    let covered = events.covered(window);
    if covered.start >= covered.end {
        return Ok(None);
    }
    let lines = events.lines.iter().filter(|(at, _)| (covered.start..covered.end).contains(at));
    Ok(Some(Logged {
        requests: lines.filter_map(|(at, line)| source.format.request(*at, line)).collect(),
        window: covered,
        pages: events.pages,
    }))
}
