//! How a scenario stands, and how it ended: as text for people and as JSON for programs.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::witness::NeedlessChange;

/// How far a scenario has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Nothing has gone wrong yet.
    Waiting,
    /// It goes wrong.
    Raging,
    /// All is well again, and has been for as long as the scenario asks.
    Cured,
}

/// How well it was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Seconds from the onset to the first request that looked at what ails or changed it.
    pub seconds_to_detect: Option<i64>,
    /// Seconds from the onset until the conditions of the cure began to hold for good.
    pub seconds_to_mitigate: Option<i64>,
    /// Customers with failed requests beyond what is usual.
    pub customers_hurt: u64,
    pub failed_requests: u64,
    pub needless_changes: Vec<NeedlessChange>,
    pub hints: usize,
}

/// One condition of the cure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConditionReport {
    pub condition: String,
    /// What is compared, as it was last measured.
    pub values: Vec<f64>,
    pub holds: bool,
}

/// How a scenario stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScenarioReport {
    pub name: String,
    pub title: String,
    pub seed: u64,
    pub phase: Phase,
    pub now: Timestamp,
    /// What the pager says; not before it goes off.
    pub story: Option<String>,
    pub onset: Option<Timestamp>,
    /// The hints that were asked for.
    pub hints: Vec<String>,
    pub hints_left: usize,
    pub conditions: Vec<ConditionReport>,
    pub score: Score,
    /// Steps that could not be done, and why.
    pub failures: Vec<String>,
}

impl ScenarioReport {
    /// As JSON, with line breaks.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}

impl fmt::Display for ScenarioReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}: {} (seed {})", self.name, self.title, self.seed)?;
        let phase = match self.phase {
            Phase::Waiting => "nothing has gone wrong yet",
            Phase::Raging => "not cured",
            Phase::Cured => "cured",
        };
        writeln!(formatter, "  state              {phase}")?;
        let time = |seconds: Option<i64>| match seconds {
            Some(seconds) => format!("{:#}", SignedDuration::from_secs(seconds)),
            None => "-".to_owned(),
        };
        writeln!(formatter, "  time to detect     {}", time(self.score.seconds_to_detect))?;
        writeln!(formatter, "  time to mitigate   {}", time(self.score.seconds_to_mitigate))?;
        writeln!(formatter, "  customers hurt     {}", self.score.customers_hurt)?;
        writeln!(formatter, "  failed requests    {}", self.score.failed_requests)?;
        writeln!(formatter, "  needless changes   {}", self.score.needless_changes.len())?;
        for change in &self.score.needless_changes {
            writeln!(formatter, "    {} {} {} {}", change.at, change.service, change.operation, change.path)?;
        }
        write!(formatter, "  hints              {}", self.score.hints)?;
        for failure in &self.failures {
            write!(formatter, "\n  not done           {failure}")?;
        }
        Ok(())
    }
}
