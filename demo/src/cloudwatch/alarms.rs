//! DescribeAlarms: alarms whose state follows from the metrics.

mod definition;
mod state;

use jiff::Timestamp;

use super::error::Fault;
use super::input::Input;
use super::metric;
use super::page::Page;
use super::value::Value;
use crate::estate::Estate;
use crate::metrics::MetricStore;
use definition::Alarm;
use state::State;

/// AWS: 100 alarms in one answer at most.
const MOST_RECORDS: i64 = 100;
/// AWS: 50 unless asked otherwise.
const RECORDS: i64 = 50;

/// Answers a DescribeAlarms. The region has metric alarms only; the lists of other kinds are empty.
pub fn describe_alarms(
    estate: &Estate,
    metrics: &MetricStore,
    now: Timestamp,
    request: &Value,
) -> Result<Value, Fault> {
    let input = Input::root(request)?;
    let names = input.texts("AlarmNames")?;
    let prefix = input.text("AlarmNamePrefix")?;
    if !names.is_empty() && prefix.is_some() {
        return Err(Fault::validation("AlarmNamePrefix and AlarmNames are mutually exclusive."));
    }
    let types = input.texts("AlarmTypes")?;
    let state_value = input.choice("StateValue", &["OK", "ALARM", "INSUFFICIENT_DATA"])?;
    let action_prefix = input.text("ActionPrefix")?;
    // AWS: without a list of kinds there are only metric alarms; these alarms have no actions and no relatives.
    let none = !types.is_empty() && !types.contains(&"MetricAlarm")
        || action_prefix.is_some()
        || input.has("ChildrenOfAlarmName")
        || input.has("ParentsOfAlarmName");
    let size = input.integer_within("MaxRecords", 1, MOST_RECORDS)?.unwrap_or(RECORDS);
    let page = Page::of(&input, (&names, prefix, &types, state_value))?;

    let wanted = |alarm: &Alarm| {
        (names.is_empty() || names.contains(&alarm.name.as_str()))
            && prefix.is_none_or(|prefix| alarm.name.starts_with(prefix))
    };
    let found: Vec<(Alarm, State)> = definition::alarms(estate)
        .into_iter()
        .filter(|alarm| !none && wanted(alarm))
        .map(|alarm| {
            let state = State::of(&alarm, metrics, now);
            (alarm, state)
        })
        .filter(|(_, state)| state_value.is_none_or(|wanted| wanted == state.value.as_str()))
        .collect();
    let (found, token) = page.cut(found, usize::try_from(size).unwrap_or(usize::MAX));
    Ok(Value::structure([
        ("MetricAlarms", Value::list(found.iter().map(|(alarm, state)| value(alarm, state)))),
        ("CompositeAlarms", Value::List(Vec::new())),
    ])
    .with_optional("NextToken", token))
}

fn value(alarm: &Alarm, state: &State) -> Value {
    let periods = i64::try_from(Alarm::EVALUATION_PERIODS).unwrap_or_default();
    let needed = i64::try_from(Alarm::DATAPOINTS_TO_ALARM).unwrap_or_default();
    let statistic = if alarm.statistic.is_simple() { "Statistic" } else { "ExtendedStatistic" };
    Value::structure([
        ("AlarmName", alarm.name.as_str().into()),
        ("AlarmArn", alarm.arn.as_str().into()),
        ("AlarmDescription", alarm.description.as_str().into()),
        ("AlarmConfigurationUpdatedTimestamp", alarm.created.into()),
        ("ActionsEnabled", true.into()),
        ("OKActions", Value::List(Vec::new())),
        ("AlarmActions", Value::List(Vec::new())),
        ("InsufficientDataActions", Value::List(Vec::new())),
        ("StateValue", state.value.as_str().into()),
        ("StateReason", state.reason(alarm).into()),
        ("StateReasonData", state.reason_data(alarm).into()),
        ("StateUpdatedTimestamp", state.since.into()),
        ("StateTransitionedTimestamp", state.since.into()),
        ("MetricName", alarm.key.name().into()),
        ("Namespace", alarm.key.namespace().into()),
        ("Dimensions", metric::dimensions(&alarm.key)),
        (statistic, alarm.statistic.to_string().into()),
        ("Period", Alarm::PERIOD.into()),
        ("EvaluationPeriods", periods.into()),
        ("DatapointsToAlarm", needed.into()),
        ("Threshold", alarm.threshold.into()),
        ("ComparisonOperator", "GreaterThanThreshold".into()),
        ("TreatMissingData", "notBreaching".into()),
    ])
}
