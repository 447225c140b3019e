//! Web ACLs as they are read, and edits that alter one rule and nothing else.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn managed() -> GroupSource {
    let (vendor, name) = ("AWS".to_owned(), "AWSManagedRulesCommonRuleSet".to_owned());
    GroupSource::Managed { vendor, name, version: None }
}

fn contents() -> GroupRules {
    let rule = |name: &str, action| GroupRule { name: name.to_owned(), action };
    let rules =
        vec![rule("SizeRestrictions_BODY", RuleAction::Block), rule("NoUserAgent_HEADER", RuleAction::Count)];
    GroupRules { source: managed(), rules }
}

fn body() -> Value {
    json!({
        "Name": "cell-01-waf",
        "Id": "1",
        "ARN": "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/cell-01-waf/1",
        "Capacity": 902,
        "DefaultAction": { "Allow": {} },
        "Unknown": { "stays": true },
        "Rules": [
            {
                "Name": "common", "Priority": 5, "OverrideAction": { "None": {} }, "Unknown": 1,
                "Statement": { "ManagedRuleGroupStatement": {
                    "VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet",
                } },
            },
            {
                "Name": "rate", "Priority": 1, "Action": { "Count": {} },
                "Statement": { "RateBasedStatement": { "Limit": 60_000, "AggregateKeyType": "IP" } },
                "VisibilityConfig": { "MetricName": "rate-metric" },
            },
            {
                "Name": "blocked", "Priority": 0,
                "Action": { "Block": { "CustomResponse": { "ResponseCode": 429 } } },
                "Statement": { "IPSetReferenceStatement": {
                    "ARN": "arn:aws:wafv2:eu-west-1:123456789012:regional/ipset/blocked-addresses/1",
                } },
            },
            { "Name": "friends", "Priority": 2, "Action": { "Allow": {} }, "Statement": {} },
        ],
    })
}

fn document(body: Value) -> WebAclDocument {
    WebAclDocument::new(body, "token", None)
}

/// The paths in which two documents differ, member by member.
fn difference(one: &Value, other: &Value) -> Option<String> {
    loss::first_loss(one, other)
}

#[test]
fn a_document_is_read_in_the_order_in_which_aws_looks() {
    let acl = document(body()).acl;
    let rules: Vec<(&str, &str, &str)> = acl
        .rules
        .iter()
        .map(|rule| (rule.name.as_str(), rule.action.word(), rule.statement.as_str()))
        .collect();
    assert_eq!(
        rules,
        [
            ("blocked", "block", "address is in the IP set blocked-addresses"),
            ("rate", "count", "more than 60000 requests in 300 s by one address"),
            ("friends", "allow", "nothing"),
            ("common", "group-decides", "AWS AWSManagedRulesCommonRuleSet (default version)"),
        ]
    );
    assert_eq!((acl.scope, acl.capacity), (Scope::Regional, Some(902)));
    assert_eq!(acl.rules[1].metric.as_deref(), Some("rate-metric"));
    let rate = acl.rules[1].rate.clone().unwrap();
    assert_eq!((rate.limit, rate.window_seconds, rate.aggregate_key.as_str()), (60_000, 300, "IP"));
    assert_eq!(acl.rules[3].kind, RuleKind::ManagedGroup);
}

#[test]
fn statements_in_words() {
    for (statement, words) in [
        (
            json!({ "ByteMatchStatement": {
                "SearchString": "L2FkbWlu", "FieldToMatch": { "UriPath": {} }, "PositionalConstraint": "STARTS_WITH",
            } }),
            "path starts with '/admin'",
        ),
        (
            json!({ "AndStatement": { "Statements": [
                { "GeoMatchStatement": { "CountryCodes": ["DE", "FR"] } },
                { "OrStatement": { "Statements": [
                    { "LabelMatchStatement": { "Scope": "LABEL", "Key": "bad" } },
                    { "NotStatement": { "Statement": { "XssMatchStatement": { "FieldToMatch": { "Body": {} } } } } },
                ] } },
            ] } }),
            "country is DE, FR and (label is bad or not (body looks like cross-site scripting))",
        ),
        (
            json!({ "SizeConstraintStatement": {
                "FieldToMatch": { "SingleHeader": { "Name": "cookie" } }, "ComparisonOperator": "GT", "Size": 8192,
            } }),
            "header cookie is more than 8192 bytes",
        ),
        (
            json!({ "RateBasedStatement": {
                "Limit": 100, "EvaluationWindowSec": 60, "AggregateKeyType": "CONSTANT",
                "ScopeDownStatement": { "GeoMatchStatement": { "CountryCodes": ["DE"] } },
            } }),
            "more than 100 requests in 60 s in all, where country is DE",
        ),
        (
            json!({ "AsnMatchStatement": { "AsnList": [1, 2, 3, 4, 5, 6, 7] } }),
            "autonomous system is 1, 2, 3, 4, 5, 2 more",
        ),
        (
            json!({ "RuleGroupReferenceStatement": {
                "ARN": "arn:aws:wafv2:eu-west-1:123456789012:regional/rulegroup/own/1",
            } }),
            "rule group own",
        ),
        (json!({ "MoonPhase\u{1b}Statement": {} }), "MoonPhase\u{fffd}Statement"),
    ] {
        let rule = Rule::of(&json!({ "Name": "x", "Statement": statement }));
        assert_eq!(rule.statement, words);
    }
}

#[test]
fn a_switch_alters_the_action_of_one_rule_and_nothing_else() {
    let document = document(body());
    let edited = document.switch_rule("blocked", SwitchedAction::Count).unwrap();
    let mut expected = body();
    expected["Rules"][2]["Action"] = json!({ "Count": {} });
    assert_eq!(edited.body, expected);
    let change = &edited.changes[0];
    assert_eq!(
        (change.field.as_str(), change.before.as_str(), change.after.as_str()),
        ("blocked: action", "block {\"CustomResponse\":{\"ResponseCode\":429}}", "count")
    );
    for (rule, to, says) in [
        ("rate", SwitchedAction::Count, "the action of the rule rate is count already"),
        ("friends", SwitchedAction::Block, "only block and count are switched"),
        ("common", SwitchedAction::Count, "never all of it"),
        ("raet", SwitchedAction::Block, "has no rule 'raet', did you mean 'rate'?"),
    ] {
        let refused = document.switch_rule(rule, to).unwrap_err().to_string();
        assert!(refused.contains(says), "{refused}");
    }
}

#[test]
fn an_edit_is_put_back_whole_unless_somebody_edited_the_rule_since() {
    let document = document(body());
    let edited = document.switch_rule("blocked", SwitchedAction::Count).unwrap();
    let after = WebAclDocument::new(edited.body.clone(), "token", None);
    let back = after.restore_rule(&edited).unwrap();
    assert_eq!(back.body, body(), "the custom response is back, too");
    assert_eq!(
        (back.changes[0].before.as_str(), &back.changes[0].after),
        ("count", &edited.changes[0].before)
    );
    let again = WebAclDocument::new(back.body.clone(), "token", None).restore_rule(&back).unwrap();
    assert_eq!(again.body, edited.body, "an undo can be undone");

    let mut meddled = edited.body.clone();
    meddled["Rules"][2]["Priority"] = json!(9);
    let refused = WebAclDocument::new(meddled, "token", None).restore_rule(&edited).unwrap_err();
    assert_eq!(refused, EditRefused::Moved { rule: "blocked".into(), path: "Priority".into() });
}

#[test]
fn a_rate_is_set_within_what_aws_takes() {
    let document = document(body());
    let edited = document.set_rate("rate", Some(10), Some(60)).unwrap();
    let mut expected = body();
    expected["Rules"][1]["Statement"]["RateBasedStatement"]["Limit"] = json!(10);
    expected["Rules"][1]["Statement"]["RateBasedStatement"]["EvaluationWindowSec"] = json!(60);
    assert_eq!(edited.body, expected);
    let shown: Vec<String> = edited
        .changes
        .iter()
        .map(|change| format!("{} {} -> {}", change.field, change.before, change.after))
        .collect();
    assert_eq!(shown, ["rate: limit 60000 -> 10", "rate: window 300 s -> 60 s"]);
    let only_limit = document.set_rate("rate", Some(2_000_000_000), Some(300)).unwrap();
    assert!(only_limit.rule_after["Statement"]["RateBasedStatement"].get("EvaluationWindowSec").is_none());

    for limit in [0, 9, 2_000_000_001] {
        assert_eq!(
            document.set_rate("rate", Some(limit), None),
            Err(EditRefused::LimitOutOfRange { limit }),
            "{limit}"
        );
    }
    for seconds in [0, 30, 61, 900] {
        assert_eq!(
            document.set_rate("rate", None, Some(seconds)),
            Err(EditRefused::IllegalWindow { seconds }),
            "{seconds}"
        );
    }
    assert!(matches!(document.set_rate("rate", Some(60_000), Some(300)), Err(EditRefused::Unchanged { .. })));
    assert!(matches!(document.set_rate("rate", None, None), Err(EditRefused::Unchanged { .. })));
    assert!(matches!(
        document.set_rate("blocked", Some(100), None),
        Err(EditRefused::NotRateBased { kind, .. }) if kind == "match"
    ));
}

#[test]
fn one_rule_of_a_group_is_overridden_and_let_go_again() {
    let document = document(body());
    let name = "SizeRestrictions_BODY";
    let edited =
        document.override_group_rule("common", name, Some(SwitchedAction::Count), &contents()).unwrap();
    assert_eq!(
        edited.rule_after["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"],
        json!([{ "Name": name, "ActionToUse": { "Count": {} } }])
    );
    assert_eq!(edited.rule_after["OverrideAction"], json!({ "None": {} }), "never the whole group");
    assert_eq!(difference(&body(), &edited.body).unwrap().split('.').count(), 4);
    let change = &edited.changes[0];
    assert_eq!(
        (change.field.as_str(), change.before.as_str(), change.after.as_str()),
        ("common: SizeRestrictions_BODY", "block (as the group says)", "count")
    );

    let overridden = WebAclDocument::new(edited.body, "token", None);
    let blocks =
        overridden.override_group_rule("common", name, Some(SwitchedAction::Block), &contents()).unwrap();
    let group = Rule::of(&blocks.rule_after).group.unwrap();
    assert_eq!(group.overrides, [RuleOverride { rule: name.to_owned(), action: RuleAction::Block }]);
    let cleared = overridden.override_group_rule("common", name, None, &contents()).unwrap();
    assert_eq!(cleared.body, body());
}

#[test]
fn an_override_that_aws_would_ignore_is_refused() {
    let document = document(body());
    let count = Some(SwitchedAction::Count);
    let of = |rule: &str, name: &str, to| document.override_group_rule(rule, name, to, &contents());
    let refused = of("common", "SizeRestriction_BODY", count).unwrap_err().to_string();
    assert!(
        refused.contains("has no rule 'SizeRestriction_BODY', did you mean 'SizeRestrictions_BODY'?"),
        "{refused}"
    );
    assert!(matches!(of("rate", "x", count), Err(EditRefused::NotAGroup { .. })));
    assert!(matches!(of("common", "NoUserAgent_HEADER", count), Err(EditRefused::Unchanged { .. })));
    assert!(matches!(of("common", "NoUserAgent_HEADER", None), Err(EditRefused::Unchanged { .. })));
    let other = GroupRules { source: GroupSource::Own { arn: "arn".into() }, ..contents() };
    assert!(matches!(
        document.override_group_rule("common", "SizeRestrictions_BODY", count, &other),
        Err(EditRefused::OtherGroup { .. })
    ));

    let mut counted = body();
    counted["Rules"][0]["OverrideAction"] = json!({ "Count": {} });
    counted["Rules"][0]["Statement"]["ManagedRuleGroupStatement"]["ExcludedRules"] =
        json!([{ "Name": "SizeRestrictions_BODY" }]);
    let counted = WebAclDocument::new(counted, "token", None);
    let of = |name: &str, to| counted.override_group_rule("common", name, Some(to), &contents());
    assert!(matches!(of("SizeRestrictions_BODY", SwitchedAction::Block), Err(EditRefused::Excluded { .. })));
    assert!(matches!(of("SizeRestrictions_BODY", SwitchedAction::Count), Err(EditRefused::Unchanged { .. })));
    assert!(matches!(
        of("NoUserAgent_HEADER", SwitchedAction::Block),
        Err(EditRefused::GroupOnlyCounts { .. })
    ));
}

#[test]
fn a_group_takes_a_hundred_overrides() {
    let names: Vec<String> = (0..=100).map(|place| format!("rule-{place}")).collect();
    let overrides: Vec<Value> =
        names[..100].iter().map(|name| json!({ "Name": name, "ActionToUse": { "Count": {} } })).collect();
    let mut full = body();
    full["Rules"][0]["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"] = json!(overrides);
    let full = document(full);
    let rules =
        names.iter().map(|name| GroupRule { name: name.clone(), action: RuleAction::Block }).collect();
    let contents = GroupRules { source: managed(), rules };
    let of = |name: &str, to| full.override_group_rule("common", name, Some(to), &contents);
    assert!(matches!(of("rule-100", SwitchedAction::Count), Err(EditRefused::TooManyOverrides { .. })));
    of("rule-3", SwitchedAction::Block).unwrap();
}

#[test]
fn what_would_lose_something_or_is_not_ours_is_not_edited() {
    let lossy = WebAclDocument::new(body(), "token", Some("Rules[x].Statement.MoonPhase".to_owned()));
    let refused = lossy.switch_rule("blocked", SwitchedAction::Count).unwrap_err().to_string();
    assert!(refused.contains("has Rules[x].Statement.MoonPhase, which this version"), "{refused}");
    let mut managed = body();
    managed["ManagedByFirewallManager"] = json!(true);
    assert!(matches!(
        document(managed).set_rate("rate", Some(10), None),
        Err(EditRefused::FirewallManager { .. })
    ));
}

#[test]
fn stages_are_told_by_their_arns() {
    let arn = "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/prod";
    let stage = GuardedStage::of_arn(arn).unwrap();
    assert_eq!((stage.api.as_str(), stage.stage.as_str()), ("a1b2c3", "prod"));
    assert_eq!(stage.arn("aws", "eu-west-1"), arn);
    for other in [
        "",
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/x/1",
        "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3",
        "arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/prod/more",
        "arn:aws:other:eu-west-1::/restapis/a1b2c3/stages/prod",
    ] {
        assert_eq!(GuardedStage::of_arn(other), None, "{other}");
    }
    assert_eq!(Scope::of_arn("arn:aws:wafv2:us-east-1:1:global/webacl/x/1"), Scope::CloudFront);
}

/// Words that a rule is made of, so that what is made up reaches deep into the reading.
const WORDS: [&str; 16] = [
    "Name",
    "Rules",
    "Action",
    "OverrideAction",
    "Statement",
    "Statements",
    "Block",
    "Count",
    "RateBasedStatement",
    "ManagedRuleGroupStatement",
    "RuleActionOverrides",
    "ActionToUse",
    "AndStatement",
    "FieldToMatch",
    "Limit",
    "one",
];

fn made_up() -> impl Strategy<Value = Value> {
    let word = proptest::sample::select(&WORDS[..]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 64, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..4).prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_a_document_holds_an_edit_alters_at_most_the_rule(
        statement in made_up(),
        action in made_up(),
        other in made_up(),
    ) {
        let body = json!({
            "Name": "acl",
            "Rules": [{ "Name": "one", "Statement": statement, "Action": action, "OverrideAction": other }, other],
            "Unknown": other,
        });
        let document = document(body.clone());
        let source = document.acl.rule("one").unwrap().group.clone().map(|group| group.source);
        let rules = vec![GroupRule { name: "one".to_owned(), action: RuleAction::Allow }];
        let contents = GroupRules { source: source.unwrap_or_else(managed), rules };
        let edits = [
            document.switch_rule("one", SwitchedAction::Block),
            document.switch_rule("one", SwitchedAction::Count),
            document.set_rate("one", Some(10), Some(60)),
            document.override_group_rule("one", "one", Some(SwitchedAction::Count), &contents),
            document.override_group_rule("one", "one", None, &contents),
        ];
        for edited in edits.into_iter().flatten() {
            prop_assert_ne!(&edited.rule_before, &edited.rule_after);
            let back = WebAclDocument::new(edited.body.clone(), "token", None).restore_rule(&edited).unwrap();
            prop_assert_eq!(&back.body, &body);
            let mut masked = edited.body;
            masked["Rules"][0] = body["Rules"][0].clone();
            prop_assert_eq!(&masked, &body);
        }
    }
}
