//! The files of the scenarios, and what is said of broken ones.

use std::collections::BTreeSet;

use super::super::{Scenario, ScenarioError, list, load};

const SOUND: &str = include_str!("../../../scenarios/bad-deploy.toml");

#[test]
fn every_embedded_scenario_is_sound_and_called_like_its_file() {
    let names: BTreeSet<String> = list().into_iter().map(|summary| summary.name).collect();
    assert_eq!(names.len(), 15);
    for name in &names {
        let scenario = load(name).unwrap();
        assert_eq!(scenario.name, *name);
        assert_eq!(scenario.is_calm(), name == "calm");
        assert!(!scenario.cure.all.is_empty() && !scenario.story.trim().is_empty());
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let files = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(files, names.len(), "each file of {folder} is embedded");
}

#[test]
fn texts_name_only_what_the_cast_has() {
    let known =
        ["cell", "api", "api-id", "http", "http-id", "router", "router-id", "customer", "key", "plan", "acl"];
    for summary in list() {
        let scenario = load(&summary.name).unwrap();
        for text in scenario.hints.iter().chain([&scenario.story]) {
            for name in text.split('{').skip(1).map(|part| part.split('}').next().unwrap()) {
                assert!(known.contains(&name), "{}: {name}", summary.name);
            }
        }
    }
}

#[test]
fn an_unknown_name_brings_up_those_that_are_like_it() {
    let error = load("bad-deply").unwrap_err();
    assert!(
        matches!(&error, ScenarioError::Unknown { nearest, .. } if nearest[0] == "bad-deploy"),
        "{error}"
    );
    assert!(error.to_string().contains("did you mean bad-deploy"), "{error}");
    let far = load("zzzz").unwrap_err();
    assert_eq!(far.to_string(), "there is no scenario \"zzzz\"");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = load("nowhere/mine.toml").unwrap_err();
    assert!(error.to_string().starts_with("the scenario file nowhere/mine.toml cannot be read"), "{error}");
}

#[test]
fn a_mistake_is_named_with_its_line_and_field() {
    let broken = |from: &str, to: &str| {
        assert!(SOUND.contains(from), "{from}");
        let text = SOUND.replacen(from, to, 1);
        let error = Scenario::parse("mine.toml", &text).unwrap_err().to_string();
        assert_eq!(error.lines().count(), 1, "{error}");
        error
    };
    let error = broken("after = \"1 min\"", "after = \"soon\"");
    assert!(error.contains("mine.toml, line ") && error.contains("onset.after"), "{error}");
    let error = broken("failed_share(cell)", "failed_share(sell)");
    assert!(error.contains("cure.all") && error.contains("\"sell\" is no scope"), "{error}");
    let error = broken("title = ", "titel = ");
    assert!(error.contains("line 2") && error.contains("titel"), "{error}");
    let error = broken("server-errors = 0.45", "server-error = 0.45");
    assert!(error.contains("server-error") && error.contains("steps"), "{error}");
    let error = broken("act.release", "act.relaese");
    assert!(error.contains("relaese"), "{error}");
    let error = broken("[cure]", "[cure");
    assert!(error.contains("line "), "{error}");
    assert!(Scenario::parse("mine.toml", "").unwrap_err().to_string().contains("missing field"));
}
