//! What the region is to be like, from the command line.

use std::path::PathBuf;

use cellgate_demo::RegionOptions;
use cellgate_demo::clock::{Clock, SPEEDS};
use cellgate_demo::scenario::{self, Scenario};
use cellgate_demo::server::mishap::Mishap;
use jiff::Timestamp;

use crate::cli::exit::{CliError, Ending};

/// Arguments that shape the region.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct RegionArguments {
    /// Cells of the region, up to 1,000
    #[arg(long, value_name = "N")]
    cells: Option<usize>,
    /// APIs of all kinds, up to 5,000
    #[arg(long, value_name = "N")]
    apis: Option<usize>,
    /// Customers, up to 1,000,000
    #[arg(long, value_name = "N")]
    customers: Option<usize>,
    /// AWS accounts that the APIs are spread over; as many as AWS's quota of 600 APIs an account asks for
    #[arg(long, value_name = "N")]
    accounts: Option<usize>,
    /// The same seed gives the same region and traffic
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Let the region's time run so many times as fast, up to 1,000
    #[arg(long, value_name = "N", default_value_t = 1)]
    speed: u32,
    /// Let so many new customers a minute sign up, each on a cell that is open to them
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=10_000))]
    sign_ups: u16,
    /// Keep the region's state in this directory, and go on from it
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Play a scenario: its name, see `demo list`, or its file
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Let requests go wrong, as in `drop:operation=Get*,share=0.1`; may be given several times
    #[arg(long = "fault", value_name = "KIND[:NAME=VALUE,...]")]
    faults: Vec<String>,
}

impl RegionArguments {
    /// The region's options; `port` 0 for any that is free. Its time runs from now on.
    ///
    /// # Errors
    /// Names the first argument that makes no sense.
    pub fn options(&self, port: u16) -> Result<RegionOptions, CliError> {
        let mishaps = self.faults.iter().map(|text| Mishap::parse(text)).collect::<Result<_, _>>();
        let default = RegionOptions::default();
        let options = RegionOptions {
            port,
            seed: self.seed.unwrap_or(default.seed),
            cells: self.cells.unwrap_or(default.cells),
            apis: self.apis.unwrap_or(default.apis),
            customers: self.customers.unwrap_or(default.customers),
            accounts: self.accounts,
            clock: self.clock()?,
            mishaps: mishaps.map_err(unusable)?,
            scenario: self.scenario()?,
            state: self.state.clone(),
            sign_ups: f64::from(self.sign_ups),
            ..default
        };
        options.account_count().map_err(unusable)?;
        Ok(options)
    }

    fn clock(&self) -> Result<Clock, CliError> {
        if !SPEEDS.contains(&self.speed) {
            let (least, most) = (SPEEDS.start(), SPEEDS.end());
            return Err(unusable(format!("--speed {}: from {least} to {most} are possible", self.speed)));
        }
        Ok(if self.speed == 1 { Clock::wall() } else { Clock::scaled(Timestamp::now(), self.speed) })
    }

    fn scenario(&self) -> Result<Option<Scenario>, CliError> {
        self.scenario.as_deref().map(scenario::load).transpose().map_err(unusable)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "errors and texts are handed over by map_err")]
fn unusable(why: impl ToString) -> CliError {
    CliError::new(Ending::Usage, why.to_string())
}
