//! Changes that the journal knows: they are taken back, gone on with and shown in the region that they were made in.

use serde_json::Value;

use super::{FIRST, SECOND, home, region};
use crate::killed::bench;
use crate::support::accounts::{Entry, closed, configure, home_of};
use crate::support::home::Home;
use crate::support::region::Region;
use crate::support::table::TeamTable;

const STATELESS: &str = "[cells]\nstateless = true\n";
const TEAM: &str = "[team]\ntable = \"cellgate-team\"\nlease = \"10s\"\n";

fn journal(home: &Home) -> Vec<Value> {
    bench::run(home, &["journal", "list", "-o", "json"]).json().as_array().expect("a list").clone()
}

/// Changes a throttle in the second account; the change's id.
fn change_in_second(home: &Home) -> String {
    let set = ["throttle", "set", "cell-02-api/prod", "--rate", "55", "-yy", "-o", "json"];
    bench::run(home, &set).json()["change"].as_str().expect("an id").to_owned()
}

#[test]
fn a_change_is_taken_back_where_it_was_made() {
    let region = region();
    let endpoint = region.endpoint_url();
    let home = home_of("", &[Entry::new("one", &endpoint), Entry::new("two", &endpoint)]);
    let change = change_in_second(&home);
    let undone = bench::run(&home, &["undo", &change, "-yy"]);
    assert_eq!(undone.code, Some(0), "{undone:?}");
    let known = journal(&home);
    assert_eq!((known.len(), &known[0]["account"]), (2, &SECOND.into()), "{known:?}");
    assert_eq!(known[1]["undone_by"], known[0]["id"], "{known:?}");

    // An account that a role names is asked first, and one that it can't be is not asked.
    let role = "role-arn = \"arn:aws:iam::111122223333:role/on-call/Operator\"\n";
    let other = "role-arn = \"arn:aws:iam::999999999999:role/on-call/Operator\"\n";
    let nobody = closed();
    let regions = [
        Entry { more: other, ..Entry::new("two", &nobody) },
        Entry { region: "us-east-1", ..Entry::new("two", &nobody) },
        Entry::new("one", &endpoint),
        Entry { more: role, name: "one", ..Entry::new("one", &endpoint) },
    ];
    configure(&home, "", &regions);
    let asked = region.count("GetCallerIdentity");
    let again = known[0]["id"].as_str().unwrap();
    let planned = bench::run(&home, &["undo", again, "--dry-run", "-o", "json"]).json();
    assert_eq!(planned["region"]["account"], SECOND, "{planned}");
    assert_eq!(region.count("GetCallerIdentity") - asked, 1, "the account of the role alone");
}

#[test]
fn a_change_of_a_region_that_is_not_configured_is_refused_by_name() {
    let region = region();
    let endpoint = region.endpoint_url();
    let home = home("", &region);
    let change = change_in_second(&home);
    let far = Entry { region: "us-east-1", ..Entry::new("two", &endpoint) };
    configure(&home, "", &[Entry::new("one", &endpoint), far]);
    for command in [["undo", &change, "-yy"], ["finish", &change, "-yy"]] {
        let refused = bench::run(&home, &command);
        assert_eq!(refused.code, Some(3), "{refused:?}");
        let said =
            format!("the change {change} was made in {SECOND} eu-west-1, and no configured region is that");
        assert!(refused.stderr.contains(&said), "{refused:?}");
        for named in [format!("shop-one ({FIRST} eu-west-1)"), "shop-two (us-east-1)".to_owned()] {
            assert!(refused.stderr.contains(&named), "{refused:?}");
        }
    }
    let gone = closed();
    configure(&home, "", &[Entry::new("one", &endpoint), Entry::new("two", &gone)]);
    let unreached = bench::run(&home, &["undo", &change, "-yy"]);
    assert_eq!(unreached.code, Some(1), "{unreached:?}");
    assert!(unreached.stderr.contains("which region that is can't be told: shop-two: "), "{unreached:?}");
    assert_eq!(region.count("UpdateStage"), 1);
    let unknown = bench::run(&home, &["undo", "20261120-000000-0000", "-yy"]);
    assert_eq!(unknown.code, Some(5), "{unknown:?}");
}

/// Moves a customer, which the first account alone can do; the move's id.
fn moved(home: &Home) -> String {
    let there =
        ["move", "customer-00001", "--to", "cell-03", "--gate", "none", "--force", "-y", "-o", "json"];
    let done = bench::run(home, &there);
    assert_eq!(done.code, Some(0), "{done:?}");
    let last: Value = serde_json::from_str(done.stdout.lines().last().expect("an end")).unwrap();
    last["move"].as_str().expect("an id").to_owned()
}

#[test]
fn a_move_is_looked_after_where_it_was_made() {
    let region = region();
    let home = home(STATELESS, &region);
    let id = moved(&home);
    let listed = bench::run(&home, &["moves", "list", "-o", "json"]).json();
    assert_eq!(
        (&listed[0]["move"], &listed[0]["account"]),
        (&Value::from(id.clone()), &FIRST.into()),
        "{listed}"
    );
    for which in [id.as_str(), "--last"] {
        let shown = bench::run(&home, &["moves", "show", which, "-o", "json"]).json();
        assert_eq!(shown["move"], id, "{shown}");
        let left = bench::run(&home, &["moves", "connections", which, "-o", "json"]).json();
        assert_eq!(left["move"], id, "{left}");
    }
    let ended = bench::run(&home, &["moves", "abort", &id]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stderr.contains("has ended"), "{ended:?}");
    let undone = bench::run(&home, &["undo", &id, "--gate", "none", "--force", "-y"]);
    assert_eq!(undone.code, Some(0), "{undone:?}");
    let back = bench::run(&home, &["lookup", "customer-00001", "-o", "json"]).json();
    assert_eq!(back["mapping"]["cell"], "cell-01", "{back}");

    // `--account` decides all the same, and what contradicts it is refused.
    let elsewhere = bench::run(&home, &["moves", "connections", &id, "--account", "shop-two"]);
    assert_eq!(elsewhere.code, Some(3), "{elsewhere:?}");
    assert!(elsewhere.stderr.contains("this session is in 111122223333 eu-west-1"), "{elsewhere:?}");
}

#[test]
fn a_move_that_was_cut_off_is_gone_on_with_where_it_was_made() {
    let region = region();
    let mut home = home(STATELESS, &region);
    let there =
        ["move", "--from", "cell-01", "--count", "5", "--to", "cell-03", "--gate", "none", "--force", "-y"];
    bench::kill(&mut home, &there, "after-range-1");
    let resumed = bench::run(&home, &["moves", "resume", "--last"]);
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    assert!(resumed.stdout.contains("5 of 5 moved"), "{resumed:?}");
}

/// The endpoint of a region with the team's table in its first account.
fn with_team_table() -> (Region, String) {
    let region = region();
    let endpoint = region.endpoint_url();
    TeamTable::create(&endpoint);
    (region, endpoint)
}

#[test]
fn a_colleague_finds_a_change_in_the_table_of_the_team() {
    let (region, _endpoint) = with_team_table();
    let (alice, bob) = (home(TEAM, &region), home(TEAM, &region));
    let set = ["throttle", "set", "cell-01-api/prod", "--rate", "55", "-yy", "-o", "json"];
    let change = bench::run(&alice, &set).json()["change"].as_str().unwrap().to_owned();
    let known = journal(&bob);
    assert_eq!((known.len(), &known[0]["id"]), (1, &Value::from(change.clone())), "{known:?}");
    let shown = bench::run(&bob, &["journal", "show", &change, "-o", "json"]).json();
    assert_eq!(shown["account"], FIRST, "{shown}");
    let verified = bench::run(&bob, &["journal", "verify", "--store", "team", "-o", "json"]).json();
    assert_eq!((&verified["records"], &verified["intact"]), (&2.into(), &true.into()), "{verified}");
    let exported = bench::run(&bob, &["journal", "export"]);
    assert_eq!((exported.code, exported.stdout.lines().count()), (Some(0), 2), "{exported:?}");
    let leases = bench::run(&bob, &["lease", "list", "-o", "json"]).json();
    assert_eq!(leases, Value::Array(Vec::new()));
    let undone = bench::run(&bob, &["undo", &change, "-yy"]);
    assert_eq!(undone.code, Some(0), "{undone:?}");
    assert_eq!(journal(&alice)[0]["undone_by"], Value::Null);
    assert_eq!(journal(&alice)[1]["undone_by"], journal(&bob)[0]["id"]);
    let nobody = bench::run(&bob, &["journal", "show", "20261120-000000-0000"]);
    assert_eq!(nobody.code, Some(5), "{nobody:?}");
}

#[test]
fn the_newest_of_all_moves_is_not_guessed_where_a_region_cannot_be_read() {
    let (region, endpoint) = with_team_table();
    let settings = format!("{STATELESS}{TEAM}");
    let (alice, bob) = (home(&settings, &region), home(&settings, &region));
    let id = moved(&alice);
    let shown = bench::run(&bob, &["moves", "show", "--last", "-o", "json"]).json();
    assert_eq!(shown["move"], id, "{shown}");
    let listed = bench::run(&bob, &["moves", "list", "-o", "json"]).json();
    assert_eq!(
        (listed.as_array().unwrap().len(), &listed[0]["move"]),
        (1, &Value::from(id.clone())),
        "{listed}"
    );

    let gone = closed();
    configure(&bob, &settings, &[Entry::new("one", &endpoint), Entry::new("two", &gone)]);
    let newest = bench::run(&bob, &["moves", "show", "--last"]);
    assert_eq!(newest.code, Some(1), "{newest:?}");
    assert!(newest.stderr.contains("which move is the newest can't be told, since shop-two"), "{newest:?}");
    let by_id = bench::run(&bob, &["moves", "show", &id, "-o", "json"]).json();
    assert_eq!(by_id["move"], id, "an id is in one place alone");
}
