//! `usage-plan` and `key`: named, planned, refused, done and recorded.

use cellgate_demo::RegionOptions;
use serde_json::Value;

use super::home;
use crate::support::binary::{Outcome, cellgate};
use crate::support::home::Home;
use crate::support::region::Region;

const KEY: &str = "premium-01";

fn region() -> Region {
    Region::start(RegionOptions {
        cells: 4,
        apis: 10,
        customers: 300,
        control_plane_limits: false,
        ..RegionOptions::default()
    })
}

fn run(home: &Home, region: &Region, arguments: &[&str]) -> Outcome {
    let endpoint = region.endpoint_url();
    cellgate(home, arguments.iter().copied().chain(["--endpoint-url", &endpoint]))
}

#[test]
fn a_plans_limits_are_planned_set_and_recorded() {
    let (region, home) = (region(), home());
    let set = ["usage-plan", "throttle", "set", "Basic", "--rate", "12.5"];
    let text = run(&home, &region, &[&set[..], &["--dry-run"]].concat());
    assert_eq!(text.code, Some(0), "{text:?}");
    for part in [
        "Plan: change the limits of the usage plan of Basic",
        "replace /throttle/rateLimit = 12.5",
        "rate of each key (requests/s): 25 -> 12.5",
        "one UpdateUsagePlan in 20 s",
        "this one goes at once",
        "apigateway:PATCH on arn:aws:apigateway:eu-west-1::/usageplans/",
    ] {
        assert!(text.stdout.contains(part), "{part}: {text:?}");
    }
    assert_eq!(region.count("UpdateUsagePlan"), 0, "a dry run sends nothing");

    let done = run(&home, &region, &[&set[..], &["--yes", "-o", "json"]].concat()).json();
    // For the next 20 s the next one of this home waits for its turn, and says so.
    let quota = ["usage-plan", "quota", "set", "Basic", "--limit", "5", "--dry-run"];
    let waits = run(&home, &region, &quota);
    assert!(waits.stdout.contains("this one goes in about"), "{waits:?}");
    assert_eq!((&done["outcome"], &done["lever"]), (&"applied".into(), &"usage-plan".into()));
    assert_eq!(region.count("UpdateUsagePlan"), 1);
    let plans = run(&home, &region, &["get", "plans", "-o", "json"]).json();
    let basic = plans.as_array().unwrap().iter().find(|plan| plan["name"] == "Basic").unwrap();
    assert_eq!(basic["throttle"], serde_json::json!({ "rate": 12.5, "burst": 50 }));

    let plan = run(
        &home,
        &region,
        &["usage-plan", "stages", "remove", "Basic", "cell-01-api/prod", "--dry-run", "-o", "json"],
    )
    .json();
    assert_eq!(plan["lever"], "usage-plan-stages");
    assert_eq!(plan["risk"], "high");
    let method = run(
        &home,
        &region,
        &[
            "usage-plan",
            "throttle",
            "set",
            "Basic",
            "--method",
            "post /orders",
            "--stage",
            "cell-01-api/prod",
            "--rate",
            "1",
            "--burst",
            "2",
            "--dry-run",
        ],
    );
    assert!(method.stdout.contains("of POST /orders at cell-01-api/prod ("), "{method:?}");
}

#[test]
fn what_is_not_there_or_not_legal_is_refused() {
    let (region, home) = (region(), home());
    for (arguments, code, says) in [
        (&["usage-plan", "throttle", "set", "Basc", "--rate", "1"][..], 5, "did you mean 'Basic'?"),
        (&["usage-plan", "throttle", "set", "Basic"], 2, "give --rate, --burst or both"),
        (&["usage-plan", "throttle", "set", "Basic", "--rate=-1"], 3, "0 or more"),
        (&["usage-plan", "throttle", "set", "Basic", "--rate", "0"], 3, "not confirmed"),
        (&["usage-plan", "throttle", "set", "Internal", "--rate", "5"], 3, "give both"),
        (&["usage-plan", "throttle", "set", "Basic", "--rate", "5", "--method", "GET /x"], 2, "--stage"),
        (&["usage-plan", "quota", "set", "Basic", "--limit", "0"], 3, "1 to 2147483647"),
        (&["usage-plan", "quota", "set", "Basic", "--period", "YEAR"], 3, "DAY, WEEK, MONTH"),
        (&["usage-plan", "stages", "add", "Basic", "cell-01-api"], 2, "write API/STAGE"),
        (&["usage-plan", "stages", "add", "Basic", "orders-01/prod"], 3, "for REST APIs alone"),
        (&["usage-plan", "stages", "add", "Basic", "cell-01-api/prod"], 3, "nothing to change"),
        (&["key", "disable", "nobody"], 5, "no API key has this name or id"),
        (&["key", "enable", KEY], 3, "it is enabled"),
        (&["key", "extend", KEY, "--by", "0"], 3, "1 to"),
        (&["key", "extend", KEY, "--by", "5", "--plan", "Basic"], 3, "it is not on the usage plan"),
        (&["key", "extend", "internal-web", "--by", "5"], 3, "no usage plan with a quota"),
        (&["key", "move", KEY, "--to", "Nowhere"], 5, "no usage plan is called 'Nowhere'"),
        (&["key", "move", KEY, "--to", "Premium"], 3, "it is on Premium and no other plan"),
    ] {
        let outcome = run(&home, &region, &[arguments, &["--yes"]].concat());
        let both = format!("{}{}", outcome.stdout, outcome.stderr);
        let confirmed = if says == "not confirmed" { "must be given twice" } else { says };
        assert_eq!(outcome.code, Some(code), "{arguments:?}: {outcome:?}");
        assert!(both.contains(confirmed), "{arguments:?}: {outcome:?}");
    }
    for changed in
        ["UpdateUsagePlan", "UpdateApiKey", "UpdateUsage", "DeleteUsagePlanKey", "CreateUsagePlanKey"]
    {
        assert_eq!(region.count(changed), 0, "{changed}");
    }
}

#[test]
fn a_key_is_switched_moved_and_extended_without_its_value() {
    let (region, home) = (region(), home());
    let secrets: Vec<String> = region.estate().api_keys.into_iter().map(|key| key.value).collect();
    let mut said = String::new();
    for arguments in [
        &["key", "disable", KEY][..],
        &["key", "enable", KEY],
        &["key", "extend", KEY, "--by", "1000"],
        &["key", "move", KEY, "--to", "Free"],
    ] {
        let done = run(&home, &region, &[arguments, &["--yes", "-o", "json"]].concat());
        assert_eq!(done.json()["outcome"], "applied", "{done:?}");
        said.push_str(&done.stdout);
        said.push_str(&done.stderr);
    }
    assert!(said.contains("its requests get 403"), "{said}");
    let journal = run(&home, &region, &["journal", "list", "-o", "json"]);
    let rows: Value = serde_json::from_str(&journal.stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 4);
    let undone = run(&home, &region, &["undo", rows[0]["id"].as_str().unwrap(), "--yes", "-o", "json"]);
    assert_eq!(undone.json()["outcome"], "applied");
    said.extend([journal.stdout, undone.stdout, undone.stderr]);
    assert!(secrets.iter().all(|secret| !said.contains(secret)), "a key's value was told");

    // A value names no key, and is not repeated.
    let by_value = run(&home, &region, &["key", "disable", &secrets[0], "--yes"]);
    assert_eq!(by_value.code, Some(5), "{by_value:?}");
    assert!(!format!("{by_value:?}").contains(&secrets[0]));
}

#[test]
fn a_name_that_several_have_is_refused_with_their_ids() {
    let (region, home) = (region(), home());
    region.alter(|estate| {
        for key in estate.api_keys.iter_mut().take(2) {
            "twin".clone_into(&mut key.name);
        }
        estate.usage_plans[1].name = estate.usage_plans[0].name.clone();
    });
    let estate = region.estate();
    let plan = estate.usage_plans[0].name.as_str();
    for (arguments, ids) in [
        (&["key", "enable", "twin"][..], [&estate.api_keys[0].id, &estate.api_keys[1].id]),
        (&["usage-plan", "throttle", "clear", plan], [&estate.usage_plans[0].id, &estate.usage_plans[1].id]),
    ] {
        let refused = run(&home, &region, &[arguments, &["--yes"]].concat());
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(ids.into_iter().all(|id| refused.stderr.contains(id.as_str())), "{refused:?}");
    }
    let by_id = run(&home, &region, &["key", "enable", &estate.api_keys[0].id, "--dry-run"]);
    assert_ne!(by_id.code, Some(2), "{by_id:?}");
}
