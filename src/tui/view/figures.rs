//! How figures are written: one way for each kind, everywhere.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub use crate::domain::figures::{count, percent, rate, setting, share};

use crate::domain::figures::grouped;
use crate::domain::stage::Throttle;
use crate::domain::usage_plan::Quota;

/// Milliseconds, without their unit: `2,840`.
pub fn milliseconds(value: f64) -> String {
    grouped(&format!("{value:.0}"))
}

/// A throttle for a table, rate and burst: `2,000/4,000`; none where neither is set.
pub fn throttle_pair(throttle: Throttle, absent: &str) -> Option<String> {
    let rate = throttle.rate.map_or_else(|| absent.to_owned(), setting);
    let burst = throttle.burst.map_or_else(|| absent.to_owned(), |burst| count(burst.unsigned_abs()));
    (!throttle.is_unset()).then(|| format!("{rate}/{burst}"))
}

/// A throttle in words: `2,000/s, burst 4,000`; none where neither is set.
pub fn throttle(throttle: Throttle) -> Option<String> {
    let rate = throttle.rate.map(|rate| format!("{}/s", setting(rate)));
    let burst = throttle.burst.map(|burst| format!("burst {}", count(burst.unsigned_abs())));
    let parts: Vec<String> = rate.into_iter().chain(burst).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A quota in words: `100,000 a day`.
pub fn quota(quota: &Quota) -> String {
    format!("{} a {}", count(quota.limit.unsigned_abs()), quota.period.to_lowercase())
}

/// How long, in its largest unit: `12 s`, `3 m`, `2 h`, `5 d`.
pub fn span(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} m", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        172_800..63_072_000 => format!("{} d", seconds / 86_400),
        _ => format!("{} y", seconds / 31_536_000),
    }
}

/// How long ago, for a table.
pub fn age(since: Option<Timestamp>, now: Timestamp) -> Option<String> {
    since.map(|since| span(now.duration_since(since)))
}

/// US dollars an hour: `$0.04/h`.
pub fn dollars_per_hour(value: f64) -> String {
    if value > 0.0 && value < 0.005 { "<$0.01/h".to_owned() } else { format!("${value:.2}/h") }
}

/// The time of day, in UTC: `14:03:22`.
pub fn time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S").to_string()
}

/// The minute, in UTC: `14:03`.
pub fn minute(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%H:%M").to_string()
}

/// The day, in UTC: `2026-11-20`.
pub fn date(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string()
}

/// Date and time, in UTC: `2026-11-20 14:03`.
pub fn date_and_time(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        assert_eq!(count(4_211), "4,211");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!((rate(0.0), rate(3.12), rate(9.97), rate(1_204.4)), s("0.0", "3.1", "10", "1,204"));
        assert_eq!((share(0.0), share(0.042), share(0.0001), share(1.0)), s("0.0%", "4.2%", "<0.1%", "100%"));
        assert_eq!(percent(0.706), "71%");
        assert_eq!(milliseconds(2_839.6), "2,840");
        assert_eq!((setting(10_000.0), setting(0.5)), ("10,000".into(), "0.5".into()));
        assert_eq!(dollars_per_hour(0.04), "$0.04/h");
        assert_eq!(dollars_per_hour(0.001), "<$0.01/h");
    }

    #[test]
    fn throttles() {
        let of = |rate, burst| Throttle { rate, burst };
        let pair = |rate, burst| throttle_pair(of(rate, burst), "-");
        assert_eq!(pair(Some(2_000.0), Some(4_000)).unwrap(), "2,000/4,000");
        assert_eq!(pair(Some(0.0), None).unwrap(), "0/-");
        assert_eq!(pair(None, None), None);
        assert_eq!(throttle(of(Some(0.5), Some(1))).unwrap(), "0.5/s, burst 1");
        assert_eq!(throttle(of(None, Some(1))).unwrap(), "burst 1");
        assert_eq!(throttle(of(None, None)), None);
        let month = Quota { limit: 1_000_000, offset: 0, period: "MONTH".into() };
        assert_eq!(quota(&month), "1,000,000 a month");
    }

    fn s(a: &str, b: &str, c: &str, d: &str) -> (String, String, String, String) {
        (a.into(), b.into(), c.into(), d.into())
    }

    #[test]
    fn spans() {
        for (seconds, text) in [
            (-5, "0 s"),
            (59, "59 s"),
            (60, "1 m"),
            (3_599, "59 m"),
            (7_200, "2 h"),
            (172_800, "2 d"),
            (86_400 * 800, "2 y"),
        ] {
            assert_eq!(span(SignedDuration::from_secs(seconds)), text);
        }
    }
}
