//! What protects the estate for screens: usage plans and keys, web ACLs and IP sets. The same each time.

use std::collections::BTreeMap;
use std::sync::Arc;

use cellgate::domain::api_key::{ApiKey, KeyStage, KeyUsage, PeriodUsage};
use cellgate::domain::id::{ApiKeyId, UsagePlanId};
use cellgate::domain::inventory::{Listed, News};
use cellgate::domain::ip_set::IpSetDocument;
use cellgate::domain::method::MethodKey;
use cellgate::domain::stage::Throttle;
use cellgate::domain::usage_plan::{PlanStage, Quota, UsagePlan};
use cellgate::domain::web_acl::WebAclDocument;
use cellgate::tui::event::List;
use jiff::SignedDuration;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{estate, private_access};

pub const ORDERS_ACL: &str = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/cell-07-waf/5f1c";
const BLOCKED_SET: &str = "arn:aws:wafv2:eu-west-1:123456789012:regional/ipset/blocked-addresses/9a2d";

pub fn throttle(rate: f64, burst: i64) -> Throttle {
    Throttle { rate: Some(rate), burst: Some(burst) }
}

/// Three tiers, and one that was closed.
pub fn plans() -> Vec<UsagePlan> {
    let orders = estate::apis().into_iter().find(|api| api.name == "orders-api").expect("an API");
    let stage = |methods: BTreeMap<MethodKey, Throttle>| PlanStage {
        api: orders.id.clone(),
        stage: "prod".into(),
        method_throttles: methods,
    };
    let plan = |id: &str, name: &str, throttle, quota: Option<(i64, &str)>, stages| UsagePlan {
        id: id.into(),
        name: name.into(),
        description: Some(format!("{name} customers")),
        throttle,
        quota: quota.map(|(limit, period)| Quota { limit, offset: 0, period: period.into() }),
        stages,
        key_count: None,
    };
    let search = MethodKey::Method { path: "/orders/search".into(), verb: "GET".into() };
    vec![
        plan("gold01", "gold", throttle(500.0, 1_000), None, vec![stage(BTreeMap::new())]),
        plan(
            "silv01",
            "silver",
            throttle(50.0, 100),
            Some((1_000_000, "MONTH")),
            vec![stage(BTreeMap::from([(search, throttle(2.0, 4))]))],
        ),
        plan("free01", "free", throttle(5.0, 10), Some((1_000, "DAY")), vec![stage(BTreeMap::new())]),
        plan("clos01", "closed", throttle(0.0, 0), None, vec![]),
    ]
}

/// Five keys, of which one is off and one is on no plan.
pub fn keys() -> Vec<Arc<ApiKey>> {
    let orders = estate::apis().into_iter().find(|api| api.name == "orders-api").expect("an API");
    [
        ("k1aa", "acme-prod", true, Some("acme")),
        ("k2bb", "acme-batch", true, Some("acme")),
        ("k3cc", "globex", true, Some("globex")),
        ("k4dd", "initech", false, Some("initech")),
        ("k5ee", "left-over", true, None),
    ]
    .into_iter()
    .enumerate()
    .map(|(place, (id, name, enabled, customer))| {
        let days = i64::try_from(place).expect("a few") * 40 + 12;
        let created = estate::now() - SignedDuration::from_hours(24 * days);
        Arc::new(ApiKey {
            id: id.into(),
            name: name.into(),
            description: None,
            customer_id: customer.map(str::to_owned),
            enabled,
            created: Some(created),
            last_updated: Some(created),
            stages: vec![KeyStage { api: orders.id.clone(), stage: "prod".into() }],
            tags: BTreeMap::new(),
        })
    })
    .collect()
}

pub fn plans_of_keys(asked: &[ApiKeyId]) -> News {
    let plan = |key: &ApiKeyId| match key.as_str() {
        "k1aa" => vec!["gold01".into()],
        "k2bb" | "k3cc" => vec!["silv01".into()],
        "k4dd" => vec!["free01".into()],
        _ => vec![],
    };
    News::PlansOfKeys { plans: asked.iter().map(|key| (key.clone(), plan(key))).collect(), failure: None }
}

/// Of a quota: how much is left to which key, after these many requests a day.
fn usage_days(key: &str) -> (&'static str, Vec<Vec<i64>>) {
    match key {
        "k2bb" => ("silv01", vec![vec![40_000, 960_000], vec![61_000, 899_000], vec![12_500, 886_500]]),
        "k3cc" => ("silv01", vec![vec![310_000, 690_000], vec![330_000, 360_000], vec![325_000, 35_000]]),
        "k4dd" => ("free01", vec![vec![1_000, 0]]),
        _ => ("gold01", vec![]),
    }
}

fn period_usage(key: &ApiKeyId) -> PeriodUsage {
    let (plan, days) = usage_days(key.as_str());
    let since = Date::constant(2026, 11, 18);
    PeriodUsage { plan: plan.into(), since, usage: KeyUsage::from_days(Some(key.clone()), since, &days) }
}

pub fn usage_of_key(key: &ApiKeyId) -> News {
    News::UsageOfKey { key: key.clone(), outcome: Ok(vec![period_usage(key)]) }
}

pub fn usage_of_plan(plan: &UsagePlanId) -> News {
    let all = keys().into_iter().map(|key| period_usage(&key.id));
    let outcome = Ok(all.filter(|period| period.plan == *plan).collect());
    News::UsageOfPlan { plan: plan.clone(), outcome }
}

pub fn list(list: List) -> News {
    match list {
        List::UsagePlans => News::UsagePlans(Ok(plans())),
        List::ApiKeys => News::ApiKeys(Listed { items: keys(), failures: vec![] }),
        List::WebAcls => News::WebAcls(Listed { items: web_acls(), failures: vec![] }),
        List::Domains => private_access::domains(),
        List::VpcLinks => private_access::vpc_links(),
        List::IpSets => News::IpSets(Listed { items: ip_sets(), failures: vec![] }),
    }
}

/// One in front of the cells' stages, and one that stands before nothing.
pub fn web_acls() -> Vec<Arc<WebAclDocument>> {
    let visible = |name: &str| json!({ "MetricName": name, "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true });
    let rules = json!([
        {
            "Name": "block-known-senders", "Priority": 0, "Action": { "Block": {} },
            "Statement": { "IPSetReferenceStatement": { "ARN": BLOCKED_SET } },
            "VisibilityConfig": visible("blockKnown"),
        },
        {
            "Name": "rate-by-address", "Priority": 10, "Action": { "Block": {} },
            "Statement": { "RateBasedStatement": {
                "Limit": 2_000, "EvaluationWindowSec": 300, "AggregateKeyType": "IP" } },
            "VisibilityConfig": visible("rateByAddress"),
        },
        {
            "Name": "common-rules", "Priority": 20, "OverrideAction": { "None": {} },
            "Statement": { "ManagedRuleGroupStatement": {
                "VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet", "Version": "Version_1.14",
                "RuleActionOverrides": [
                    { "Name": "SizeRestrictions_BODY", "ActionToUse": { "Count": {} } },
                    { "Name": "NoUserAgent_HEADER", "ActionToUse": { "Count": {} } },
                ] } },
            "VisibilityConfig": visible("commonRules"),
        },
        {
            "Name": "sql-injection", "Priority": 30, "Action": { "Count": {} },
            "Statement": { "SqliMatchStatement": {
                "FieldToMatch": { "AllQueryArguments": {} }, "TextTransformations": [] } },
            "VisibilityConfig": visible("sqlInjection"),
        },
    ]);
    let acl = |name: &str, arn: &str, default: &str, capacity: u64, rules: Value| {
        let body = json!({
            "Name": name, "Id": arn.rsplit('/').next(), "ARN": arn, "Capacity": capacity,
            "Description": "kept by the platform team", "DefaultAction": { default: {} }, "Rules": rules,
            "VisibilityConfig": visible(name),
        });
        Arc::new(WebAclDocument::new(body, "token", None))
    };
    let idle = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/partners-waf/77aa";
    vec![
        acl("cell-07-waf", ORDERS_ACL, "Allow", 752, rules),
        acl("partners-waf", idle, "Block", 1_602, json!([])),
    ]
}

pub fn ip_sets() -> Vec<Arc<IpSetDocument>> {
    let set = |name: &str, arn: &str, version: &str, addresses: Vec<String>| {
        let body = json!({
            "Name": name, "Id": arn.rsplit('/').next(), "ARN": arn, "IPAddressVersion": version,
            "Description": "", "Addresses": addresses,
        });
        Arc::new(IpSetDocument::new(body, "token", None).expect("a version"))
    };
    let office = "arn:aws:wafv2:eu-west-1:123456789012:regional/ipset/office/1b2c";
    let blocked = (0..500).map(|number| format!("198.51.{}.{}/32", number / 250, number % 250)).collect();
    vec![
        set("blocked-addresses", BLOCKED_SET, "IPV4", blocked),
        set("office", office, "IPV6", vec!["2001:db8:7::/48".into()]),
    ]
}
