//! What can be wrong with a configuration: each error is one line that says where, what and how to mend it.

use std::path::PathBuf;

use super::origin::Origin;

/// A configuration that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{path}: can't be read: {why}", path = .path.display())]
    Unreadable { path: PathBuf, why: String },
    #[error("{place}: not valid TOML: {why}")]
    Syntax { place: Origin, why: String },
    #[error("{place}: unknown key '{key}'{}", suggestion(.nearest.as_deref()))]
    UnknownKey { place: Origin, key: String, nearest: Option<String> },
    #[error("{place}: {key}: no action is called '{action}'{}", suggestion(.nearest.as_deref()))]
    UnknownAction { place: Origin, key: String, action: String, nearest: Option<String> },
    #[error("{place}: unknown theme '{theme}'{}; themes: {}", suggestion(.nearest.as_deref()), .known.join(", "))]
    UnknownTheme { place: Origin, theme: String, nearest: Option<String>, known: Vec<String> },
    #[error("{}: expected {expected}, found {found}", at(.place, .key))]
    WrongValue { place: Origin, key: String, expected: String, found: String },
    #[error("{place}: {key} is missing: each entry needs one")]
    Missing { place: Origin, key: String },
    #[error("no home directory: set HOME, or name the directories with --config and --state-dir")]
    NoHome,
}

impl ConfigError {
    /// The line of the file that it concerns, to report the first of several.
    pub(super) fn line(&self) -> usize {
        match self {
            Self::Syntax { place, .. }
            | Self::UnknownKey { place, .. }
            | Self::UnknownAction { place, .. }
            | Self::UnknownTheme { place, .. }
            | Self::WrongValue { place, .. }
            | Self::Missing { place, .. } => match place {
                Origin::File { line, .. } => *line,
                _ => 0,
            },
            Self::Unreadable { .. } | Self::NoHome => 0,
        }
    }
}

/// A flag is named after its key: saying both would say it twice.
fn at(place: &Origin, key: &str) -> String {
    match place {
        Origin::Flag(flag) => (*flag).to_owned(),
        _ => format!("{place}: {key}"),
    }
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", did you mean '{name}'?")).unwrap_or_default()
}
