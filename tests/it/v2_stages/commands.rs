//! The same commands as for REST APIs, as programs.

use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;

use super::options;
use crate::support::binary::{Outcome, cellgate};
use crate::support::home::Home;
use crate::support::region::Region;

fn run(home: &Home, region: &Region, arguments: &[&str]) -> Outcome {
    let endpoint = region.endpoint_url();
    cellgate(home, arguments.iter().copied().chain(["--endpoint-url", endpoint.as_str()]))
}

#[test]
fn every_lever_of_such_stages_is_a_command_and_can_be_undone() {
    let region = Region::start(RegionOptions { clock: Clock::wall(), ..options() });
    let home = Home::new();
    let orders = "orders-01/prod";
    let arn = "arn:aws:logs:eu-west-1:123456789012:log-group:other";
    for (arguments, operation, undoable) in [
        (
            &["throttle", "set", orders, "--method", "GET /orders", "--rate", "5", "--burst", "9"][..],
            "UpdateStage",
            true,
        ),
        (&["throttle", "set", orders, "--rate", "50"], "UpdateStage", true),
        (&["throttle", "clear", orders], "UpdateStage", true),
        (&["variables", orders, "colour=green"], "UpdateStage", true),
        (&["logging", orders, "--metrics", "true"], "UpdateStage", true),
        (&["access-logs", "set", orders, "--destination", arn], "UpdateStage", true),
        (&["access-logs", "off", orders], "DeleteAccessLogSettings", true),
        (&["rollback", "webhooks/$default", "--to", "previous"], "UpdateStage", true),
        (&["flush", orders, "--authorizers"], "ResetAuthorizersCache", false),
    ] {
        let before = region.count(operation);
        let dry = run(&home, &region, &[arguments, &["--dry-run"]].concat());
        assert_eq!(dry.code, Some(0), "{dry:?}");
        assert_eq!(region.count(operation), before, "a dry run sends nothing");
        let done = run(&home, &region, &[arguments, &["--yes", "-o", "json"]].concat()).json();
        assert_eq!(done["outcome"], "applied", "{done}");
        assert!(region.count(operation) > before, "{arguments:?}");
        let undone = run(&home, &region, &["undo", done["change"].as_str().unwrap(), "--yes"]);
        assert_eq!(undone.code, Some(if undoable { 0 } else { 3 }), "{arguments:?}: {undone:?}");
    }
}

#[test]
fn what_such_stages_lack_ends_with_3() {
    let region = Region::start(RegionOptions { clock: Clock::wall(), ..options() });
    let home = Home::new();
    for (arguments, says) in [
        (&["cache", "off", "orders-01/prod"][..], "only REST APIs have a response cache"),
        (&["canary", "abort", "live-01/prod"], "only stages of REST APIs have one"),
        (&["logging", "orders-01/prod", "--tracing", "true"], "no X-Ray tracing"),
        (&["logging", "orders-01/prod", "--level", "INFO"], "no logging level"),
        (&["flush", "live-01/prod", "--authorizers"], "only HTTP APIs have one"),
        (&["throttle", "set", "status/$default", "--rate", "5"], "quick create made it"),
        (&["throttle", "set", "orders-01/prod", "--rate=-1"], "is not legal"),
    ] {
        let outcome = run(&home, &region, &[arguments, &["--yes"]].concat());
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(3), ""), "{arguments:?}: {outcome:?}");
        assert!(outcome.stderr.contains(says), "{arguments:?}: {outcome:?}");
    }
    assert_eq!(region.count("UpdateStage"), 0);
}
