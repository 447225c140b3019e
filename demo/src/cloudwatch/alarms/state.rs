//! An alarm's state, worked out from the minutes that are over.

use jiff::{SignedDuration, Timestamp};

use super::definition::Alarm;
use crate::metrics::{Bin, Bins, FINE_MINUTES, MINUTE, MetricStore, minute_of};

/// AWS's `StateValue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateValue {
    Ok,
    Alarm,
    InsufficientData,
}

impl StateValue {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// The state and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub value: StateValue,
    /// When the alarm came into the state.
    pub since: Timestamp,
    /// The minutes that were looked at then, oldest first.
    pub points: Vec<Bin>,
}

impl State {
    /// Works the state out, as if the alarm had been evaluated at the end of each of the last
    /// [`FINE_MINUTES`]. A minute without data counts as well (AWS: `TreatMissingData` `notBreaching`).
    pub fn of(alarm: &Alarm, metrics: &MetricStore, now: Timestamp) -> Self {
        let end = minute_of(now) * MINUTE;
        let bins = Bins { start: end - FINE_MINUTES * MINUTE, end, period: MINUTE };
        let points = metrics.read(&alarm.key, None, alarm.statistic, bins);
        if points.is_empty() {
            return Self { value: StateValue::InsufficientData, since: alarm.created, points };
        }
        let mut state = Self { value: StateValue::Ok, since: alarm.created, points: Vec::new() };
        let mut first = 0;
        let mut last = 0;
        for evaluated in bins.starts() {
            let length = i64::try_from(Alarm::EVALUATION_PERIODS).unwrap_or(1);
            while points.get(first).is_some_and(|point| point.start <= evaluated - length * MINUTE) {
                first += 1;
            }
            while points.get(last).is_some_and(|point| point.start <= evaluated) {
                last += 1;
            }
            let window = &points[first..last];
            let breaches = window.iter().filter(|point| alarm.is_breached_by(point.value)).count();
            let value =
                if breaches >= Alarm::DATAPOINTS_TO_ALARM { StateValue::Alarm } else { StateValue::Ok };
            if value != state.value || state.points.is_empty() {
                let changed = value != state.value;
                let at = Timestamp::from_second(evaluated + MINUTE).unwrap_or(now);
                let since = if changed { at } else { state.since };
                state = Self { value, since, points: window.to_vec() };
            }
        }
        state
    }

    /// AWS's `StateReason`.
    pub fn reason(&self, alarm: &Alarm) -> String {
        if self.value == StateValue::InsufficientData {
            return "Insufficient Data: no datapoints were received.".to_owned();
        }
        let breaching = |point: &&Bin| alarm.is_breached_by(point.value) == (self.value == StateValue::Alarm);
        let points: Vec<_> = self.points.iter().rev().filter(breaching).map(written).collect();
        let (count, minutes) = (points.len(), Alarm::EVALUATION_PERIODS);
        let (verb, transition) = match self.value {
            StateValue::Alarm => ("were greater than", "OK -> ALARM"),
            _ => ("were not greater than", "ALARM -> OK"),
        };
        let needed = match self.value {
            StateValue::Alarm => Alarm::DATAPOINTS_TO_ALARM,
            _ => Alarm::EVALUATION_PERIODS - Alarm::DATAPOINTS_TO_ALARM + 1,
        };
        format!(
            "Threshold Crossed: {count} out of the last {minutes} datapoints [{}] {verb} the threshold ({}) (minimum \
             {needed} datapoints for {transition} transition).",
            points.join(", "),
            alarm.threshold,
        )
    }

    /// AWS's `StateReasonData`.
    pub fn reason_data(&self, alarm: &Alarm) -> String {
        let start = self.since - SignedDuration::from_mins(5);
        serde_json::json!({
            "version": "1.0",
            "queryDate": self.since.to_string(),
            "startDate": start.to_string(),
            "statistic": alarm.statistic.to_string(),
            "period": Alarm::PERIOD,
            "recentDatapoints": self.points.iter().map(|point| point.value).collect::<Vec<_>>(),
            "threshold": alarm.threshold,
        })
        .to_string()
    }
}

/// A point as AWS writes it in a reason: `0.02 (20/11/26 12:00:00)`.
fn written(point: &Bin) -> String {
    let time = Timestamp::from_second(point.start).map(|time| time.strftime("%d/%m/%y %H:%M:%S").to_string());
    format!("{} ({})", point.value, time.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{MetricKey, Statistic};

    const START: i64 = 29_000_000;

    fn state(rates: &[u64]) -> State {
        let alarm = Alarm {
            name: "cell-01-5xx".to_owned(),
            arn: String::new(),
            description: String::new(),
            created: Timestamp::UNIX_EPOCH,
            key: MetricKey::new("AWS/ApiGateway", "5XXError", [("ApiName", "cell-01-api")]),
            statistic: Statistic::Average,
            threshold: 0.01,
        };
        let metrics = MetricStore::new();
        let id = metrics.series(&alarm.key, None);
        for (minute, errors) in (START..).zip(rates) {
            metrics.record(minute, |recorder| recorder.at(id).add_rate(*errors, 100));
        }
        let minutes = i64::try_from(rates.len()).unwrap();
        let state =
            State::of(&alarm, &metrics, Timestamp::from_second((START + minutes) * MINUTE + 30).unwrap());
        assert!(!state.reason(&alarm).is_empty());
        state
    }

    #[test]
    fn three_of_five_minutes_raise_the_alarm() {
        let state = state(&[0, 0, 5, 0, 5, 5]);
        assert_eq!(state.value, StateValue::Alarm);
        assert_eq!(state.since.as_second(), (START + 6) * MINUTE);
        assert_eq!(state.points.len(), 5);
    }

    #[test]
    fn it_is_over_when_too_few_are_left() {
        let state = state(&[5, 5, 5, 0, 0, 0, 0, 0]);
        assert_eq!(state.value, StateValue::Ok);
        assert_eq!(state.since.as_second(), (START + 6) * MINUTE);
    }

    #[test]
    fn without_data_there_is_no_verdict() {
        assert_eq!(state(&[]).value, StateValue::InsufficientData);
    }

    #[test]
    fn the_minute_that_is_not_over_does_not_count() {
        let alarming = state(&[5, 5, 5]);
        assert_eq!(alarming.value, StateValue::Alarm);
        let calm = state(&[5, 5]);
        assert_eq!(calm.value, StateValue::Ok);
    }
}
