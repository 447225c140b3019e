//! The architecture, as a test: which part of the source may name what.
//!
//! The rules are functions over a path and a text, so that the tests below can show that each of
//! them fails where it should.

mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use source::{NamedPath, code_only, paths};

/// A file longer than this holds more than one idea.
const LONGEST_FILE: usize = 600;

/// What the top level may hold, beside dot-files, lock files and a licence.
const TOP_LEVEL: [&str; 6] = ["Cargo.toml", "README.md", "assets", "demo", "src", "tests"];

/// Module names that say nothing about what is inside.
const CATCH_ALL_NAMES: [&str; 8] = ["common", "helper", "helpers", "misc", "mod", "shared", "util", "utils"];

/// The layers, and what of the same crate each may not name: dependencies point downwards only.
const LAYERS: [(&str, &[&str]); 6] = [
    ("domain", &["aws", "ops", "config", "cli", "tui"]),
    ("aws", &["ops", "config", "cli", "tui"]),
    ("ops", &["config", "cli", "tui"]),
    ("config", &["aws", "ops", "cli", "tui"]),
    ("tui", &["cli"]),
    ("cli", &[]),
];

/// What would bring the outside world into the domain: terminal, clock, files, network, processes.
const OUTSIDE_WORLD: [&str; 16] = [
    "crossterm",
    "ratatui",
    "reqwest",
    "tokio",
    "tokio_util",
    "tracing",
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "Instant",
    "SystemTime",
    "TimeZone::system",
];

/// Reading the clock, which only faces and ops may.
const CLOCK_READS: [&str; 4] = ["Timestamp::now", "Zoned::now", "Instant::now", "SystemTime::now"];

/// The faces, and what they may take from `aws`: values to hold and hand to `ops`. Names of types are
/// free; of the modules inside `aws`, none.
const FACES: [&str; 2] = ["cli", "tui"];

/// Session methods that send a request, and that faces call all the same: connecting is theirs.
const CONNECTING: [&str; 2] = ["connect", "verify_identity"];

/// The layer of a file under `src`: `src/aws.rs` and `src/aws/guard.rs` are both of `aws`.
fn layer(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    let layer = inside.split('/').next()?.trim_end_matches(".rs");
    LAYERS.iter().any(|(name, _)| *name == layer).then_some(layer)
}

/// What is wrong in one file of `src` or `demo/src`, one line of text for each finding.
fn findings(path: &str, text: &str, request_methods: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    if !text.starts_with("//!") {
        found.push(format!("{path}:1: begin with `//!` and what the module owns"));
    }
    let length = text.lines().count();
    if length > LONGEST_FILE {
        found.push(format!("{path}: {length} lines are more than {LONGEST_FILE}: it holds several ideas"));
    }
    let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs");
    if CATCH_ALL_NAMES.contains(&stem) {
        found.push(format!("{path}: `{stem}` does not say what the module is about"));
    }
    let named = paths(text);
    let mut refuse = |fits: &dyn Fn(&NamedPath) -> bool, reason: &str| {
        for name in named.iter().filter(|name| fits(name)) {
            found.push(format!("{path}:{}: `{}`: {reason}", name.line, name.segments.join("::")));
        }
    };
    if path.starts_with("demo/") {
        refuse(
            &|name| name.begins_with("cellgate") && name.segments.len() > 1,
            "the demo region knows nothing of cellgate",
        );
        refuse(&|name| is_aws_crate(name), "the demo region is no client of AWS");
        return found;
    }
    let layer = layer(path);
    if layer != Some("aws") {
        refuse(&is_aws_crate, "only src/aws names an AWS crate");
    }
    if path != "src/cli/demo.rs" && !path.starts_with("src/cli/demo/") {
        refuse(&|name| name.begins_with("cellgate_demo"), "only cli::demo knows the demo region");
    }
    for (_, forbidden) in LAYERS.iter().filter(|(name, _)| Some(*name) == layer) {
        for other in *forbidden {
            let paths = [format!("crate::{other}"), format!("cellgate::{other}")];
            refuse(
                &|name| paths.iter().any(|path| name.begins_with(path)),
                &format!("{} may not know {other}", layer.unwrap_or_default()),
            );
        }
    }
    if layer == Some("domain") {
        for world in OUTSIDE_WORLD {
            // A field may well be called `tracing`: a crate is named by a path into it.
            let is_type = world.starts_with(char::is_uppercase);
            refuse(
                &|name| {
                    if is_type {
                        name.contains(world)
                    } else {
                        name.begins_with(world) && name.segments.len() > 1
                    }
                },
                "the domain is pure",
            );
        }
    }
    if layer == Some("domain") {
        for read in CLOCK_READS {
            refuse(&|name| name.contains(read), "the domain is told the time, and never asks");
        }
    }
    if layer.is_some_and(|layer| FACES.contains(&layer)) {
        refuse(
            &|name| {
                (name.begins_with("crate::aws") || name.begins_with("cellgate::aws"))
                    && name.segments.get(2).is_some_and(|inside| inside.starts_with(char::is_lowercase))
            },
            "a face takes types from aws to hand to ops, and nothing of the modules inside",
        );
        refuse(
            &|name| name.member && name.called && request_methods.contains(name.first()),
            "a face never sends a request: it calls ops",
        );
    }
    if matches!(layer, Some("aws" | "ops" | "config")) {
        refuse(&|name| name.begins_with("ratatui"), "only faces know the terminal");
    }
    found
}

/// A path into a crate of AWS's SDK. A variable such as `aws_region` is none.
fn is_aws_crate(name: &NamedPath) -> bool {
    !name.member
        && name.first().starts_with("aws_")
        && (name.segments.len() > 1
            || name.first().starts_with("aws_sdk_")
            || name.first().starts_with("aws_smithy_"))
}

/// Where the methods that send stand.
const SESSIONS: [&str; 2] = ["Session<M> {", "Session<Operate> {"];

/// The methods of a session that send something, read from the source: the public asynchronous ones
/// of the files that implement it.
fn request_methods(aws_sources: &[(String, String)]) -> BTreeSet<String> {
    let mut methods = BTreeSet::new();
    for (_, text) in
        aws_sources.iter().filter(|(_, text)| SESSIONS.iter().any(|session| text.contains(session)))
    {
        for line in code_only(text).lines() {
            if let Some(rest) = line.trim_start().strip_prefix("pub async fn ") {
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                methods.insert(rest[..end].to_owned());
            }
        }
    }
    for method in CONNECTING {
        methods.remove(method);
    }
    methods
}

/// What at the top level is not of the layout.
fn layout_findings<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names
        .into_iter()
        .filter(|name| {
            !name.starts_with('.')
                && !TOP_LEVEL.contains(name)
                && !name.to_ascii_lowercase().ends_with(".lock")
                && !name.starts_with("LICEN")
                && *name != "target"
        })
        .map(|name| format!("{name}: the top level is {}", TOP_LEVEL.join(", ")))
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file under `folder`, as (path from the root, text).
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("source is text");
                let relative = path.strip_prefix(root()).expect("it is under the root");
                found.push((relative.display().to_string(), text));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_source_keeps_its_boundaries() {
    let (cellgate, demo) = (sources("src"), sources("demo/src"));
    assert!(cellgate.len() > 10 && demo.len() > 10, "the source is elsewhere: nothing was checked");
    let aws: Vec<(String, String)> =
        cellgate.iter().filter(|(path, _)| layer(path) == Some("aws")).cloned().collect();
    let methods = request_methods(&aws);
    assert!(methods.contains("flush_stage_cache") && methods.contains("rest_stages"), "{methods:?}");
    let found: Vec<String> =
        cellgate.iter().chain(&demo).flat_map(|(path, text)| findings(path, text, &methods)).collect();
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_top_level_is_as_designed() {
    let names: Vec<String> = fs::read_dir(root())
        .expect("the root can be read")
        .map(|entry| entry.expect("the root can be read").file_name().to_string_lossy().into_owned())
        .collect();
    let found = layout_findings(names.iter().map(String::as_str));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The findings of one file, without their paths' prefix.
fn found(path: &str, code: &str) -> Vec<String> {
    let methods = BTreeSet::from(["rest_stages".to_owned()]);
    findings(path, &format!("//! Owns a thing.\n{code}"), &methods)
}

#[test]
fn an_aws_crate_outside_aws_is_found() {
    for code in [
        "use aws_sdk_apigateway::Client;",
        "use {std::fmt, aws_config::BehaviorVersion};",
        "fn f() { let c = aws_sdk_sts::Client::new(&x); }",
        "use aws_smithy_types as types;",
    ] {
        assert_eq!(found("src/ops/inventory.rs", code).len(), 1, "{code}");
        assert_eq!(found("src/aws/session.rs", code), [""; 0], "{code}");
        assert_eq!(found("src/aws.rs", code), [""; 0], "{code}");
        assert_eq!(found("demo/src/server.rs", code).len(), 1, "{code}");
    }
    let innocent = "// aws_sdk_sts::Client\nlet aws_region = \"aws_sdk_sts::Client\";";
    assert_eq!(found("src/ops/inventory.rs", innocent), [""; 0]);
}

#[test]
fn the_outside_world_in_the_domain_is_found() {
    for code in [
        "use std::fs;",
        "use std::{fmt, io::Write};",
        "use std::time::{Duration, Instant};",
        "fn f() { std::env::var(\"HOME\"); }",
        "fn f() { let at = jiff::Timestamp::now(); }",
        "fn f() { let at = Zoned::now(); }",
        "use tokio::sync::watch;",
        "use ratatui::text::Line;",
        "use crate::aws::Session;",
        "use crate::{config::Config, domain::Api};",
    ] {
        assert!(!found("src/domain/api.rs", code).is_empty(), "{code}");
    }
    let innocent = "struct Stage { tracing: bool }\nuse std::fmt;\nuse std::time::Duration;\nuse jiff::Timestamp;\nuse crate::domain::id::ApiId;";
    assert_eq!(found("src/domain/api.rs", innocent), [""; 0]);
}

#[test]
fn the_demo_region_is_known_in_one_place_and_knows_nothing() {
    let code = "use cellgate_demo::RegionOptions;";
    assert_eq!(found("src/tui/demo.rs", code).len(), 1);
    assert_eq!(found("src/cli.rs", code).len(), 1);
    assert_eq!(found("src/cli/demo.rs", code), [""; 0]);
    assert_eq!(found("src/cli/demo/serve.rs", code), [""; 0]);
    assert_eq!(found("src/cli/demonstration.rs", code).len(), 1);
    assert_eq!(found("demo/src/region.rs", "use cellgate::domain::ApiId;").len(), 1);
}

#[test]
fn a_face_that_sends_requests_is_found() {
    for code in [
        "use crate::aws::apigateway::Client;",
        "use crate::aws::{Session, guard::Guard};",
        "async fn f(session: &Session<Read>) { session.rest_stages(&api).await; }",
    ] {
        assert_eq!(found("src/tui/stages.rs", code).len(), 1, "{code}");
        assert_eq!(found("src/cli/get.rs", code).len(), 1, "{code}");
        assert_eq!(found("src/ops/inventory.rs", code), [""; 0], "{code}");
    }
    let innocent =
        "use crate::aws::{Operate, Read, Session};\nfn f(region: &Region) { region.rest_stages.len(); }";
    assert_eq!(found("src/tui/stages.rs", innocent), [""; 0]);
    let session =
        "impl<M: Mode> Session<M> {\n    pub async fn rest_stages(&self) {}\n}\npub async fn connect() {}";
    let caller = "impl Caller {\n    pub async fn send(&self) {}\n}";
    let sources = [session, caller].map(|text| ("src/aws/rest.rs".to_owned(), text.to_owned()));
    assert_eq!(request_methods(&sources), BTreeSet::from(["rest_stages".to_owned()]));
}

#[test]
fn a_layer_that_looks_up_is_found() {
    for (path, code) in [
        ("src/aws/session.rs", "use crate::ops::journal;"),
        ("src/ops/change.rs", "use crate::config::Config;"),
        ("src/ops/change.rs", "fn f() { crate::tui::run(); }"),
        ("src/config.rs", "use crate::aws::ConnectOptions;"),
        ("src/tui.rs", "use crate::cli;"),
        ("src/aws/limits.rs", "use ratatui::style::Style;"),
    ] {
        assert_eq!(found(path, code).len(), 1, "{path}: {code}");
    }
    assert_eq!(found("src/cli.rs", "use crate::{config, ops, tui};"), [""; 0]);
    assert_eq!(found("src/main.rs", "use cellgate::cli;"), [""; 0]);
}

#[test]
fn files_without_an_owner_too_long_or_without_a_name_are_found() {
    let none = BTreeSet::new();
    assert_eq!(findings("src/ops/moves.rs", "use std::fmt;\n", &none).len(), 1);
    assert_eq!(findings("src/ops/moves.rs", &"//! Long.\n".repeat(601), &none).len(), 1);
    assert_eq!(findings("src/ops/moves.rs", &"//! Long.\n".repeat(600), &none), [""; 0]);
    for name in ["src/ops/utils.rs", "demo/src/common.rs", "src/ops/mod.rs"] {
        assert_eq!(findings(name, "//! A bag.\n", &none).len(), 1, "{name}");
    }
}

#[test]
fn a_foreign_thing_at_the_top_level_is_found() {
    let names =
        [".ci", ".gitignore", "Cargo.lock", "Cargo.toml", "LICENSE", "README.md", "assets", "demo", "src"];
    assert_eq!(layout_findings(names), [""; 0]);
    assert_eq!(layout_findings(["scripts", "docs", "rustfmt.toml", "src"]).len(), 3);
}

#[test]
fn source_is_read_as_rust_reads_it() {
    let text = "use a::{b::{c, d as e}, f};\nlet x = g::h(\"i::j\", 'k', r#\"l\"m\"#); // n::o\n/* p /* q */ r */ s.t();\nfn u<'v>(w: &'v str) -> impl X + use<'v> { y; z }";
    let named: Vec<(usize, String)> =
        paths(text).into_iter().map(|name| (name.line, name.segments.join("::"))).collect();
    let expected = [
        (1, "a::b::c"),
        (1, "a::b::d"),
        (1, "a::f"),
        (2, "let"),
        (2, "x"),
        (2, "g::h"),
        (3, "s"),
        (3, "t"),
        (4, "fn"),
        (4, "u"),
        (4, "v"),
        (4, "w"),
        (4, "v"),
        (4, "str"),
        (4, "impl"),
        (4, "X"),
        (4, "use"),
        (4, "v"),
        (4, "y"),
        (4, "z"),
    ];
    assert_eq!(named, expected.map(|(line, name)| (line, name.to_owned())));
}
