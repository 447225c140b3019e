//! What the console is given when it is opened.

use std::path::PathBuf;

use super::keymap::Keymap;
use super::model::{Screen, Settings};
use super::theme::Theme;
use crate::aws::Connector;
use crate::domain::connection::ConnectionAccess;
use crate::domain::production::ProductionTag;
use crate::ops::change::ChangeStore;
use crate::ops::clock::Clock;
use crate::ops::fleet_reading::HighestStore;
use crate::ops::lookup::LookupSettings;

#[derive(Debug)]
pub struct ConsoleOptions {
    /// At least one; the first is named in the header.
    pub regions: Vec<RegionOptions>,
    /// Allow changes as soon as a region is connected, where it isn't locked.
    pub start_armed: bool,
    pub settings: Settings,
    /// What customers are looked up and counted with.
    pub customers: CustomerOptions,
    pub production_tag: Option<ProductionTag>,
    pub changes: ChangeStore,
    pub theme: Theme,
    /// Draw with ASCII characters alone.
    pub ascii: bool,
    /// Take clicks and the wheel.
    pub mouse: bool,
    pub keymap: Keymap,
    pub screen: Screen,
    /// A filter to open the first screen with.
    pub filter: Option<String>,
    pub clock: Clock,
}

/// What screen 8 needs.
#[derive(Clone, Debug)]
pub struct CustomerOptions {
    pub lookup: LookupSettings,
    /// How the stage of a connection is reached.
    pub connection_access: ConnectionAccess,
    /// The directory in which counts are kept.
    pub counts: PathBuf,
    /// Where the highest loads of cells are kept.
    pub highest: HighestStore,
}

#[derive(Debug)]
pub struct RegionOptions {
    /// Nothing is read or sent before the first screen is drawn.
    pub connector: Connector,
    pub alias: Option<String>,
    pub production: bool,
    /// The profile, or what else to call the region until it is connected.
    pub profile_label: Option<String>,
    /// Why changes can't be allowed from inside: the flag or the setting that says so.
    pub read_only_locked: Option<String>,
}

/// Why the console ended other than by being left.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    #[error(
        "the console needs a terminal, and stdin or stdout is none; `cellgate get` prints to pipes and files"
    )]
    NotATerminal,
    #[error("the terminal can't be {tried}: {source}")]
    Terminal { tried: &'static str, source: std::io::Error },
    #[error("the console failed inside: {0}; the log has more")]
    Task(String),
}
