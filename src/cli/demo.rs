//! `cellgate demo`: the embedded region. The only code that knows it; everything else gets an
//! endpoint, like any other.

mod arguments;
mod configuration;
mod console;
mod list;
mod serve;

use std::path::PathBuf;
use std::sync::PoisonError;

use cellgate_demo::{RegionOptions, RunningRegion};
use clap::Subcommand;

use self::arguments::RegionArguments;
use super::console::ConsoleArguments;
use super::exit::{CliError, Ending};
use super::global::GlobalArguments;
use crate::aws::AccessKey;
use crate::domain::cell::ConfiguredCell;
use crate::domain::id::CellId;
use crate::domain::lookup::{HashFunction, RouterSettings, Unmapped};
use crate::domain::placement::PlacementSettings;
use crate::domain::target::StageReference;

/// Arguments of `demo`.
#[derive(Clone, Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DemoArguments {
    #[command(flatten)]
    console: ConsoleArguments,
    #[command(flatten)]
    region: RegionArguments,
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
        #[command(flatten)]
        region: Box<RegionArguments>,
        /// At the end of a scenario, print how it went as JSON
        #[arg(long, requires = "scenario")]
        json: bool,
        /// Write a configuration with which `cellgate --config FILE` works on the region as the demo's console does
        #[arg(long, value_name = "FILE")]
        write_config: Option<PathBuf>,
    },
    /// List the scenarios that can be played
    List,
}

/// Runs a `demo`.
///
/// # Errors
/// Where the region can't start, or the console fails.
pub async fn run(arguments: &DemoArguments, global: &GlobalArguments) -> Result<(), CliError> {
    match &arguments.command {
        Some(DemoCommand::Serve { port, region, json, write_config }) => {
            serve::run(region.options(*port)?, *json, write_config.as_deref()).await
        }
        Some(DemoCommand::List) => list::run(),
        None => console::run(&arguments.console, arguments.region.options(0)?, global).await,
    }
}

/// A running region, as far as an AWS client has to know it.
#[derive(Debug)]
struct DemoRegion(RunningRegion);

impl DemoRegion {
    /// Starts a region.
    async fn start(options: RegionOptions) -> Result<Self, CliError> {
        cellgate_demo::start(options)
            .await
            .map(Self)
            .map_err(|error| CliError::new(Ending::Failed, error.to_string()))
    }

    fn endpoint_url(&self) -> String {
        self.0.endpoint_url()
    }

    /// The variables that lead any AWS client here.
    fn environment(&self) -> Vec<(&'static str, String)> {
        self.0.environment()
    }

    fn variable(&self, wanted: &str) -> String {
        let given = self.environment().into_iter().find(|(name, _)| *name == wanted);
        given.map(|(_, value)| value).unwrap_or_default()
    }

    fn region(&self) -> String {
        self.variable("AWS_REGION")
    }

    fn access_key(&self) -> AccessKey {
        AccessKey { id: self.variable("AWS_ACCESS_KEY_ID"), secret: self.variable("AWS_SECRET_ACCESS_KEY") }
    }

    /// What its cells are built for; of a real estate that stands in the configuration.
    fn cells(&self) -> Vec<ConfiguredCell> {
        let estate = self.0.estate();
        let estate = estate.read().unwrap_or_else(PoisonError::into_inner);
        let cells = estate.cells.iter();
        cells
            .map(|cell| ConfiguredCell {
                id: CellId::new(&cell.id),
                capacity: Some(cell.capacity_rps),
                customers: None,
                connections: None,
                apis: Vec::new(),
            })
            .collect()
    }

    /// What its router does with customers that have no mapping.
    fn router(&self) -> RouterSettings {
        let mut cells = Vec::new();
        for estate in self.0.estates() {
            let estate = estate.read().unwrap_or_else(PoisonError::into_inner);
            cells.extend(estate.cells.iter().map(|cell| CellId::new(&cell.id)));
        }
        let (unmapped, hash) = (Some(Unmapped::Hash), Some(HashFunction::Md5Modulo));
        RouterSettings { cache_ttl: None, unmapped, hash, cells }
    }

    /// Where its WebSocket connections are managed.
    fn connections_endpoint(&self) -> String {
        format!("{}/_execute-api/{{api}}/{{stage}}", self.endpoint_url())
    }

    /// The stage whose cache keeps the router's answers.
    fn router_stage(&self) -> Option<StageReference> {
        let estate = self.0.estate();
        let estate = estate.read().unwrap_or_else(PoisonError::into_inner);
        let router = estate.apis.iter().find(|api| api.name == "router")?;
        let stage = router.stages.iter().find(|stage| stage.cache.enabled)?;
        Some(StageReference { api: router.name.clone(), stage: stage.name.clone() })
    }

    /// The table in which cells are closed to new customers.
    fn placement() -> PlacementSettings {
        PlacementSettings {
            table: cellgate_demo::dynamodb::placement::TABLE.to_owned(),
            cell_attribute: "CellId".to_owned(),
            closed_attribute: "Closed".to_owned(),
        }
    }

    /// How its scenario stands, as text or JSON; `None` where none is played.
    fn result(&self, json: bool) -> Option<String> {
        let report = self.0.scenario()?;
        if !json {
            return Some(format!("{report}\n"));
        }
        serde_json::to_string_pretty(&report).ok().map(|text| text + "\n")
    }

    /// Ends it.
    async fn stop(self) -> Result<(), CliError> {
        let stopped = self.0.close().await;
        stopped.map_err(|error| CliError::new(Ending::Failed, error.to_string()))
    }
}
