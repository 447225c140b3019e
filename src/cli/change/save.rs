//! `cellgate plan LEVER… --save FILE`: a plan that somebody else carries out later.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::levers::{LeverCommand, TargetArgument};
use super::{bulk, carry_out, plan_text, targets};
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::output::{Format, print_json, print_text};
use crate::cli::resolve::Resolved;

/// Arguments of `plan`.
#[derive(Clone, Debug, clap::Args)]
pub struct PlanArguments {
    /// Where the plan is kept, for `cellgate apply`
    #[arg(long, value_name = "FILE", global = true)]
    save: Option<PathBuf>,
    #[command(subcommand)]
    lever: LeverCommand,
}

/// Makes a plan, prints it, and saves it where asked.
///
/// # Errors
/// As every lever; also where the file exists already or can't be written.
pub async fn run(arguments: &PlanArguments, context: &Context) -> Result<(), CliError> {
    let target = arguments.lever.pull().target;
    targets::judge(target)?;
    arguments.lever.judge_by_whom()?;
    arguments.lever.pull().change.guard.refuse("`cellgate apply` takes one")?;
    if let TargetArgument::Stages(named) = target {
        let Resolved { place, reading, found } = bulk::locate(&named.typed()?, context).await?;
        let context = &context.in_region(place);
        let mut reading = reading.within(context);
        let plan = bulk::make(&arguments.lever, named, found, &mut reading, context).await?;
        if let Some(refusal) = plan.refusal() {
            bulk::show(&plan, context.format)?;
            return Err(refusal.into());
        }
        save(arguments.save.as_deref(), &plan)?;
        return bulk::show(&plan, context.format);
    }
    let Resolved { place, reading, found } = targets::locate(target, context).await?;
    let context = &context.in_region(place);
    let plan = carry_out::make(&arguments.lever, found, &mut reading.within(context), context).await?;
    save(arguments.save.as_deref(), &plan)?;
    match context.format {
        Format::Table => print_text(&plan_text::text(&plan)),
        Format::Json => print_json(&plan),
    }
}

fn save(path: Option<&Path>, plan: &impl Serialize) -> Result<(), CliError> {
    let Some(path) = path else { return Ok(()) };
    let failed = |error: std::io::Error| {
        CliError::new(Ending::Failed, format!("the plan can't be saved in {}: {error}", path.display()))
    };
    let file = std::fs::File::create_new(path).map_err(failed)?;
    serde_json::to_writer_pretty(&file, plan).map_err(|error| failed(error.into()))?;
    file.sync_all().map_err(failed)
}
