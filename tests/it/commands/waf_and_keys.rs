//! `get web-acls`, `get ip-sets`, `get api-keys`: what is in front of the stages, and who may pass.

use std::collections::BTreeSet;

use cellgate_demo::RegionOptions;
use serde_json::Value;

use super::home;
use crate::support::binary::{Outcome, cellgate};
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::home::Home;
use crate::support::region::Region;

fn get(home: &Home, endpoint: &str, arguments: &[&str]) -> Outcome {
    cellgate(home, ["get"].iter().chain(arguments).copied().chain(["--endpoint-url", endpoint]))
}

/// The keys of the first row, all of which the help has to name.
fn documented_keys(list: &str, rows: &Value) -> BTreeSet<String> {
    let help = cellgate(&Home::new(), ["get", list, "--help"]).stdout;
    let keys: BTreeSet<String> = rows[0].as_object().expect("a row").keys().cloned().collect();
    for key in &keys {
        assert!(help.contains(key.as_str()), "{key} is not in the help of {list}");
    }
    keys
}

#[test]
fn web_acls_with_their_rules_and_stages() {
    let region = Region::on_the_wall_clock();
    let endpoint = region.endpoint_url();
    let home = home();
    let acls = get(&home, &endpoint, &["web-acls", "-o", "json"]).json();
    let rows = acls.as_array().unwrap();
    assert_eq!(rows.len(), region.estate().waf.web_acls.len());
    documented_keys("web-acls", &acls);
    let acl = rows.iter().find(|row| row["name"] == "cell-01-waf").unwrap();
    let rules: Vec<&str> =
        acl["rules"].as_array().unwrap().iter().map(|rule| rule["name"].as_str().unwrap()).collect();
    assert_eq!(rules, ["blocked-addresses", "rate-limit", "common-rules", "known-bad-inputs"]);
    assert_eq!(acl["rules"][0]["action"], "block");
    assert_eq!(acl["rules"][1]["rate"]["window_seconds"], 300);
    assert_eq!(acl["rules"][2]["action"], "group-decides");
    assert_eq!(acl["stages"][0]["api_name"], "cell-01-api");
    assert_eq!((&acl["stages"][0]["stage"], &acl["lost_by_update"]), (&"prod".into(), &Value::Null));
    assert_eq!(region.count("ListResourcesForWebACL"), 0, "the stages say it already");

    let table = get(&home, &endpoint, &["web-acls", "--filter", "cell-01", "--sort", "-rules"]);
    assert_eq!(table.code, Some(0), "{table:?}");
    let lines: Vec<Vec<&str>> = table.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0][0], "WEB-ACL");
    let estate = region.estate();
    let held = estate.waf.web_acls.iter().find(|acl| acl.name == "cell-01-waf").unwrap();
    let capacity = held.document["Capacity"].to_string();
    assert_eq!(lines[1], ["cell-01-waf", "allow", "4", "1", "1", "2", &capacity, "yes", "cell-01-api/prod"]);
}

#[test]
fn a_web_acl_that_can_not_be_read_leaves_the_others() {
    let region = Region::on_the_wall_clock();
    let proxy = FaultProxy::before(&region.endpoint_url());
    proxy.inject("GetWebACL", Occurrence::Nth(2), Fault::AccessDenied);
    let home = home();
    let partly = get(&home, &proxy.endpoint_url(), &["web-acls", "-o", "json"]);
    assert_eq!(partly.code, Some(4), "{partly:?}");
    let rows: Value = serde_json::from_str(&partly.stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), region.estate().waf.web_acls.len() - 1);
    assert!(
        partly.stderr.contains("GetWebACL") && partly.stderr.contains("wafv2:GetWebACL on"),
        "{partly:?}"
    );

    proxy.heal().inject("ListWebACLs", Occurrence::Every, Fault::AccessDenied);
    let denied = get(&home, &proxy.endpoint_url(), &["web-acls"]);
    assert_eq!((denied.code, denied.stdout.as_str()), (Some(1), ""), "{denied:?}");
}

#[test]
fn ip_sets_with_their_addresses() {
    let region = Region::on_the_wall_clock();
    let endpoint = region.endpoint_url();
    let home = home();
    let sets = get(&home, &endpoint, &["ip-sets", "-o", "json"]).json();
    documented_keys("ip-sets", &sets);
    assert_eq!(sets[0]["name"], "blocked-addresses");
    assert_eq!(sets[0]["addresses"], serde_json::json!(["192.0.2.0/28", "192.0.2.44/32"]));
    let table = get(&home, &endpoint, &["ip-sets", "--filter", "addresses>1 192.0.2.44"]);
    assert_eq!(table.stdout.lines().count(), 2, "{table:?}");
    let none = get(&home, &endpoint, &["ip-sets", "-o", "json", "--filter", "version=IPV6"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), "[]\n"));
}

#[test]
fn api_keys_never_show_a_value() {
    let region = Region::start(RegionOptions { customers: 60, ..RegionOptions::default() });
    let endpoint = region.endpoint_url();
    let home = home();
    let held = region.estate();
    let listed = get(&home, &endpoint, &["api-keys", "-o", "json"]);
    let keys = listed.json();
    documented_keys("api-keys", &keys);
    assert_eq!(keys.as_array().unwrap().len(), held.api_keys.len());
    assert!(held.api_keys.iter().all(|key| !listed.stdout.contains(&key.value)));
    assert_eq!(region.count("GetUsagePlans"), 0, "plans are not asked for");
    let off = get(&home, &endpoint, &["api-keys", "--filter", "state=off", "--sort", "key"]);
    assert_eq!(off.stdout.lines().count() - 1, held.api_keys.iter().filter(|key| !key.enabled).count());

    let with_plans = get(&home, &endpoint, &["api-keys", "--plans", "-o", "json"]).json();
    assert!(documented_keys("api-keys", &with_plans).contains("plans"));
    for row in with_plans.as_array().unwrap() {
        let id = row["id"].as_str().unwrap();
        let plans: Vec<&str> = held
            .usage_plans
            .iter()
            .filter(|plan| plan.key_ids.iter().any(|key| key == id))
            .map(|plan| plan.name.as_str())
            .collect();
        let shown: Vec<&str> =
            row["plans"].as_array().unwrap().iter().map(|plan| plan["name"].as_str().unwrap()).collect();
        assert_eq!(shown, plans, "{row}");
        let has_quota = plans.iter().any(|plan| *plan != "Internal");
        assert_eq!(row["plans"][0]["remaining"].is_i64(), has_quota, "{row}");
        assert!(row["plans"][0]["used_today"].is_i64(), "{row}");
    }
    for secret in ["GetUsagePlanKeys", "GetApiKey"] {
        assert_eq!(region.count(secret), 0, "{secret}");
    }

    let counted = get(&home, &endpoint, &["plans", "--keys", "-o", "json"]).json();
    for plan in counted.as_array().unwrap() {
        let held = held.usage_plans.iter().find(|held| plan["id"] == held.id.as_str()).unwrap();
        assert_eq!(plan["key_count"], held.key_ids.len());
    }
    let plain = get(&home, &endpoint, &["plans", "-o", "json", "--filter", "plan=Free"]).json();
    assert_eq!(plain[0]["key_count"], Value::Null);
    let throttles = plain[0]["stages"].as_array().unwrap().iter().map(|stage| &stage["method_throttles"]);
    assert!(throttles.clone().any(|throttle| throttle["POST /orders"]["rate"] == 1.0), "{plain}");
}

#[test]
fn keys_that_the_role_may_not_list_name_the_grant() {
    let region = Region::on_the_wall_clock();
    let proxy = FaultProxy::before(&region.endpoint_url());
    proxy.inject("/apikeys", Occurrence::Every, Fault::AccessDenied);
    let denied = get(&home(), &proxy.endpoint_url(), &["api-keys"]);
    assert_eq!((denied.code, denied.stdout.as_str()), (Some(1), ""), "{denied:?}");
    assert!(denied.stderr.contains("apigateway:GET on arn:aws:apigateway:*::/apikeys"), "{denied:?}");
}
