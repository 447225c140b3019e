//! Quotas against usage: when one would have been used up.

use jiff::civil::date;

use super::*;

/// Friday, 20 November 2026, noon.
fn noon() -> Timestamp {
    midnight(date(2026, 11, 20)) + SignedDuration::from_hours(12)
}

fn quota(limit: i64, period: &str) -> Quota {
    Quota { limit, offset: 0, period: period.to_owned() }
}

/// From Saturday the 14th to Friday the 20th.
fn key(name: &str, used: [u64; 7]) -> KeyUsage {
    KeyUsage { key: name.to_owned(), first_day: date(2026, 11, 14), used: used.to_vec() }
}

fn outlook(quota: &Quota, usage: &KeyUsage) -> Outlook {
    forecast(quota, false, std::slice::from_ref(usage), noon()).unwrap()[0].outlook
}

#[test]
fn a_period_begins_at_midnight_a_week_on_sunday() {
    let usage = key("key", [70, 10, 10, 10, 10, 10, 5]);
    let used = |period| {
        forecast(&quota(1_000, period), false, std::slice::from_ref(&usage), noon()).unwrap()[0].used
    };
    assert_eq!((used("DAY"), used("WEEK"), used("MONTH")), (5, 55, 125));
}

#[test]
fn it_is_used_up_at_the_present_rate_or_lasts() {
    // 650 in six days and a half: 100 a day.
    let usage = key("key", [100, 100, 100, 100, 100, 100, 50]);
    // 550 used since Sunday, 50 left: half a day, which is when the week ends on Sunday at 0:00 less a day.
    let at = midnight(date(2026, 11, 21));
    assert_eq!(outlook(&quota(600, "WEEK"), &usage), Outlook::UsedUp { at });
    let until = midnight(date(2026, 11, 22));
    assert_eq!(outlook(&quota(700, "WEEK"), &usage), Outlook::Lasts { until });
    assert_eq!(outlook(&quota(550, "WEEK"), &usage), Outlook::Over { by: 0 });
    assert_eq!(outlook(&quota(500, "WEEK"), &usage), Outlook::Over { by: 50 });
}

#[test]
fn a_rate_that_a_whole_period_cannot_take_is_told_even_where_this_one_lasts() {
    let started_late = KeyUsage { key: "key".to_owned(), first_day: date(2026, 11, 20), used: vec![50] };
    let one = &forecast(&quota(600, "WEEK"), false, &[started_late], noon()).unwrap()[0];
    assert!((one.per_day - 100.0).abs() < 1e-9);
    assert!(one.outgrown);
    assert_eq!(one.outlook, Outlook::Lasts { until: midnight(date(2026, 11, 22)) });
}

#[test]
fn a_key_that_is_not_used_lasts() {
    let idle = key("key", [0; 7]);
    assert_eq!(outlook(&quota(1, "MONTH"), &idle), Outlook::Lasts { until: midnight(date(2026, 12, 1)) });
    let fresh = KeyUsage { key: "key".to_owned(), first_day: date(2026, 11, 21), used: vec![] };
    assert_eq!(outlook(&quota(1, "DAY"), &fresh), Outlook::Lasts { until: midnight(date(2026, 11, 21)) });
}

#[test]
fn the_first_period_is_shorter_by_the_offset() {
    let usage = key("key", [0, 0, 0, 0, 0, 0, 98]);
    let with_offset = Quota { offset: 5, ..quota(100, "WEEK") };
    let remaining =
        |first| forecast(&with_offset, first, std::slice::from_ref(&usage), noon()).unwrap()[0].remaining;
    assert_eq!((remaining(true), remaining(false)), (0, 2));
}

#[test]
fn those_over_it_come_first_and_then_those_who_will_be() {
    let keys = [
        key("lasts", [1; 7]),
        key("soon", [100, 100, 100, 100, 100, 100, 40]),
        key("over", [200; 7]),
        key("far over", [400; 7]),
        key("later", [90, 90, 90, 90, 90, 90, 90]),
    ];
    let all = forecast(&quota(600, "WEEK"), false, &keys, noon()).unwrap();
    let names: Vec<_> = all.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(names, ["far over", "over", "soon", "later", "lasts"]);
}

#[test]
fn what_aws_would_refuse_is_refused() {
    let refused = |quota: Quota| forecast(&quota, false, &[], noon()).unwrap_err().to_string();
    assert!(refused(quota(10, "YEAR")).contains("DAY, WEEK and MONTH"));
    assert!(refused(quota(0, "DAY")).contains("greater than 0"));
    assert!(refused(Quota { offset: 1, ..quota(10, "DAY") }).contains("must be 0"));
    assert!(refused(Quota { offset: 7, ..quota(10, "WEEK") }).contains("0 to 6"));
    assert!(refused(Quota { offset: 28, ..quota(10, "MONTH") }).contains("0 to 27"));
    assert!(forecast(&Quota { offset: 27, ..quota(10, "MONTH") }, false, &[], noon()).is_ok());
}
