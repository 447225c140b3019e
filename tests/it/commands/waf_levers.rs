//! `waf`: rules, rates, IP sets and associations, planned, made, refused and taken back.

use super::home;
use crate::support::binary::{Outcome, cellgate};
use crate::support::home::Home;
use crate::support::region::Region;

fn waf(home: &Home, endpoint: &str, arguments: &[&str]) -> Outcome {
    cellgate(home, ["waf"].iter().chain(arguments).copied().chain(["--endpoint-url", endpoint]))
}

#[test]
fn a_rule_is_switched_and_switched_back() {
    let region = Region::on_the_wall_clock();
    let endpoint = region.endpoint_url();
    let home = home();
    let action = || {
        let acls = region.estate().waf.web_acls;
        let acl = acls.into_iter().find(|acl| acl.name == "cell-01-waf").unwrap();
        acl.document["Rules"][0]["Action"].to_string()
    };
    let dry = waf(&home, &endpoint, &["rule", "cell-01-waf", "blocked-addresses", "count", "--dry-run"]);
    assert_eq!(dry.code, Some(0), "{dry:?}");
    for line in [
        "Plan: change a rule of the web ACL of cell-01-waf",
        "the rule blocked-addresses alone, under the lock token",
        "blocked-addresses: action: block -> count",
        "reaches   cell-01-api/prod",
        "let through from then on",
    ] {
        assert!(dry.stdout.contains(line), "{line}: {}", dry.stdout);
    }
    assert!(!dry.stdout.contains('{'), "in words and not in JSON: {}", dry.stdout);
    assert_eq!(region.count("UpdateWebACL"), 0);

    let done =
        waf(&home, &endpoint, &["rule", "cell-01-waf", "blocked-addresses", "count", "--yes", "-o", "json"]);
    let report = done.json();
    assert_eq!((&report["outcome"], &report["lever"]), (&"applied".into(), &"web-acl-rule".into()));
    assert_eq!(action(), r#"{"Count":{}}"#);
    let change = report["change"].as_str().unwrap();
    let undone = cellgate(&home, ["undo", change, "--yes", "--endpoint-url", &endpoint]);
    assert_eq!(undone.code, Some(0), "{undone:?}");
    assert!(undone.stderr.contains("blocked-addresses: action: count -> block"), "{undone:?}");
    assert_eq!(action(), r#"{"Block":{}}"#);
}

#[test]
fn addresses_and_associations_have_commands_too() {
    let region = Region::on_the_wall_clock();
    let endpoint = region.endpoint_url();
    let home = home();
    let set = || region.estate().waf.ip_sets.remove(0).addresses;
    let before = set();
    let done =
        waf(&home, &endpoint, &["ip", "add", "blocked-addresses", "198.51.100.7", "203.0.113.0/24", "-y"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(set()[2..], ["198.51.100.7/32", "203.0.113.0/24"]);
    let done = waf(
        &home,
        &endpoint,
        &["ip", "remove", "blocked-addresses", "203.0.113.0/24", "198.51.100.7/32", "-y"],
    );
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(set(), before);

    let attached = || {
        let estate = region.estate();
        let api = estate.api_named("cell-01-api").unwrap();
        api.stages.iter().any(|stage| stage.name == "prod" && stage.web_acl_arn.is_some())
    };
    let done = waf(&home, &endpoint, &["detach", "cell-01-api/prod", "-y"]);
    assert_eq!((done.code, attached()), (Some(0), false), "{done:?}");
    let done = waf(&home, &endpoint, &["attach", "cell-01-waf", "cell-01-api/prod", "-y"]);
    assert_eq!((done.code, attached()), (Some(0), true), "{done:?}");
}

#[test]
fn what_is_wrong_is_refused_before_anything_is_sent() {
    let region = Region::on_the_wall_clock();
    let endpoint = region.endpoint_url();
    let home = home();
    for (arguments, code, says) in [
        (&["rate", "cell-01-waf", "rate-limit", "--limit", "9"][..], 3, "AWS takes 10 to 2000000000"),
        (&["rate", "cell-01-waf", "rate-limit", "--window", "90"], 3, "AWS takes 60, 120, 300 and 600"),
        (&["rate", "cell-01-waf", "rate-limit"], 2, "--limit"),
        (&["rate", "cell-01-waf", "rate-limit", "--limit", "-1"], 2, "-1"),
        (&["rule", "cell-01-waf", "common-rules", "count"], 3, "switch single rules of the group"),
        (
            &["rule", "cell-01-waf", "common-rules", "count", "--in-group", "SizeRestriction_BODY"],
            3,
            "did you mean",
        ),
        (&["rule", "cell-01-waf", "rate-limit", "allow"], 2, "block, count"),
        (&["rule", "cell-1-waf", "rate-limit", "block"], 5, "did you mean 'cell-01-waf'?"),
        (&["ip", "add", "blocked-addresses", "192.0.2.1/24"], 3, "the network is 192.0.2.0/24"),
        (&["ip", "add", "blocked-addresses"], 2, "<CIDR>"),
        (&["attach", "cell-1-waf", "cell-01-api/prod"], 5, "did you mean 'cell-01-waf'?"),
        (&["attach", "cell-01-waf", "cell-01-api/prod"], 3, "cell-01-waf stands before it"),
        (&["attach", "cell-01-waf", "cell-01-api"], 2, "write API/STAGE"),
        (&["rule", "cell-01-waf", "rate-limit", "block", "--read-only"], 3, "read-only"),
    ] {
        let refused = waf(&home, &endpoint, &[arguments, &["--yes"]].concat());
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(code), ""), "{arguments:?}: {refused:?}");
        assert!(refused.stderr.contains(says), "{arguments:?}: {refused:?}");
    }
    for operation in ["UpdateWebACL", "UpdateIPSet", "AssociateWebACL", "DisassociateWebACL"] {
        assert_eq!(region.count(operation), 0, "{operation}");
    }
}
