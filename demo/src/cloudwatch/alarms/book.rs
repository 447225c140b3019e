//! The alarms of one account and how they came into their states: a state machine that is evaluated at the end of
//! each minute.
//!
//! A minute that is over never changes, so it makes no difference when it is looked at: whoever asks for an alarm lets
//! the minutes be evaluated that are over since the last time, one after the other.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::alarm::{Alarm, Kind, MetricRule, State, StateValue, Watched};
use super::starting;
use super::verdict::{Verdict, judge};
use crate::cloudwatch::metric_data::evaluation::Evaluation;
use crate::cloudwatch::window::Window;
use crate::estate::Estate;
use crate::metrics::{Bin, Bins, FINE_MINUTES, MINUTE, MetricStore, Minute, minute_of};

/// How many entries the history holds; AWS keeps 30 days.
const MOST_ENTRIES: usize = 20_000;
/// Evaluations for which the region's past is worked through at first: alarms times minutes.
const FIRST_EVALUATIONS: usize = 12_000;

/// An entry of the history.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub alarm: String,
    /// AWS's `AlarmType`.
    pub alarm_type: &'static str,
    pub time: Timestamp,
    /// AWS's `HistoryItemType`.
    pub kind: &'static str,
    pub summary: String,
    /// JSON.
    pub data: String,
}

/// All alarms of an account.
#[derive(Debug, Default)]
pub struct Book {
    pub alarms: BTreeMap<String, Alarm>,
    /// Oldest first.
    pub history: VecDeque<Entry>,
    /// The minute at whose beginning all alarms were evaluated last; `None` before the first time.
    evaluated: Option<Minute>,
}

impl Book {
    /// Evaluates all minutes that are over.
    pub fn catch_up(&mut self, estate: &Estate, metrics: &MetricStore, now: Timestamp) {
        let until = minute_of(now);
        let from = if let Some(evaluated) = self.evaluated {
            evaluated.max(until - FINE_MINUTES)
        } else {
            let alarms = starting::alarms(estate);
            let minutes = (FIRST_EVALUATIONS / alarms.len().max(1)).clamp(10, 180);
            self.alarms.extend(alarms.into_iter().map(|alarm| (alarm.name.clone(), alarm)));
            until - Minute::try_from(minutes).unwrap_or(FINE_MINUTES)
        };
        let fresh = self.alarms.values().any(|alarm| alarm.fresh);
        if until > from || fresh {
            self.evaluate(metrics, from, until, now);
        }
        self.evaluated = Some(until.max(from));
    }

    fn evaluate(&mut self, metrics: &MetricStore, from: Minute, until: Minute, now: Timestamp) {
        let points: BTreeMap<String, Vec<Bin>> = self
            .alarms
            .values()
            .filter(|alarm| alarm.fresh || until > from)
            .filter_map(|alarm| {
                let rule = alarm.metric_rule()?;
                Some((alarm.name.clone(), points(rule, metrics, (from, until), now)))
            })
            .collect();
        let names: Vec<String> = self.alarms.keys().cloned().collect();
        // With nothing but fresh alarms, the minute that was evaluated last is looked at again, for them alone.
        let first = if until > from { from + 1 } else { until };
        for minute in first..=until {
            let Ok(at) = Timestamp::from_second(minute * MINUTE) else { continue };
            let again = until <= from;
            for name in &names {
                let Some(alarm) = self.alarms.get(name).filter(|alarm| alarm.fresh || !again) else {
                    continue;
                };
                let (Some(rule), Some(points)) = (alarm.metric_rule(), points.get(name)) else { continue };
                let verdict = judge(rule, points, minute * MINUTE);
                let time = if alarm.fresh && minute == until { now } else { at };
                // An alarm is not evaluated for the time before it was made.
                if time < alarm.configured && !alarm.fresh {
                    continue;
                }
                if let Some(state) = next_state(alarm, rule, &verdict, time) {
                    self.change(name, state);
                }
            }
            self.evaluate_composites(at, now, again);
        }
        for alarm in self.alarms.values_mut() {
            alarm.fresh = false;
        }
    }

    /// Evaluates composite alarms until nothing changes: they may watch each other.
    pub fn evaluate_composites(&mut self, at: Timestamp, now: Timestamp, soon: bool) {
        for _ in 0..=self.alarms.len().min(16) {
            let state_of = |name: &str| self.alarms.get(name).map(|alarm| alarm.state.value);
            let changed: Vec<(String, State)> = self
                .alarms
                .values()
                .filter_map(|alarm| {
                    let Kind::Composite { text, rule } = &alarm.kind else { return None };
                    let value = if rule.holds(&state_of) { StateValue::Alarm } else { StateValue::Ok };
                    if value == alarm.state.value {
                        return None;
                    }
                    let cause = rule
                        .children()
                        .into_iter()
                        .filter_map(|name| self.alarms.get(name))
                        .max_by_key(|child| child.state.since);
                    let reason = cause.map_or_else(
                        || format!("The alarm rule {text} was evaluated to {value:?}"),
                        |child| {
                            format!(
                                "{} transitioned to {} at {}",
                                child.arn,
                                child.state.value.as_str(),
                                child.state.since.strftime("%A %d %B, %Y %H:%M:%S UTC")
                            )
                        },
                    );
                    let data = cause.map(|child| {
                        json!({"triggeringAlarms": [{
                            "arn": child.arn,
                            "state": {"value": child.state.value.as_str(), "timestamp": child.state.since.to_string()},
                        }]})
                        .to_string()
                    });
                    let since = if soon || alarm.fresh { now } else { at };
                    Some((alarm.name.clone(), State { value, reason, data, since }))
                })
                .collect();
            if changed.is_empty() {
                return;
            }
            for (name, state) in changed {
                self.change(&name, state);
            }
        }
    }

    /// Brings an alarm into a state, with all that follows.
    pub fn change(&mut self, name: &str, state: State) {
        let Some(alarm) = self.alarms.get_mut(name) else { return };
        let old = std::mem::replace(&mut alarm.state, state);
        let new = &alarm.state;
        if old.value == new.value {
            return;
        }
        let told = |state: &State| {
            json!({
                "stateValue": state.value.as_str(),
                "stateReason": state.reason,
                "stateReasonData": state.data.as_deref().and_then(|data| serde_json::from_str::<serde_json::Value>(data).ok()),
            })
        };
        let (alarm_name, alarm_type, time) = (alarm.name.clone(), alarm.kind.name(), new.since);
        let entry = |kind, summary: String, data: serde_json::Value| Entry {
            alarm: alarm_name.clone(),
            alarm_type,
            time,
            kind,
            summary,
            data: data.to_string(),
        };
        let mut entries = vec![entry(
            "StateUpdate",
            format!("Alarm updated from {} to {}", old.value.as_str(), new.value.as_str()),
            json!({"version": "1.0", "oldState": told(&old), "newState": told(new)}),
        )];
        if alarm.actions.enabled {
            for action in alarm.actions.of(new.value) {
                entries.push(entry(
                    "Action",
                    format!("Successfully executed action {action}"),
                    json!({"actionState": "Succeeded", "notificationResource": action, "stateUpdateTimestamp": time.as_millisecond()}),
                ));
            }
        }
        self.history.extend(entries);
        self.forget();
    }

    /// Notes that an alarm was made, altered or deleted.
    pub fn note_configuration(&mut self, alarm: &Alarm, what: &str, time: Timestamp) {
        let kind = match what {
            "created" => "Create",
            "deleted" => "Delete",
            _ => "Update",
        };
        self.history.push_back(Entry {
            alarm: alarm.name.clone(),
            alarm_type: alarm.kind.name(),
            time,
            kind: "ConfigurationUpdate",
            summary: format!("Alarm \"{}\" {what}", alarm.name),
            data: json!({"version": "1.0", "type": kind}).to_string(),
        });
        self.forget();
    }

    fn forget(&mut self) {
        while self.history.len() > MOST_ENTRIES {
            self.history.pop_front();
        }
    }
}

/// The points that an alarm looks at when it is evaluated at any of these minutes.
fn points(
    rule: &MetricRule,
    metrics: &MetricStore,
    (from, until): (Minute, Minute),
    now: Timestamp,
) -> Vec<Bin> {
    let period = rule.period().max(MINUTE);
    let periods = i64::try_from(rule.evaluation_periods).unwrap_or(1).saturating_add(3);
    let start = (from * MINUTE).saturating_sub(period.saturating_mul(periods));
    // Periods lie on the clock, and not where the alarm was made.
    let start = start - start.rem_euclid(period);
    let end = until * MINUTE;
    match &rule.watched {
        Watched::Metric { key, statistic, unit, .. } => {
            let bins = Bins { start, end, period };
            let mut points = metrics.read(key, unit.as_deref(), *statistic, bins);
            points.retain(|point| point.start + period <= end);
            points
        }
        Watched::Queries(queries) => {
            let times = Timestamp::from_second(start).ok().zip(Timestamp::from_second(end).ok());
            let Some((start, end)) = times.filter(|(start, end)| start < end) else { return Vec::new() };
            let window = Window::new(start, end, now);
            let Some(result) = queries.iter().find(|query| query.return_data) else { return Vec::new() };
            // What can't be worked out is missing data; the expression was read when the alarm was put.
            let series = Evaluation::of(queries, metrics, window).map(|evaluation| evaluation.series(result));
            series
                .ok()
                .and_then(|series| series.into_iter().next())
                .map_or_else(Vec::new, |series| series.points)
        }
    }
}

/// The state that an alarm comes into; `None` when it stays.
fn next_state(alarm: &Alarm, rule: &MetricRule, verdict: &Verdict, time: Timestamp) -> Option<State> {
    let value = verdict.state.filter(|value| *value != alarm.state.value)?;
    Some(State {
        value,
        reason: reason(alarm.state.value, value, rule, &verdict.points),
        data: Some(data(rule, &verdict.points, time)),
        since: time,
    })
}

/// AWS's `StateReason`.
fn reason(old: StateValue, value: StateValue, rule: &MetricRule, points: &[Bin]) -> String {
    if value == StateValue::InsufficientData {
        return format!("Insufficient Data: {} datapoints were unknown.", rule.evaluation_periods);
    }
    if points.is_empty() {
        let treated = if value == StateValue::Alarm { "Breaching" } else { "NonBreaching" };
        return format!(
            "Threshold Crossed: no datapoints were received for {} periods and {} missing datapoints were treated as [{treated}].",
            rule.evaluation_periods, rule.evaluation_periods
        );
    }
    let alarming = value == StateValue::Alarm;
    let of_kind = |point: &&Bin| rule.comparison.is_breached(point.value, rule.threshold) == alarming;
    let listed: Vec<String> = points.iter().rev().filter(of_kind).map(written).collect();
    let verb = if alarming { "were" } else { "were not" };
    let needed = if alarming { rule.needed() } else { rule.evaluation_periods - rule.needed() + 1 };
    format!(
        "Threshold Crossed: {} out of the last {} datapoints [{}] {verb} {} the threshold ({:?}) (minimum {needed} \
         datapoint{} for {} -> {} transition).",
        listed.len(),
        rule.evaluation_periods,
        listed.join(", "),
        rule.comparison.words(),
        rule.threshold,
        if needed == 1 { "" } else { "s" },
        old.as_str(),
        value.as_str(),
    )
}

/// A point as AWS writes it in a reason: `0.02 (20/11/26 12:00:00)`.
fn written(point: &Bin) -> String {
    let time = Timestamp::from_second(point.start).map(|time| time.strftime("%d/%m/%y %H:%M:%S").to_string());
    format!("{:?} ({})", point.value, time.unwrap_or_default())
}

/// AWS's `StateReasonData`.
fn data(rule: &MetricRule, points: &[Bin], time: Timestamp) -> String {
    let statistic = match &rule.watched {
        Watched::Metric { statistic_name, .. } => Some(statistic_name.as_str()),
        Watched::Queries(_) => None,
    };
    let start = points
        .first()
        .and_then(|point| Timestamp::from_second(point.start).ok())
        .unwrap_or(time - SignedDuration::from_secs(rule.period()));
    json!({
        "version": "1.0",
        "queryDate": time.to_string(),
        "startDate": start.to_string(),
        "statistic": statistic,
        "period": rule.period(),
        "recentDatapoints": points.iter().map(|point| point.value).collect::<Vec<_>>(),
        "threshold": rule.threshold,
    })
    .to_string()
}
