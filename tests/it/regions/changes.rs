//! Targets of changes, by a name that one region knows, several know, or one that can't be read may know.

use serde_json::Value;

use super::{FIRST, SECOND, home, region};
use crate::killed::bench;
use crate::support::accounts::{Entry, both_first, closed, configure, home_of};
use crate::support::home::Home;

/// The account that a plan is for.
fn account_of(home: &Home, command: &[&str]) -> String {
    let planned = bench::run(home, &[command, &["--dry-run", "-o", "json"]].concat()).json();
    planned["region"]["account"].as_str().expect("an account").to_owned()
}

/// The newest change's account and outcome.
fn newest(home: &Home) -> (String, String) {
    let listed = bench::run(home, &["journal", "list", "-o", "json"]).json();
    let text = |key: &str| listed[0][key].as_str().expect("text").to_owned();
    (text("account"), text("outcome"))
}

#[test]
fn a_target_is_changed_in_the_one_region_that_has_it() {
    let region = region();
    let home = home("", &region);
    for (stage, account) in [("cell-01-api/prod", FIRST), ("cell-02-api/prod", SECOND)] {
        let done = bench::run(&home, &["throttle", "set", stage, "--rate", "55", "-yy"]);
        assert_eq!(done.code, Some(0), "{done:?}");
        assert!(done.stderr.contains(&format!("of {stage} in {account} eu-west-1")), "{done:?}");
        assert_eq!(newest(&home), (account.to_owned(), "applied".to_owned()));
    }
    let rates = bench::run(&home, &["get", "stages", "--filter", "rate=55", "-o", "json"]).json();
    let changed: Vec<&str> =
        rates.as_array().unwrap().iter().map(|row| row["region"].as_str().unwrap()).collect();
    assert_eq!(changed, ["shop-two", "shop-one"], "{rates}");

    assert_eq!(account_of(&home, &["waf", "detach", "cell-02-api/prod"]), SECOND);
    for (name, account) in [("shop-one", FIRST), ("shop-two", SECOND)] {
        let filter = format!("region={name} plan=Free");
        let plans = bench::run(&home, &["get", "plans", "--filter", &filter, "-o", "json"]).json();
        let id = plans[0]["id"].as_str().expect("a plan");
        assert_eq!(account_of(&home, &["usage-plan", "throttle", "set", id, "--rate", "3"]), account);
    }
    let rule = ["waf", "rule", "cell-01-waf"];
    let rule = bench::run(&home, &[&rule[..], &["none", "count", "--dry-run"]].concat());
    assert!(!rule.stderr.contains("no web ACL"), "the ACL is found, its rule is not: {rule:?}");
    let nowhere = bench::run(&home, &["throttle", "set", "nowhere/prod", "--rate", "5", "-yy"]);
    assert_eq!(nowhere.code, Some(5), "{nowhere:?}");
    assert!(nowhere.stderr.contains("(asked were shop-two, shop-one)"), "{nowhere:?}");
}

/// The id of a key that one region has.
fn a_key(home: &Home, name: &str) -> String {
    let filter = format!("region={name} state=on");
    let keys = bench::run(home, &["get", "api-keys", "--filter", &filter, "-o", "json"]).json();
    keys[0]["id"].as_str().expect("a key").to_owned()
}

#[test]
fn what_was_read_to_find_a_target_is_not_read_again() {
    let region = region();
    let endpoint = region.endpoint_url();
    let alone = home_of("", &[Entry::new("one", &endpoint)]);
    let both = home("", &region);
    let command = ["throttle", "set", "cell-01-api/prod", "--rate", "55", "--dry-run"];
    let requests = |home: &Home, operation: &str| {
        let before = region.count(operation);
        assert_eq!(bench::run(home, &command).code, Some(0));
        region.count(operation) - before
    };
    // The other region is asked who we are and for its APIs, and for nothing else.
    for (operation, more) in [("GetCallerIdentity", 1), ("GetRestApis", 1), ("GetStages", 0), ("GetStage", 0)]
    {
        assert_eq!(requests(&both, operation), requests(&alone, operation) + more, "{operation}");
    }
}

#[test]
fn a_name_that_several_regions_know_is_asked_about() {
    let (region, other) = (region(), region());
    let (one, two) = (region.endpoint_url(), other.endpoint_url());
    let home = home_of("", &[Entry::new("one", &one), Entry::new("two", &two)]);
    both_first(&home);
    let key = a_key(&home, "shop-one");
    let commands: [&[&str]; 7] = [
        &["throttle", "set", "cell-01-api/prod", "--rate", "5", "-yy"],
        &["flush", "cell-0*-api/prod", "-yy"],
        &["throttle", "set", "cell-01-api/prod", "cell-03-api/prod", "--rate", "5", "-yy"],
        &["usage-plan", "throttle", "set", "Free", "--rate", "5", "-yy"],
        &["key", "disable", &key, "-yy"],
        &["waf", "rule", "cell-01-waf", "any", "count", "-yy"],
        &["plan", "throttle", "set", "cell-01-api/prod", "--rate", "5"],
    ];
    for command in commands {
        let asked = bench::run(&home, command);
        assert_eq!(asked.code, Some(2), "{command:?}: {asked:?}");
        assert!(asked.stderr.contains("is in shop-one and in shop-two"), "{command:?}: {asked:?}");
        assert!(asked.stderr.contains("--account NAME"), "{command:?}: {asked:?}");
    }
    let secret = bench::run(&home, &["key", "disable", &key, "-yy"]);
    assert!(!secret.stderr.contains(&key), "what names a key may be its value: {secret:?}");
    assert_eq!((region.count("UpdateStage"), other.count("UpdateStage")), (0, 0));
    let chosen = ["throttle", "set", "cell-01-api/prod", "--rate", "5", "-yy", "--account", "shop-two"];
    let chosen = bench::run(&home, &chosen);
    assert_eq!(chosen.code, Some(0), "{chosen:?}");
    assert_eq!((region.count("UpdateStage"), other.count("UpdateStage")), (0, 1));
}

#[test]
fn where_a_region_cannot_be_read_nothing_is_guessed() {
    let region = region();
    let (endpoint, gone) = (region.endpoint_url(), closed());
    let home = home_of("", &[Entry::new("one", &endpoint), Entry::new("two", &gone)]);
    let commands: [&[&str]; 3] = [
        &["throttle", "set", "cell-01-api/prod", "--rate", "5", "-yy"],
        &["throttle", "set", "cell-0*-api/prod", "--rate", "5", "-yy"],
        &["usage-plan", "throttle", "set", "Free", "--rate", "5", "-yy"],
    ];
    for command in commands {
        let refused = bench::run(&home, command);
        assert_eq!(refused.code, Some(4), "{command:?}: {refused:?}");
        let said = "is in shop-one, and may be in a region that can't be read, too: shop-two: ";
        assert!(refused.stderr.contains(said), "{command:?}: {refused:?}");
        assert!(refused.stderr.contains("`--account shop-one` means that one alone"), "{refused:?}");
    }
    let unknown = bench::run(&home, &["throttle", "set", "cell-02-api/prod", "--rate", "5", "-yy"]);
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    assert!(unknown.stderr.contains("in no region that can be read; not read is shop-two: "), "{unknown:?}");
    assert_eq!(region.count("UpdateStage"), 0);
    let command = [commands[0], &["--account", "shop-one"]].concat();
    assert_eq!(bench::run(&home, &command).code, Some(0));
}

#[test]
fn a_bulk_is_of_one_region() {
    let region = region();
    let home = home("", &region);
    let two = ["throttle", "set", "cell-02-api/prod", "cell-04-api/*", "--rate", "500", "-yy"];
    let done = bench::run(&home, &[&two[..], &["-o", "json"]].concat());
    let done = done.json();
    assert_eq!(
        (&done["outcome"], done["targets"].as_array().unwrap().len()),
        (&"applied".into(), 3),
        "{done}"
    );
    assert_eq!(newest(&home).0, SECOND);
    let back = bench::run(&home, &["undo", done["bulk"].as_str().unwrap(), "-yy"]);
    assert_eq!(back.code, Some(0), "{back:?}");

    let sent = region.count("UpdateStage");
    let mixed = ["throttle", "set", "cell-02-api/prod", "cell-03-api/prod", "--rate", "500", "-yy"];
    let mixed = bench::run(&home, &mixed);
    assert_eq!(mixed.code, Some(2), "{mixed:?}");
    let said = "one plan is of one region: cell-02-api/prod is in shop-two, and cell-03-api/prod in shop-one";
    assert!(mixed.stderr.contains(said), "{mixed:?}");
    let one_missing = ["throttle", "set", "cell-02-api/prod", "nowhere/prod", "--rate", "500", "-yy"];
    assert_eq!(bench::run(&home, &one_missing).code, Some(5));
    assert_eq!(region.count("UpdateStage"), sent);
}

#[test]
fn a_saved_plan_is_carried_out_in_its_own_region() {
    let region = region();
    let endpoint = region.endpoint_url();
    let home = home("", &region);
    let plan = ["plan", "throttle", "set", "cell-01-api/prod", "--rate", "66", "--save", "plan.json"];
    assert_eq!(bench::run(&home, &plan).code, Some(0));
    let (elsewhere, gone) = (Entry { region: "us-east-1", ..Entry::new("one", &endpoint) }, closed());
    configure(&home, "", &[Entry::new("two", &endpoint), elsewhere]);
    let refused = bench::run(&home, &["apply", "plan.json", "-yy"]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    let said = "the plan is for 123456789012 eu-west-1, and no configured region is that: ";
    assert!(refused.stderr.contains(said), "{refused:?}");
    for named in ["shop-two (111122223333 eu-west-1)", "shop-one (us-east-1)"] {
        assert!(refused.stderr.contains(named), "{refused:?}");
    }
    assert_eq!(region.count("UpdateStage"), 0);
    // A region of another code need not be reached.
    let far = Entry { region: "us-east-1", ..Entry::new("two", &gone) };
    configure(&home, "", &[far, Entry::new("one", &endpoint)]);
    let applied = bench::run(&home, &["apply", "plan.json", "-yy"]);
    assert_eq!(applied.code, Some(0), "{applied:?}");
    assert_eq!(newest(&home).0, FIRST);
}

#[test]
fn a_region_that_takes_no_changes_refuses_those_of_its_own_targets() {
    let region = region();
    let endpoint = region.endpoint_url();
    let read_only = |name| Entry { more: "read-only = true\n", ..Entry::new(name, &endpoint) };
    let home = home_of("", &[read_only("two"), Entry::new("one", &endpoint)]);
    let set = |stage| ["throttle", "set", stage, "--rate", "66", "-yy"];
    let refused = bench::run(&home, &set("cell-02-api/prod"));
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert_eq!(bench::run(&home, &set("cell-01-api/prod")).code, Some(0));
    assert_eq!(region.count("UpdateStage"), 1);
    let asked = region.count("GetCallerIdentity");
    configure(&home, "", &[read_only("two"), read_only("one")]);
    assert_eq!(bench::run(&home, &set("cell-01-api/prod")).code, Some(3));
    assert_eq!(region.count("GetCallerIdentity"), asked, "none takes any: nobody is asked");
    assert!(
        bench::run(&home, &["get", "apis", "-o", "json"])
            .json()
            .as_array()
            .is_some_and(|all: &Vec<Value>| all.len() == 10)
    );
}
