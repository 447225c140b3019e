//! `cellgate demo`: the embedded region. The only code that knows it; everything else gets an
//! endpoint, like any other.

mod console;
mod serve;

use cellgate_demo::{RegionOptions, RunningRegion};
use clap::Subcommand;

use super::console::ConsoleArguments;
use super::exit::{CliError, Ending};
use super::global::GlobalArguments;

/// Arguments of `demo`.
#[derive(Clone, Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DemoArguments {
    #[command(flatten)]
    console: ConsoleArguments,
    #[command(subcommand)]
    command: Option<DemoCommand>,
}

/// What else the region can do.
#[derive(Clone, Debug, Subcommand)]
enum DemoCommand {
    /// Run the region alone, for any AWS client, until SIGTERM or ctrl-c
    Serve {
        /// Loopback port; 0 for any that is free
        #[arg(long, default_value_t = 0, value_name = "N")]
        port: u16,
    },
}

/// Runs a `demo`.
///
/// # Errors
/// Where the region can't start, or the console fails.
pub async fn run(arguments: &DemoArguments, global: &GlobalArguments) -> Result<(), CliError> {
    match &arguments.command {
        Some(DemoCommand::Serve { port }) => serve::run(*port).await,
        None => console::run(&arguments.console, global).await,
    }
}

async fn start(port: u16) -> Result<RunningRegion, CliError> {
    cellgate_demo::start(RegionOptions { port, ..RegionOptions::default() })
        .await
        .map_err(|error| CliError::new(Ending::Failed, error.to_string()))
}
