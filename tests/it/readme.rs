//! The README keeps its word: its tables are the program's own, and what it links to is there.

use std::path::Path;

use cellgate::config;
use cellgate::tui::keymap::keys_markdown;

const README: &str = include_str!("../../README.md");

/// The text between a section's markers, which `UPDATE_ASSETS=1` writes anew.
fn generated<'readme>(readme: &'readme str, section: &str) -> &'readme str {
    let begin = format!("<!-- begin generated: {section} -->\n");
    let end = format!("<!-- end generated: {section} -->");
    let from = readme.find(&begin).expect("the section begins") + begin.len();
    let to = from + readme[from..].find(&end).expect("the section ends");
    &readme[from..to]
}

#[test]
fn the_tables_of_keys_and_settings_are_the_programs_own() {
    let sections = [("config", config::reference::markdown()), ("keys", keys_markdown())];
    if std::env::var_os("UPDATE_ASSETS").is_some() {
        let mut readme = README.to_owned();
        for (section, table) in &sections {
            let old = generated(&readme, section).to_owned();
            let marker = format!("<!-- begin generated: {section} -->\n");
            readme = readme.replace(&format!("{marker}{old}"), &format!("{marker}{table}"));
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
