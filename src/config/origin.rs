//! Where a value comes from, so that a surprising one can be traced to its line.

use std::fmt;
use std::path::PathBuf;

/// The place that gave a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `assets/default.toml`, or a default that follows from the machine.
    BuiltIn,
    /// A line of the configuration file, counted from 1.
    File { path: PathBuf, line: usize },
    /// An environment variable, by name.
    Environment(&'static str),
    /// An option of the command line, such as `--region`.
    Flag(&'static str),
}

impl Origin {
    /// Whether AWS's own tools and SDK read the same place: the value then reaches them without us,
    /// with the precedence that they give it.
    pub fn is_aws(&self) -> bool {
        matches!(self, Self::Environment(variable) if variable.starts_with("AWS_"))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => formatter.pad("built-in"),
            Self::File { path, line } => formatter.pad(&format!("{}:{line}", path.display())),
            Self::Environment(variable) => formatter.pad(&format!("environment {variable}")),
            Self::Flag(flag) => formatter.pad(flag),
        }
    }
}

/// A value with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    pub value: T,
    pub origin: Origin,
}

impl Sourced<String> {
    /// The text, unless AWS's own tools read it from the same place.
    pub fn unless_aws(&self) -> Option<&str> {
        (!self.origin.is_aws()).then_some(self.value.as_str())
    }
}
