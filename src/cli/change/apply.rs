//! `cellgate apply FILE`: carries out a plan that was saved, unless the world has moved on.

use std::path::PathBuf;

use super::{ChangeArguments, bulk, carry_out};
use crate::cli::context::Context;
use crate::cli::exit::{CliError, Ending};
use crate::cli::made_in;
use crate::domain::change::Plan;

/// How it is told that a plan's region isn't configured.
const CLAUSE: &str = "the plan is for";

/// Arguments of `apply`.
#[derive(Clone, Debug, clap::Args)]
pub struct ApplyArguments {
    /// A plan that `cellgate plan … --save FILE` made
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    change: ChangeArguments,
}

/// Carries a saved plan out.
///
/// # Errors
/// As every lever; also where the file holds no plan, or one that was altered by hand.
pub async fn run(arguments: &ApplyArguments, context: &Context) -> Result<(), CliError> {
    arguments.change.refuse_by_whom()?;
    if !arguments.change.dry_run {
        context.allow_changes_somewhere()?;
    }
    let shown = arguments.file.display();
    let text = std::fs::read_to_string(&arguments.file)
        .map_err(|error| CliError::new(Ending::Usage, format!("the plan {shown} can't be read: {error}")))?;
    if let Some(plan) = bulk::parse(&text, &shown.to_string())? {
        let (place, reading) = made_in::connect(context, &plan.region, CLAUSE).await?;
        let context = &context.in_region(place);
        arguments.change.allow(context)?;
        let mut reading = reading.within(context);
        return bulk::apply_saved(&plan, &arguments.change, &mut reading, context).await;
    }
    let plan: Plan = serde_json::from_str(&text)
        .map_err(|error| CliError::new(Ending::Usage, format!("{shown} holds no plan: {error}")))?;
    let (place, reading) = made_in::connect(context, &plan.region, CLAUSE).await?;
    let context = &context.in_region(place);
    arguments.change.allow(context)?;
    let mut reading = reading.within(context);
    carry_out::show_and_apply(&plan, &arguments.change, &mut reading, context).await
}
