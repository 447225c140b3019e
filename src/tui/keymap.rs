//! Which key does what: the defaults of the action table, and what the configuration changed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::action::{ACTIONS, Action, Scope};
use super::key::{Key, KeyError};
use crate::domain::suggest::nearest;

/// A configuration's `keys`: an action's id, and the keys that are its own from now on.
pub type KeyOverrides = BTreeMap<String, Vec<String>>;

#[derive(Clone, Debug)]
pub struct Keymap {
    keys: BTreeMap<Action, Vec<Key>>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    #[error("there is no action '{wanted}'{}", .nearest.as_deref().map(|name| format!(", did you mean '{name}'?")).unwrap_or_default())]
    UnknownAction { wanted: String, nearest: Option<String> },
    #[error("the key of '{action}': {error}")]
    Key { action: String, error: KeyError },
    #[error("the key {key} is wanted by both '{one}' and '{other}': give one of them another")]
    Conflict { key: String, one: &'static str, other: &'static str },
    #[error("ctrl-c always leaves: it can't be given to '{0}', and 'quit-now' can't lose it")]
    Reserved(String),
    #[error(
        "'{0}' would be left without a key and is not in the palette, so it could not be reached any more"
    )]
    Unreachable(&'static str),
}

impl Keymap {
    /// The defaults, with the keys of each action named in `overrides` replaced by those given.
    ///
    /// # Errors
    /// An action or a key that doesn't exist, or a key that two actions of overlapping scopes want.
    pub fn new(overrides: &KeyOverrides) -> Result<Self, KeymapError> {
        let mut keys = BTreeMap::new();
        for info in ACTIONS {
            keys.insert(info.action, parse_keys(info.id, info.keys.iter().copied())?);
        }
        for (id, wanted) in overrides {
            let action = Action::named(id).ok_or_else(|| KeymapError::UnknownAction {
                wanted: id.clone(),
                nearest: nearest(id, ACTIONS.iter().map(|info| info.id)).map(str::to_owned),
            })?;
            if action == Action::QuitNow {
                return Err(KeymapError::Reserved(id.clone()));
            }
            keys.insert(action, parse_keys(id, wanted.iter().map(String::as_str))?);
        }
        let map = Self { keys };
        map.check()?;
        Ok(map)
    }

    fn check(&self) -> Result<(), KeymapError> {
        for (place, one) in ACTIONS.iter().enumerate() {
            if self.keys(one.action).is_empty() && !one.in_palette {
                return Err(KeymapError::Unreachable(one.id));
            }
            for other in ACTIONS.iter().skip(place + 1).filter(|other| one.scope.overlaps(other.scope)) {
                if let Some(key) =
                    self.keys(one.action).iter().find(|key| self.keys(other.action).contains(key))
                {
                    let reserved = self.keys(Action::QuitNow).contains(key);
                    return Err(if reserved {
                        KeymapError::Reserved(one.id.to_owned())
                    } else {
                        KeymapError::Conflict { key: key.to_string(), one: one.id, other: other.id }
                    });
                }
            }
        }
        Ok(())
    }

    pub fn keys(&self, action: Action) -> &[Key] {
        self.keys.get(&action).map_or(&[], Vec::as_slice)
    }

    /// The key that hints show, where there is one.
    pub fn first(&self, action: Action) -> Option<Key> {
        self.keys(action).first().copied()
    }

    /// What `key` does where keys of `scope` and of `Everywhere` work.
    pub fn action(&self, key: Key, scope: Scope) -> Option<Action> {
        ACTIONS
            .iter()
            .find(|info| {
                matches!(info.scope, reach if reach == scope || reach == Scope::Everywhere)
                    && self.keys(info.action).contains(&key)
            })
            .map(|info| info.action)
    }
}

fn parse_keys<'text>(action: &str, keys: impl Iterator<Item = &'text str>) -> Result<Vec<Key>, KeymapError> {
    keys.map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|error| KeymapError::Key { action: action.to_owned(), error })
}

/// The README's table of keys and palette names, in Markdown.
pub fn keys_markdown() -> String {
    let mut text = String::from("| Key | Palette | What it does |\n|---|---|---|\n");
    for info in ACTIONS {
        let keys: Vec<String> = info.keys.iter().map(|key| format!("`{key}`")).collect();
        let palette = if info.in_palette { format!("`:{}`", info.id) } else { String::new() };
        let place = match info.scope {
            Scope::Confirmation | Scope::Move => format!(" ({})", info.scope.title()),
            Scope::Everywhere | Scope::Table => String::new(),
        };
        // Writing into a String does not fail.
        let _ = writeln!(text, "| {} | {palette} | {}{place} |", keys.join(" "), info.doc);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overrides(pairs: &[(&str, &[&str])]) -> KeyOverrides {
        pairs
            .iter()
            .map(|(id, keys)| ((*id).to_owned(), keys.iter().map(|key| (*key).to_owned()).collect()))
            .collect()
    }

    #[test]
    fn the_defaults_hold_no_key_twice_where_scopes_overlap() {
        Keymap::new(&KeyOverrides::new()).unwrap();
    }

    #[test]
    fn a_key_means_what_its_scope_says() {
        let map = Keymap::new(&KeyOverrides::new()).unwrap();
        let key = "y".parse().unwrap();
        assert_eq!(map.action(key, Scope::Table), Some(Action::Copy));
        assert_eq!(map.action(key, Scope::Confirmation), Some(Action::Confirm));
        assert_eq!(map.action(key, Scope::Everywhere), None);
        assert_eq!(map.action("q".parse().unwrap(), Scope::Confirmation), Some(Action::Quit));
    }

    #[test]
    fn a_configured_key_replaces_the_default() {
        let map = Keymap::new(&overrides(&[("refresh", &["f5"])])).unwrap();
        assert_eq!(map.action("f5".parse().unwrap(), Scope::Table), Some(Action::Refresh));
        assert_eq!(map.action("r".parse().unwrap(), Scope::Table), None);
    }

    #[test]
    fn mistakes_are_named() {
        let error = |pairs: &[(&str, &[&str])]| Keymap::new(&overrides(pairs)).unwrap_err().to_string();
        assert_eq!(error(&[("refesh", &["f5"])]), "there is no action 'refesh', did you mean 'refresh'?");
        assert_eq!(
            error(&[("refresh", &["s"])]),
            "the key s is wanted by both 'sort' and 'refresh': give one of them another"
        );
        assert!(error(&[("refresh", &["f99"])]).starts_with("the key of 'refresh': 'f99' is no key"));
        assert!(error(&[("pause", &["ctrl-c"])]).starts_with("ctrl-c always leaves"));
        assert!(error(&[("quit-now", &["f10"])]).starts_with("ctrl-c always leaves"));
        assert!(error(&[("open", &[])]).contains("could not be reached"));
    }

    #[test]
    fn the_markdown_has_a_line_for_each_action() {
        assert_eq!(keys_markdown().lines().count(), ACTIONS.len() + 2);
    }
}
