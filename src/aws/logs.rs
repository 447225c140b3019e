//! Amazon CloudWatch Logs: the events of a log group.

use jiff::Timestamp;

use super::mode::Mode;
use super::operations::FILTER_LOG_EVENTS;
use super::paging::Pages;
use super::session::Session;
use crate::domain::access_log::LogEvents;
use crate::domain::failure::Failure;
use crate::domain::signal::TimeWindow;

/// AWS: events on a page, which also holds no more than 1 MB.
const PAGE: i32 = 10_000;

impl<M: Mode> Session<M> {
    /// Reads the events of a group, by its name, within a window (`FilterLogEvents`): the newest first, no more
    /// than so many pages, and only while it is `worth` going on. AWS bills no scanned bytes for it, and a page may
    /// be empty and not the last.
    pub async fn log_events(
        &self,
        group: &str,
        window: TimeWindow,
        most_pages: usize,
        worth: impl Fn(&LogEvents) -> bool,
    ) -> Result<LogEvents, Failure> {
        let mut pages = Pages::default();
        let mut events = LogEvents::default();
        for _ in 0..most_pages.max(1) {
            let answer = self
                .send(&FILTER_LOG_EVENTS, group, || {
                    let request = self.clients.logs.filter_log_events().log_group_name(group);
                    request
                        .start_time(window.start.as_millisecond())
                        // AWS: both ends are included.
                        .end_time(window.end.as_millisecond().saturating_sub(1))
                        .start_from_head(false)
                        .limit(PAGE)
                        .set_next_token(pages.token())
                        .send()
                })
                .await?;
            events.pages += 1;
            events.lines.extend(answer.events().iter().filter_map(|event| {
                let at = Timestamp::from_millisecond(event.timestamp()?).ok()?;
                Some((at, event.message()?.to_owned()))
            }));
            if !pages.advance(answer.next_token, &FILTER_LOG_EVENTS, group)? {
                events.whole = true;
                break;
            }
            if !worth(&events) {
                break;
            }
        }
        Ok(events)
    }
}
