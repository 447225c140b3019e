//! What a quota would mean: which keys are over it, and when the others will have used it up.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::usage_plan::Quota;

/// How the figures come about, for screens.
pub const METHOD: &str = "The present rate is the mean of the last seven days in UTC, today as far as it has \
     gone. A period begins at midnight UTC: a week on Sunday, a month on the 1st.";

/// What the figures can't say, for screens.
pub const LIMITS: &str = "What a key used is what AWS tells by the day (GetUsage), minutes late. A grant on top of \
     the quota and the offset of a first period are not counted.";

/// What the offset is taken for, for screens. AWS's documentation and its checks of the offset
/// (under 7 for a week, under 28 for a month) disagree on whether it counts requests or days.
pub const OFFSET: &str = "The offset is taken off the first period, in requests, as AWS documents it; AWS's \
     limits for it suggest that it moves the start of the period by days instead.";

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Of how many days the present rate is the mean.
const RATE_DAYS: i64 = 7;

/// The length of a quota's period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Day,
    Week,
    Month,
}

/// A quota that can't be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuotaError {
    #[error("quota period '{0}': AWS knows DAY, WEEK and MONTH")]
    Period(String),
    #[error("quota limit {0}: it must be greater than 0; remove the quota to lift it")]
    Limit(i64),
    #[error("quota offset {offset}: it must be {allowed} for a period of {period}")]
    Offset { offset: i64, allowed: &'static str, period: String },
}

/// What a key used, day by day from `first_day` on, in UTC; AWS: GetUsage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUsage {
    pub key: String,
    pub first_day: Date,
    pub used: Vec<u64>,
}

/// How a key would stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyForecast {
    pub key: String,
    /// In the current period.
    pub used: u64,
    pub remaining: u64,
    /// Requests a day at present.
    pub per_day: f64,
    pub outlook: Outlook,
    /// Whether a whole period takes more than the limit at the present rate.
    pub outgrown: bool,
}

/// What comes of the current period.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outlook {
    /// Used up already, and exceeded by so many: refused from the moment that the quota applies.
    Over { by: u64 },
    /// Used up at this time, at the present rate.
    UsedUp { at: Timestamp },
    /// It lasts until the period ends.
    Lasts { until: Timestamp },
}

/// A quota's forecast as a plan carries it: with how it came about, and what it can't say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuotaWhatIf {
    /// Requests of a period.
    pub limit: i64,
    /// `DAY`, `WEEK` or `MONTH`.
    pub period: String,
    /// When what was used was read.
    pub at: Timestamp,
    /// The keys that it would refuse in the running period, those that are over it already first.
    pub keys: Vec<KeyForecast>,
    /// Keys that it lasts for.
    pub lasting: usize,
    pub method: String,
    pub limits: String,
}

impl QuotaWhatIf {
    /// Of what all keys of a plan used.
    ///
    /// # Errors
    /// Where AWS would refuse the quota.
    pub fn of(quota: &Quota, keys: &[KeyUsage], at: Timestamp) -> Result<Self, QuotaError> {
        // The offset counts once, in the first period; whether this one is it isn't told, so it is left out.
        let (lasting, refused): (Vec<_>, Vec<_>) = forecast(quota, false, keys, at)?
            .into_iter()
            .partition(|key| matches!(key.outlook, Outlook::Lasts { .. }));
        Ok(Self {
            limit: quota.limit,
            period: quota.period.clone(),
            at,
            keys: refused,
            lasting: lasting.len(),
            method: METHOD.to_owned(),
            limits: LIMITS.to_owned(),
        })
    }

    /// The keys that are over it already.
    pub fn over(&self) -> impl Iterator<Item = (&KeyForecast, u64)> {
        self.keys.iter().filter_map(|key| match key.outlook {
            Outlook::Over { by } => Some((key, by)),
            _ => None,
        })
    }
}

/// Forecasts each key under `quota`: those over it first, then by when it is used up.
///
/// `first_period` is whether the current period is the first under this quota, from which the
/// offset is taken.
///
/// # Errors
/// Where AWS would refuse the quota.
pub fn forecast(
    quota: &Quota,
    first_period: bool,
    keys: &[KeyUsage],
    now: Timestamp,
) -> Result<Vec<KeyForecast>, QuotaError> {
    let period = check(quota)?;
    let limit = quota.limit.unsigned_abs();
    let allowed = limit.saturating_sub(if first_period { quota.offset.unsigned_abs() } else { 0 });
    let mut forecasts: Vec<KeyForecast> =
        keys.iter().map(|key| one(period, limit, allowed, key, now)).collect();
    forecasts.sort_by_key(|forecast| match forecast.outlook {
        Outlook::Over { by } => (0, Timestamp::MIN, u64::MAX - by),
        Outlook::UsedUp { at } => (1, at, 0),
        Outlook::Lasts { .. } => (2, Timestamp::MIN, forecast.remaining),
    });
    Ok(forecasts)
}

/// AWS: "Usage Plan quota offset must be zero for DAY", and so on.
///
/// # Errors
/// Where AWS would refuse the quota.
pub fn check(quota: &Quota) -> Result<Period, QuotaError> {
    let period = Period::of(&quota.period)?;
    if quota.limit <= 0 {
        return Err(QuotaError::Limit(quota.limit));
    }
    let (most, allowed) = match period {
        Period::Day => (0, "0"),
        Period::Week => (6, "0 to 6"),
        Period::Month => (27, "0 to 27"),
    };
    if !(0..=most).contains(&quota.offset) {
        return Err(QuotaError::Offset { offset: quota.offset, allowed, period: quota.period.clone() });
    }
    Ok(period)
}

#[expect(clippy::cast_precision_loss, reason = "a forecast; requests are far below 2^52")]
fn one(period: Period, limit: u64, allowed: u64, usage: &KeyUsage, now: Timestamp) -> KeyForecast {
    let today = now.to_zoned(TimeZone::UTC).date();
    let (first, next) = period.around(today);
    let used = usage.between(first, today);
    let per_day = usage.per_day(today, now);
    let outlook = if used >= allowed {
        Outlook::Over { by: used - allowed }
    } else {
        let days = (allowed - used) as f64 / per_day;
        let until = midnight(next);
        match after(now, days).filter(|at| *at < until) {
            Some(at) => Outlook::UsedUp { at },
            None => Outlook::Lasts { until },
        }
    };
    let outgrown = per_day * days_between(first, next) > limit as f64;
    KeyForecast {
        key: usage.key.clone(),
        used,
        remaining: allowed.saturating_sub(used),
        per_day,
        outlook,
        outgrown,
    }
}

impl Period {
    /// AWS's word for it.
    pub fn of(word: &str) -> Result<Self, QuotaError> {
        match word {
            "DAY" => Ok(Self::Day),
            "WEEK" => Ok(Self::Week),
            "MONTH" => Ok(Self::Month),
            _ => Err(QuotaError::Period(word.to_owned())),
        }
    }

    /// The first day of the period that `day` lies in, and of the next. AWS: weeks begin on Sunday.
    pub fn around(self, day: Date) -> (Date, Date) {
        let days = |count: i8| Span::new().days(count);
        match self {
            Self::Day => (day, day.saturating_add(days(1))),
            Self::Week => {
                let first = day.saturating_sub(days(day.weekday().since(Weekday::Sunday)));
                (first, first.saturating_add(days(7)))
            }
            Self::Month => (day.first_of_month(), day.last_of_month().saturating_add(days(1))),
        }
    }
}

impl KeyUsage {
    /// Requests from `first` to `last`, both included. A day without a record had none.
    fn between(&self, first: Date, last: Date) -> u64 {
        self.days().filter(|(day, _)| (first..=last).contains(day)).map(|(_, used)| used).sum()
    }

    /// Requests a day over the last seven, fewer where the record is shorter.
    #[expect(clippy::cast_precision_loss, reason = "a rate; requests are far below 2^52")]
    fn per_day(&self, today: Date, now: Timestamp) -> f64 {
        let first = today.saturating_sub(Span::new().days(RATE_DAYS - 1)).max(self.first_day);
        let elapsed = now.duration_since(midnight(first)).as_secs_f64() / DAY.as_secs_f64();
        // A record that begins at this very midnight says nothing yet.
        if elapsed > 0.0 { self.between(first, today) as f64 / elapsed } else { 0.0 }
    }

    fn days(&self) -> impl Iterator<Item = (Date, u64)> {
        let mut day = self.first_day;
        self.used.iter().map(move |used| {
            let this = day;
            day = day.saturating_add(Span::new().days(1));
            (this, *used)
        })
    }
}

/// So many days after `now`, where that is a time at all.
fn after(now: Timestamp, days: f64) -> Option<Timestamp> {
    let duration = SignedDuration::try_from_secs_f64(days * DAY.as_secs_f64()).ok()?;
    now.checked_add(duration).ok()
}

fn midnight(day: Date) -> Timestamp {
    TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX)
}

fn days_between(first: Date, next: Date) -> f64 {
    midnight(next).duration_since(midnight(first)).as_secs_f64() / DAY.as_secs_f64()
}

#[cfg(test)]
mod tests;
