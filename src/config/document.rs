//! Reads a TOML document into settings, each with the line it stands on, and judges every key
//! against the table.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::keys::{KEYS, Key};
use super::origin::Origin;
use super::value::{Kind, Value};
use crate::domain::suggest::nearest;

/// Names that belong to the console and that a configuration may use.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary<'names> {
    pub themes: &'names [&'names str],
    pub actions: &'names [&'names str],
}

/// One value of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Its name with the operator's names and places in it, such as `regions[0].alias`.
    pub name: String,
    pub key: &'static Key,
    pub value: Value,
    pub origin: Origin,
}

/// Reads a document.
///
/// # Errors
/// The first of what is wrong with it, by line.
pub fn parse(text: &str, path: &Path, vocabulary: &Vocabulary<'_>) -> Result<Vec<Setting>, ConfigError> {
    let mut reader = Reader { text, path: Some(path), vocabulary, settings: Vec::new(), errors: Vec::new() };
    reader.read()?;
    reader.finish()
}

/// Reads the configuration that is built in.
///
/// # Errors
/// Never for the one that was tested; its lines are not the operator's to mend.
pub fn parse_built_in(text: &str, vocabulary: &Vocabulary<'_>) -> Result<Vec<Setting>, ConfigError> {
    let mut reader = Reader { text, path: None, vocabulary, settings: Vec::new(), errors: Vec::new() };
    reader.read()?;
    reader.finish()
}

struct Reader<'document> {
    text: &'document str,
    /// None for the configuration that is built in.
    path: Option<&'document Path>,
    vocabulary: &'document Vocabulary<'document>,
    settings: Vec<Setting>,
    errors: Vec<ConfigError>,
}

/// Where in the document the reader is: as written, and as the table spells it.
#[derive(Clone, Default)]
struct Place {
    name: String,
    pattern: String,
}

impl Place {
    fn inside(&self, name: &str, pattern: &str) -> Self {
        let join = |one: &str, other: &str| {
            if one.is_empty() { other.to_owned() } else { format!("{one}.{other}") }
        };
        Self { name: join(&self.name, name), pattern: join(&self.pattern, pattern) }
    }

    fn entry(&self, place: usize) -> Self {
        Self { name: format!("{}[{place}]", self.name), pattern: format!("{}[]", self.pattern) }
    }
}

/// What the table has at a place.
enum Found {
    Key(&'static Key),
    Section,
    List,
}

impl<'document> Reader<'document> {
    fn read(&mut self) -> Result<(), ConfigError> {
        let text = self.text;
        let table = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
            place: self.origin(error.span().map_or(0, |span| span.start)),
            why: error.message().replace('\n', ", "),
        })?;
        self.read_table(table.get_ref(), &Place::default());
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Setting>, ConfigError> {
        // A table is sorted by name; people read from the top.
        self.errors.sort_by_key(ConfigError::line);
        match self.errors.into_iter().next() {
            Some(error) => Err(error),
            None => Ok(self.settings),
        }
    }

    fn read_table(&mut self, table: &DeTable<'document>, place: &Place) {
        for (name, value) in table {
            let at = name.span().start;
            let written = name.get_ref().as_ref();
            let exact = place.inside(written, written);
            let named = place.inside(written, "*");
            let found = look_up(&exact.pattern)
                .map(|found| (exact.clone(), found))
                .or_else(|| look_up(&named.pattern).map(|found| (named, found)));
            match found {
                Some((place, Found::Key(key))) => self.read_value(place, key, value, at),
                Some((place, Found::Section)) => match value.get_ref() {
                    DeValue::Table(inside) => self.read_table(inside, &place),
                    other => self.wrong(place.name, "a table", other, at),
                },
                Some((place, Found::List)) => self.read_list(value, &place, at),
                None => {
                    let origin = self.origin(at);
                    self.errors.push(unknown_key(origin, place, written));
                }
            }
        }
    }

    fn read_list(&mut self, value: &Spanned<DeValue<'document>>, place: &Place, at: usize) {
        let DeValue::Array(entries) = value.get_ref() else {
            return self.wrong(place.name.clone(), "a list of tables", value.get_ref(), at);
        };
        for (number, entry) in entries.iter().enumerate() {
            let place = place.entry(number);
            match entry.get_ref() {
                DeValue::Table(table) => {
                    let before = self.settings.len();
                    self.read_table(table, &place);
                    self.require_id(&place, before, entry.span().start);
                }
                other => self.wrong(place.name, "a table", other, entry.span().start),
            }
        }
    }

    /// A configured cell is nothing without its id.
    fn require_id(&mut self, place: &Place, before: usize, at: usize) {
        let id = format!("{}.id", place.pattern);
        let needed = KEYS.iter().any(|key| key.name == id);
        let given = self.settings[before..].iter().any(|setting| setting.key.name == id);
        if needed && !given {
            let place_in_file = self.origin(at);
            self.errors
                .push(ConfigError::Missing { place: place_in_file, key: format!("{}.id", place.name) });
        }
    }

    fn read_value(
        &mut self,
        place: Place,
        key: &'static Key,
        value: &Spanned<DeValue<'document>>,
        at: usize,
    ) {
        let origin = self.origin(at);
        let Some(read) = key.kind.read_toml(value.get_ref()) else {
            return self.wrong(place.name, key.kind.expected(), value.get_ref(), at);
        };
        match judge(&place.name, key, &read, &origin, self.vocabulary) {
            Ok(()) => self.settings.push(Setting { name: place.name, key, value: read, origin }),
            Err(error) => self.errors.push(error),
        }
    }

    fn wrong(&mut self, key: String, expected: &str, found: &DeValue<'_>, at: usize) {
        let place = self.origin(at);
        let found = describe(found);
        self.errors.push(ConfigError::WrongValue { place, key, expected: expected.to_owned(), found });
    }

    fn origin(&self, offset: usize) -> Origin {
        let Some(path) = self.path else { return Origin::BuiltIn };
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        Origin::File { path: path.to_owned(), line }
    }
}

/// Whether a well-formed value names things that exist.
///
/// # Errors
/// An unknown theme, or an action that the console doesn't have.
pub fn judge(
    name: &str,
    key: &'static Key,
    value: &Value,
    origin: &Origin,
    vocabulary: &Vocabulary<'_>,
) -> Result<(), ConfigError> {
    match (key.kind, value) {
        (Kind::Theme, Value::Text(theme)) if !vocabulary.themes.contains(&theme.as_str()) => {
            Err(ConfigError::UnknownTheme {
                place: origin.clone(),
                theme: theme.clone(),
                nearest: nearest(theme, vocabulary.themes.iter().copied()).map(str::to_owned),
                known: vocabulary.themes.iter().map(|known| (*known).to_owned()).collect(),
            })
        }
        (Kind::KeyList, _) => {
            let action = name.rsplit_once('.').map_or(name, |(_, action)| action);
            if vocabulary.actions.contains(&action) {
                return Ok(());
            }
            Err(ConfigError::UnknownAction {
                place: origin.clone(),
                key: name.to_owned(),
                action: action.to_owned(),
                nearest: nearest(action, vocabulary.actions.iter().copied()).map(str::to_owned),
            })
        }
        _ => Ok(()),
    }
}

fn look_up(pattern: &str) -> Option<Found> {
    if let Some(key) = KEYS.iter().find(|key| key.name == pattern) {
        return Some(Found::Key(key));
    }
    KEYS.iter().find_map(|key| match key.name.strip_prefix(pattern) {
        Some(rest) if rest.starts_with('.') => Some(Found::Section),
        Some(rest) if rest.starts_with("[]") => Some(Found::List),
        _ => None,
    })
}

fn unknown_key(place: Origin, section: &Place, written: &str) -> ConfigError {
    let prefix = if section.pattern.is_empty() { String::new() } else { format!("{}.", section.pattern) };
    let siblings = KEYS
        .iter()
        .filter_map(|key| key.name.strip_prefix(prefix.as_str()))
        .map(|rest| rest.split(['.', '[']).next().unwrap_or(rest))
        .filter(|name| *name != "*");
    let nearest = nearest(written, siblings).map(str::to_owned).or_else(|| {
        // The right name in the wrong section.
        KEYS.iter()
            .find(|key| key.is_fixed() && key.short_name().eq_ignore_ascii_case(written))
            .map(|key| key.name.to_owned())
    });
    let key =
        if section.name.is_empty() { written.to_owned() } else { format!("{}.{written}", section.name) };
    ConfigError::UnknownKey { place, key, nearest }
}

fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("\"{}\"", crate::domain::text::sanitise(text)),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(at) => at.to_string(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
