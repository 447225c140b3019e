//! Alarms by cases: making, reading, changing state, deleting.

use std::sync::Arc;

use jiff::SignedDuration;

use super::*;
use crate::estate::seed::starting_estate;
use crate::metrics::{MINUTE, MetricKey, minute_of};

fn now() -> Timestamp {
    "2026-11-20T12:30:20Z".parse().unwrap()
}

/// An account with its starting alarms, and a cell of which 5 % of the requests fail in the last four minutes.
struct World {
    alarms: Alarms,
    estate: Estate,
    metrics: Arc<MetricStore>,
    now: Timestamp,
}

impl World {
    fn new() -> Self {
        let estate = starting_estate(7, 12, 30, now());
        let world = Self { alarms: Alarms::default(), estate, metrics: Arc::default(), now: now() };
        let last = minute_of(now());
        (last - 60..last).for_each(|minute| world.errors(minute, if minute < last - 4 { 0 } else { 5 }));
        world
    }

    fn errors(&self, minute: i64, errors: u64) {
        let failing = MetricKey::new("AWS/ApiGateway", "5XXError", [("ApiName", "cell-03-api")]);
        let id = self.metrics.series(&failing, Some("Count"));
        self.metrics.record(minute, |recorder| recorder.at(id).add_rate(errors, 100));
    }

    fn ask(&self, operation: Operation, request: &Value) -> Result<Value, Fault> {
        self.alarms.perform(operation, (&self.estate, &self.metrics), self.now, request)
    }

    fn put(&self, name: &str, alter: impl Fn(Value) -> Value) -> Result<Value, Fault> {
        let dimension = Value::structure([("Name", "ApiName".into()), ("Value", "cell-03-api".into())]);
        let alarm = Value::structure([
            ("AlarmName", name.into()),
            ("Namespace", "AWS/ApiGateway".into()),
            ("MetricName", "5XXError".into()),
            ("Dimensions", Value::list([dimension])),
            ("Statistic", "Sum".into()),
            ("Period", 60_i64.into()),
            ("EvaluationPeriods", 1_i64.into()),
            ("Threshold", 4.0.into()),
            ("ComparisonOperator", "GreaterThanThreshold".into()),
            ("AlarmActions", Value::list(["arn:aws:sns:eu-west-1:123456789012:page"])),
        ]);
        self.ask(put_metric_alarm, &alter(alarm))
    }

    /// State by name, of those that the request asks for.
    fn states(&self, request: Value) -> Vec<(String, String)> {
        let answer = self.ask(describe_alarms, &request.with("MaxRecords", 100_i64)).unwrap();
        let lists = ["MetricAlarms", "CompositeAlarms"].map(|name| list(&answer, name));
        let state = |alarm: &Value| (text(alarm, "AlarmName"), text(alarm, "StateValue"));
        lists.iter().flatten().map(state).collect()
    }

    fn state(&self, name: &str) -> String {
        let types = Value::list(["MetricAlarm", "CompositeAlarm"]);
        let request = Value::structure([("AlarmNames", Value::list([name])), ("AlarmTypes", types)]);
        self.states(request).remove(0).1
    }
}

fn list(answer: &Value, name: &str) -> Vec<Value> {
    let Value::Structure(members) = answer else { panic!("no structure") };
    let Some(Value::List(items)) = members.get(name) else { panic!("no {name}") };
    items.clone()
}

fn text(value: &Value, name: &str) -> String {
    let Value::Structure(members) = value else { panic!("no structure") };
    let Some(Value::Text(text)) = members.get(name) else { panic!("no {name} in {value:?}") };
    text.clone()
}

fn named(name: &str) -> Value {
    Value::structure([("AlarmName", name.into())])
}

#[test]
fn alarms_follow_the_metrics_of_their_cell_and_the_fleet_follows_them() {
    let mut world = World::new();
    let alarming = Value::structure([("StateValue", "ALARM".into())]);
    assert_eq!(world.states(alarming), [("cell-03-5xx".to_owned(), "ALARM".to_owned())]);
    assert_eq!(world.state("fleet-5xx"), "ALARM");
    let last = minute_of(world.now);
    (last..last + 5).for_each(|minute| world.errors(minute, 0));
    world.now += SignedDuration::from_mins(5);
    assert_eq!((world.state("cell-03-5xx"), world.state("fleet-5xx")), ("OK".to_owned(), "OK".to_owned()));

    let request = named("cell-03-5xx").with("HistoryItemType", "StateUpdate");
    let entries = list(&world.ask(describe_alarm_history, &request).unwrap(), "AlarmHistoryItems");
    let summaries: Vec<String> = entries.iter().map(|entry| text(entry, "HistorySummary")).collect();
    assert_eq!(summaries, ["Alarm updated from ALARM to OK", "Alarm updated from OK to ALARM"]);
    let Value::Structure(first) = &entries[1] else { panic!("no structure") };
    // The third of five bad minutes was over then.
    let raised = Timestamp::from_second((last - 1) * MINUTE).unwrap();
    assert_eq!(first.get("Timestamp"), Some(&Value::Time(raised)));
}

#[test]
fn it_makes_no_difference_when_minutes_are_looked_at() {
    let (mut often, mut once) = (World::new(), World::new());
    let last = minute_of(now());
    for (minute, errors) in (last..).zip([5, 0, 0, 0, 5, 5, 5, 0, 0, 0]) {
        often.errors(minute, errors);
        once.errors(minute, errors);
        often.now += SignedDuration::from_mins(1);
        often.state("cell-03-5xx");
    }
    once.now = often.now;
    let history = |world: &World| world.ask(describe_alarm_history, &named("cell-03-5xx")).unwrap();
    assert_eq!(history(&often), history(&once));
}

#[test]
fn a_new_alarm_is_evaluated_at_once_and_acts() {
    let world = World::new();
    world.put("mine", |alarm| alarm).unwrap();
    assert_eq!(world.state("mine"), "ALARM");
    let entries = world.ask(describe_alarm_history, &named("mine")).unwrap();
    let kinds: Vec<_> =
        list(&entries, "AlarmHistoryItems").iter().map(|entry| text(entry, "HistoryItemType")).collect();
    for kind in ["ConfigurationUpdate", "StateUpdate", "Action"] {
        assert!(kinds.iter().any(|own| own == kind), "{kind} is not in {kinds:?}");
    }
}

#[test]
fn a_state_that_was_set_lasts_until_the_next_minute() {
    let mut world = World::new();
    world.put("mine", |alarm| alarm).unwrap();
    let set = named("mine").with("StateValue", "OK").with("StateReason", "testing");
    world.ask(set_alarm_state, &set).unwrap();
    assert_eq!(world.state("mine"), "OK");
    world.errors(minute_of(world.now), 9);
    world.now += SignedDuration::from_mins(1);
    assert_eq!(world.state("mine"), "ALARM");
    let unknown = world.ask(set_alarm_state, &set.with("AlarmName", "gone")).unwrap_err();
    assert_eq!(unknown.code, "ResourceNotFound");
}

#[test]
fn an_alarm_on_metric_math_is_raised_by_its_expression() {
    let world = World::new();
    let dimension = Value::structure([("Name", "ApiName".into()), ("Value", "cell-03-api".into())]);
    let metric = Value::structure([
        ("Namespace", "AWS/ApiGateway".into()),
        ("MetricName", "5XXError".into()),
        ("Dimensions", Value::list([dimension])),
    ]);
    let stat = Value::structure([("Metric", metric), ("Period", 60_i64.into()), ("Stat", "Sum".into())]);
    let queries = Value::list([
        Value::structure([("Id", "e".into()), ("MetricStat", stat), ("ReturnData", false.into())]),
        Value::structure([("Id", "twice".into()), ("Expression", "FILL(e, 0) * 2".into())]),
    ]);
    let alarm = named("math")
        .with("Metrics", queries)
        .with("EvaluationPeriods", 3_i64)
        .with("Threshold", 9.0)
        .with("ComparisonOperator", "GreaterThanThreshold");
    world.ask(put_metric_alarm, &alarm).unwrap();
    assert_eq!(world.state("math"), "ALARM");
}

#[test]
fn what_is_illegal_is_refused() {
    let world = World::new();
    let illegal: [fn(Value) -> Value; 8] = [
        |alarm| alarm.with("Period", 61_i64),
        |alarm| alarm.with("EvaluationPeriods", 2_000_i64),
        |alarm| alarm.with("DatapointsToAlarm", 2_i64),
        |alarm| alarm.with("ExtendedStatistic", "p99"),
        |alarm| alarm.with("ComparisonOperator", "GreaterThanUpperThreshold"),
        |alarm| alarm.with("TreatMissingData", "never"),
        |alarm| alarm.with("Threshold", f64::NAN),
        |alarm| alarm.with("AlarmActions", Value::list(["page me"])),
    ];
    for alter in illegal {
        assert_eq!(world.put("mine", alter).unwrap_err().code, "ValidationError");
    }
    let composite = |name: &str, rule: &str| named(name).with("AlarmRule", rule);
    assert!(world.ask(put_composite_alarm, &composite("c", "ALARM(gone)")).is_err());
    world.ask(put_composite_alarm, &composite("c", "ALARM(\"cell-03-5xx\")")).unwrap();
    world.ask(put_composite_alarm, &composite("d", "ALARM(c)")).unwrap();
    assert!(world.ask(put_composite_alarm, &composite("c", "OK(d)")).is_err());
    let delete = |name: &str| Value::structure([("AlarmNames", Value::list([name]))]);
    assert!(world.ask(delete_alarms, &delete("c")).is_err());
    world.ask(delete_alarms, &delete("d")).unwrap();
    world.ask(delete_alarms, &delete("c")).unwrap();
}

#[test]
fn alarms_carry_tags() {
    let world = World::new();
    world.put("mine", |alarm| alarm).unwrap();
    let arn =
        || Value::structure([("ResourceARN", "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:mine".into())]);
    let tag = Value::structure([("Key", "team".into()), ("Value", "shop".into())]);
    world.ask(tag_resource, &arn().with("Tags", Value::list([tag.clone()]))).unwrap();
    let tags = || list(&world.ask(list_tags_for_resource, &arn()).unwrap(), "Tags");
    assert_eq!(tags(), [tag]);
    world.ask(untag_resource, &arn().with("TagKeys", Value::list(["team"]))).unwrap();
    assert!(tags().is_empty());
}

#[test]
fn pages_hold_every_alarm_once() {
    let world = World::new();
    let all = world.states(Value::structure([]));
    let mut seen = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let request = Value::structure([("MaxRecords", 7_i64.into())]).with_optional("NextToken", token);
        let answer = world.ask(describe_alarms, &request).unwrap();
        seen.extend(list(&answer, "MetricAlarms").iter().map(|alarm| text(alarm, "AlarmName")));
        let Value::Structure(members) = &answer else { panic!("no structure") };
        token = members.contains_key("NextToken").then(|| text(&answer, "NextToken"));
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, all.into_iter().map(|(name, _)| name).collect::<Vec<_>>());
    assert!(seen.len() > 3 * 12);
}
