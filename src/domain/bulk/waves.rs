//! Waves: how many targets are changed before it is looked whether to go on.

use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Sizes of waves, such as one target, then ten, then the rest.
///
/// Written `1,10,rest`. Without `rest`, the last size is that of all later waves, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Waves {
    /// Each at least 1.
    sizes: Vec<usize>,
    /// What they leave makes one more wave.
    rest: bool,
}

/// A text that names no waves.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' names no waves: write sizes of at least 1, such as 1,10,rest, with `rest` last if at all")]
pub struct WavesError(String);

impl Default for Waves {
    /// One target shows whether it works, ten whether it does so elsewhere.
    fn default() -> Self {
        Self { sizes: vec![1, 10], rest: true }
    }
}

impl Waves {
    pub fn all_at_once() -> Self {
        Self { sizes: Vec::new(), rest: true }
    }

    /// The places of each wave's targets, in order: each of `count` places is in one wave, and none is empty.
    pub fn split(&self, count: usize) -> Vec<Range<usize>> {
        let mut waves = Vec::new();
        let mut sizes = self.sizes.iter().copied();
        let mut start = 0;
        while start < count {
            let left = count - start;
            let size = match sizes.next() {
                Some(size) => size,
                None if self.rest => left,
                None => self.sizes.last().copied().unwrap_or(left),
            };
            let end = start + size.clamp(1, left);
            waves.push(start..end);
            start = end;
        }
        waves
    }
}

impl FromStr for Waves {
    type Err = WavesError;

    fn from_str(text: &str) -> Result<Self, WavesError> {
        let wrong = || WavesError(text.to_owned());
        let mut parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let rest = parts.last() == Some(&"rest");
        if rest {
            parts.pop();
        }
        let sizes: Result<Vec<usize>, _> = parts.iter().map(|part| part.parse()).collect();
        let sizes = sizes.map_err(|_| wrong())?;
        if sizes.contains(&0) || sizes.is_empty() && !rest {
            return Err(wrong());
        }
        Ok(Self { sizes, rest })
    }
}

impl std::fmt::Display for Waves {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sizes = self.sizes.iter().map(ToString::to_string);
        let all: Vec<String> = sizes.chain(self.rest.then(|| "rest".to_owned())).collect();
        formatter.write_str(&all.join(","))
    }
}

impl From<Waves> for String {
    fn from(waves: Waves) -> Self {
        waves.to_string()
    }
}

impl TryFrom<String> for Waves {
    type Error = WavesError;

    fn try_from(text: String) -> Result<Self, WavesError> {
        text.parse()
    }
}
