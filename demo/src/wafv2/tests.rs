//! The service by cases, on the starting estate.

#![expect(clippy::needless_pass_by_value, reason = "a case hands its JSON over")]

use std::sync::RwLock;

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::estate::seed::starting_estate;
use crate::ledger::{Caller, Group, LedgerRoute, Outcome, RuleMatch, Slot, Source, Verdict, WafAction};

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

struct World {
    service: WafV2,
    estate: SharedEstate,
    ledger: Arc<Ledger>,
}

impl World {
    fn new() -> Self {
        let estate: SharedEstate = Arc::new(RwLock::new(starting_estate(7, 4, 12, now())));
        let ledger = Arc::new(Ledger::default());
        let service = WafV2::new(Arc::clone(&estate), Arc::clone(&ledger), Clock::manual(now()));
        Self { service, estate, ledger }
    }

    fn call(&self, operation: &str, input: Value) -> Result<Value, String> {
        let input = Input::read(&Bytes::from(input.to_string())).map_err(|fault| fault.code.into_owned())?;
        self.service.perform(operation, &input).map_err(|fault| fault.code.into_owned())
    }

    fn acl(&self) -> Value {
        self.call("ListWebACLs", json!({ "Scope": "REGIONAL" })).unwrap()["WebACLs"][0].clone()
    }
}

#[test]
fn each_operation_is_served() {
    let world = World::new();
    for operation in OPERATIONS {
        let answer = world.call(operation, json!({}));
        assert_ne!(answer, Err("UnknownOperationException".to_owned()), "{operation}");
    }
    assert_eq!(world.call("DeleteEverything", json!({})), Err("UnknownOperationException".to_owned()));
}

#[test]
fn an_update_needs_the_last_lock_token_and_replaces_the_whole() {
    let world = World::new();
    let summary = world.acl();
    let key = json!({ "Scope": "REGIONAL", "Name": summary["Name"], "Id": summary["Id"] });
    let read = world.call("GetWebACL", key.clone()).unwrap();
    let mut update = key.clone();
    for member in ["DefaultAction", "Rules", "VisibilityConfig"] {
        update[member] = read["WebACL"][member].clone();
    }
    update["Rules"][1]["Action"] = json!({ "Block": {} });
    update["LockToken"] = json!("stale");
    assert_eq!(world.call("UpdateWebACL", update.clone()), Err("WAFOptimisticLockException".to_owned()));
    update["LockToken"] = read["LockToken"].clone();
    let next = world.call("UpdateWebACL", update.clone()).unwrap()["NextLockToken"].clone();
    assert_ne!(next, read["LockToken"]);
    let again = world.call("GetWebACL", key).unwrap();
    assert_eq!(again["WebACL"]["Rules"][1]["Action"], json!({ "Block": {} }));
    assert!(again["WebACL"].get("Description").is_none(), "what isn't sent is gone");
    assert_eq!(world.call("UpdateWebACL", update), Err("WAFOptimisticLockException".to_owned()));
}

#[test]
fn rules_that_waf_refuses_are_refused() {
    let world = World::new();
    let visibility =
        json!({ "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "m" });
    let geo = json!({ "GeoMatchStatement": { "CountryCodes": ["FR"] } });
    let rule = |change: Value| {
        let mut rule = json!({ "Name": "r", "Priority": 1, "Statement": geo, "Action": { "Block": {} }, "VisibilityConfig": visibility });
        for (name, value) in change.as_object().unwrap() {
            rule[name] = value.clone();
        }
        rule
    };
    let create = |rules: Value| {
        world.call("CreateWebACL", json!({ "Scope": "REGIONAL", "Name": "new", "DefaultAction": { "Allow": {} }, "VisibilityConfig": visibility, "Rules": rules }))
    };
    let rate = |limit: u64, window: u64| {
        rule(
            json!({ "Statement": { "RateBasedStatement": { "Limit": limit, "EvaluationWindowSec": window, "AggregateKeyType": "IP" } } }),
        )
    };
    for rules in [
        json!([rule(json!({})), rule(json!({ "Name": "s" }))]),
        json!([rule(json!({ "Action": { "Block": {}, "Count": {} } }))]),
        json!([rule(json!({ "OverrideAction": { "None": {} } }))]),
        json!([rule(json!({ "Statement": {} }))]),
        json!([rule(
            json!({ "VisibilityConfig": { "MetricName": "All", "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true } })
        )]),
        json!([rate(9, 300)]),
        json!([rate(100, 0)]),
        json!([rate(100, 90)]),
    ] {
        assert_eq!(create(rules.clone()), Err("WAFInvalidParameterException".to_owned()), "{rules}");
    }
    assert!(create(json!([rate(10, 60)])).is_ok());
    assert_eq!(create(json!([])), Err("WAFDuplicateItemException".to_owned()));
}

#[test]
fn stages_are_guarded_and_let_go() {
    let world = World::new();
    let (stage, http, acl) = {
        let estate = world.estate.read().unwrap();
        let api = estate.api_named("cell-04-api").unwrap();
        let http = estate.api_named("orders-01").unwrap();
        (
            associations::stage_arn(&estate, &api.id, "prod"),
            associations::stage_arn(&estate, &http.id, "prod"),
            estate.waf.web_acls[0].arn.clone(),
        )
    };
    let of_stage = || world.call("GetWebACLForResource", json!({ "ResourceArn": stage })).unwrap();
    assert!(of_stage().get("WebACL").is_none());
    let associate =
        |arn: &str| world.call("AssociateWebACL", json!({ "WebACLArn": acl, "ResourceArn": arn }));
    assert!(associate(&stage).is_ok());
    assert_eq!(of_stage()["WebACL"]["ARN"], json!(acl));
    assert_eq!(associate(&http), Err("WAFInvalidParameterException".to_owned()));
    assert_eq!(associate(&stage.replace("prod", "none")), Err("WAFNonexistentItemException".to_owned()));
    let listed = |kind: Value| {
        world.call("ListResourcesForWebACL", kind).unwrap()["ResourceArns"].as_array().unwrap().len()
    };
    assert_eq!(listed(json!({ "WebACLArn": acl })), 0, "load balancers unless told otherwise");
    assert_eq!(listed(json!({ "WebACLArn": acl, "ResourceType": "API_GATEWAY" })), 2);
    assert!(world.call("DisassociateWebACL", json!({ "ResourceArn": stage })).is_ok());
    assert!(of_stage().get("WebACL").is_none());
}

#[test]
fn an_ip_set_is_replaced_as_a_whole_and_stays_while_a_rule_needs_it() {
    let world = World::new();
    let summary = world.call("ListIPSets", json!({ "Scope": "REGIONAL" })).unwrap()["IPSets"][0].clone();
    let update = |addresses: Value| {
        world.call("UpdateIPSet", json!({ "Scope": "REGIONAL", "Name": summary["Name"], "Id": summary["Id"], "Addresses": addresses, "LockToken": summary["LockToken"] }))
    };
    for illegal in ["0.0.0.0/0", "2001:db8::/32", "198.51.100.7", "x"] {
        assert_eq!(update(json!([illegal])), Err("WAFInvalidParameterException".to_owned()), "{illegal}");
    }
    let next = update(json!(["198.51.100.0/24"])).unwrap()["NextLockToken"].clone();
    let key = json!({ "Scope": "REGIONAL", "Name": summary["Name"], "Id": summary["Id"], "LockToken": next });
    assert_eq!(
        world.call("GetIPSet", key.clone()).unwrap()["IPSet"]["Addresses"],
        json!(["198.51.100.0/24"])
    );
    assert_eq!(world.call("DeleteIPSet", key), Err("WAFAssociatedItemException".to_owned()));
}

#[test]
fn samples_are_drawn_from_the_first_requests_that_a_rule_met() {
    let world = World::new();
    let (stage, acl) = {
        let estate = world.estate.read().unwrap();
        let acl = estate.waf.web_acls[0].clone();
        let (api, stage) = associations::stages_of(&estate, &acl.arn).next().unwrap();
        ((api.to_owned(), stage.to_owned()), acl)
    };
    let source = world.ledger.add_source(Source {
        caller: Caller::Flood("flood".to_owned()),
        api_key_id: None,
        customers: 0,
        addresses: 10,
        country: "NL",
        user_agent: "curl/8.5.0",
    });
    let blocked = RuleMatch {
        rule: "rate-limit".to_owned(),
        metric: "rate-limit".to_owned(),
        within_group: None,
        action: WafAction::Block,
    };
    let verdict = Verdict {
        web_acl_arn: Some(acl.arn.clone()),
        action: WafAction::Block,
        terminating: Some(blocked),
        ..Verdict::default()
    };
    let verdict = world.ledger.verdict_id(&verdict);
    let route = LedgerRoute {
        key: crate::estate::RouteKey::parse("GET /products").unwrap(),
        median_ms: 20.0,
        timeout_ms: 29_000.0,
    };
    for second in 0..60 {
        let group =
            Group { source, route: 0, outcome: Outcome::WafBlocked, verdict, canary: false, count: 100 };
        let slot = Slot {
            start: now() - SignedDuration::from_secs(120 - second),
            seconds: 1,
            deployment_id: "d".into(),
            routes: Arc::from([route.clone()]),
            slowness: 1.0,
            wait_ms: 0.0,
            groups: vec![group],
        };
        world.ledger.record(&stage, slot);
    }
    let end = now().as_second();
    let ask = |metric: &str, most: u64| {
        world.call("GetSampledRequests", json!({ "Scope": "REGIONAL", "WebAclArn": acl.arn, "RuleMetricName": metric, "MaxItems": most, "TimeWindow": { "StartTime": end - 600, "EndTime": end } }))
    };
    let sample = ask("rate-limit", 50).unwrap();
    assert_eq!(sample["SampledRequests"].as_array().unwrap().len(), 50);
    assert_eq!(sample["PopulationSize"], 5_000);
    let told = sample["TimeWindow"]["EndTime"].as_f64().unwrap();
    assert!(told < f64::from(u32::try_from(end).unwrap()) - 60.0, "5,000 requests came in 50 seconds");
    let first = &sample["SampledRequests"][0];
    assert_eq!((&first["Action"], &first["Request"]["Country"]), (&json!("BLOCK"), &json!("NL")));
    assert_eq!(ask("rate-limit", 50).unwrap(), sample, "the same question has the same answer");
    assert_eq!(ask("common-rules", 50).unwrap()["PopulationSize"], 0);
    assert_eq!(ask("nothing", 50), Err("WAFNonexistentItemException".to_owned()));
    assert_eq!(ask("rate-limit", 501), Err("WAFInvalidParameterException".to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_input_is_answered_or_refused(
        operation in prop::sample::select(OPERATIONS),
        text in "[ -~]{0,20}",
        number in any::<f64>(),
    ) {
        let world = World::new();
        let acl = world.acl();
        let values = [json!(text), json!(number), json!([text]), json!({ text.clone(): number }), Value::Null, acl["ARN"].clone(), acl["Id"].clone()];
        let names = ["Name", "Id", "WebACLArn", "WebAclArn", "ResourceArn", "LockToken", "Rules", "Addresses", "TimeWindow", "Limit", "NextMarker", "MaxItems", "RuleMetricName"];
        for (place, value) in values.iter().enumerate() {
            let mut input = json!({ "Scope": "REGIONAL" });
            for (at, name) in names.iter().enumerate() {
                input[*name] = values[(place + at) % values.len()].clone();
            }
            input["Description"] = value.clone();
            let _ = world.call(operation, input);
        }
    }
}
