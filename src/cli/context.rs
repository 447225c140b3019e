//! What a command works with: settings, output format, clock, and the way to a session.

use std::collections::BTreeMap;
use std::path::Path;

use super::exit::{CliError, Ending};
use super::global::GlobalArguments;
use super::output::Format;
use crate::aws::{AccessKey, ConnectOptions, Connector, LimitSettings, Timeouts};
use crate::config::{
    self, CONFIG_VARIABLE, ConfigFile, Origin, RegionSettings, Settings, Sources, Vocabulary,
};
use crate::domain::change::Refusal;
use crate::domain::identity::RegionKey;
use crate::ops::change::ChangeStore;
use crate::ops::clock::Clock;
use crate::ops::count::CountStore;
use crate::ops::fleet_reading::HighestStore;
use crate::ops::inventory::InventorySettings;
use crate::ops::journal::Journal;
use crate::ops::lookup::LookupSettings;
use crate::tui::action::ACTIONS;
use crate::tui::keymap::{Keymap, KeymapError};
use crate::tui::theme::Theme;

/// Everything that doesn't change while a command runs.
#[derive(Clone, Debug)]
pub struct Context {
    pub settings: Settings,
    pub format: Format,
    pub clock: Clock,
    /// Changes are allowed from the start, in the console.
    pub operate: bool,
    pub keymap: Keymap,
    /// Globs of the cells that regions are configured for which were not chosen.
    elsewhere: Vec<Vec<String>>,
}

impl Context {
    /// Reads the configuration.
    ///
    /// # Errors
    /// What is wrong with it, or `--operate` where changes are forbidden.
    pub fn load(global: &GlobalArguments) -> Result<Self, CliError> {
        let environment: BTreeMap<String, String> = environment();
        let file = config_file(global)?;
        Self::from_sources(global, &file, &environment, &global.flags())
    }

    /// Reads the configuration from these sources alone.
    ///
    /// # Errors
    /// As [`Context::load`].
    pub fn from_sources(
        global: &GlobalArguments,
        file: &ConfigFile,
        environment: &BTreeMap<String, String>,
        flags: &[(&'static str, String)],
    ) -> Result<Self, CliError> {
        // Given before and after the command's name, the two escape the parser's own check.
        if global.operate && global.read_only {
            return Err(CliError::new(Ending::Usage, "--operate and --read-only exclude each other"));
        }
        let (themes, actions) = vocabulary();
        let vocabulary = Vocabulary { themes: &themes, actions: &actions };
        let mut settings = config::load(&Sources { file, environment, flags, vocabulary: &vocabulary })?;
        let elsewhere = match &global.account {
            Some(account) => choose(&mut settings, account)?,
            None => Vec::new(),
        };
        let keymap = keymap(&settings)?;
        let (format, operate) = (global.output, global.operate);
        let context = Self { settings, format, clock: Clock::System, operate, keymap, elsewhere };
        if context.operate {
            context.allow_changes()?;
        }
        Ok(context)
    }

    /// The region of a command that works on one: the first, once [`Context::in_region`] has left but one.
    pub fn region(&self) -> &RegionSettings {
        // `Settings::regions` is never empty; an empty entry leaves everything to AWS's own settings.
        static UNNAMED: std::sync::LazyLock<RegionSettings> =
            std::sync::LazyLock::new(RegionSettings::default);
        self.settings.regions.first().unwrap_or(&UNNAMED)
    }

    /// The same with one of the regions alone; cells that others are configured for stay known, as customers may be
    /// moved there.
    #[must_use]
    pub fn in_region(&self, place: usize) -> Self {
        let mut context = self.clone();
        let settings = &mut context.settings;
        settings.regions = settings.regions.get(place).into_iter().cloned().collect();
        if place < settings.cells.of_regions.len() {
            settings.cells.of_regions.swap(0, place);
        }
        settings.cells.of_regions.append(&mut context.elsewhere);
        context
    }

    /// The way to a region. Making it reads and sends nothing.
    pub fn connector(&self, region: &RegionSettings, access_key: Option<AccessKey>) -> Connector {
        Connector::new(ConnectOptions {
            profile: region.explicit_profile().map(str::to_owned),
            region: region.explicit_region().map(str::to_owned),
            endpoint_url: self.endpoint_url(region),
            access_key,
            role_arn: region.role_arn.clone(),
            timeouts: Timeouts::default(),
            limits: LimitSettings {
                control_plane_share: self.settings.control_plane_share,
                state_dir: Some(self.settings.state.limits()),
            },
            read_only: region.read_only.is_some(),
        })
    }

    /// The region's own endpoint, unless the command line names one.
    fn endpoint_url(&self, region: &RegionSettings) -> Option<String> {
        let general = self.settings.endpoint_url.as_ref();
        let is_flag = general.is_some_and(|url| matches!(url.origin, Origin::Flag(_)));
        let own = region.endpoint_url.clone().filter(|_| !is_flag);
        own.or_else(|| self.settings.explicit_endpoint_url().map(str::to_owned))
    }

    /// # Errors
    /// Where flag or configuration forbid changes.
    pub fn allow_changes(&self) -> Result<(), CliError> {
        match &self.region().read_only {
            None => Ok(()),
            Some(origin) => {
                let why = format!("{origin} says so");
                Err(CliError::from(Refusal::ReadOnly { why })
                    .hint("changes need a profile and region that aren't marked read-only"))
            }
        }
    }

    /// Refuses a change early where no region takes any; which one is meant may not be known yet.
    ///
    /// # Errors
    /// Where changes are forbidden in all of them.
    pub fn allow_changes_somewhere(&self) -> Result<(), CliError> {
        if self.settings.regions.iter().any(|region| region.read_only.is_none()) {
            return Ok(());
        }
        self.allow_changes()
    }

    pub fn inventory(&self) -> InventorySettings {
        let settings = &self.settings;
        InventorySettings {
            mapping: settings.mapping.clone(),
            cells: settings.cells.clone(),
            connections: settings.connections.clone(),
        }
    }

    pub fn lookup(&self) -> LookupSettings {
        let settings = &self.settings;
        LookupSettings {
            mapping: settings.mapping.clone(),
            router: settings.router.clone(),
            connections: settings.connections.clone(),
            key_name: settings.key_name.clone(),
            read_unit_price: settings.read_unit_price,
        }
    }

    /// The counts of the mapping table of an account and region.
    pub fn counts(&self, region: &RegionKey) -> CountStore {
        CountStore::of(&self.settings.state.counts(), region, &self.settings.mapping.table)
    }

    /// Where the highest loads of cells are kept.
    pub fn highest(&self) -> HighestStore {
        HighestStore::at(self.settings.state.highest())
    }

    pub fn changes(&self) -> ChangeStore {
        let state = &self.settings.state;
        let (journal, locks) = (Journal::open(&state.journal()), state.locks());
        let hooks = self.settings.moves.hooks.clone();
        ChangeStore { journal, locks, team: self.settings.team.clone(), hooks }
    }
}

/// Keeps to the one region that was named, and gives the globs of the cells of all others.
///
/// # Errors
/// Where none of them, or several, answer to the name.
fn choose(settings: &mut Settings, name: &str) -> Result<Vec<Vec<String>>, CliError> {
    let places: Vec<usize> = settings
        .regions
        .iter()
        .enumerate()
        .filter(|(_, region)| region.answers_to(name))
        .map(|(place, _)| place)
        .collect();
    let known: Vec<&str> = settings.regions.iter().map(RegionSettings::name).collect();
    let message = match places.as_slice() {
        [one] => {
            let place = *one;
            settings.regions = vec![settings.regions.swap_remove(place)];
            let own = settings.cells.of_regions.swap_remove(place);
            return Ok(std::mem::replace(&mut settings.cells.of_regions, vec![own]));
        }
        [] => format!("--account: no region is called '{name}'; configured are {}", known.join(", ")),
        several => {
            let meant: Vec<&str> = several.iter().filter_map(|place| known.get(*place).copied()).collect();
            format!("--account: '{name}' may be any of {}", meant.join(", "))
        }
    };
    Err(CliError::new(Ending::Usage, message).hint("give the alias of a `[[regions]]` entry"))
}

/// The configuration file that counts.
///
/// # Errors
/// No home directory to look in.
pub fn config_file(global: &GlobalArguments) -> Result<ConfigFile, CliError> {
    let named = std::env::var_os(CONFIG_VARIABLE).filter(|path| !path.is_empty());
    let path = global.config.as_deref().or(named.as_deref().map(Path::new));
    Ok(ConfigFile::locate(path)?)
}

/// The variables that are text; no others are ours.
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// The console's names that a configuration may use.
fn vocabulary() -> (Vec<&'static str>, Vec<&'static str>) {
    (Theme::names().collect(), ACTIONS.iter().map(|info| info.id).collect())
}

/// The keys that are configured, judged for every command: a mistake is better found early.
fn keymap(settings: &Settings) -> Result<Keymap, CliError> {
    let keys = settings.keys.iter().map(|(action, keys)| (action.clone(), keys.value.clone())).collect();
    Keymap::new(&keys).map_err(|error| {
        let configured = concerned(&error).into_iter().find_map(|action| settings.keys.get(action));
        let place = configured.map(|keys| format!("{}: ", keys.origin)).unwrap_or_default();
        CliError::new(Ending::Usage, format!("{place}keys: {error}"))
    })
}

/// The actions whose keys are at fault.
fn concerned(error: &KeymapError) -> Vec<&str> {
    match error {
        KeymapError::UnknownAction { wanted: action, .. }
        | KeymapError::Key { action, .. }
        | KeymapError::Reserved(action) => vec![action],
        KeymapError::Conflict { one, other, .. } => vec![one, other],
        KeymapError::Unreachable(action) => vec![action],
    }
}
