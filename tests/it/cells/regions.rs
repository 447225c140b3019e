//! Two accounts in one configuration: both together, one of them gone, and one of them chosen.

use cellgate_demo::clock::Clock;
use serde_json::Value;

use super::START;
use crate::support::accounts::{CREDENTIALS, Entry, both_first, closed, configure, home_of, two_accounts};
use crate::support::binary::{Outcome, cellgate};
use crate::support::home::Home;
use crate::support::region::Region;

fn region() -> Region {
    two_accounts(Clock::manual(START.parse().expect("a time")))
}

/// Two regions, each an account of its own behind an endpoint of its own.
fn home(one: &str, two: &str) -> Home {
    let cells = "cells = [\"cell-90\", \"cell-91\"]\n";
    home_of("", &[Entry::new("one", one), Entry { more: cells, ..Entry::new("two", two) }])
}

fn get(home: &Home, arguments: &[&str]) -> Outcome {
    cellgate(home, ["get"].iter().chain(arguments))
}

fn rows(outcome: &Outcome) -> Vec<Value> {
    let rows: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:?}"));
    rows.as_array().expect("a list").clone()
}

#[test]
fn two_accounts_are_one_list_with_a_column_for_the_region() {
    let region = region();
    let home = home(&region.endpoint_url(), &region.endpoint_url());
    let apis = get(&home, &["apis", "-o", "json"]);
    assert_eq!((apis.code, apis.stderr.as_str()), (Some(0), ""), "{apis:?}");
    let of = |rows: &[Value], name: &str| rows.iter().filter(|row| row["region"] == name).count();
    let listed = rows(&apis);
    assert_eq!(listed.len(), 10);
    assert!(of(&listed, "shop-one") > 0 && of(&listed, "shop-two") > 0, "{listed:?}");

    let table = get(&home, &["stages", "--filter", "region=shop-two", "--sort", "api"]);
    let lines: Vec<&str> = table.stdout.lines().collect();
    assert!(lines[0].starts_with("REGION"), "{table:?}");
    assert!(lines.len() > 1 && lines[1..].iter().all(|line| line.starts_with("shop-two ")), "{table:?}");

    let cells = get(&home, &["cells", "-o", "json"]);
    assert_eq!(cells.code, Some(0), "{cells:?}");
    let cells = rows(&cells);
    for id in ["cell-01", "cell-02", "cell-03", "cell-04"] {
        let cell = cells.iter().find(|cell| cell["id"] == id).unwrap_or_else(|| panic!("{id} {cells:#?}"));
        assert!(cell["requests_per_second"].as_f64().unwrap() > 0.0, "{cell}");
        assert_eq!(cell["regions"].as_array().unwrap().len(), 1, "{cell}");
    }
}

#[test]
fn a_region_that_is_gone_greys_its_cells_and_takes_nothing_from_the_other() {
    let region = region();
    let home = home(&region.endpoint_url(), &closed());
    let cells = get(&home, &["cells", "-o", "json", "--sort", "cell"]);
    assert_eq!(cells.code, Some(4), "{cells:?}");
    let warnings: Vec<&str> = cells.stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
    assert!(warnings.iter().any(|line| line.starts_with("warning: shop-two: ")), "{cells:?}");
    assert!(!warnings.iter().any(|line| line.contains("shop-one")), "{cells:?}");
    let found = rows(&cells);
    let state = |id: &str| {
        let cell = found.iter().find(|cell| cell["id"] == id);
        cell.map(|cell| cell["state"].as_str().unwrap().to_owned())
    };
    assert_eq!((state("cell-90").as_deref(), state("cell-91").as_deref()), (Some("unseen"), Some("unseen")));
    let seen = found.iter().filter(|cell| cell["region"] == "shop-one").count();
    assert!(seen > 0 && state("cell-01").is_some_and(|state| state != "unseen"), "{found:#?}");

    let apis = get(&home, &["apis", "-o", "json"]);
    assert_eq!(apis.code, Some(4), "{apis:?}");
    assert!(rows(&apis).iter().all(|row| row["region"] == "shop-one"));
    assert!(apis.stderr.contains("warning: shop-two: "), "{apis:?}");
}

#[test]
fn one_of_them_can_be_chosen_by_its_alias() {
    let region = region();
    let home = home(&closed(), &region.endpoint_url());
    let apis = get(&home, &["apis", "-o", "json", "--account", "shop-two"]);
    assert_eq!((apis.code, apis.stderr.as_str()), (Some(0), ""), "{apis:?}");
    let apis = rows(&apis);
    assert!(!apis.is_empty() && apis.iter().all(|row| row.get("region").is_none()), "{apis:?}");

    let unknown = get(&home, &["apis", "--account", "shop-three"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(unknown.stderr.contains("configured are shop-one, shop-two"), "{unknown:?}");
    assert_eq!(get(&home, &["apis", "--account", "eu-west-1"]).code, Some(2), "both are there");
}

#[test]
fn a_region_is_reached_by_a_role_of_its_account() {
    let region = region();
    let home = Home::without_credentials();
    std::fs::write(home.path().join("aws-credentials"), CREDENTIALS).unwrap();
    let endpoint = region.endpoint_url();
    let entry = |alias: &str, role: &str| {
        format!(
            "[[regions]]\nprofile = \"one\"\nregion = \"eu-west-1\"\nalias = \"{alias}\"\n\
             endpoint-url = \"{endpoint}\"\n{role}"
        )
    };
    let role = |account: &str| format!("role-arn = \"arn:aws:iam::{account}:role/on-call/Reader\"\n");
    let text =
        entry("own", "") + &entry("other", &role("111122223333")) + &entry("none", &role("999999999999"));
    let folder = home.path().join("config/cellgate");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), text).unwrap();

    let apis = get(&home, &["apis", "-o", "json"]);
    assert_eq!(apis.code, Some(4), "{apis:?}");
    let listed = rows(&apis);
    let of = |name: &str| -> Vec<&str> {
        let own = listed.iter().filter(|row| row["region"] == name);
        own.map(|row| row["id"].as_str().unwrap()).collect()
    };
    let (own, other) = (of("own"), of("other"));
    assert!(!own.is_empty() && !other.is_empty(), "{listed:?}");
    assert!(own.iter().all(|id| !other.contains(id)), "each account has APIs of its own: {listed:?}");
    assert_eq!(own.len() + other.len(), listed.len());
    assert!(apis.stderr.contains("warning: none: "), "the role of an account that isn't there: {apis:?}");
    assert!(!apis.stderr.contains("wJalr"), "{apis:?}");
    assert!(region.count("AssumeRole") >= 2, "each role is asked for");
}

#[test]
fn a_customer_is_looked_up_and_moved_where_the_table_is() {
    let region = region();
    let endpoint = region.endpoint_url();
    // The second account has no table, and stands first.
    let home = home_of("", &[Entry::new("two", &endpoint), Entry::new("one", &endpoint)]);
    let found = cellgate(&home, ["lookup", "customer-00001", "-o", "json"]);
    assert_eq!(found.code, Some(0), "{found:?}");
    assert!(
        found.stderr.contains("note: shop-one alone, the one region with a table CellMappings"),
        "{found:?}"
    );
    let cell = found.json()["mapping"]["cell"].as_str().expect("a cell").to_owned();
    let to = if cell == "cell-01" { "cell-02" } else { "cell-01" };
    let arguments =
        ["move", "customer-00001", "--to", to, "--data-stays", "--force", "--dry-run", "-o", "json"];
    let planned = cellgate(&home, arguments);
    assert_eq!(planned.code, Some(0), "{planned:?}");
    assert_eq!(planned.json()["plan"]["region"]["account"], "123456789012", "{planned:?}");
}

#[test]
fn where_several_regions_may_have_the_table_the_account_is_asked_for() {
    let (region, other) = (region(), region());
    let (one, two) = (region.endpoint_url(), other.endpoint_url());
    let home = home_of("", &[Entry::new("one", &one), Entry::new("two", &two)]);
    // Each is the first account of its own region, which has the table.
    both_first(&home);
    let commands: [&[&str]; 7] = [
        &["count"],
        &["get", "customers", "--all"],
        &["placement", "show", "--customer", "customer-00001"],
        &["lookup", "customer-00001"],
        &["move", "customer-00001", "--to", "cell-02", "--dry-run"],
        &["drain", "cell-01", "--to", "cell-02", "--dry-run"],
        &["rebalance", "--dry-run"],
    ];
    for command in commands {
        let asked = cellgate(&home, command);
        assert_eq!(asked.code, Some(2), "{command:?}: {asked:?}");
        let said = "the table CellMappings may be that of shop-one or shop-two";
        assert!(
            asked.stderr.contains(said) && asked.stderr.contains("--account NAME"),
            "{command:?}: {asked:?}"
        );
    }
    let told = cellgate(&home, ["lookup", "customer-00001", "--account", "shop-two"]);
    assert_eq!(told.code, Some(0), "{told:?}");

    // One that can't be asked may have it, too.
    let gone = closed();
    configure(&home, "", &[Entry::new("one", &one), Entry::new("two", &gone)]);
    let asked = cellgate(&home, ["lookup", "customer-00001"]);
    assert_eq!(asked.code, Some(2), "{asked:?}");
    assert!(asked.stderr.contains("shop-one or shop-two (not known: "), "{asked:?}");
}
