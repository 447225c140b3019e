//! DescribeAlarms and DescribeAlarmsForMetric.

use super::Desk;
use super::alarm::{Alarm, Kind, MetricRule, StateValue, Watched};
use crate::cloudwatch::error::Fault;
use crate::cloudwatch::input::Input;
use crate::cloudwatch::metric;
use crate::cloudwatch::metric_data::query::Query;
use crate::cloudwatch::page::Page;
use crate::cloudwatch::value::Value;

/// AWS: 100 alarms in one answer at most.
const MOST_RECORDS: i64 = 100;
/// AWS: 50 unless asked otherwise.
const RECORDS: i64 = 50;

/// The alarms that a request asks for, with their states.
pub fn describe_alarms(desk: &mut Desk<'_>, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let names = input.texts("AlarmNames")?;
    let prefix = input.text("AlarmNamePrefix")?;
    if !names.is_empty() && prefix.is_some() {
        return Err(Fault::validation("AlarmNamePrefix and AlarmNames are mutually exclusive."));
    }
    let types = input.texts("AlarmTypes")?;
    let state = input.choice("StateValue", &StateValue::NAMES)?;
    let action_prefix = input.text("ActionPrefix")?;
    let children_of = input.text("ChildrenOfAlarmName")?;
    let parents_of = input.text("ParentsOfAlarmName")?;
    let size = input.integer_within("MaxRecords", 1, MOST_RECORDS)?.unwrap_or(RECORDS);
    let page = Page::of(&input, (&names, prefix, &types, state, action_prefix, children_of, parents_of))?;

    let children = children_of.map(|parent| match desk.book.alarms.get(parent).map(|alarm| &alarm.kind) {
        Some(Kind::Composite { rule, .. }) => rule.children(),
        _ => Vec::new(),
    });
    let is_parent = |alarm: &Alarm, child: &str| match &alarm.kind {
        Kind::Composite { rule, .. } => rule.children().contains(&child),
        Kind::Metric(_) => false,
    };
    // AWS: without a list of types there are metric alarms only; who asks for relatives gets all of them.
    let of_type = |alarm: &Alarm| {
        let name = alarm.kind.name();
        types.contains(&name)
            || types.is_empty() && (name == "MetricAlarm" || children_of.is_some() || parents_of.is_some())
    };
    let wanted = |alarm: &&Alarm| {
        of_type(alarm)
            && (names.is_empty() || names.contains(&alarm.name.as_str()))
            && prefix.is_none_or(|prefix| alarm.name.starts_with(prefix))
            && state.is_none_or(|state| state == alarm.state.value.as_str())
            && action_prefix.is_none_or(|prefix| alarm.actions.all().any(|action| action.starts_with(prefix)))
            && children.as_ref().is_none_or(|children| children.contains(&alarm.name.as_str()))
            && parents_of.is_none_or(|child| is_parent(alarm, child))
    };
    let found: Vec<&Alarm> = desk.book.alarms.values().filter(wanted).collect();
    let (found, token) = page.cut(found, usize::try_from(size).unwrap_or(usize::MAX));
    let (metric, composite): (Vec<&Alarm>, Vec<&Alarm>) =
        found.into_iter().partition(|alarm| matches!(alarm.kind, Kind::Metric(_)));
    Ok(Value::structure([
        ("MetricAlarms", Value::list(metric.into_iter().map(value))),
        ("CompositeAlarms", Value::list(composite.into_iter().map(value))),
    ])
    .with_optional("NextToken", token))
}

/// The alarms that watch one metric.
pub fn describe_alarms_for_metric(desk: &mut Desk<'_>, request: &Value) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let key = metric::read_key(&input, input.required_text("Namespace")?)?;
    let statistic = input.text("Statistic")?.or(input.text("ExtendedStatistic")?);
    let period = input.integer("Period")?;
    let unit = metric::read_unit(&input)?;
    let watches = |alarm: &&Alarm| match alarm.metric_rule().map(|rule| &rule.watched) {
        Some(Watched::Metric { key: own, statistic_name, period: own_period, unit: own_unit, .. }) => {
            *own == key
                && statistic.is_none_or(|statistic| statistic == statistic_name)
                && period.is_none_or(|period| period == *own_period)
                && unit.is_none_or(|unit| own_unit.as_deref() == Some(unit))
        }
        _ => false,
    };
    let found = desk.book.alarms.values().filter(watches).map(value);
    Ok(Value::structure([("MetricAlarms", Value::list(found))]))
}

fn value(alarm: &Alarm) -> Value {
    let list = |actions: &[String]| Value::list(actions.iter().map(String::as_str));
    let common = Value::structure([
        ("AlarmName", alarm.name.as_str().into()),
        ("AlarmArn", alarm.arn.as_str().into()),
        ("AlarmConfigurationUpdatedTimestamp", alarm.configured.into()),
        ("ActionsEnabled", alarm.actions.enabled.into()),
        ("OKActions", list(&alarm.actions.ok)),
        ("AlarmActions", list(&alarm.actions.alarm)),
        ("InsufficientDataActions", list(&alarm.actions.insufficient_data)),
        ("StateValue", alarm.state.value.as_str().into()),
        ("StateReason", alarm.state.reason.as_str().into()),
        ("StateUpdatedTimestamp", alarm.state.since.into()),
        ("StateTransitionedTimestamp", alarm.state.since.into()),
    ])
    .with_optional("AlarmDescription", alarm.description.as_deref())
    .with_optional("StateReasonData", alarm.state.data.as_deref());
    match &alarm.kind {
        Kind::Composite { text, .. } => common.with("AlarmRule", text.as_str()),
        Kind::Metric(rule) => with_rule(common, rule),
    }
}

fn with_rule(value: Value, rule: &MetricRule) -> Value {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let value = value
        .with("EvaluationPeriods", count(rule.evaluation_periods))
        .with("Threshold", rule.threshold)
        .with("ComparisonOperator", rule.comparison.as_str())
        .with_optional("DatapointsToAlarm", rule.datapoints_to_alarm.map(count))
        .with_optional("TreatMissingData", rule.missing_given.then(|| rule.missing.as_str()))
        .with_optional("EvaluateLowSampleCountPercentile", rule.low_sample_count.as_deref());
    match &rule.watched {
        Watched::Queries(queries) => value.with("Metrics", Value::list(queries.iter().map(Query::value))),
        Watched::Metric { key, statistic, statistic_name, period, unit } => {
            let member = if statistic.is_simple() { "Statistic" } else { "ExtendedStatistic" };
            value
                .with("MetricName", key.name())
                .with("Namespace", key.namespace())
                .with("Dimensions", metric::dimensions(key))
                .with(member, statistic_name.as_str())
                .with("Period", *period)
                .with_optional("Unit", unit.as_deref())
        }
    }
}
