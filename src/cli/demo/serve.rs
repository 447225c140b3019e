//! The region on its own, for other AWS clients.

use std::fmt::Write as _;
use std::path::Path;

use cellgate_demo::RegionOptions;
use tokio::signal::unix::{SignalKind, signal};

use super::{DemoRegion, configuration};
use crate::cli::exit::{CliError, Ending};
use crate::cli::output::print_text;
use crate::cli::status::{Spinner, note};

/// Serves until SIGTERM or ctrl-c; a configuration for it is in the file `write_config` before anything is printed.
///
/// # Errors
/// Where the port can't be listened on, the region's state can't be read or kept, or the file can't be written.
pub async fn run(options: RegionOptions, json: bool, write_config: Option<&Path>) -> Result<(), CliError> {
    // Whoever named the wrong file shall not wait for the region.
    write_config.map(configuration::refuse_others).transpose()?;
    // Before the region starts, so that a signal that comes early ends it cleanly, too.
    let listen = |kind| {
        signal(kind)
            .map_err(|error| CliError::new(Ending::Failed, format!("signals can't be caught: {error}")))
    };
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    let spinner = Spinner::start("preparing the demo region: three hours of metrics");
    let started = tokio::select! {
        started = DemoRegion::start(options) => Some(started),
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
    };
    drop(spinner);
    let Some(started) = started else { return Ok(()) };
    let region = started?;
    if let Some(file) = write_config {
        configuration::write(&region, file)?;
    }
    let mut lines = format!("# The demo region listens at {}\n", region.endpoint_url());
    for (name, value) in region.environment() {
        // Writing into a String does not fail.
        let _ = writeln!(lines, "export {name}={value}");
    }
    print_text(&lines)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    note("ending the demo region");
    let result = region.result(json);
    let stopped = region.stop().await;
    if let Some(result) = result {
        print_text(&result)?;
    }
    stopped
}
