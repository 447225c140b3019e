//! Lays the sources over each other: built-in, file, profile section, environment, flags.

use std::collections::BTreeMap;

use super::document::{Setting, Vocabulary, judge};
use super::error::ConfigError;
use super::keys::{KEYS, Key, NO_COLOR, find};
use super::origin::Origin;
use super::value::Value;

/// Every value that counts, with where it comes from, by its name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layers {
    settings: BTreeMap<String, Setting>,
}

impl Layers {
    /// Lays settings over those that are there.
    pub fn lay(&mut self, settings: impl IntoIterator<Item = Setting>) {
        for setting in settings {
            self.settings.insert(setting.name.clone(), setting);
        }
    }

    /// Lays a profile's section over the general keys of the same names.
    pub fn lay_profile(&mut self, profile: &str) {
        let section = format!("profiles.{profile}.");
        let laid: Vec<Setting> = self
            .settings
            .values()
            .filter_map(|setting| {
                let key = find(setting.name.strip_prefix(&section)?)?;
                Some(Setting { name: key.name.to_owned(), key, ..setting.clone() })
            })
            .collect();
        self.lay(laid);
    }

    pub fn get(&self, name: &str) -> Option<&Setting> {
        self.settings.get(name)
    }

    /// Every setting, in the order of the table of keys.
    pub fn in_order(&self) -> Vec<&Setting> {
        let mut all: Vec<&Setting> = self.settings.values().collect();
        let rank = |setting: &Setting| KEYS.iter().position(|key| key.name == setting.key.name);
        // Stable, so that the entries of a list stay together by their place.
        all.sort_by_key(|setting| {
            (section_rank(setting), list_entry(&setting.name).to_owned(), rank(setting))
        });
        all
    }

    /// How many entries a list has.
    pub fn entries(&self, list: &str) -> usize {
        (0..self.settings.len())
            .take_while(|place| {
                let prefix = format!("{list}[{place}].");
                self.settings
                    .range(prefix.clone()..)
                    .next()
                    .is_some_and(|(name, _)| name.starts_with(&prefix))
            })
            .count()
    }

    /// The names that stand for `*` in `section.*`, with their settings.
    pub fn named<'layers>(
        &'layers self,
        section: &'layers str,
    ) -> impl Iterator<Item = (&'layers str, &'layers Setting)> {
        self.settings.values().filter_map(move |setting| {
            Some((setting.name.strip_prefix(section)?.strip_prefix('.')?, setting))
        })
    }
}

fn section_rank(setting: &Setting) -> Option<usize> {
    KEYS.iter().position(|key| key.section() == setting.key.section())
}

/// The entry of a list or the operator's name that a setting is part of.
fn list_entry(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(entry, _)| entry)
}

/// What the environment says, by the variables of the table.
///
/// # Errors
/// The first value that can't be read.
pub fn from_environment(
    environment: &BTreeMap<String, String>,
    vocabulary: &Vocabulary<'_>,
) -> Result<Vec<Setting>, ConfigError> {
    let mut settings = Vec::new();
    for key in KEYS {
        let given = key.environment.iter().find_map(|variable| {
            // An empty variable counts as not set, as AWS's tools have it.
            let text = environment.get(*variable).filter(|text| !text.is_empty())?;
            Some((*variable, text.as_str()))
        });
        let Some((variable, text)) = given else { continue };
        let text = if variable == NO_COLOR { "true" } else { text };
        settings.push(read(key, text, Origin::Environment(variable), vocabulary)?);
    }
    Ok(settings)
}

/// What the command line says: names of keys with their texts.
///
/// # Errors
/// The first value that can't be read.
pub fn from_flags(
    flags: &[(&'static str, String)],
    vocabulary: &Vocabulary<'_>,
) -> Result<Vec<Setting>, ConfigError> {
    flags
        .iter()
        .filter_map(|(name, text)| Some((find(name)?, text)))
        .filter_map(|(key, text)| Some((key, key.flag?, text)))
        .map(|(key, flag, text)| read(key, text, Origin::Flag(flag), vocabulary))
        .collect()
}

fn read(
    key: &'static Key,
    text: &str,
    origin: Origin,
    vocabulary: &Vocabulary<'_>,
) -> Result<Setting, ConfigError> {
    let Some(value) = key.kind.read_text(text) else {
        return Err(ConfigError::WrongValue {
            place: origin,
            key: key.name.to_owned(),
            expected: key.kind.expected().to_owned(),
            found: Value::Text(text.to_owned()).to_string(),
        });
    };
    judge(key.name, key, &value, &origin, vocabulary)?;
    Ok(Setting { name: key.name.to_owned(), key, value, origin })
}
