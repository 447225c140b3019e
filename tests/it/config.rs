//! Configuration: valid and invalid files, the order of the layers, and what `config` says of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cellgate::config::{self, ConfigError, ConfigFile, Origin, Settings, Sources, Vocabulary};

use crate::support::binary::cellgate;
use crate::support::home::Home;

const VOCABULARY: Vocabulary<'_> =
    Vocabulary { themes: &["dark", "light", "mono"], actions: &["refresh", "filter"] };

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config").join(name)
}

fn load(
    file: &Path,
    environment: &[(&str, &str)],
    flags: &[(&'static str, &str)],
) -> Result<Settings, ConfigError> {
    let file = ConfigFile { path: file.to_owned(), required: true };
    let environment: BTreeMap<String, String> =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    // The home of whoever runs the tests is no part of them.
    let mut all = vec![("state-dir", "/var/lib/cellgate".to_owned())];
    all.extend(flags.iter().map(|(name, value)| (*name, (*value).to_owned())));
    config::load(&Sources { file: &file, environment: &environment, flags: &all, vocabulary: &VOCABULARY })
}

#[test]
fn each_wrong_file_is_one_line_that_says_where_and_what() {
    let mut files: Vec<PathBuf> =
        fs::read_dir(fixture("wrong")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 20, "the fixtures are elsewhere: {files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let expected = text.lines().next().and_then(|line| line.strip_prefix("# ")).expect("what it says");
        let error = load(&file, &[], &[]).expect_err(&file.display().to_string()).to_string();
        let said = error.strip_prefix(&format!("{}:", file.display())).expect("it starts with the file");
        // TOML's own words are the parser's to choose.
        let same =
            if expected.contains("not valid TOML") { said.starts_with(expected) } else { said == expected };
        assert!(same, "{}:\n  expected {expected}\n  said     {said}", file.display());
        assert!(!error.contains('\n'), "{error}");
    }
}

#[test]
fn every_key_can_be_set() {
    let settings = load(&fixture("whole.toml"), &[], &[]).unwrap();
    let shared_or_built_in: Vec<&str> = settings
        .values()
        .filter(|(_, _, origin)| !matches!(origin, Origin::File { .. }))
        .map(|(name, _, _)| name)
        .collect();
    assert_eq!(shared_or_built_in, ["state-dir"], "the file has every key");
    for key in config::keys::KEYS {
        let set = |name: &str| settings.values().any(|(set, _, _)| set == name);
        let name = key.name.replace("[]", "[0]");
        let name = match key.section() {
            "profiles.*" => name.replace('*', "shop-prod"),
            _ => name.replace('*', "refresh"),
        };
        assert!(set(&name), "{name} is not in whole.toml");
    }

    assert_eq!(settings.theme.value, "mono", "the profile's section is stronger");
    assert!(settings.no_color && settings.ascii && !settings.mouse);
    assert_eq!(settings.keys["refresh"].value, ["ctrl-r", "f5"]);
    assert_eq!(
        (settings.thresholds.errors_5xx, settings.thresholds.p99_ms, settings.thresholds.load),
        (0.005, 750.0, 0.8)
    );
    assert_eq!(settings.refresh.signals, Duration::from_mins(2));
    assert_eq!(settings.refresh.inventory, Duration::from_secs(90));
    assert!((settings.control_plane_share - 0.25).abs() < f64::EPSILON);
    let capacities: Vec<_> =
        settings.cells.configured.iter().map(|cell| (cell.id.as_str(), cell.capacity)).collect();
    assert_eq!(capacities, [("c-01", Some(1500.0)), ("c-02", Some(12.5))]);
    let first = &settings.cells.configured[0];
    assert_eq!((first.customers, first.connections), (Some(5_000), Some(200)));
    assert_eq!(first.apis, ["orders-api", "a1b2c3"]);
    assert_eq!(
        (settings.cells.web_acl.as_str(), settings.cells.of_regions.as_slice()),
        ("acl-{CellId}", &[vec!["c-0*".to_owned()]][..])
    );
    assert_eq!(settings.cells.api_name, "api-{CellId}");
    assert_eq!(settings.mapping.table, "Mappings");
    let moves = &settings.moves;
    assert_eq!(
        (moves.rate, moves.range, moves.at_once, moves.router_cache_seconds, moves.gate_minutes),
        (12.5, 50, 4, 300, 3)
    );
    assert_eq!(
        (moves.gate.as_str(), moves.fence.version.as_deref(), moves.stamp.change.as_deref()),
        ("cell.errors < 1%", Some("version"), Some("move"))
    );
    assert!(moves.stateless && moves.stateless_cells.contains(&"c-01".into()));
    let team = settings.team.unwrap();
    assert_eq!((team.table.as_str(), team.lease), ("ops-team", Duration::from_secs(30)));
    let [region] = settings.regions.as_slice() else { panic!("{:?}", settings.regions) };
    assert_eq!(region.alias.as_deref(), Some("shop-de"), "the entry of the list is the one that is meant");
    assert!(region.production && region.read_only.is_some());
    assert_eq!(region.role_arn.as_deref(), Some("arn:aws:iam::123456789012:role/cellgate"));
    assert_eq!(region.endpoint_url.as_deref(), Some("http://127.0.0.1:4566"));
}

#[test]
fn flags_are_stronger_than_the_environment_and_so_on_down() {
    let file = fixture("layers.toml");
    let region = |environment: &[(&str, &str)], flags: &[(&'static str, &str)]| {
        let settings = load(&file, environment, flags).unwrap();
        let region = settings.regions[0].region.clone().unwrap();
        (region.value, region.origin)
    };
    let in_file = |line| Origin::File { path: file.clone(), line };
    assert_eq!(region(&[], &[]), ("eu-west-2".to_owned(), in_file(7)), "the profile's section");
    assert_eq!(
        region(&[("AWS_REGION", "us-east-1")], &[]),
        ("us-east-1".to_owned(), Origin::Environment("AWS_REGION"))
    );
    assert_eq!(
        region(&[("AWS_REGION", "us-east-1"), ("CELLGATE_REGION", "us-east-2")], &[]),
        ("us-east-2".to_owned(), Origin::Environment("CELLGATE_REGION")),
        "our own variable is stronger than AWS's"
    );
    assert_eq!(
        region(&[("CELLGATE_REGION", "us-east-2")], &[("region", "ap-south-1")]),
        ("ap-south-1".to_owned(), Origin::Flag("--region"))
    );
    assert_eq!(
        region(&[("AWS_REGION", "")], &[("profile", "shop-prod")]),
        ("eu-central-1".to_owned(), in_file(11)),
        "another profile, another section; an empty variable counts as not set"
    );
}

#[test]
fn a_profile_that_is_marked_stays_marked_however_it_is_chosen() {
    let file = fixture("layers.toml");
    for (environment, flags) in [
        (&[("AWS_PROFILE", "shop-prod")][..], &[][..]),
        (&[("CELLGATE_PROFILE", "shop-prod")], &[]),
        (&[], &[("profile", "shop-prod")]),
    ] {
        let settings = load(&file, environment, flags).unwrap();
        assert!(settings.regions[0].production, "{environment:?} {flags:?}");
        let read_only = Origin::File { path: file.clone(), line: 12 };
        assert_eq!(settings.regions[0].read_only, Some(read_only), "{environment:?} {flags:?}");
    }
    assert_eq!(load(&file, &[], &[]).unwrap().regions[0].read_only, None);
}

#[test]
fn what_awss_tools_read_by_themselves_is_left_to_them() {
    let file = fixture("layers.toml");
    let settings =
        load(&file, &[("AWS_PROFILE", "shop-prod"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:1")], &[])
            .unwrap();
    assert_eq!(settings.regions[0].explicit_profile(), None);
    assert_eq!(settings.explicit_endpoint_url(), None);
    let settings = load(&file, &[], &[("profile", "shop-prod")]).unwrap();
    assert_eq!(settings.regions[0].explicit_profile(), Some("shop-prod"));
    assert_eq!(settings.regions[0].explicit_region(), Some("eu-central-1"));
}

#[test]
fn regions_are_listed_or_chosen() {
    let file = fixture("regions.toml");
    let listed = load(&file, &[], &[]).unwrap().regions;
    let names: Vec<_> =
        listed.iter().map(|region| region.region.as_ref().map(|name| name.value.as_str())).collect();
    assert_eq!(names, [Some("eu-west-1"), Some("us-east-1")]);
    assert!(listed[0].read_only.is_none() && listed[1].read_only.is_some());

    let chosen = load(&file, &[], &[("profile", "shop-prod")]).unwrap().regions;
    assert_eq!(chosen.len(), 1);
    assert_eq!(chosen[0].alias.as_deref(), Some("shop-ie"), "what the list says of it still counts");

    let all_locked = load(&file, &[], &[("read-only", "true")]).unwrap().regions;
    assert!(all_locked.iter().all(|region| region.read_only.is_some()));
}

#[test]
fn a_mark_of_caution_is_taken_off_by_nobody() {
    let file = fixture("marks.toml");
    let listed = load(&file, &[], &[]).unwrap().regions;
    let marks: Vec<_> = listed.iter().map(|region| (region.production, region.read_only.clone())).collect();
    let in_file = |line| Some(Origin::File { path: file.clone(), line });
    assert_eq!(marks, [(true, in_file(13)), (true, in_file(9))]);
    for profile in ["shop-audit", "shop-dev"] {
        let [chosen] = load(&file, &[], &[("profile", profile)]).unwrap().regions.try_into().unwrap();
        assert!(chosen.production && chosen.read_only.is_some(), "{profile}");
    }
}

#[test]
fn no_color_is_any_value_but_an_empty_one() {
    let file = fixture("layers.toml");
    assert!(load(&file, &[("NO_COLOR", "0")], &[]).unwrap().no_color);
    assert!(!load(&file, &[("NO_COLOR", "")], &[]).unwrap().no_color);
}

#[test]
fn a_wrong_variable_is_named() {
    let error = load(&fixture("layers.toml"), &[("CELLGATE_ASCII", "maybe")], &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "environment CELLGATE_ASCII: ascii: expected true or false, found \"maybe\""
    );
}

#[test]
fn show_says_where_each_value_comes_from() {
    let mut home = Home::new();
    home.set("CELLGATE_THEME", "light");
    let path = home.path().join("config/cellgate/config.toml");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "mouse = false\n").unwrap();
    let shown = cellgate(&home, ["config", "show", "-o", "json", "--ascii"]).json();
    let origin = |key: &str| {
        let row = shown.as_array().unwrap().iter().find(|row| row["key"] == key).unwrap();
        (row["value"].as_str().unwrap().to_owned(), row["origin"].as_str().unwrap().to_owned())
    };
    assert_eq!(origin("mouse"), ("false".into(), "[HOME]/config/cellgate/config.toml:1".into()));
    assert_eq!(origin("theme"), ("\"light\"".into(), "environment CELLGATE_THEME".into()));
    assert_eq!(origin("ascii"), ("true".into(), "--ascii".into()));
    assert_eq!(origin("thresholds.p99"), ("\"1s\"".into(), "built-in".into()));
    assert_eq!(origin("region"), ("\"eu-west-1\"".into(), "environment AWS_REGION".into()));
}

#[test]
fn the_built_in_configuration_is_a_file_one_can_start_from() {
    let home = Home::new();
    let built_in = cellgate(&home, ["config", "default"]);
    let path = cellgate(&home, ["config", "path"]);
    assert_eq!(path.stdout, "[HOME]/config/cellgate/config.toml\n");
    let file = home.path().join("config/cellgate/config.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, &built_in.stdout).unwrap();
    let shown = cellgate(&home, ["config", "show"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(!shown.stdout.contains("built-in"), "the file has all that is built in: {}", shown.stdout);
}

#[test]
fn a_team_shares_a_table_where_one_is_named_and_leases_are_not_too_short() {
    assert_eq!(load(&fixture("regions.toml"), &[], &[]).unwrap().team, None);
    let environment = [("CELLGATE_TEAM_TABLE", "cellgate-team")];
    let team = load(&fixture("regions.toml"), &environment, &[]).unwrap().team.unwrap();
    assert_eq!((team.table.as_str(), team.lease), ("cellgate-team", Duration::from_mins(1)));

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("short.toml");
    std::fs::write(&file, "[team]\ntable = \"t\"\nlease = \"1s\"\n").unwrap();
    assert_eq!(load(&file, &[], &[]).unwrap().team.unwrap().lease, Duration::from_secs(10));
}
