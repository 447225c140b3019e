//! The README keeps its word: its tables are the program's own, and what it links to is there.

use std::path::Path;

use cellgate::config;
use cellgate::tui::keymap::keys_markdown;

use crate::support::markdown::{generated, with_generated};

const README: &str = include_str!("../../README.md");

#[test]
fn the_tables_of_keys_and_settings_are_the_programs_own() {
    let sections = [("config", config::reference::markdown()), ("keys", keys_markdown())];
    if std::env::var_os("UPDATE_ASSETS").is_some() {
        let mut readme = README.to_owned();
        for (section, table) in &sections {
            readme = with_generated(&readme, section, table);
        }
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"), readme).unwrap();
        return;
    }
    for (section, table) in &sections {
        assert_eq!(
            generated(README, section),
            table,
            "the README's {section} differ; run: UPDATE_ASSETS=1 cargo test --test it readme"
        );
    }
}

#[test]
fn the_two_commands_stand_there() {
    for command in ["cargo run --release -- demo", "cargo test --workspace"] {
        assert!(README.lines().any(|line| line == command), "{command}");
    }
}

#[test]
fn every_link_into_the_project_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let targets: Vec<&str> = README
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
        .filter(|target| !target.contains("://"))
        .collect();
    assert!(targets.len() >= 4, "{targets:?}");
    for target in targets {
        assert!(root.join(target).exists(), "the README links to {target}, which isn't there");
    }
}
