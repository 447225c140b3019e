//! Watching a condition after a change: which minutes count, and when the answer is in.
//!
//! CloudWatch publishes a minute one to three minutes after it has ended. So a minute counts once
//! it began after the change *and* ended two minutes ago; the one in which the change was made is
//! neither before nor after.
//!
//! A breach is declared at the second breached minute in a row: one bad minute is a cold start or
//! a single slow client as often as it is the change, and undoing is a change too. A minute that
//! can't be judged between two breached ones neither confirms nor clears. A condition given as
//! `hard` is declared at its first breached minute: it is for what nobody would sit out, such as
//! `5xx < 50%`. Which limits are hard is the operator's to say; how far a figure is past its limit
//! doesn't decide it, since with little traffic every single failure is far past it.
//!
//! It passes where every minute could be judged and held, but for single breached minutes in
//! between. One minute without figures is enough for [`Verdict::Unproven`].

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Condition;
use super::judge::{Bench, Breach, Judgement};
use super::observed::{Evidence, Gap, Observations};
use crate::domain::signal::{PERIOD_SECONDS, TimeWindow, floor_to_minute};

/// A change being watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Watch {
    pub condition: Condition,
    /// Declared breached at the first minute.
    pub hard: Option<Condition>,
    /// When the change was seen to have taken effect.
    pub changed_at: Timestamp,
    /// How many minutes are watched.
    pub minutes: u32,
    pub settings: WatchSettings,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct WatchSettings {
    pub evidence: Evidence,
    /// How many breached minutes in a row make a breach.
    pub breach_after: u32,
    /// How long ago a minute must have ended to count.
    pub lag: SignedDuration,
    /// How long a point that is missing at the end is waited for.
    pub patience: SignedDuration,
}

/// The state of a watch.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Watched {
    /// Those that count, oldest first, up to the one that decided.
    pub minutes: Vec<JudgedMinute>,
    pub verdict: Verdict,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JudgedMinute {
    pub minute: Timestamp,
    pub judgement: Judgement,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing can be said before `until`, but that it is breached.
    Pending {
        until: Timestamp,
    },
    Passed,
    Breached(Vec<Breach>),
    Unproven(Unproven),
}

/// Why a watch ended without an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unproven {
    Missing(Vec<Gap>),
    /// No minute was watched.
    NothingWatched,
}

impl Default for WatchSettings {
    fn default() -> Self {
        Self {
            evidence: Evidence::default(),
            breach_after: 2,
            lag: SignedDuration::from_mins(2),
            patience: SignedDuration::from_mins(3),
        }
    }
}

impl Watch {
    /// Watches for `lasting`, in whole minutes: a part of a minute is one more.
    pub fn new(condition: Condition, changed_at: Timestamp, lasting: SignedDuration) -> Self {
        let minutes = lasting.as_secs().saturating_add(i64::from(lasting.subsec_nanos() > 0));
        let minutes = minutes.saturating_add(PERIOD_SECONDS - 1) / PERIOD_SECONDS;
        let minutes = u32::try_from(minutes.max(0)).unwrap_or(u32::MAX);
        Self { condition, hard: None, changed_at, minutes, settings: WatchSettings::default() }
    }

    /// The whole minutes before the change that `before` stands for.
    pub fn baseline(&self) -> TimeWindow {
        let end = floor_to_minute(self.changed_at);
        TimeWindow { start: minutes_after(end, -i64::from(self.settings.evidence.baseline_minutes)), end }
    }

    /// All minutes of which points are needed.
    pub fn window(&self) -> TimeWindow {
        let end = minutes_after(self.first(), i64::from(self.minutes) + i64::from(self.extension()));
        TimeWindow { start: self.baseline().start, end }
    }

    /// What is missing of the time before: asked before the change is made, it tells that the watch
    /// could prove nothing.
    pub fn baseline_gaps(&self, observed: &Observations) -> Vec<Gap> {
        let bench = self.bench(observed);
        let conditions = std::iter::once(&self.condition).chain(&self.hard);
        conditions.flat_map(|condition| condition.baseline_gaps(&bench, self.first())).collect()
    }

    /// When the last minute counts, and so the answer is in if no point is late.
    pub fn due(&self) -> Timestamp {
        self.counts_from(self.minutes.saturating_sub(1))
    }

    /// Judges what has been observed by `now`.
    pub fn judge(&self, now: Timestamp, observed: &Observations) -> Watched {
        let bench = self.bench(observed);
        let mut minutes = Vec::new();
        let mut in_a_row: Vec<Vec<Breach>> = Vec::new();
        let mut gaps = Vec::new();
        // A breach in the last minute is given the next one to be confirmed or cleared.
        for number in 0..self.minutes.saturating_add(self.extension()) {
            if number >= self.minutes && in_a_row.is_empty() {
                break;
            }
            if self.counts_from(number) > now {
                let until = self.counts_from(number.max(self.minutes.saturating_sub(1)));
                return Watched { minutes, verdict: Verdict::Pending { until } };
            }
            let minute = minutes_after(self.first(), i64::from(number));
            let hard = self.hard.as_ref().map(|hard| hard.judge(&bench, minute));
            let soft = self.condition.judge(&bench, minute);
            if let Some(Judgement::Breached(breaches)) = hard {
                let verdict = Verdict::Breached(breaches.clone());
                minutes.push(JudgedMinute { minute, judgement: Judgement::Breached(breaches) });
                return Watched { minutes, verdict };
            }
            match &soft {
                Judgement::Holds => in_a_row.clear(),
                Judgement::Breached(breaches) => in_a_row.push(breaches.clone()),
                Judgement::Unknown(missing) => gaps.extend(missing.iter().copied()),
            }
            let judgement = match hard {
                Some(Judgement::Unknown(missing)) => {
                    gaps.extend(missing.iter().copied());
                    if soft == Judgement::Holds { Judgement::Unknown(missing) } else { soft }
                }
                _ => soft,
            };
            minutes.push(JudgedMinute { minute, judgement });
            if u32::try_from(in_a_row.len()).is_ok_and(|run| run >= self.settings.breach_after.max(1)) {
                let verdict = Verdict::Breached(in_a_row.concat());
                return Watched { minutes, verdict };
            }
        }
        let verdict = self.at_the_end(now, &minutes, gaps);
        Watched { minutes, verdict }
    }

    fn at_the_end(&self, now: Timestamp, minutes: &[JudgedMinute], gaps: Vec<Gap>) -> Verdict {
        let Some(last) = minutes.last() else { return Verdict::Unproven(Unproven::NothingWatched) };
        if gaps.is_empty() {
            return Verdict::Passed;
        }
        let until = later(later(minutes_after(last.minute, 1), self.settings.lag), self.settings.patience);
        if now < until { Verdict::Pending { until } } else { Verdict::Unproven(Unproven::Missing(gaps)) }
    }

    fn bench<'run>(&self, observed: &'run Observations) -> Bench<'run> {
        Bench { observed, evidence: self.settings.evidence, baseline: Some(self.baseline()) }
    }

    /// The first minute that begins after the change.
    fn first(&self) -> Timestamp {
        minutes_after(floor_to_minute(self.changed_at), 1)
    }

    fn counts_from(&self, number: u32) -> Timestamp {
        later(minutes_after(self.first(), i64::from(number) + 1), self.settings.lag)
    }

    fn extension(&self) -> u32 {
        self.settings.breach_after.saturating_sub(1)
    }
}

fn minutes_after(start: Timestamp, minutes: i64) -> Timestamp {
    later(start, SignedDuration::from_mins(minutes))
}

/// Saturating: a watch may be asked to last for thousands of years.
fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

impl Verdict {
    /// One word for it, for lists and scripts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pending { .. } => "pending",
            Self::Passed => "passed",
            Self::Breached(_) => "breached",
            Self::Unproven(_) => "unproven",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pending { until } => write!(formatter, "watching until {}", until.strftime("%H:%MZ")),
            Self::Passed => formatter.write_str("passed"),
            Self::Breached(breaches) => listed(formatter, "breached", breaches),
            Self::Unproven(Unproven::Missing(gaps)) => listed(formatter, "unproven", gaps),
            Self::Unproven(Unproven::NothingWatched) => {
                formatter.write_str("unproven: no whole minute was watched")
            }
        }
    }
}

/// The first of them, and how many more there are.
fn listed<Reason: fmt::Display>(
    formatter: &mut fmt::Formatter<'_>,
    word: &str,
    reasons: &[Reason],
) -> fmt::Result {
    formatter.write_str(word)?;
    if let Some((first, others)) = reasons.split_first() {
        write!(formatter, ": {first}")?;
        if !others.is_empty() {
            write!(formatter, " (and {} more)", others.len())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
