//! Where the configuration file and the state directory are.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::error::ConfigError;

/// The directory under XDG's that is ours.
const DIRECTORY: &str = "cellgate";

/// The environment variable that names the configuration file.
pub const CONFIG_VARIABLE: &str = "CELLGATE_CONFIG";

/// A configuration file: where, and whether it has to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    pub path: PathBuf,
    /// Named by the operator: that it is missing is an error.
    pub required: bool,
}

impl ConfigFile {
    /// The file that `--config` or `CELLGATE_CONFIG` names, else `$XDG_CONFIG_HOME/cellgate/config.toml`.
    ///
    /// # Errors
    /// No home directory to look in.
    pub fn locate(named: Option<&Path>) -> Result<Self, ConfigError> {
        if let Some(path) = named {
            return Ok(Self { path: path.to_owned(), required: true });
        }
        let strategy = etcetera::choose_base_strategy().map_err(|_| ConfigError::NoHome)?;
        Ok(Self { path: strategy.config_dir().join(DIRECTORY).join("config.toml"), required: false })
    }

    /// No file: what is built in stands alone.
    pub fn none() -> Self {
        Self { path: PathBuf::new(), required: false }
    }

    /// Its text; none where it isn't there and doesn't have to be.
    ///
    /// # Errors
    /// It can't be read.
    pub fn read(&self) -> Result<Option<String>, ConfigError> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !self.required => Ok(None),
            Err(error) => Err(ConfigError::Unreadable { path: self.path.clone(), why: error.to_string() }),
        }
    }
}

/// The directory that outlives a session, and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDirectory(PathBuf);

impl StateDirectory {
    /// `$XDG_STATE_HOME/cellgate`. Nothing is made yet.
    ///
    /// # Errors
    /// No home directory to look in.
    pub fn locate() -> Result<Self, ConfigError> {
        let strategy = etcetera::choose_base_strategy().map_err(|_| ConfigError::NoHome)?;
        // Platforms without a notion of state keep it with the data.
        let base = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
        Ok(Self(base.join(DIRECTORY)))
    }

    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The record of every change.
    pub fn journal(&self) -> PathBuf {
        self.0.join("journal")
    }

    /// Locks that keep two changes off one target.
    pub fn locks(&self) -> PathBuf {
        self.0.join("locks")
    }

    /// The request budget that processes on this host share.
    pub fn limits(&self) -> PathBuf {
        self.0.join("limits")
    }

    /// How many customers each cell had when they were last counted.
    pub fn counts(&self) -> PathBuf {
        self.0.join("counts")
    }

    /// The highest load that cells were seen under.
    pub fn highest(&self) -> PathBuf {
        self.0.join("highest")
    }

    pub fn log(&self) -> PathBuf {
        self.0.join("log")
    }
}
