//! The configuration of a served region: what the demo's own console knows of it, for every other `cellgate`.

use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::Path;

use toml::{Table, Value};

use super::DemoRegion;
use crate::cli::exit::{CliError, Ending};
use crate::domain::lookup::{HashFunction, RouterSettings, Unmapped};

/// The first line of every such file: one that begins otherwise is somebody else's.
const FIRST_LINE: &str = "# The configuration of a demo region, written by `cellgate demo serve`.\n";

/// Refuses a file that is there and was not written by this.
///
/// # Errors
/// Says so.
pub fn refuse_others(file: &Path) -> Result<(), CliError> {
    match std::fs::read_to_string(file) {
        Ok(text) if text.starts_with(FIRST_LINE) => Ok(()),
        Ok(_) => Err(unusable(file, "it is there already and is no configuration of a demo region")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(unusable(file, &error.to_string())),
    }
}

/// Writes what `cellgate --config FILE` has to know of the region.
///
/// # Errors
/// Where the file can't be written.
pub fn write(region: &DemoRegion, file: &Path) -> Result<(), CliError> {
    // Its journal and budget are of no real account, and don't belong among those.
    let state = std::path::absolute(file.with_extension("state"));
    let state = state.map_err(|error| unusable(file, &error.to_string()))?;
    let mut text = FIRST_LINE.to_owned();
    text.push_str("# It needs the credentials that were printed:\n");
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        // Writing into a String does not fail.
        let _ = writeln!(text, "#   export {name}={}", region.variable(name));
    }
    text.push_str(&document(region, &state).to_string());
    std::fs::write(file, text).map_err(|error| unusable(file, &error.to_string()))
}

fn document(region: &DemoRegion, state: &Path) -> Table {
    let placement = DemoRegion::placement();
    table([
        ("endpoint-url", region.endpoint_url().into()),
        ("region", region.region().into()),
        ("state-dir", state.display().to_string().into()),
        ("cells", cells(region).into()),
        ("router", router(region).into()),
        ("connections", table([("endpoint", region.connections_endpoint().into())]).into()),
        (
            "placement",
            table([
                ("table", placement.table.into()),
                ("cell-attribute", placement.cell_attribute.into()),
                ("closed-attribute", placement.closed_attribute.into()),
            ])
            .into(),
        ),
    ])
}

fn cells(region: &DemoRegion) -> Table {
    let configured = region.cells().into_iter().map(|cell| {
        let capacity = cell.capacity.map(|capacity| ("capacity", capacity.into()));
        Value::from(table([("id", cell.id.to_string().into())].into_iter().chain(capacity)))
    });
    table([("stateless", true.into()), ("configured", Value::Array(configured.collect()))])
}

fn router(region: &DemoRegion) -> Table {
    let RouterSettings { unmapped, hash, cells, .. } = region.router();
    let unmapped = unmapped.map(|unmapped| match unmapped {
        Unmapped::Refuse => "refuse",
        Unmapped::Hash => "hash",
        Unmapped::Assign => "assign",
    });
    let cells: Vec<String> = cells.iter().map(ToString::to_string).collect();
    let stage = region.router_stage();
    let texts = [
        unmapped.map(|unmapped| ("unmapped", unmapped.to_owned())),
        hash.map(|hash| ("hash", HashFunction::name(hash).to_owned())),
        stage.as_ref().map(|stage| ("api", stage.api.clone())),
        stage.as_ref().map(|stage| ("stage", stage.stage.clone())),
    ];
    let texts = texts.into_iter().flatten().map(|(name, text)| (name, Value::from(text)));
    table(texts.chain([("cells", cells.into())]))
}

fn table(values: impl IntoIterator<Item = (&'static str, Value)>) -> Table {
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn unusable(file: &Path, why: &str) -> CliError {
    let file = file.display();
    CliError::new(Ending::Usage, format!("the configuration can't be written to {file}: {why}"))
        .hint("name another file with --write-config")
}
