//! What each API key used of its plan's quota, day by day.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use super::{Quota, QuotaPeriod};

/// Usage by plan and key. Written by the traffic, read and extended through the API.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Usage {
    keys: HashMap<(String, String), KeyUsage>,
}

/// What one key used under one plan.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct KeyUsage {
    /// Requests by day, in UTC.
    used: BTreeMap<Date, i64>,
    /// Requests granted on top of the quota in the period that began on this day. AWS: UpdateUsage extends the
    /// current period only.
    granted: Option<(Date, i64)>,
}

impl Usage {
    /// How many of so many requests the quota lets in today, and counts them.
    pub fn admit(
        &mut self,
        plan_id: &str,
        key_id: &str,
        quota: Option<Quota>,
        today: Date,
        wanted: u64,
    ) -> u64 {
        let wanted = i64::try_from(wanted).unwrap_or(i64::MAX);
        let left = quota.map_or(i64::MAX, |quota| self.remaining(plan_id, key_id, quota, today));
        let admitted = wanted.min(left.max(0));
        self.add(plan_id, key_id, today, admitted);
        admitted.unsigned_abs()
    }

    /// Counts requests of a day.
    pub fn add(&mut self, plan_id: &str, key_id: &str, day: Date, requests: i64) {
        if requests > 0 {
            let key = self.keys.entry((plan_id.to_owned(), key_id.to_owned())).or_default();
            *key.used.entry(day).or_default() += requests;
        }
    }

    /// Requests that a key sent on a day.
    pub fn used(&self, plan_id: &str, key_id: &str, day: Date) -> i64 {
        let key = self.keys.get(&(plan_id.to_owned(), key_id.to_owned()));
        key.and_then(|key| key.used.get(&day)).copied().unwrap_or_default()
    }

    /// What is left of the quota at the end of a day.
    pub fn remaining(&self, plan_id: &str, key_id: &str, quota: Quota, day: Date) -> i64 {
        let first = first_day(quota.period, day);
        let key = self.keys.get(&(plan_id.to_owned(), key_id.to_owned()));
        let used: i64 = key.map_or(0, |key| key.used.range(first..=day).map(|(_, used)| used).sum());
        let granted = key.and_then(|key| key.granted).filter(|(since, _)| *since == first);
        quota.limit + granted.map_or(0, |(_, more)| more) - used
    }

    /// Grants as much as it takes to leave `remaining` in the current period.
    pub fn set_remaining(&mut self, plan_id: &str, key_id: &str, quota: Quota, today: Date, remaining: i64) {
        let missing = remaining - self.remaining(plan_id, key_id, quota, today);
        let first = first_day(quota.period, today);
        let key = self.keys.entry((plan_id.to_owned(), key_id.to_owned())).or_default();
        let before = key.granted.filter(|(since, _)| *since == first).map_or(0, |(_, more)| more);
        key.granted = Some((first, before + missing));
    }
}

/// The first day of the period that a day lies in. AWS: weeks begin on Sunday.
fn first_day(period: QuotaPeriod, day: Date) -> Date {
    match period {
        QuotaPeriod::Day => day,
        QuotaPeriod::Week => {
            let since = day.weekday().since(Weekday::Sunday);
            (0..since).try_fold(day, |day, _| day.yesterday()).unwrap_or(day)
        }
        QuotaPeriod::Month => day.first_of_month(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const QUOTA: Quota = Quota { limit: 100, offset: 0, period: QuotaPeriod::Week };

    #[test]
    fn a_quota_lets_in_what_is_left_of_the_period_and_an_extension_more() {
        let (mut usage, friday) = (Usage::default(), date(2026, 11, 20));
        usage.add("plan", "key", date(2026, 11, 14), 70);
        usage.add("plan", "key", date(2026, 11, 15), 60);
        assert_eq!(usage.remaining("plan", "key", QUOTA, friday), 40);
        assert_eq!(usage.admit("plan", "key", Some(QUOTA), friday, 50), 40);
        assert_eq!(usage.admit("plan", "key", Some(QUOTA), friday, 50), 0);
        usage.set_remaining("plan", "key", QUOTA, friday, 25);
        assert_eq!(usage.admit("plan", "key", Some(QUOTA), friday, 50), 25);
        assert_eq!(usage.remaining("plan", "key", QUOTA, date(2026, 11, 22)), 100);
        assert_eq!(usage.used("plan", "key", friday), 65);
    }
}
