//! The format of a scenario file: TOML, in which every key is known and every mistake has a line.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::Deserialize;

use super::ScenarioError;
use super::action::Action;
use super::cast::CastWishes;
use super::condition::Condition;

/// A scenario as its file tells it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// What `--scenario` calls it.
    pub name: String,
    pub title: String,
    /// What the pager says. Names of the cast in braces are filled in, as in the hints.
    pub story: String,
    pub onset: Onset,
    #[serde(default)]
    pub cast: CastWishes,
    /// What goes wrong, in this order; nothing in a calm scenario.
    #[serde(default)]
    pub steps: Vec<Step>,
    pub cure: Cure,
    /// What ails: things of the cast such as `api`, or words that requests name, such as `CellMappings`.
    pub target: Vec<String>,
    #[serde(default)]
    pub harm: Harm,
    /// Changes that are part of a cure. Any other is needless.
    #[serde(default)]
    pub fitting: Vec<Fitting>,
    /// From a nudge to the answer.
    pub hints: [String; 3],
}

/// When it begins to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Onset {
    /// Since the region started.
    pub after: SignedDuration,
    /// Up to so much later, by seed.
    #[serde(default)]
    pub spread: SignedDuration,
}

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Since the onset.
    #[serde(default)]
    pub after: SignedDuration,
    pub act: Action,
}

/// When all is well again.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cure {
    /// How long the conditions must hold together.
    pub held: SignedDuration,
    pub all: Vec<Condition>,
}

/// What counts as harm.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Harm {
    /// The share of a customer's requests that may fail within a minute before it is hurt.
    pub tolerated: f64,
}

impl Default for Harm {
    /// No fleet is all well: a cell that fails a few requests of a hundred does so on quiet days too.
    fn default() -> Self {
        Self { tolerated: 0.05 }
    }
}

/// Changes that help.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fitting {
    /// AWS's names of the operations.
    pub operations: Vec<String>,
    /// What the request must name: a thing of the cast such as `api`, or a word such as `CellMappings`.
    pub on: Vec<String>,
    /// Words of which the request must hold one, such as `/deploymentId`; any request does where there are none.
    #[serde(default)]
    pub with: Vec<String>,
}

impl Scenario {
    /// Reads a scenario. `file` is what errors call it.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScenarioError> {
        toml::from_str(text).map_err(|error| ScenarioError::of_toml(file, text, &error))
    }

    /// Whether nothing goes wrong in it.
    pub fn is_calm(&self) -> bool {
        self.steps.is_empty()
    }
}

/// Fills names in: `{cell}` becomes the cell's id. A name that is unknown stays as it is.
pub fn fill(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        if let Some((name, tail)) =
            after.split_once('}').and_then(|(name, tail)| Some((names.get(name)?, tail)))
        {
            filled.push_str(name);
            rest = tail;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}
