//! `cellgate lease`: who holds what, and who takes it from them.

use std::time::Duration;

use cellgate::domain::team::TeamSettings;
use cellgate::ops::clock::Clock;
use cellgate::ops::lease::Leases;
use serde_json::json;

use super::{operator, runtime};
use crate::support::binary::cellgate;
use crate::support::home::Home;
use crate::support::region::Region;
use crate::support::table::TeamTable;

const STAGE: &str = "cell-01-api/prod";

/// A change that hangs: its lease is held for an hour by a machine that nobody hears of.
fn held(region: &Region, target: &str) {
    let settings = TeamSettings { table: TeamTable::NAME.to_owned(), lease: Duration::from_hours(1) };
    runtime().block_on(async {
        let session = operator(&region.endpoint_url()).await;
        let leases = Leases::open(&session, &settings, &Clock::System);
        leases.acquire(target, "alice@desk", settings.lease).await.unwrap();
    });
}

#[test]
fn a_target_is_taken_from_who_is_named_and_then_free() {
    let region = Region::on_the_wall_clock();
    TeamTable::create(&region.endpoint_url());
    let mut home = Home::new();
    home.set("CELLGATE_TEAM_TABLE", TeamTable::NAME).set("AWS_ENDPOINT_URL", &region.endpoint_url());
    let plan = cellgate(&home, ["throttle", "set", STAGE, "--rate", "900", "--dry-run", "-o", "json"]).json();
    let path = format!("restapis/{}/stages/prod", plan["target"]["api"].as_str().expect("an id"));
    let target = format!("123456789012/eu-west-1/{path}");
    assert_eq!(cellgate(&home, ["lease", "list", "-o", "json"]).json(), json!([]));
    held(&region, &target);

    let change = || cellgate(&home, ["throttle", "set", STAGE, "--rate", "900", "-yy", "-o", "json"]);
    let refused = change();
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.stderr.contains("alice@desk"), "{refused:?}");
    assert!(refused.stderr.contains("cellgate lease take-over"), "{refused:?}");
    let rows = cellgate(&home, ["lease", "list", "-o", "json"]).json();
    assert_eq!((&rows[0]["target"], &rows[0]["holder"]), (&json!(target), &json!("alice@desk")));

    let take_over = |target: &str, options: &[&str]| {
        cellgate(&home, ["lease", "take-over", target].iter().chain(options).copied())
    };
    for (typed, options, code) in [
        (path.as_str(), [].as_slice(), 3),
        (path.as_str(), &["--from", "bob@sofa"], 3),
        ("restapis/nosuch/stages/prod", &["--from", "alice@desk"], 5),
        (path.as_str(), &["--from", "alice@desk", "--read-only"], 3),
    ] {
        let refused = take_over(typed, options);
        assert_eq!(refused.code, Some(code), "{typed} {options:?}: {refused:?}");
    }
    assert_eq!(change().code, Some(3), "nothing was taken");

    let taken = take_over(&path, &["--from", "alice@desk", "-o", "json"]).json();
    assert_eq!(taken, json!({ "target": target, "from": "alice@desk", "fence": 2 }));
    let made = change().json();
    assert_eq!(made["outcome"], "applied", "{made}");
}
