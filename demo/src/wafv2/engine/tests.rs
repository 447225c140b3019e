//! The engine by cases, and any document at all.

#![expect(clippy::needless_pass_by_value, reason = "a case hands its JSON over")]

use std::net::{IpAddr, Ipv4Addr};

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::estate::{IpSet, RegexPatternSet};

fn facts() -> RequestFacts {
    RequestFacts {
        client: IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7)),
        prefix: 24,
        country: "DE",
        method: "POST".to_owned(),
        path: "/prod/orders".to_owned(),
        query: String::new(),
        user_agent: "ShopApp/7.2",
        headers: vec![("host", "api.shop.example".to_owned()), ("user-agent", "ShopApp/7.2".to_owned())],
        body_bytes: 900,
        body: r#"{"cart":"c-1"}"#.to_owned(),
    }
}

fn acl(rules: Value) -> WebAcl {
    WebAcl {
        id: "id".to_owned(),
        name: "waf".to_owned(),
        arn: "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/waf/id".to_owned(),
        lock_token: String::new(),
        document: json!({ "DefaultAction": { "Allow": {} }, "Rules": rules }),
        logging_configuration: None,
        tags: std::collections::BTreeMap::new(),
    }
}

fn rule(statement: Value, action: &str) -> Value {
    json!({
        "Name": "rule", "Priority": 0, "Statement": statement, "Action": { action: {} },
        "VisibilityConfig": { "MetricName": "rule" },
    })
}

fn verdict(rules: Value, facts: &RequestFacts) -> Verdict {
    compile(&acl(rules), &Waf::default()).judge(facts)
}

fn is_blocked(statement: Value, facts: &RequestFacts) -> bool {
    verdict(json!([rule(statement, "Block")]), facts).action == WafAction::Block
}

fn bytes(field: Value, position: &str, needle: &str) -> Value {
    use base64::Engine as _;
    let needle = base64::prelude::BASE64_STANDARD.encode(needle);
    json!({ "ByteMatchStatement": {
        "SearchString": needle, "FieldToMatch": field, "PositionalConstraint": position,
        "TextTransformations": [{ "Priority": 0, "Type": "LOWERCASE" }],
    } })
}

#[test]
fn statements_match_what_they_say() {
    let facts = facts();
    let path = || json!({ "UriPath": {} });
    let header = |name: &str| json!({ "SingleHeader": { "Name": name } });
    for statement in [
        json!({ "GeoMatchStatement": { "CountryCodes": ["FR", "DE"] } }),
        bytes(path(), "EXACTLY", "/prod/orders"),
        bytes(path(), "STARTS_WITH", "/prod"),
        bytes(path(), "CONTAINS_WORD", "orders"),
        bytes(header("User-Agent"), "CONTAINS", "shopapp"),
        json!({ "RegexMatchStatement": { "RegexString": "^/prod/(orders|carts)$", "FieldToMatch": path(), "TextTransformations": [] } }),
        json!({ "SizeConstraintStatement": { "FieldToMatch": { "Body": {} }, "ComparisonOperator": "GE", "Size": 900, "TextTransformations": [] } }),
        json!({ "AndStatement": { "Statements": [bytes(path(), "ENDS_WITH", "orders"), json!({ "GeoMatchStatement": { "CountryCodes": ["DE"] } })] } }),
        json!({ "NotStatement": { "Statement": json!({ "GeoMatchStatement": { "CountryCodes": ["FR"] } }) } }),
    ] {
        assert!(is_blocked(statement.clone(), &facts), "{statement}");
    }
    for statement in [
        json!({ "GeoMatchStatement": { "CountryCodes": ["FR"] } }),
        bytes(path(), "CONTAINS_WORD", "order"),
        json!({ "AsnMatchStatement": { "AsnList": [1] } }),
        json!({ "RateBasedStatement": { "Limit": 10, "AggregateKeyType": "IP" } }),
        json!({}),
    ] {
        assert!(!is_blocked(statement.clone(), &facts), "{statement}");
    }
}

#[test]
fn the_lowest_priority_goes_first_and_count_goes_on() {
    let geo = json!({ "GeoMatchStatement": { "CountryCodes": ["DE"] } });
    let of = |name: &str, priority: u32, action: &str| {
        json!({
            "Name": name, "Priority": priority, "Statement": geo, "Action": { action: {} },
            "RuleLabels": [{ "Name": format!("label:{name}") }],
            "VisibilityConfig": { "MetricName": format!("{name}-metric") },
        })
    };
    let verdict =
        verdict(json!([of("last", 9, "Block"), of("first", 1, "Count"), of("middle", 5, "Block")]), &facts());
    assert_eq!(verdict.action, WafAction::Block);
    assert_eq!(verdict.terminating.unwrap().metric, "middle-metric");
    assert_eq!(verdict.counted[0].rule, "first");
    assert_eq!(verdict.labels, ["label:first", "label:middle"]);
}

#[test]
fn an_ip_set_blocks_its_networks() {
    let mut waf = Waf::default();
    waf.ip_sets.push(IpSet {
        id: "s".to_owned(),
        name: "s".to_owned(),
        arn: "arn:set".to_owned(),
        lock_token: String::new(),
        description: String::new(),
        ip_version: "IPV4".to_owned(),
        addresses: vec!["198.51.100.0/25".to_owned()],
        tags: std::collections::BTreeMap::new(),
    });
    let acl = acl(json!([rule(json!({ "IPSetReferenceStatement": { "ARN": "arn:set" } }), "Block")]));
    assert_eq!(compile(&acl, &waf).judge(&facts()).action, WafAction::Block);
    let outside = RequestFacts { client: IpAddr::V4(Ipv4Addr::new(198, 51, 100, 200)), ..facts() };
    assert_eq!(compile(&acl, &waf).judge(&outside).action, WafAction::Allow);
}

#[test]
fn a_regex_pattern_set_matches_by_any_of_its_patterns() {
    let mut waf = Waf::default();
    waf.regex_pattern_sets.push(RegexPatternSet {
        id: "p".to_owned(),
        name: "p".to_owned(),
        arn: "arn:patterns".to_owned(),
        lock_token: String::new(),
        description: String::new(),
        patterns: vec!["^/prod/admin".to_owned(), "^/prod/orders$".to_owned()],
        tags: std::collections::BTreeMap::new(),
    });
    let statement = |arn: &str| {
        json!({ "RegexPatternSetReferenceStatement": {
            "ARN": arn, "FieldToMatch": { "UriPath": {} }, "TextTransformations": [{ "Priority": 0, "Type": "NONE" }],
        } })
    };
    let action = |arn: &str, waf: &Waf| {
        compile(&acl(json!([rule(statement(arn), "Block")])), waf).judge(&facts()).action
    };
    assert_eq!(action("arn:patterns", &waf), WafAction::Block);
    assert_eq!(action("arn:nobodys", &waf), WafAction::Allow);
    waf.regex_pattern_sets[0].patterns.truncate(1);
    assert_eq!(action("arn:patterns", &waf), WafAction::Allow);
}

fn common_rules(reference: &Value, over: &str) -> Value {
    let mut statement = json!({ "VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet" });
    for (name, value) in reference.as_object().into_iter().flatten() {
        statement[name] = value.clone();
    }
    json!([{
        "Name": "common", "Priority": 0, "Statement": { "ManagedRuleGroupStatement": statement },
        "OverrideAction": { over: {} }, "VisibilityConfig": { "MetricName": "common" },
    }])
}

#[test]
fn a_newer_version_blocks_large_bodies_until_one_rule_is_overridden() {
    let large = RequestFacts { body_bytes: 10_000, ..facts() };
    let mut waf = Waf::default();
    let judge = |waf: &Waf, rules: Value| compile(&acl(rules), waf).judge(&large);

    let before = judge(&waf, common_rules(&json!({}), "None"));
    assert_eq!(before.action, WafAction::Allow);
    assert_eq!(
        before.counted[0].within_group.as_deref(),
        Some("AWS#AWSManagedRulesCommonRuleSet#SizeRestrictions_BODY")
    );

    waf.managed_versions.insert("AWS#AWSManagedRulesCommonRuleSet".to_owned(), "Version_2.0".to_owned());
    assert_eq!(judge(&waf, common_rules(&json!({}), "None")).action, WafAction::Block);
    let counts = json!({ "RuleActionOverrides": [{ "Name": "SizeRestrictions_BODY", "ActionToUse": { "Count": {} } }] });
    assert_eq!(judge(&waf, common_rules(&counts, "None")).action, WafAction::Allow);
    // AWS: an unknown name is ignored in silence.
    let mistyped = json!({ "RuleActionOverrides": [{ "Name": "SizeRestriction_BODY", "ActionToUse": { "Count": {} } }] });
    assert_eq!(judge(&waf, common_rules(&mistyped, "None")).action, WafAction::Block);
    assert_eq!(
        judge(&waf, common_rules(&json!({ "Version": "Version_1.0" }), "None")).action,
        WafAction::Allow
    );
    assert_eq!(judge(&waf, common_rules(&json!({}), "Count")).action, WafAction::Allow);
    let scoped = json!({ "ScopeDownStatement": { "GeoMatchStatement": { "CountryCodes": ["FR"] } } });
    assert_eq!(judge(&waf, common_rules(&scoped, "None")).action, WafAction::Allow);
}

#[test]
fn a_rate_rule_blocks_who_is_over_the_limit_and_lets_go_afterwards() {
    let statement = json!({ "RateBasedStatement": { "Limit": 100, "EvaluationWindowSec": 60, "AggregateKeyType": "IP" } });
    let waf = Waf::default();
    let acl = acl(json!([rule(statement, "Block")]));
    let mut engine = compile(&acl, &waf);
    let start: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let quiet = RequestFacts { client: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)), ..facts() };
    let mut blocked_at = None;
    for second in 0..60 {
        let at = start + SignedDuration::from_secs(second);
        // Ten requests a second of each of three addresses, and one of a quiet source.
        let verdict = engine.observe(at, &facts(), 30, 3);
        assert_eq!(engine.observe(at, &quiet, 1, 1).action, WafAction::Allow);
        if verdict.action == WafAction::Block {
            blocked_at.get_or_insert(second);
        }
    }
    assert!(blocked_at.is_some_and(|second| (10..=25).contains(&second)), "{blocked_at:?}");
    assert_eq!(waf.limited.addresses(&acl.arn, "rule").len(), 3);
    let later = start + SignedDuration::from_secs(200);
    engine.observe(later, &quiet, 1, 1);
    assert_eq!(engine.observe(later + SignedDuration::from_secs(1), &facts(), 1, 3).action, WafAction::Allow);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[A-Za-z]{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["IP", "CONTANT", "Block", "GT", "EXACTLY", "(", "UriPath"])
            .prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "Statement",
        "Statements",
        "AndStatement",
        "NotStatement",
        "RateBasedStatement",
        "ScopeDownStatement",
        "ByteMatchStatement",
        "FieldToMatch",
        "RegexMatchStatement",
        "RegexString",
        "Limit",
        "Action",
        "Block",
        "ManagedRuleGroupStatement",
        "Name",
        "Priority",
        "VendorName",
        "RuleActionOverrides",
        "SearchString",
    ]);
    leaf.prop_recursive(5, 60, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(names.clone().prop_map(str::to_owned), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_document_is_compiled_and_judges(rules in any_json(), requests in 0_u64..1_000, addresses in 0_u32..50) {
        let mut engine = compile(&acl(rules), &Waf::default());
        let at: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        engine.observe(at, &facts(), requests, addresses);
        engine.judge(&facts());
    }
}
