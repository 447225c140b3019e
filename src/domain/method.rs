//! A method or route as a stage's settings name it.
//!
//! REST stages key `methodSettings` by resource path and verb, and spell the path in three
//! ways depending on who answers: `~1users/GET` (AWS's own form), `/users/GET` and `users/GET`.
//! Read any, write the `~1` form (AWS: "Patch operations", JSON Pointer escapes).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::sanitise;

/// Which methods a setting is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String")]
#[serde(from = "String")]
pub enum MethodKey {
    /// `*/*`: each method that has no setting of its own.
    All,
    /// One method of a REST resource; `path` starts with a slash.
    Method { path: String, verb: String },
    /// A route of an HTTP or WebSocket API, such as `GET /users` or `$default`.
    Route(String),
}

impl MethodKey {
    /// Reads a key of a REST stage's `methodSettings`, in any of its spellings.
    pub fn from_method_setting(key: &str) -> Self {
        let key = sanitise(key);
        if matches!(key.as_ref(), "*/*" | "/*/*") {
            return Self::All;
        }
        let Some((path, verb)) = key.rsplit_once('/') else { return Self::Route(key.into_owned()) };
        let decoded = path.replace("~1", "/").replace("~0", "~");
        let trimmed = decoded.trim_start_matches('/');
        Self::Method { path: format!("/{trimmed}"), verb: verb.to_owned() }
    }

    /// Reads a key of a v2 stage's `routeSettings`.
    pub fn from_route(key: &str) -> Self {
        Self::Route(sanitise(key).into_owned())
    }

    /// The two segments of a patch path, `~1users/GET` or `*/*`. None for a route, which is not patched.
    pub fn patch_segments(&self) -> Option<String> {
        match self {
            Self::All => Some("*/*".to_owned()),
            Self::Method { path, verb } => {
                Some(format!("{}/{verb}", path.replace('~', "~0").replace('/', "~1")))
            }
            Self::Route(_) => None,
        }
    }
}

impl fmt::Display for MethodKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => formatter.pad("*/*"),
            Self::Method { path, verb } => formatter.pad(&format!("{verb} {path}")),
            Self::Route(route) => formatter.pad(route),
        }
    }
}

impl From<MethodKey> for String {
    fn from(key: MethodKey) -> Self {
        key.to_string()
    }
}

impl From<String> for MethodKey {
    fn from(text: String) -> Self {
        match text.split_once(' ') {
            _ if text == "*/*" => Self::All,
            Some((verb, path)) if path.starts_with('/') => {
                Self::Method { path: path.to_owned(), verb: verb.to_owned() }
            }
            _ => Self::Route(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn three_spellings_are_one_key() {
        let expected = MethodKey::Method { path: "/users/{id}".into(), verb: "GET".into() };
        for spelling in ["~1users~1{id}/GET", "/users/{id}/GET", "users/{id}/GET", "/~1users~1{id}/GET"] {
            assert_eq!(MethodKey::from_method_setting(spelling), expected, "{spelling}");
        }
        assert_eq!(MethodKey::from_method_setting("*/*"), MethodKey::All);
        assert_eq!(MethodKey::from_method_setting("~1/GET").to_string(), "GET /");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(path in "/[a-z{}~*/]{0,30}", verb in "GET|POST|ANY") {
            let path = format!("/{}", path.trim_start_matches('/'));
            let key = MethodKey::Method { path, verb };
            let written = key.patch_segments().unwrap();
            prop_assert_eq!(MethodKey::from_method_setting(&written), key);
        }
    }
}
