//! The scenarios that come with the region, and those in files of one's own.

use std::path::Path;

use serde::Serialize;

use super::{Scenario, ScenarioError};

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/", $name, ".toml")))),*]
    };
}

/// Their files are part of the program. The easy ones first.
const EMBEDDED: &[(&str, &str)] = embedded![
    "calm",
    "bad-deploy",
    "throttled-by-zero",
    "quota-used-up",
    "noisy-customer",
    "waf-flood",
    "waf-false-positive",
    "cell-overload",
    "backend-slow",
    "cache-stampede",
    "authorizer-broken",
    "router-table-throttled",
    "stale-router-cache",
    "half-moved",
    "control-plane-storm",
];

/// How like a name must be to be suggested, from 0 to 1.
const LIKE: f64 = 0.6;
/// How many names are suggested.
const SUGGESTIONS: usize = 3;

/// A scenario in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub name: String,
    pub title: String,
    /// With names in braces, since it isn't known yet who is hit.
    pub story: String,
}

/// The scenarios that come with the region.
pub fn list() -> Vec<Summary> {
    let scenarios = EMBEDDED.iter().filter_map(|(name, text)| Scenario::parse(name, text).ok());
    scenarios
        .map(|Scenario { name, title, story, .. }| Summary { name, title, story: story.trim().to_owned() })
        .collect()
}

/// The scenario with this name, or in the file at this path.
pub fn load(name_or_path: &str) -> Result<Scenario, ScenarioError> {
    if let Some((name, text)) = EMBEDDED.iter().find(|(name, _)| *name == name_or_path) {
        return Scenario::parse(&format!("{name}.toml"), text);
    }
    let path = Path::new(name_or_path);
    let is_file =
        path.extension().is_some_and(|extension| extension == "toml") || path.components().count() > 1;
    if !is_file {
        return Err(ScenarioError::Unknown { name: name_or_path.to_owned(), nearest: nearest(name_or_path) });
    }
    let text = std::fs::read_to_string(path)
        .map_err(|source| ScenarioError::Read { path: path.to_owned(), source })?;
    Scenario::parse(name_or_path, &text)
}

/// The names that are most like this one, best first.
fn nearest(wanted: &str) -> Vec<String> {
    let mut likely: Vec<(f64, &str)> = EMBEDDED
        .iter()
        .map(|(name, _)| (strsim::jaro_winkler(&wanted.to_lowercase(), name), *name))
        .filter(|(likeness, _)| *likeness >= LIKE)
        .collect();
    likely.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    likely.into_iter().take(SUGGESTIONS).map(|(_, name)| name.to_owned()).collect()
}
