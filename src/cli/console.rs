//! `cellgate` and `cellgate console`: opens the console with what is configured.

#[cfg(feature = "demo")]
use std::io::{self, IsTerminal as _};

use clap::ValueEnum;
use futures_util::FutureExt as _;

use super::context::{Context, environment};
use super::exit::{CliError, Ending};
use crate::aws::AccessKey;
use crate::domain::signal::PERIOD_SECONDS;
use crate::tui::colour::ColourDepth;
use crate::tui::model::{Screen, Settings};
use crate::tui::theme::Theme;
use crate::tui::{self, ConsoleError, ConsoleOptions, CustomerOptions, RegionOptions};

/// Arguments of `console`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ConsoleArguments {
    /// The screen to open with
    #[arg(long, value_enum, default_value_t)]
    screen: ScreenName,
    /// A filter for it, such as '5xx>1%'
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    filter: Option<String>,
}

/// A screen by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ScreenName {
    #[default]
    Fleet,
    Apis,
    Stages,
    Throttles,
    Waf,
    Customers,
    Changes,
}

impl From<ScreenName> for Screen {
    fn from(name: ScreenName) -> Self {
        match name {
            ScreenName::Fleet => Self::Fleet,
            ScreenName::Apis => Self::Apis,
            ScreenName::Stages => Self::Stages,
            ScreenName::Throttles => Self::Throttles,
            ScreenName::Waf => Self::Waf,
            ScreenName::Customers => Self::Customers,
            ScreenName::Changes => Self::Changes,
        }
    }
}

/// Opens the console and returns when it is left.
///
/// # Errors
/// Where a profile or region is wrong, there is no terminal, or it fails.
pub async fn run(
    arguments: &ConsoleArguments,
    context: Context,
    access_key: Option<&AccessKey>,
) -> Result<(), CliError> {
    let options = options(arguments, context, access_key)?;
    // Login waits for the first screen, but a mistake that files tell needs no screen.
    for region in &options.regions {
        region.connector.check().await?;
    }
    tui::run(options).boxed_local().await.map_err(CliError::from)
}

/// # Errors
/// No terminal to open the console on.
#[cfg(feature = "demo")]
pub fn require_terminal() -> Result<(), CliError> {
    if io::stdout().is_terminal() && io::stdin().is_terminal() {
        Ok(())
    } else {
        Err(ConsoleError::NotATerminal.into())
    }
}

fn options(
    arguments: &ConsoleArguments,
    context: Context,
    access_key: Option<&AccessKey>,
) -> Result<ConsoleOptions, CliError> {
    let regions = context
        .settings
        .regions
        .iter()
        .map(|region| RegionOptions {
            connector: context.connector(region, access_key.cloned()),
            alias: region.alias.clone(),
            production: region.production,
            profile_label: region.profile.as_ref().map(|profile| profile.value.clone()),
            read_only_locked: region.read_only.as_ref().map(|origin| format!("{origin} says so")),
        })
        .collect();
    let changes = context.changes();
    let customers = CustomerOptions {
        lookup: context.lookup(),
        connection_access: context.settings.connection_access.clone(),
        counts: context.settings.state.counts(),
        highest: context.highest(),
    };
    let settings = context.settings;
    let variables = environment();
    let depth = if settings.no_color {
        ColourDepth::None
    } else {
        ColourDepth::detect(|name| variables.get(name).cloned())
    };
    let theme = Theme::built_in(&settings.theme.value, depth)
        .map_err(|error| CliError::new(Ending::Usage, format!("{}: {error}", settings.theme.origin)))?;
    let seconds = |duration: std::time::Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    Ok(ConsoleOptions {
        regions,
        start_armed: context.operate,
        settings: Settings {
            thresholds: settings.thresholds,
            cells: settings.cells,
            inventory_seconds: seconds(settings.refresh.inventory),
            // CloudWatch has a point a minute: asking more often costs, and shows nothing new.
            signals_seconds: seconds(settings.refresh.signals).max(PERIOD_SECONDS),
            idle_seconds: seconds(settings.refresh.idle),
            router_cache_seconds: settings.router.cache_ttl.map(|ttl| ttl.as_secs()),
            router_stage: settings.router_stage,
            moves: settings.moves,
        },
        customers,
        production_tag: settings.production_tag,
        changes,
        theme,
        ascii: settings.ascii,
        mouse: settings.mouse,
        keymap: context.keymap,
        screen: arguments.screen.into(),
        filter: arguments.filter.clone(),
        clock: context.clock,
    })
}

impl From<ConsoleError> for CliError {
    fn from(error: ConsoleError) -> Self {
        let ending = match error {
            ConsoleError::NotATerminal => Ending::Usage,
            ConsoleError::Terminal { .. } | ConsoleError::Task(_) => Ending::Failed,
        };
        Self::new(ending, error.to_string())
    }
}
