//! Documents that go through the SDK: known ones come back whole, the rest is found out.

use serde_json::{Value, json};

use super::*;

fn visibility() -> Value {
    json!({ "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "metric" })
}

fn rule(name: &str, statement: &Value) -> Value {
    json!({
        "Name": name,
        "Priority": 1,
        "Statement": statement,
        "Action": { "Block": { "CustomResponse": { "ResponseCode": 429, "CustomResponseBodyKey": "slow" } } },
        "RuleLabels": [{ "Name": "limited" }],
        "VisibilityConfig": visibility(),
    })
}

/// A document with a good part of what a web ACL can hold.
fn acl(rules: &[Value]) -> Value {
    json!({
        "Name": "cell-01-waf",
        "Id": "11111111-2222-4333-a444-555555555555",
        "ARN": "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/cell-01-waf/11111111",
        "DefaultAction": { "Allow": {} },
        "Description": "Guards cell 1",
        "Rules": rules,
        "VisibilityConfig": visibility(),
        "Capacity": 902,
        "ManagedByFirewallManager": false,
        "LabelNamespace": "awswaf:123456789012:webacl:cell-01-waf:",
        "CustomResponseBodies": { "slow": { "ContentType": "TEXT_PLAIN", "Content": "Slow down" } },
        "CaptchaConfig": { "ImmunityTimeProperty": { "ImmunityTime": 300 } },
        "TokenDomains": ["example.com"],
        "AssociationConfig": { "RequestBody": { "API_GATEWAY": { "DefaultSizeInspectionLimit": "KB_64" } } },
    })
}

async fn lost(document: &Value) -> Option<String> {
    web_acl(document).await.expect("the SDK reads it").lost
}

#[tokio::test]
async fn a_known_document_comes_back_whole() {
    let rate = |window: &Value| {
        let mut statement = json!({ "RateBasedStatement": {
            "Limit": 2_000, "AggregateKeyType": "IP",
            "ScopeDownStatement": { "NotStatement": { "Statement": { "GeoMatchStatement": { "CountryCodes": ["DE"] } } } },
        } });
        if !window.is_null() {
            statement["RateBasedStatement"]["EvaluationWindowSec"] = window.clone();
        }
        statement
    };
    let managed = json!({ "ManagedRuleGroupStatement": {
        "VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet", "Version": "Version_2.0",
        "ExcludedRules": [{ "Name": "NoUserAgent_HEADER" }],
        "RuleActionOverrides": [{ "Name": "SizeRestrictions_BODY", "ActionToUse": { "Count": {} } }],
    } });
    let bytes = json!({ "ByteMatchStatement": {
        "SearchString": "L2FkbWlu", "FieldToMatch": { "UriPath": {} },
        "TextTransformations": [{ "Priority": 0, "Type": "LOWERCASE" }], "PositionalConstraint": "STARTS_WITH",
    } });
    let asn = json!({ "AsnMatchStatement": { "AsnList": [64_496, 64_511] } });
    let mut group = rule("common", &managed);
    group.as_object_mut().unwrap().remove("Action");
    group["OverrideAction"] = json!({ "None": {} });
    let rules = [
        rule("rate", &rate(&json!(60))),
        rule("default-window", &rate(&Value::Null)),
        group,
        rule("admin", &bytes),
        rule("networks", &asn),
    ];
    let document = acl(&rules);
    assert_eq!(lost(&document).await, None);
    let typed = web_acl(&document).await.unwrap().typed;
    assert_eq!((typed.name(), typed.rules().len()), ("cell-01-waf", 5));
}

#[tokio::test]
async fn what_the_sdk_does_not_know_is_named_wherever_it_is() {
    let geo = || json!({ "GeoMatchStatement": { "CountryCodes": ["DE"] } });
    let statement = rule("moon", &json!({ "MoonPhaseStatement": { "Phase": "FULL" } }));
    assert_eq!(
        lost(&acl(&[rule("geo", &geo()), statement])).await.unwrap(),
        "Rules[moon].Statement.MoonPhaseStatement"
    );
    let mut action = rule("geo", &geo());
    action["Action"] = json!({ "Tarpit": {} });
    assert_eq!(lost(&acl(&[action])).await.unwrap(), "Rules[geo].Action.Tarpit");
    let mut member = acl(&[]);
    member["MoonConfig"] = json!({ "Phase": "FULL" });
    assert_eq!(lost(&member).await.unwrap(), "MoonConfig");
    let nested = rule(
        "nested",
        &json!({ "AndStatement": { "Statements": [
        geo(), { "NotStatement": { "Statement": { "IPSetReferenceStatement": {
            "ARN": "arn:aws:wafv2:eu-west-1:123456789012:regional/ipset/blocked/1",
            "IPSetForwardedIPConfig": {
                "HeaderName": "x-forwarded-for", "FallbackBehavior": "MATCH", "Position": "FIRST", "Hops": 2,
            },
        } } } },
    ] } }),
    );
    let path = lost(&acl(&[nested])).await.unwrap();
    assert!(path.starts_with("Rules[nested].Statement.AndStatement.Statements[1].NotStatement"), "{path}");
    assert!(path.ends_with("IPSetForwardedIPConfig.Hops"), "{path}");
}

#[tokio::test]
async fn what_the_sdk_would_make_up_is_found_too() {
    let mut document = acl(&[]);
    document.as_object_mut().unwrap().remove("VisibilityConfig");
    assert_eq!(lost(&document).await.unwrap(), "VisibilityConfig");
}

#[tokio::test]
async fn an_ip_set_comes_back_whole_or_is_found_out() {
    let mut document = json!({
        "Name": "blocked", "Id": "1", "ARN": "arn", "Description": "Abusers", "IPAddressVersion": "IPV4",
        "Addresses": ["192.0.2.0/28", "192.0.2.44/32"],
    });
    assert_eq!(ip_set(&document).await.unwrap().lost, None);
    document["Expiry"] = json!({ "Days": 3 });
    assert_eq!(ip_set(&document).await.unwrap().lost.unwrap(), "Expiry");
}

#[tokio::test]
async fn an_empty_description_is_none() {
    let mut document = acl(&[]);
    document["Description"] = json!("");
    assert_eq!(lost(&document).await, None);
    let stage = Stage::with(&json!({}));
    let typed = web_acl(&document).await.unwrap().typed;
    update::web_acl(&stage.client, &typed, "token").send().await.unwrap();
    let sent = stage.sent().unwrap();
    assert_eq!((sent.get("Description"), &sent["LockToken"]), (None, &json!("token")), "{sent}");
    assert_eq!((&sent["Name"], &sent["Scope"]), (&json!("cell-01-waf"), &json!("REGIONAL")));
}

#[tokio::test]
async fn a_body_that_is_no_web_acl_is_an_error() {
    for wrong in [json!("text"), json!({ "Rules": "none" })] {
        assert!(web_acl(&wrong).await.is_err(), "{wrong}");
    }
}
