//! Which changes are meant: since when, to what, by whom, how and with which outcome.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use crate::cli::exit::{CliError, Ending};
use crate::domain::history::ChangeHistory;

/// Each is a condition that a change has to meet.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct SelectionArguments {
    /// Only changes since then: 2h, 3d, 2026-11-20 or 2026-11-20T14:00:00Z
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Only changes to targets whose name has this in it, such as orders-api/prod
    #[arg(long, value_name = "TEXT")]
    target: Option<String>,
    /// Only changes by operators whose ARN has this in it
    #[arg(long, value_name = "TEXT")]
    operator: Option<String>,
    /// Only changes by this lever, such as flush-stage-cache
    #[arg(long, value_name = "NAME")]
    lever: Option<String>,
    /// Only changes with this outcome, such as applied or unknown; open is one without
    #[arg(long, value_name = "OUTCOME")]
    outcome: Option<String>,
}

/// The conditions, judged.
#[derive(Debug)]
pub struct Selection<'given> {
    since: Option<Timestamp>,
    given: &'given SelectionArguments,
}

impl SelectionArguments {
    /// # Errors
    /// A time that is none.
    pub fn judge(&self, now: Timestamp) -> Result<Selection<'_>, CliError> {
        let since = self.since.as_deref().map(|text| since(text, now)).transpose()?;
        Ok(Selection { since, given: self })
    }
}

impl Selection<'_> {
    pub fn includes(&self, change: &ChangeHistory) -> bool {
        let given = self.given;
        let fits = |wanted: &Option<String>, fits: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(fits);
        self.since.is_none_or(|since| change.at >= since)
            && fits(&given.target, &|target| change.plan.target.to_string().contains(target))
            && fits(&given.operator, &|operator| change.operator.contains(operator))
            && fits(&given.lever, &|lever| change.lever_name() == lever)
            && fits(&given.outcome, &|outcome| change.state() == outcome)
    }
}

/// A length of time before `now`, a day in UTC, or a time.
fn since(text: &str, now: Timestamp) -> Result<Timestamp, CliError> {
    let ago = text.parse::<Span>().ok().and_then(|span| {
        let length = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
        now.checked_sub(length.abs()).ok()
    });
    let day = || {
        let day: Date = text.parse().ok()?;
        day.to_zoned(TimeZone::UTC).ok().map(|start| start.timestamp())
    };
    let time = || text.parse::<Timestamp>().ok();
    // A time reads as a day, too: it is tried first.
    ago.filter(|at| now.duration_since(*at) >= SignedDuration::ZERO).or_else(time).or_else(day).ok_or_else(
        || {
            CliError::new(Ending::Usage, format!("--since: '{text}' is neither a length of time nor a time"))
                .hint("write 2h, 3d, 2026-11-20 or 2026-11-20T14:00:00Z")
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_length_of_time_a_day_or_a_time() {
        let now: Timestamp = "2026-11-20T14:03:22Z".parse().unwrap();
        for (text, expected) in [
            ("2h", "2026-11-20T12:03:22Z"),
            ("3d", "2026-11-17T14:03:22Z"),
            ("1w", "2026-11-13T14:03:22Z"),
            ("90m", "2026-11-20T12:33:22Z"),
            ("2026-11-20", "2026-11-20T00:00:00Z"),
            ("2026-11-20T14:00:00Z", "2026-11-20T14:00:00Z"),
            ("2026-11-20T15:00:00+01:00", "2026-11-20T14:00:00Z"),
        ] {
            assert_eq!(since(text, now).unwrap(), expected.parse().unwrap(), "{text}");
        }
        for wrong in ["", "yesterday", "2", "2026-13-01"] {
            assert_eq!(since(wrong, now).unwrap_err().ending, Ending::Usage, "{wrong}");
        }
    }
}
