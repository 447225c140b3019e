//! Who is chosen of a cell: at random by a seed, by load, by pattern and attribute; and how several cells share them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::table::MappingTable;
use crate::killed::bench;
use crate::support::home::Home;

const FREELY: [&str; 6] = ["--gate", "none", "--rate", "5000", "--force", "-y"];

/// Who was moved by a command that must have moved all, with the cell that each is at now.
fn moved(table: &MappingTable, home: &Home, arguments: &[&str]) -> BTreeMap<String, String> {
    let before = table.cells();
    let outcome = bench::run(home, &[arguments, &FREELY[..]].concat());
    assert_eq!(outcome.code, Some(0), "{arguments:?}: {outcome:?}");
    let after = table.cells();
    assert_eq!(after.len(), before.len());
    after.into_iter().filter(|(customer, cell)| before[customer] != *cell).collect()
}

fn taken_back(table: &MappingTable, home: &Home, before: &BTreeMap<String, String>) {
    let listed = bench::run(home, &["moves", "list", "-o", "json"]).json();
    let undone =
        bench::run(home, &[&["undo", listed[0]["move"].as_str().unwrap()][..], &FREELY[..]].concat());
    assert_eq!(undone.code, Some(0), "{undone:?}");
    assert_eq!(table.cells(), *before);
}

#[test]
fn the_same_seed_chooses_the_same_customers() {
    let table = MappingTable::new();
    let home = table.home("");
    let (before, all) = (table.cells(), table.customers_of("cell-01"));
    let choose = |how: &[&str]| {
        let chosen =
            moved(&table, &home, &[&["move", "--from", "cell-01", "--to", "cell-02"][..], how].concat());
        taken_back(&table, &home, &before);
        assert!(
            chosen.iter().all(|(customer, cell)| all.contains(customer) && cell == "cell-02"),
            "{chosen:?}"
        );
        chosen
    };
    let first = choose(&["--count", "7", "--seed", "3"]);
    assert_eq!(first.len(), 7);
    assert_eq!(choose(&["--count", "7", "--seed", "3"]), first);
    assert_ne!(choose(&["--count", "7", "--seed", "4"]), first);
    let tenth = (all.len() + 5) / 10;
    assert_eq!(choose(&["--share", "10%"]).len(), tenth);
    let whole = bench::run(&home, &["move", "--from", "cell-01", "--to", "cell-02", "-y"]);
    assert_eq!(whole.code, Some(2), "without a number all of a cell would go: {whole:?}");
}

#[test]
fn those_that_send_most_are_the_ones_whose_keys_used_most() {
    let table = MappingTable::new();
    let home = table.home("");
    let usage = || -> BTreeMap<String, i64> { serde_json::from_str(&table.python(&["usage"])).unwrap() };
    let of_cell = table.customers_of("cell-01");
    let (before, cells) = (usage(), table.cells());
    let arguments = ["move", "--from", "cell-01", "--to", "cell-02", "--by", "load", "--count", "3"];
    let plan = bench::run(&home, &[&arguments[..], &["--force", "--dry-run"]].concat());
    assert!(plan.stdout.contains("by load: what their API keys used since 2026-11-19 in UTC"), "{plan:?}");
    let known = of_cell.iter().filter(|customer| before.contains_key(*customer)).count();
    let said = format!("{} of {} have no figure", of_cell.len() - known, of_cell.len());
    assert!(plan.stdout.contains(&said), "{said}: {plan:?}");
    assert_eq!(table.cells(), cells);
    let chosen = moved(&table, &home, &arguments);
    assert_eq!(chosen.len(), 3);
    let after = usage();
    let least = chosen.keys().map(|customer| after[customer]).min().unwrap();
    assert!(least > 0, "{chosen:?}: {after:?}");
    for other in of_cell.iter().filter(|customer| !chosen.contains_key(*customer)) {
        assert!(before.get(other).is_none_or(|used| *used <= least), "{other} sends more: {before:?}");
    }
}

#[test]
fn a_pattern_and_attributes_say_who_is_meant() {
    let table = MappingTable::new();
    let home = table.home("");
    let items = table.items();
    let meant = |glob: &str, tier: Option<&str>| -> BTreeSet<String> {
        let fits = |(customer, item): &(&String, &BTreeMap<String, Value>)| {
            item["CellId"] == "cell-01"
                && customer.starts_with(glob)
                && tier.is_none_or(|tier| item.get("tier").is_some_and(|has| has == tier))
        };
        items.iter().filter(fits).map(|(customer, _)| customer.clone()).collect()
    };
    let before = table.cells();
    let from = ["move", "--from", "cell-01", "--to", "cell-02"];
    for (how, expected) in [
        (&["--where", "tier=premium"][..], meant("", Some("premium"))),
        (&["--match", "customer-000*"], meant("customer-000", None)),
        (&["--match", "customer-000*", "--where", "tier=free"], meant("customer-000", Some("free"))),
    ] {
        assert!(
            !expected.is_empty() && expected.len() < meant("", None).len(),
            "{how:?} tells nothing apart"
        );
        let chosen = moved(&table, &home, &[&from[..], how].concat());
        assert_eq!(chosen.into_keys().collect::<BTreeSet<_>>(), expected, "{how:?}");
        taken_back(&table, &home, &before);
    }
    let two = moved(&table, &home, &[&from[..], &["--where", "tier=premium", "--count", "2"]].concat());
    assert!(two.len() == 2 && two.keys().all(|customer| meant("", Some("premium")).contains(customer)));
    taken_back(&table, &home, &before);
    for (how, why) in [
        (["--where", "teir=premium"], "did you mean 'tier'?"),
        (["--where", "premium"], "comparisons with attributes are needed"),
        (["--match", "nobody-*"], "is as was asked for"),
    ] {
        let refused = bench::run(&home, &[&from[..], &how, &FREELY[..]].concat());
        assert_eq!(refused.code, Some(3), "{how:?}: {refused:?}");
        assert!(refused.stderr.contains(why), "{how:?}: {refused:?}");
    }
    assert_eq!(table.cells(), before);
}

#[test]
fn several_cells_share_a_part_and_those_who_are_there_stay() {
    let table = MappingTable::new();
    let home = table.home("");
    let all = table.customers_of("cell-01");
    let part = ["move", "--from", "cell-01", "--share", "50%", "--to", "cell-02,cell-03"];
    let chosen = moved(&table, &home, &part);
    assert_eq!(chosen.len(), all.len().div_ceil(2));
    let cells: BTreeSet<&str> = chosen.values().map(String::as_str).collect();
    assert_eq!(cells, ["cell-02", "cell-03"].into());
    let refused =
        bench::run(&home, &["move", "--from", "cell-01", "--count", "1", "--to", "cell-01,cell-02", "-y"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    let (there, elsewhere) =
        (table.customers_of("cell-02").remove(0), table.customers_of("cell-04").remove(0));
    let before = table.cells();
    for targets in ["cell-02,cell-03", "cell-03,cell-02"] {
        let command = ["move", &there, &elsewhere, "--to", targets];
        let outcome = bench::run(&home, &[&command[..], &FREELY[..]].concat());
        assert!(matches!(outcome.code, Some(3 | 4)), "one of them is left out: {outcome:?}");
        assert_eq!(table.cells()[&there], "cell-02");
    }
    let after = table.cells();
    let gone: Vec<&String> = before.keys().filter(|customer| before[*customer] != after[*customer]).collect();
    assert_eq!(gone, [&elsewhere]);
}

#[test]
fn a_cell_takes_no_more_customers_than_it_is_built_for() {
    let table = MappingTable::new();
    let (has, others) = (table.customers_of("cell-02").len(), table.customers_of("cell-03").len());
    let most = has + 20;
    let built = |cell: &str, customers: usize| {
        format!("[[cells.configured]]\nid = \"{cell}\"\ncustomers = {customers}\nstateless = true\n")
    };
    // The spread goes by room: six times as much in cell-03.
    let home = table.home(&format!(
        "[cells]\nstateless = true\n{}{}",
        built("cell-02", most),
        built("cell-03", others + 120)
    ));
    let plan = |count: &str, to: &str, more: &[&str]| {
        let arguments =
            ["move", "--from", "cell-01", "--to", to, "--count", count, "--dry-run", "-o", "json"];
        bench::run(&home, &[&arguments[..], more].concat())
    };
    let refused = plan("21", "cell-02", &[]);
    assert_eq!(refused.code, Some(3), "{refused:?}");
    let why = format!("it would have {} customers, and is built for {most}; --force moves", has + 21);
    assert!(refused.stderr.contains(&why), "{why}: {refused:?}");
    let forced = plan("21", "cell-02", &["--force"]).json();
    let warned = format!("cell-02: it would have {} customers, and is built for {most}", has + 21);
    assert!(forced["plan"]["warnings"].as_array().unwrap().iter().any(|text| text == &warned), "{forced}");

    let before = table.cells();
    let moved =
        moved(&table, &home, &["move", "--from", "cell-01", "--to", "cell-02,cell-03", "--count", "7"]);
    let to = |cell: &str| moved.values().filter(|to| *to == cell).count();
    assert_eq!((to("cell-02"), to("cell-03")), (1, 6), "{moved:?}");
    taken_back(&table, &home, &before);
}
