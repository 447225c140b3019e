//! `cellgate demo`: the embedded region. The only code that knows it; everything else gets an
//! endpoint, like any other.

mod serve;

use clap::Subcommand;

use super::exit::{CliError, Ending};
use super::global::GlobalArguments;
use cellgate_demo::{RegionOptions, RunningRegion};

/// Arguments of `demo`.
#[derive(Clone, Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DemoArguments {
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
/// Where the region can't start.
pub async fn run(arguments: &DemoArguments, _global: &GlobalArguments) -> Result<(), CliError> {
    match &arguments.command {
        Some(DemoCommand::Serve { port }) => serve::run(*port).await,
        None => Err(CliError::new(Ending::Usage, "`cellgate demo serve` runs the region")),
    }
}

async fn start(port: u16) -> Result<RunningRegion, CliError> {
    cellgate_demo::start(RegionOptions { port, ..RegionOptions::default() })
        .await
        .map_err(|error| CliError::new(Ending::Failed, error.to_string()))
}
