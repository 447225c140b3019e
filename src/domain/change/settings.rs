//! A target's settings as flat text, and what a change does to them.
//!
//! Each kind of target has names of its own for its settings: a REST stage those of AWS's patch paths,
//! `/*/*/throttling/rateLimit`. What is flat can be compared, put into a journal, and turned round: that is
//! how a change is checked, seen to have taken effect, and undone.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;

use serde::{Deserialize, Serialize};

/// Everything that can be read of a target, name by name. What isn't set has no entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    pub fn get(&self, setting: &str) -> Option<&str> {
        self.0.get(setting).map(String::as_str)
    }

    pub fn set(&mut self, setting: impl Into<String>, value: impl Into<String>) {
        self.0.insert(setting.into(), value.into());
    }

    /// All settings whose names begin with `prefix`.
    pub fn under<'own>(&'own self, prefix: &'own str) -> impl Iterator<Item = (&'own str, &'own str)> {
        let from = self.0.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        from.take_while(move |(name, _)| name.starts_with(prefix))
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The change that makes `setting` read `after`, where it doesn't yet.
    pub fn change_to(&self, setting: impl Into<String>, after: Option<String>) -> Option<SettingChange> {
        let setting = setting.into();
        let before = self.get(&setting).map(str::to_owned);
        (before != after).then_some(SettingChange { setting, before, after })
    }

    /// The same after `changes`.
    #[must_use]
    pub fn after(&self, changes: &[SettingChange]) -> Self {
        let mut settings = self.clone();
        for change in changes {
            match &change.after {
                Some(value) => settings.set(&change.setting, value),
                None => drop(settings.0.remove(&change.setting)),
            }
        }
        settings
    }

    /// What is different in `later`, name by name.
    pub fn difference(&self, later: &Self) -> Vec<SettingChange> {
        let gone = self.0.keys().filter(|name| !later.0.contains_key(*name));
        let mut names: Vec<&String> = later.0.keys().chain(gone).collect();
        names.sort();
        let changes = names.into_iter().filter_map(|name| self.change_to(name, later.0.get(name).cloned()));
        changes.collect()
    }
}

impl FromIterator<(String, String)> for Settings {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// One setting that a change alters. None: not set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingChange {
    pub setting: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl SettingChange {
    /// The way back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self { setting: self.setting.clone(), before: self.after.clone(), after: self.before.clone() }
    }
}

impl fmt::Display for SettingChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
        write!(formatter, "{}: {} -> {}", self.setting, shown(&self.before), shown(&self.after))
    }
}

/// A setting that a plan rests on: what it was when the plan was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Precondition {
    pub setting: String,
    /// None: not set.
    pub value: Option<String>,
}

impl Precondition {
    /// Whether it holds no longer.
    pub fn is_broken_by(&self, settings: &Settings) -> bool {
        settings.get(&self.setting) != self.value.as_deref()
    }
}

/// How far some changes have come, by what can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Each setting is as it was.
    Before,
    /// Each setting is as it should become.
    After,
    /// Some are and some aren't, or there is something else altogether.
    Neither,
}

impl Standing {
    pub fn of(changes: &[SettingChange], settings: &Settings) -> Self {
        let all = |wanted: fn(&SettingChange) -> Option<&str>| {
            changes.iter().all(|change| settings.get(&change.setting) == wanted(change))
        };
        // Without a change both hold, and there is nothing left to do.
        if all(|change| change.after.as_deref()) {
            Self::After
        } else if all(|change| change.before.as_deref()) {
            Self::Before
        } else {
            Self::Neither
        }
    }
}

/// The number as AWS's settings have it: `100`, `0.5`.
pub fn number(value: f64) -> String {
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn settings() -> impl Strategy<Value = Settings> {
        proptest::collection::btree_map("[a-d]", "[x-z]", 0..4).prop_map(Settings)
    }

    proptest! {
        #[test]
        fn a_difference_leads_there_and_back(from in settings(), to in settings()) {
            let changes = from.difference(&to);
            prop_assert_eq!(from.after(&changes), to.clone());
            let back: Vec<_> = changes.iter().map(SettingChange::reversed).collect();
            prop_assert_eq!(to.after(&back), from.clone());
            prop_assert_eq!(Standing::of(&changes, &to), Standing::After);
            if from != to {
                prop_assert_eq!(Standing::of(&changes, &from), Standing::Before);
            }
        }
    }

    #[test]
    fn half_way_is_neither() {
        let pairs = |one: &str, other: &str| {
            Settings::from_iter([("a".to_owned(), one.to_owned()), ("b".to_owned(), other.to_owned())])
        };
        let changes = pairs("1", "1").difference(&pairs("2", "2"));
        assert_eq!(Standing::of(&changes, &pairs("2", "1")), Standing::Neither);
        assert_eq!(Standing::of(&changes, &pairs("3", "3")), Standing::Neither);
    }

    #[test]
    fn what_is_under_a_prefix_ends_with_it() {
        let settings: Settings =
            ["/a", "/a/b", "/a/c", "/ab"].map(|name| (name.to_owned(), String::new())).into_iter().collect();
        assert_eq!(settings.under("/a/").map(|(name, _)| name).collect::<Vec<_>>(), ["/a/b", "/a/c"]);
    }

    #[test]
    fn numbers_are_written_the_short_way() {
        assert_eq!((number(100.0), number(0.5)), ("100".to_owned(), "0.5".to_owned()));
    }
}
