//! The scenarios that the region can play.

use cellgate_demo::scenario;

use crate::cli::exit::CliError;
use crate::cli::output::print_text;

/// Prints each scenario's name and what it is about.
///
/// # Errors
/// Where the output can't be written.
pub fn run() -> Result<(), CliError> {
    let scenarios = scenario::list();
    let width = scenarios.iter().map(|scenario| scenario.name.len()).max().unwrap_or(0);
    let lines: Vec<String> =
        scenarios.iter().map(|scenario| format!("{:width$}  {}", scenario.name, scenario.title)).collect();
    print_text(&format!("{}\n", lines.join("\n")))
}
