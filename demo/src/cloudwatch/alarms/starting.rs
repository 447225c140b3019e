//! The alarms that the region starts with: for each cell, each web ACL, the router's table, and the fleet.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::alarm::{Actions, Alarm, Comparison, Kind, MetricRule, Missing, State, StateValue, Watched};
use super::rule::Rule;
use crate::estate::{Api, ApiKind, Estate, MAPPING_TABLE};
use crate::metrics::{MINUTE, MetricKey, Statistic};

/// The share of failed requests above which a cell's alarm fires.
const ERROR_RATE: f64 = 0.01;
/// The 99th percentile of the latency above which it does, in milliseconds.
const LATENCY: f64 = 800.0;
/// The share of 4xx answers, throttled requests among them, above which it does.
const REFUSED_RATE: f64 = 0.08;
/// The requests a minute that a web ACL blocks above which its alarm fires.
const BLOCKED: f64 = 1_500.0;
/// How many of the cells' alarms the fleet's refers to. AWS: 100 at most.
const CHILDREN: usize = 100;

/// All alarms of a starting estate.
pub fn alarms(estate: &Estate) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    let mut children = Vec::new();
    let mut created = Timestamp::MAX;
    for cell in &estate.cells {
        let of_cell = |api: &&Api| api.cell.as_deref() == Some(&cell.id) && api.kind != ApiKind::WebSocket;
        if let Some(api) = estate.apis.iter().map(AsRef::as_ref).find(of_cell) {
            created = created.min(api.created);
            alarms.extend(of_api(estate, &cell.id, api));
            children.push(format!("ALARM(\"{}-5xx\")", cell.id));
        }
    }
    if alarms.is_empty() {
        return alarms;
    }
    alarms.extend(acls(estate, created));
    if estate.apis.iter().any(|api| api.name == "router") {
        let key = MetricKey::new("AWS/DynamoDB", "ReadThrottleEvents", [("TableName", MAPPING_TABLE)]);
        let description = format!("DynamoDB refuses the router's reads of {MAPPING_TABLE}");
        let rule = rule(key, Statistic::Sum, 0.0, (2, 3));
        alarms.push(alarm(estate, "router-table-throttles", description, created, Kind::Metric(rule)));
    }
    children.truncate(CHILDREN);
    let text = children.join(" OR ");
    if let Ok(rule) = Rule::parse(&text) {
        let kind = Kind::Composite { text, rule };
        let description = "At least one cell of the fleet fails too many requests".to_owned();
        alarms.push(alarm(estate, "fleet-5xx", description, created, kind));
    }
    alarms
}

fn of_api(estate: &Estate, cell: &str, api: &Api) -> [Alarm; 3] {
    let (errors, refused, dimension) = match api.kind {
        ApiKind::Rest => ("5XXError", "4XXError", ("ApiName", api.name.as_str())),
        _ => ("5xx", "4xx", ("ApiId", api.id.as_str())),
    };
    let alarm = |what: &str, description: String, metric: &str, statistic, threshold| {
        let key = MetricKey::new("AWS/ApiGateway", metric, [dimension]);
        let rule = rule(key, statistic, threshold, (3, 5));
        alarm(estate, &format!("{cell}-{what}"), description, api.created, Kind::Metric(rule))
    };
    let name = &api.name;
    [
        alarm(
            "5xx",
            format!("More than 1 % of the requests to {name} fail"),
            errors,
            Statistic::Average,
            ERROR_RATE,
        ),
        alarm(
            "latency",
            format!("The 99th percentile of the latency of {name} is above 800 ms"),
            "Latency",
            Statistic::Percentile(99.0),
            LATENCY,
        ),
        alarm(
            "throttles",
            format!("More than 8 % of the requests to {name} are throttled or refused"),
            refused,
            Statistic::Average,
            REFUSED_RATE,
        ),
    ]
}

/// One alarm for each web ACL that guards a stage.
fn acls(estate: &Estate, created: Timestamp) -> Vec<Alarm> {
    let guarding: BTreeSet<&str> = estate
        .apis
        .iter()
        .flat_map(|api| &api.stages)
        .filter_map(|stage| stage.web_acl_arn.as_deref())
        .collect();
    let metric_name = |arn: &str| {
        let acl = estate.waf.web_acl(arn)?;
        let metric = acl.document.pointer("/VisibilityConfig/MetricName").and_then(Value::as_str)?;
        Some((acl.name.clone(), metric.to_owned()))
    };
    let alarm_of = |(name, metric): (String, String)| {
        let dimensions = [("WebACL", metric.as_str()), ("Rule", "ALL"), ("Region", estate.region.as_str())];
        let key = MetricKey::new("AWS/WAFV2", "BlockedRequests", dimensions);
        let description = format!("The web ACL {name} blocks more than 1,500 requests a minute");
        let kind = Kind::Metric(rule(key, Statistic::Sum, BLOCKED, (3, 5)));
        alarm(estate, &format!("waf-{name}-blocks"), description, created, kind)
    };
    guarding.into_iter().filter_map(metric_name).map(alarm_of).collect()
}

fn rule(
    key: MetricKey,
    statistic: Statistic,
    threshold: f64,
    (needed, periods): (usize, usize),
) -> MetricRule {
    MetricRule {
        watched: Watched::Metric {
            key,
            statistic,
            statistic_name: statistic.to_string(),
            period: MINUTE,
            unit: None,
        },
        comparison: Comparison::Greater,
        threshold,
        evaluation_periods: periods,
        datapoints_to_alarm: Some(needed),
        missing: Missing::NotBreaching,
        missing_given: true,
        low_sample_count: None,
    }
}

fn alarm(estate: &Estate, name: &str, description: String, created: Timestamp, kind: Kind) -> Alarm {
    let reason = match &kind {
        Kind::Metric(_) => "Threshold Crossed: no datapoints were received and missing datapoints were treated as [NonBreaching]".to_owned(),
        Kind::Composite { text, .. } => format!("The rule {text} does not hold"),
    };
    Alarm {
        arn: arn(estate, name),
        name: name.to_owned(),
        description: Some(description),
        actions: Actions { enabled: true, ..Actions::default() },
        tags: BTreeMap::new(),
        configured: created,
        kind,
        state: State { value: StateValue::Ok, reason, data: None, since: created },
        fresh: false,
    }
}

/// The ARN of the alarm of this name.
pub fn arn(estate: &Estate, name: &str) -> String {
    format!("arn:aws:cloudwatch:{}:{}:alarm:{name}", estate.region, estate.account_id)
}
