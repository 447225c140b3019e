//! PutMetricAlarm and PutCompositeAlarm.

use std::collections::BTreeSet;

use super::alarm::{Actions, Alarm, Comparison, Kind, MetricRule, Missing, State, StateValue, Watched};
use super::rule::Rule;
use super::{Desk, starting};
use crate::cloudwatch::error::Fault;
use crate::cloudwatch::input::Input;
use crate::cloudwatch::metric;
use crate::cloudwatch::metric_data::query;
use crate::cloudwatch::value::Value;
use crate::cloudwatch::window::is_legal_period;
use crate::metrics::Statistic;

/// AWS: an alarm looks back at most a day, or a week where the period is an hour or longer. In seconds.
const LONGEST_LOOK: i64 = 86_400;
const LONGEST_LOOK_OF_HOURS: i64 = 7 * 86_400;
/// AWS: 5,000 alarms in an account and Region.
const MOST_ALARMS: usize = 5_000;
/// AWS: five actions for each state.
const MOST_ACTIONS: usize = 5;
const LONGEST_NAME: usize = 255;
/// AWS: an alarm on metric math has at most ten metrics and ten expressions.
const MOST_QUERIES: usize = 20;

const COMPARISONS: [&str; 7] = [
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "GreaterThanUpperThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanThreshold",
];

/// Makes or replaces a metric alarm.
pub fn put_metric_alarm(desk: &mut Desk<'_>, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let name = read_name(&input)?;
    let rule = read_rule(&input)?;
    put(desk, &input, name, Kind::Metric(rule))
}

/// Makes or replaces a composite alarm.
pub fn put_composite_alarm(desk: &mut Desk<'_>, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let name = read_name(&input)?;
    let text = input.required_text("AlarmRule")?;
    let rule = Rule::parse(text)
        .map_err(|reason| Fault::validation(format!("AlarmRule must be a valid expression: {reason}")))?;
    for child in rule.children() {
        if !desk.book.alarms.contains_key(child) {
            let message = format!(
                "Could not save the composite alarm as alarm(s) {child} in the alarm rule do not exist"
            );
            return Err(Fault::validation(message));
        }
    }
    if refers_to(desk, &rule, name) {
        return Err(Fault::validation("Could not save the composite alarm because it would form a cycle"));
    }
    put(desk, &input, name, Kind::Composite { text: text.to_owned(), rule })
}

fn read_name<'a>(input: &Input<'a>) -> Result<&'a str, Fault> {
    let name = input.required_text("AlarmName")?;
    if name.len() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(Fault::validation(format!(
            "1 validation error detected: Value at 'AlarmName' failed to satisfy constraint: Member must have length \
             less than or equal to {LONGEST_NAME}"
        )));
    }
    Ok(name)
}

fn put(desk: &mut Desk<'_>, input: &Input<'_>, name: &str, kind: Kind) -> Result<Value, Fault> {
    let actions = Actions {
        enabled: input.boolean("ActionsEnabled")?.unwrap_or(true),
        ok: read_actions(input, "OKActions")?,
        alarm: read_actions(input, "AlarmActions")?,
        insufficient_data: read_actions(input, "InsufficientDataActions")?,
    };
    let description = input.text("AlarmDescription")?.map(str::to_owned);
    let tags = super::tags::read(input)?;
    let now = desk.now;
    let before = desk.book.alarms.get(name);
    if before.is_some_and(|before| before.kind.name() != kind.name()) {
        let message = format!("An alarm of another type with the name {name} exists already");
        return Err(Fault::validation(message));
    }
    if before.is_none() && desk.book.alarms.len() >= MOST_ALARMS {
        return Err(Fault::limit_exceeded(
            "You have reached the maximum number of alarms in this account and Region.",
        ));
    }
    let what = if before.is_some() { "updated" } else { "created" };
    // AWS: an altered alarm keeps its state until it is evaluated, and its tags: those are altered by TagResource.
    let (state, tags) = match before {
        Some(before) => (before.state.clone(), before.tags.clone()),
        None => (
            State {
                value: StateValue::InsufficientData,
                reason: "Unchecked: Initial alarm creation".to_owned(),
                data: None,
                since: now,
            },
            tags,
        ),
    };
    let alarm = Alarm {
        arn: starting::arn(desk.estate, name),
        name: name.to_owned(),
        description,
        actions,
        tags,
        configured: now,
        kind,
        state,
        fresh: true,
    };
    desk.book.note_configuration(&alarm, what, now);
    desk.book.alarms.insert(name.to_owned(), alarm);
    desk.book.catch_up(desk.estate, desk.metrics, now);
    Ok(Value::structure([]))
}

fn read_actions(input: &Input<'_>, name: &str) -> Result<Vec<String>, Fault> {
    let actions = input.texts(name)?;
    if actions.len() > MOST_ACTIONS {
        let message = format!("The collection {name} must not have a size greater than {MOST_ACTIONS}.");
        return Err(Fault::validation(message));
    }
    if let Some(illegal) = actions.iter().find(|action| !action.starts_with("arn:")) {
        return Err(Fault::validation(format!("Invalid arn syntax: {illegal}")));
    }
    Ok(actions.into_iter().map(str::to_owned).collect())
}

fn read_rule(input: &Input<'_>) -> Result<MetricRule, Fault> {
    let comparison = input.choice("ComparisonOperator", &COMPARISONS)?;
    let comparison = input.required("ComparisonOperator", comparison)?;
    let comparison = Comparison::parse(comparison).ok_or_else(|| {
        Fault::validation(format!(
            "{comparison} needs an anomaly detection model, which the demo region does not have."
        ))
    })?;
    let periods = input.integer_within("EvaluationPeriods", 1, 10_080)?;
    let periods = input.required("EvaluationPeriods", periods)?;
    let needed = input.integer_within("DatapointsToAlarm", 1, 10_080)?;
    if needed.is_some_and(|needed| needed > periods) {
        return Err(Fault::validation("DatapointsToAlarm must not be greater than EvaluationPeriods."));
    }
    let threshold = input.required("Threshold", input.number("Threshold")?)?;
    if !threshold.is_finite() {
        return Err(Fault::validation("Threshold must be a number."));
    }
    let missing = input.choice("TreatMissingData", &Missing::NAMES)?;
    let low_sample_count = input.choice("EvaluateLowSampleCountPercentile", &["evaluate", "ignore"])?;
    let count = |number: i64| usize::try_from(number).unwrap_or(1);
    let rule = MetricRule {
        watched: read_watched(input)?,
        comparison,
        threshold,
        evaluation_periods: count(periods),
        datapoints_to_alarm: needed.map(count),
        missing: Missing::parse(missing),
        missing_given: missing.is_some(),
        low_sample_count: low_sample_count.map(str::to_owned),
    };
    let longest = if rule.period() >= 3_600 { LONGEST_LOOK_OF_HOURS } else { LONGEST_LOOK };
    if rule.period().saturating_mul(periods) > longest {
        return Err(Fault::validation(format!(
            "Metrics cannot be checked across more than {} (EvaluationPeriods * Period must be <= {longest}).",
            if longest == LONGEST_LOOK { "a day" } else { "a week" }
        )));
    }
    Ok(rule)
}

fn read_watched(input: &Input<'_>) -> Result<Watched, Fault> {
    if input.has("Metrics") {
        if ["MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic"]
            .iter()
            .any(|name| input.has(name))
        {
            let message = "Metrics list must not be used together with MetricName, Namespace, Dimensions, Period, Unit, \
                           Statistic or ExtendedStatistic.";
            return Err(Fault::validation(message));
        }
        let queries = query::read_list(input, "Metrics")?;
        if queries.len() > MOST_QUERIES {
            return Err(Fault::validation("An alarm has at most 10 metrics and 10 expressions."));
        }
        if queries.iter().filter(|query| query.return_data).count() != 1 {
            return Err(Fault::validation("Exactly one element of the metrics list should return data."));
        }
        if queries.iter().any(query::Query::searches) {
            return Err(Fault::validation("SEARCH is not supported on Metric Alarms."));
        }
        return Ok(Watched::Queries(queries));
    }
    let namespace = input.required_text("Namespace")?;
    let key = metric::read_key(input, namespace)?;
    let period = input.required("Period", input.integer("Period")?)?;
    if !is_legal_period(period) {
        return Err(Fault::validation("Period must be 10, 20, 30 or a multiple of 60."));
    }
    let (simple, extended) = (input.text("Statistic")?, input.text("ExtendedStatistic")?);
    let illegal =
        |name: &str| Fault::validation(format!("The value {name} for parameter Statistic is invalid."));
    let (name, statistic) = match (simple, extended) {
        (Some(name), None) => {
            let statistic = name.parse().ok().filter(|statistic: &Statistic| statistic.is_simple());
            (name, statistic.ok_or_else(|| illegal(name))?)
        }
        (None, Some(name)) => {
            let statistic = name.parse().ok().filter(|statistic: &Statistic| !statistic.is_simple());
            (name, statistic.ok_or_else(|| illegal(name))?)
        }
        _ => {
            let message = "Exactly one of Statistic and ExtendedStatistic must be given.";
            return Err(Fault::validation(message));
        }
    };
    let unit = metric::read_unit(input)?.map(str::to_owned);
    Ok(Watched::Metric { key, statistic, statistic_name: name.to_owned(), period, unit })
}

/// Whether a rule names the alarm, itself or through other composite alarms.
fn refers_to(desk: &Desk<'_>, rule: &Rule, name: &str) -> bool {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut waiting: Vec<String> = rule.children().into_iter().map(str::to_owned).collect();
    while let Some(child) = waiting.pop() {
        if child == name {
            return true;
        }
        if seen.insert(child.clone())
            && let Some(Kind::Composite { rule, .. }) = desk.book.alarms.get(&child).map(|alarm| &alarm.kind)
        {
            waiting.extend(rule.children().into_iter().map(str::to_owned));
        }
    }
    false
}
