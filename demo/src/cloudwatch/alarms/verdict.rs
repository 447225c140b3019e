//! From points to a state: M out of N, and what a missing point counts for.

use super::alarm::{MetricRule, Missing, StateValue};
use crate::metrics::Bin;

/// AWS looks at more points than the evaluation periods, so that a gap or two need not be filled.
const MORE_POINTS: i64 = 2;

/// The state that the points ask for, and the points that were looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// `None`: the state stays as it is.
    pub state: Option<StateValue>,
    /// Oldest first; at most N.
    pub points: Vec<Bin>,
}

/// Judges the periods that end at or before `end` (seconds since the epoch). `points` ascend by time.
pub fn judge(rule: &MetricRule, points: &[Bin], end: i64) -> Verdict {
    let period = rule.period();
    let periods = rule.evaluation_periods;
    let needed = rule.needed();
    let length = i64::try_from(periods).unwrap_or(i64::MAX).saturating_add(MORE_POINTS);
    let last = points.partition_point(|point| point.start + period <= end);
    let oldest = end.saturating_sub(length.saturating_mul(period)) - period + 1;
    let first = points[..last].partition_point(|point| point.start < oldest);
    let present = &points[first..last];
    let looked_at = present[present.len().saturating_sub(periods)..].to_vec();
    let breaches = |point: &&Bin| rule.comparison.is_breached(point.value, rule.threshold);
    let breaching = looked_at.iter().filter(breaches).count();
    let fine = looked_at.len() - breaching;
    let missing = periods - looked_at.len();
    let by_count = |breaching: usize| if breaching >= needed { StateValue::Alarm } else { StateValue::Ok };
    let state = match rule.missing {
        _ if missing == 0 => Some(by_count(breaching)),
        Missing::Breaching => Some(by_count(breaching + missing)),
        Missing::NotBreaching => Some(by_count(breaching)),
        _ if breaching >= needed => Some(StateValue::Alarm),
        // So many are fine that those that are missing could not raise the alarm.
        _ if fine > periods - needed => Some(StateValue::Ok),
        Missing::Ignore => None,
        Missing::Unknown if looked_at.is_empty() => Some(StateValue::InsufficientData),
        Missing::Unknown if fine > 0 => Some(StateValue::Ok),
        Missing::Unknown => {
            // AWS: all that is there breaches. No premature alarm: the oldest must be M periods old.
            let age = looked_at.first().map_or(0, |point| (end - point.start) / period.max(1));
            let old = age >= i64::try_from(needed).unwrap_or(i64::MAX);
            old.then_some(StateValue::Alarm)
        }
    };
    Verdict { state, points: looked_at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloudwatch::alarms::alarm::{Comparison, Watched};
    use crate::metrics::{MetricKey, Statistic};

    fn rule(needed: usize, periods: usize, missing: Missing) -> MetricRule {
        MetricRule {
            watched: Watched::Metric {
                key: MetricKey::new("N", "M", [("D", "V")]),
                statistic: Statistic::Sum,
                statistic_name: "Sum".to_owned(),
                period: 60,
                unit: None,
            },
            comparison: Comparison::Greater,
            threshold: 1.0,
            evaluation_periods: periods,
            datapoints_to_alarm: Some(needed),
            missing,
            missing_given: true,
            low_sample_count: None,
        }
    }

    /// `X` breaches, `0` doesn't, `-` is missing; the last is the latest.
    fn points(picture: &str) -> Vec<Bin> {
        let value = |c| match c {
            'X' => Some(2.0),
            '0' => Some(0.0),
            _ => None,
        };
        let all = (0..).step_by(60).zip(picture.chars());
        all.filter_map(|(start, c)| value(c).map(|value| Bin { start, value })).collect()
    }

    fn judged(picture: &str, (needed, periods): (usize, usize), missing: Missing) -> &'static str {
        let end = i64::try_from(picture.len()).unwrap() * 60;
        judge(&rule(needed, periods, missing), &points(picture), end).state.map_or("kept", StateValue::as_str)
    }

    #[test]
    fn missing_points_count_as_in_awss_table() {
        use Missing::{Breaching, Ignore, NotBreaching, Unknown as Gone};
        // AWS: "How alarm state is evaluated when data is missing", 3 out of 3.
        let table = [
            ("0-X-X", ["OK", "OK", "OK", "OK"]),
            ("-----", ["INSUFFICIENT_DATA", "kept", "ALARM", "OK"]),
            ("0----", ["OK", "OK", "OK", "OK"]),
            ("-XX--", ["ALARM", "kept", "ALARM", "OK"]),
            ("XX-XX", ["ALARM", "ALARM", "ALARM", "ALARM"]),
        ];
        for (picture, expected) in table {
            for (missing, expected) in [Gone, Ignore, Breaching, NotBreaching].into_iter().zip(expected) {
                assert_eq!(judged(picture, (3, 3), missing), expected, "{picture} {missing:?}");
            }
        }
        assert_eq!(judged("----X", (3, 3), Gone), "kept");
    }

    #[test]
    fn m_out_of_n_need_not_follow_one_another() {
        assert_eq!(judged("X0X0X", (3, 5), Missing::Unknown), "ALARM");
        assert_eq!(judged("X0X00", (3, 5), Missing::Unknown), "OK");
        assert_eq!(judged("0X--X", (2, 3), Missing::NotBreaching), "ALARM");
    }

    #[test]
    fn a_period_that_is_not_over_does_not_count() {
        let verdict = judge(&rule(1, 1, Missing::NotBreaching), &points("0X"), 119);
        assert_eq!(verdict.state, Some(StateValue::Ok));
    }
}
