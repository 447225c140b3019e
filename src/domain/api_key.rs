//! API keys, by id: what they open and what they used. A key's value is a secret, and has no place here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::id::{ApiId, ApiKeyId, StageName, UsagePlanId};

/// An API key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    pub description: Option<String>,
    /// Who holds it, in AWS Marketplace or in a system of the account's own.
    pub customer_id: Option<String>,
    /// A key that is off opens nothing: its requests get a 403.
    pub enabled: bool,
    pub created: Option<Timestamp>,
    pub last_updated: Option<Timestamp>,
    /// The stages that it opens, through the plans that it is on.
    pub stages: Vec<KeyStage>,
    pub tags: BTreeMap<String, String>,
}

/// A stage that a key opens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KeyStage {
    pub api: ApiId,
    pub stage: StageName,
}

impl KeyStage {
    /// Reads `a1b2c3/prod`, as AWS writes it.
    pub fn of(text: &str) -> Option<Self> {
        let (api, stage) = text.split_once('/')?;
        (!api.is_empty() && !stage.is_empty()).then(|| Self { api: api.into(), stage: stage.into() })
    }
}

/// What one key used of a plan's quota.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUsage {
    /// None where AWS named the key by something that is no id that was asked about: it may be the key's
    /// value, so it is not kept.
    pub key: Option<ApiKeyId>,
    /// Oldest first.
    pub days: Vec<DayOfUsage>,
}

/// What one key used of one plan in the running period of its quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodUsage {
    pub plan: UsagePlanId,
    /// The first day of the period, in UTC.
    pub since: Date,
    pub usage: KeyUsage,
}

/// One day of a key's usage, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayOfUsage {
    pub date: Date,
    /// Requests of the day.
    pub used: i64,
    /// Requests that remained of the quota's period at the end of the day.
    pub remaining: i64,
}

impl KeyUsage {
    /// Puts dates to the pairs of `[used, remaining]` that AWS gives, one a day from `start` on. A day that
    /// lacks a figure is left out.
    pub fn from_days(key: Option<ApiKeyId>, start: Date, days: &[Vec<i64>]) -> Self {
        let dates = std::iter::successors(Some(start), |date| date.tomorrow().ok());
        let days = dates.zip(days).filter_map(|(date, figures)| match figures.as_slice() {
            [used, remaining, ..] => Some(DayOfUsage { date, used: *used, remaining: *remaining }),
            _ => None,
        });
        Self { key, days: days.collect() }
    }

    /// Requests of all days.
    pub fn used(&self) -> i64 {
        self.days.iter().map(|day| day.used).sum()
    }

    /// What remains at the end of the last day.
    pub fn remaining(&self) -> Option<i64> {
        self.days.last().map(|day| day.remaining)
    }
}

impl PeriodUsage {
    /// What remains of a quota of `limit`. Of a key that used nothing yet AWS need not tell anything.
    pub fn remaining(&self, limit: i64) -> i64 {
        self.usage.remaining().unwrap_or(limit).max(0)
    }

    /// How much of the quota is used up, 0 to 1. An extension makes it less.
    #[expect(clippy::cast_precision_loss, reason = "quotas are far below 2^52")]
    pub fn share_used(&self, limit: i64) -> f64 {
        if limit <= 0 {
            return 1.0;
        }
        (1.0 - self.remaining(limit) as f64 / limit as f64).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_get_their_days() {
        let start = "2026-11-30".parse().unwrap();
        let usage = KeyUsage::from_days(None, start, &[vec![3, 97], vec![], vec![5, 92]]);
        let days: Vec<String> = usage.days.iter().map(|day| day.date.to_string()).collect();
        assert_eq!(days, ["2026-11-30", "2026-12-02"]);
        assert_eq!((usage.used(), usage.remaining()), (8, Some(92)));
        assert_eq!(KeyUsage::from_days(None, start, &[]).remaining(), None);
    }

    #[test]
    fn what_remains_tells_how_much_is_used_up() {
        let since = "2026-11-01".parse().unwrap();
        let period = |days: &[Vec<i64>]| PeriodUsage {
            plan: "p1".into(),
            since,
            usage: KeyUsage::from_days(None, since, days),
        };
        for (days, remaining, share) in [
            (&[][..], 1_000, 0.0),
            (&[vec![250, 750]], 750, 0.25),
            (&[vec![1_000, 0]], 0, 1.0),
            (&[vec![1_000, -5]], 0, 1.0),
            (&[vec![0, 1_500]], 1_500, 0.0),
        ] {
            let period = period(days);
            assert_eq!(period.remaining(1_000), remaining, "{days:?}");
            assert!((period.share_used(1_000) - share).abs() < 1e-9, "{days:?}");
        }
        assert!(period(&[]).share_used(0) > 0.99, "a quota of nothing is used up");
    }

    #[test]
    fn a_stage_is_read_as_aws_writes_it() {
        let stage = KeyStage::of("a1b2c3/prod").unwrap();
        assert_eq!((stage.api.as_str(), stage.stage.as_str()), ("a1b2c3", "prod"));
        for wrong in ["", "a1b2c3", "/prod", "a1b2c3/"] {
            assert_eq!(KeyStage::of(wrong), None, "{wrong}");
        }
    }
}
