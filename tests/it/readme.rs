//! The README keeps its word: its tables are the program's own, and what it links to is there.

use std::collections::BTreeSet;
use std::path::Path;

use cellgate::cli::Arguments;
use cellgate::config;
use cellgate::tui::keymap::keys_markdown;
use clap::{Command, CommandFactory as _};

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

/// The lines of the README's list of commands, one a command, without comments.
fn commands() -> Vec<String> {
    let (_, rest) = README.split_once("## Commands").expect("a section of commands");
    let (block, _) = rest.split_once("```sh\n").expect("a list").1.split_once("```").expect("its end");
    let mut lines: Vec<String> = Vec::new();
    for line in block.lines() {
        let said = line.split_once("  #").map_or(line, |(said, _)| said);
        match (said.strip_prefix("cellgate"), lines.last_mut()) {
            (Some(arguments), _) => lines.push(arguments.to_owned()),
            (None, Some(last)) => last.push_str(said.trim_start()),
            (None, None) => panic!("the list begins with {line}"),
        }
    }
    lines
}

/// The commands that a line's words name: `throttle set|clear` are two.
fn named<'tree>(root: &'tree Command, line: &str) -> Vec<&'tree Command> {
    let mut found = vec![root];
    for word in line.split_whitespace() {
        let is_name = |name: &&str| name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
        let has_more = found.iter().any(|above| above.has_subcommands());
        if !has_more || word.starts_with('-') || !word.split('|').all(|name| is_name(&name)) {
            break;
        }
        let below = |name: &str| found.iter().find_map(|above| above.find_subcommand(name));
        let names: Vec<&Command> = word
            .split('|')
            .map(|name| below(name).unwrap_or_else(|| panic!("there is no command {name}: cellgate{line}")))
            .collect();
        found = names;
    }
    found
}

#[test]
fn the_commands_are_the_programs_own_with_the_flags_that_stand_beside_them() {
    let mut root = Arguments::command();
    root.build();
    let lines = commands();
    assert!(lines.len() >= 30, "{lines:?}");
    let (mut seen, mut flags) = (BTreeSet::new(), 0);
    for line in lines.iter().flat_map(|line| line.split(" | ")) {
        // Any lever, of stages or of others.
        let line = line.replace("LEVER...", "throttle set").replace("LEVER", "throttle set");
        let commands = named(&root, &line);
        seen.extend(commands.iter().map(|command| command.get_bin_name().unwrap_or_default().to_owned()));
        let mut in_brackets = false;
        for word in line.split_whitespace() {
            in_brackets |= word.starts_with('[');
            if let Some(flag) = word.trim_start_matches('[').trim_end_matches(']').strip_prefix("--") {
                flags += 1;
                for flag in flag.split('|').map(|flag| flag.trim_start_matches("--")) {
                    let has = |command: &Command| {
                        command.get_arguments().any(|argument| argument.get_long() == Some(flag))
                    };
                    // What may be left out is perhaps for one of several commands alone.
                    let fits = if in_brackets {
                        commands.iter().any(|command| has(command))
                    } else {
                        commands.iter().all(|command| has(command))
                    };
                    assert!(fits, "--{flag} is no flag of: cellgate{line}");
                }
            }
            in_brackets &= !word.ends_with(']');
        }
    }
    assert!(flags >= 40, "only {flags} flags were found");
    let missing: Vec<&str> = root
        .get_subcommands()
        .map(Command::get_name)
        .filter(|name| !["help", "man", "demo", "console"].contains(name))
        .filter(|name| {
            !README.contains(&format!("cellgate {name}")) && !seen.iter().any(|seen| seen.contains(name))
        })
        .collect();
    assert_eq!(missing, [""; 0], "commands that the README doesn't name");
}
