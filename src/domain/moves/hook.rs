//! Commands of the operator's own around each wave of a move, to copy data: which there are, and what each is told.
//!
//! A plan says only that they are needed. The commands themselves come from the configuration of the machine that
//! carries the move out: what others wrote to a shared journal is never run.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::roster::Passenger;

/// When a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookKind {
    /// Before any customer of the wave is written, for those who are not settled yet.
    Before,
    /// Once all of them are settled, for those who were moved.
    After,
}

/// The commands as configured: a program and its arguments, run without a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookSettings {
    /// Empty where there is none, as `after`.
    pub before: Vec<String>,
    pub after: Vec<String>,
    /// How long each may take for a wave.
    pub limit: Duration,
}

impl HookKind {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }

    /// The key that configures it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Before => "moves.before-wave",
            Self::After => "moves.after-wave",
        }
    }
}

impl HookSettings {
    pub fn command(&self, kind: HookKind) -> Option<&[String]> {
        let command = match kind {
            HookKind::Before => &self.before,
            HookKind::After => &self.after,
        };
        (!command.is_empty()).then_some(command.as_slice())
    }

    /// Those that are configured.
    pub fn kinds(&self) -> BTreeSet<HookKind> {
        let kinds = [HookKind::Before, HookKind::After].into_iter();
        kinds.filter(|kind| self.command(*kind).is_some()).collect()
    }

    /// The first of these that is not configured here.
    pub fn missing(&self, needed: &BTreeSet<HookKind>) -> Option<HookKind> {
        needed.iter().copied().find(|kind| self.command(*kind).is_none())
    }
}

impl Default for HookSettings {
    fn default() -> Self {
        Self { before: Vec::new(), after: Vec::new(), limit: Duration::from_mins(10) }
    }
}

/// A customer as a command reads them on its stdin: one line of JSON, whatever the id.
pub fn line(passenger: Passenger<'_>) -> String {
    let Passenger { customer, from, to } = passenger;
    json!({ "customer": customer, "from": from, "to": to }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_is_one_line_whatever_the_id() {
        let to = "cell-02".into();
        let told = line(Passenger { customer: "a\n\"b\"", from: None, to: Some(&to) });
        assert_eq!(told, r#"{"customer":"a\n\"b\"","from":null,"to":"cell-02"}"#);
    }

    #[test]
    fn what_is_needed_and_not_configured_is_named() {
        let here = HookSettings { before: vec!["copy".into()], ..HookSettings::default() };
        assert_eq!(here.kinds(), [HookKind::Before].into());
        assert_eq!(here.missing(&[HookKind::Before].into()), None);
        assert_eq!(here.missing(&[HookKind::Before, HookKind::After].into()), Some(HookKind::After));
    }
}
