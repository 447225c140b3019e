//! Every lever, killed at every point at which its process may die, and brought to an end afterwards.
//!
//! The points are those that the program names itself (`CELLGATE_FAULT_POINTS`), so a new one is tried without
//! being listed here. Whatever the point, the target is in the end wholly as before or wholly as after, the
//! journal holds, and nothing is sent twice.

pub mod bench;
mod in_a_team;
mod on_the_way_back;
mod recovery;

use bench::{Bench, Lever};

/// A test for each lever: its command line but for `--yes`. Where the region has to be brought into a state
/// first, or an undo leaves something as it is, the lever says so.
macro_rules! levers {
    ($($test:ident: $lever:expr;)*) => {
        $(
            #[test]
            fn $test() {
                recovery::try_every_point(&Bench::of($lever));
            }
        )*
    };
}

const STAGE: &str = "cell-01-api/prod";
const HTTP_STAGE: &str = "orders-01/prod";

levers! {
    throttle: Lever::new(&["throttle", "set", STAGE, "--rate", "77"]);
    throttle_of_a_method: Lever::new(&["throttle", "set", STAGE, "--method", "GET /orders", "--rate", "7"]);
    rollback: Lever::new(&["rollback", STAGE, "--to", "previous"]);
    canary: Lever { prepare: bench::with_canary, ..Lever::new(&["canary", "set", STAGE, "--percent", "20"]) };
    canary_promoted: Lever { prepare: bench::with_canary, ..Lever::new(&["canary", "promote", STAGE]) };
    cache: Lever::new(&["cache", "size", STAGE, "1.6"]);
    variables: Lever::new(&["variables", STAGE, "blue=green"]);
    logging: Lever::new(&["logging", STAGE, "--metrics", "true"]);
    access_logs: Lever::new(&["access-logs", "off", STAGE]);
    flush: Lever::new(&["flush", STAGE]);
    flush_of_authorizers: Lever::new(&["flush", STAGE, "--authorizers"]);
    http_throttle: Lever::new(&["throttle", "set", HTTP_STAGE, "--rate", "50"]);
    http_throttle_of_a_route: Lever::new(&[
        "throttle", "set", HTTP_STAGE, "--method", "GET /orders", "--rate", "5", "--burst", "9"
    ]);
    http_variables: Lever::new(&["variables", HTTP_STAGE, "blue=green"]);
    http_access_logs: Lever::new(&["access-logs", "off", HTTP_STAGE]);
    http_rollback: Lever::new(&["rollback", HTTP_STAGE, "--to", "previous"]);
    // Of two requests: AutoDeploy is turned off first, and an undo leaves it so.
    http_rollback_from_auto_deploy: Lever {
        prepare: bench::with_auto_deploy,
        left_by_undo: &["/autoDeploy"],
        ..Lever::new(&["rollback", "webhooks/$default", "--to", "previous"])
    };
    http_flush_of_authorizers: Lever::new(&["flush", HTTP_STAGE, "--authorizers"]);
    plan_throttle: Lever::new(&["usage-plan", "throttle", "set", "Basic", "--rate", "26"]);
    plan_quota: Lever::new(&["usage-plan", "quota", "clear", "Basic"]);
    plan_stages: Lever::new(&["usage-plan", "stages", "remove", "Basic", STAGE]);
    key: Lever::new(&["key", "disable", "basic-01"]);
    key_move: Lever::new(&["key", "move", "basic-01", "--to", "Free"]);
    key_extension: Lever::new(&["key", "extend", "basic-01", "--by", "100"]);
    waf_rule: Lever::new(&["waf", "rule", "cell-01-waf", "blocked-addresses", "count"]);
    waf_rate: Lever::new(&["waf", "rate", "cell-01-waf", "rate-limit", "--limit", "777"]);
    waf_addresses: Lever::new(&["waf", "ip", "add", "blocked-addresses", "198.51.100.7/32"]);
    waf_detach: Lever::new(&["waf", "detach", STAGE]);
}
