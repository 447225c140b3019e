//! Runs the demo region alone until Ctrl-C or SIGTERM: `cargo run -p cellgate-demo --example serve -- 4566`.

use std::error::Error;
use std::io::Write;

use cellgate_demo::RegionOptions;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut options = RegionOptions::default();
    for argument in std::env::args().skip(1) {
        match argument.split_once('=') {
            Some(("cells", value)) => options.cells = value.parse()?,
            Some(("apis", value)) => options.apis = value.parse()?,
            Some(("customers", value)) => options.customers = value.parse()?,
            Some(("accounts", value)) => options.accounts = Some(value.parse()?),
            Some(("state", value)) => options.state = Some(value.into()),
            Some(("limits", value)) => options.control_plane_limits = value.parse()?,
            Some((name, _)) => return Err(format!("no such option: {name}").into()),
            None => options.port = argument.parse()?,
        }
    }
    let region = cellgate_demo::start(options).await?;
    let mut output = std::io::stdout();
    for (name, value) in region.environment() {
        writeln!(output, "export {name}={value}")?;
    }
    output.flush()?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    region.close().await?;
    Ok(())
}
