//! The console on a region of its own: nothing of the operator's AWS settings, files or journal
//! takes part.

use std::collections::BTreeMap;
use std::path::Path;

use cellgate_demo::RegionOptions;

use super::DemoRegion;
use crate::cli::console::{self, ConsoleArguments};
use crate::cli::context::{Context, environment};
use crate::cli::exit::{CliError, Ending};
use crate::cli::global::GlobalArguments;
use crate::cli::output::print_text;
use crate::cli::status::Spinner;
use crate::config::ConfigFile;

/// Variables that say how the console is to look; all others are left outside.
const LOOK: [&str; 3] = ["NO_COLOR", "CELLGATE_THEME", "CELLGATE_ASCII"];

/// Starts a region, opens the console on it, and ends the region when the console is left.
///
/// # Errors
/// Where the region can't start or the console fails.
pub async fn run(
    arguments: &ConsoleArguments,
    options: RegionOptions,
    global: &GlobalArguments,
) -> Result<(), CliError> {
    // Neither a mistyped flag nor a missing terminal shall wait for the region.
    context(global, &std::env::temp_dir(), &[])?;
    console::require_terminal()?;
    let state = tempfile::Builder::new().prefix("cellgate-demo-").tempdir();
    let state = state.map_err(|error| {
        CliError::new(Ending::Failed, format!("no directory for the demo's state: {error}"))
    })?;
    let spinner = Spinner::start("preparing the demo region: three hours of metrics");
    let region = DemoRegion::start(options).await;
    drop(spinner);
    let region = region?;
    let outcome = open(arguments, global, &region, state.path()).await;
    let result = region.result(false);
    let stopped = region.stop().await;
    outcome?;
    if let Some(result) = result {
        print_text(&result)?;
    }
    stopped
}

async fn open(
    arguments: &ConsoleArguments,
    global: &GlobalArguments,
    region: &DemoRegion,
    state: &Path,
) -> Result<(), CliError> {
    let flags = [("endpoint-url", region.endpoint_url()), ("region", region.region())];
    let mut context = context(global, state, &flags)?;
    context.operate = !global.read_only;
    context.settings.cells.configured = region.cells();
    context.settings.router = region.router();
    context.settings.router_stage = region.router_stage();
    context.settings.connection_access.endpoint = Some(region.connections_endpoint());
    context.settings.moves.stateless = true;
    context.settings.moves.placement = Some(DemoRegion::placement());
    let _log = crate::cli::start_log(&context, global);
    console::run(arguments, context, Some(&region.access_key())).await
}

/// Settings from what is built in, the look that the operator likes, and the flags. A configuration
/// file counts where it is named on the command line.
fn context(
    global: &GlobalArguments,
    state: &Path,
    region: &[(&'static str, String)],
) -> Result<Context, CliError> {
    let file = match &global.config {
        Some(path) => ConfigFile { path: path.clone(), required: true },
        None => ConfigFile::none(),
    };
    let look: BTreeMap<String, String> =
        environment().into_iter().filter(|(name, _)| LOOK.contains(&name.as_str())).collect();
    let isolated = GlobalArguments { profile: None, region: None, endpoint_url: None, ..global.clone() };
    let mut flags = isolated.flags();
    flags.extend(region.iter().cloned());
    if global.state_dir.is_none() {
        flags.push(("state-dir", state.display().to_string()));
    }
    Context::from_sources(&isolated, &file, &look, &flags)
}
