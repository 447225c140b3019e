//! Configuration: what is built in, the operator's file, the profile's section, the environment and
//! the flags, laid over each other in that order.
//!
//! Every key stands in one table ([`keys`]), every value knows its [`Origin`], and what isn't in the
//! table is an error with a suggestion: a typo never passes silently.

mod document;
mod error;
pub mod keys;
mod layers;
mod location;
mod origin;
pub mod reference;
mod region;
mod settings;
mod typed;
mod value;

use std::collections::BTreeMap;

pub use document::Vocabulary;
pub use error::ConfigError;
pub use location::{CONFIG_VARIABLE, ConfigFile, StateDirectory};
pub use origin::{Origin, Sourced};
pub use reference::{default_file, markdown};
pub use region::RegionSettings;
pub use settings::{Refresh, Settings};
pub use value::{Kind, Value};

use self::layers::Layers;

/// The configuration that is built in; the operator's own file may start as a copy of it.
pub const DEFAULT: &str = include_str!("../assets/default.toml");

/// The profile that AWS's tools take where none is named.
const DEFAULT_PROFILE: &str = "default";

/// Everything that a configuration is made of.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'given> {
    pub file: &'given ConfigFile,
    pub environment: &'given BTreeMap<String, String>,
    /// Names of keys with the texts that their flags gave.
    pub flags: &'given [(&'static str, String)],
    pub vocabulary: &'given Vocabulary<'given>,
}

/// Reads and lays all sources over each other.
///
/// # Errors
/// The first thing that is wrong, with where it stands.
pub fn load(sources: &Sources<'_>) -> Result<Settings, ConfigError> {
    let mut all = Layers::default();
    all.lay(document::parse_built_in(DEFAULT, sources.vocabulary)?);
    if let Some(text) = sources.file.read()? {
        all.lay(document::parse(&text, &sources.file.path, sources.vocabulary)?);
    }
    let from_environment = layers::from_environment(sources.environment, sources.vocabulary)?;
    let from_flags = layers::from_flags(sources.flags, sources.vocabulary)?;

    // The profile decides which section counts, and may itself come from a stronger source.
    let mut strongest = all.clone();
    strongest.lay(from_environment.iter().chain(&from_flags).cloned());
    let profile = strongest.text("profile").map_or_else(|| DEFAULT_PROFILE.to_owned(), |text| text.value);
    all.lay_profile(&profile);

    all.lay(from_environment);
    all.lay(from_flags);
    Settings::from_layers(all)
}
