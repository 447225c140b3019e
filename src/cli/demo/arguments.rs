//! What the region is to be like, from the command line.

use cellgate_demo::RegionOptions;
use cellgate_demo::server::mishap::Mishap;

use crate::cli::exit::{CliError, Ending};

/// Arguments that shape the region.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct RegionArguments {
    /// Let requests go wrong, as in `drop:operation=Get*,share=0.1`; may be given several times
    #[arg(long = "fault", value_name = "KIND[:NAME=VALUE,...]")]
    faults: Vec<String>,
}

impl RegionArguments {
    /// The region's options; `port` 0 for any that is free.
    ///
    /// # Errors
    /// Names the first argument that makes no sense.
    pub fn options(&self, port: u16) -> Result<RegionOptions, CliError> {
        let mishaps = self
            .faults
            .iter()
            .map(|text| Mishap::parse(text))
            .collect::<Result<_, _>>()
            .map_err(|error| CliError::new(Ending::Usage, error.to_string()))?;
        Ok(RegionOptions { port, mishaps, ..RegionOptions::default() })
    }
}
