//! `cellgate usage-plan`: throttle, quota and stages of a usage plan, each change in one request.

use clap::{Args, Subcommand};

use super::ChangeArguments;
use super::levers::{MethodArgument, Pull, TargetArgument, usage};
use super::targets::find_rest_stage;
use crate::cli::exit::CliError;
use crate::cli::reading::Reading;
use crate::domain::api::ApiKind;
use crate::domain::levers::{LimitsWanted, MethodLimits, PlanWanted, QuotaWanted, Wanted};
use crate::domain::target::StageTarget;

/// What is done to a usage plan.
#[derive(Clone, Debug, Subcommand)]
pub enum UsagePlanCommand {
    /// Set or clear the throttle of each key, or that of one method at some stages
    #[command(subcommand)]
    Throttle(PlanThrottleCommand),
    /// Set or clear how many requests a key may make in a period
    #[command(subcommand)]
    Quota(QuotaCommand),
    /// Add or remove stages that the plan opens
    #[command(subcommand)]
    Stages(PlanStagesCommand),
}

/// The usage plan that is meant.
#[derive(Clone, Debug, Args)]
pub struct PlanArgument {
    /// The usage plan, by name or id
    #[arg(value_name = "PLAN")]
    plan: String,
}

/// One method at some stages of the plan; all requests without it.
#[derive(Clone, Debug, Args)]
pub struct PlanMethodArguments {
    #[command(flatten)]
    method: MethodArgument,
    /// A stage of the plan at which the method's throttle holds; may be given several times
    #[arg(long = "stage", value_name = "API/STAGE", requires = "method")]
    stages: Vec<String>,
}

#[derive(Clone, Debug, Subcommand)]
pub enum PlanThrottleCommand {
    /// Set the rate, the burst, or both
    Set {
        #[command(flatten)]
        plan: PlanArgument,
        #[command(flatten)]
        method: PlanMethodArguments,
        /// Requests per second of each key; 0 blocks all of them
        #[arg(long)]
        rate: Option<f64>,
        /// Requests at once of each key; 0 blocks all of them
        #[arg(long)]
        burst: Option<i64>,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Remove it: the plan's applies to a method then, and the stage's to a plan
    Clear {
        #[command(flatten)]
        plan: PlanArgument,
        #[command(flatten)]
        method: PlanMethodArguments,
        #[command(flatten)]
        change: ChangeArguments,
    },
}

#[derive(Clone, Debug, Subcommand)]
pub enum QuotaCommand {
    /// Set it; what isn't given stays as it is
    Set {
        #[command(flatten)]
        plan: PlanArgument,
        /// Requests of each key in a period, 1 or more
        #[arg(long)]
        limit: Option<i64>,
        /// DAY, WEEK or MONTH
        #[arg(long)]
        period: Option<String>,
        /// Taken off the first period: 0 for DAY, up to 6 for WEEK, up to 27 for MONTH
        #[arg(long)]
        offset: Option<i64>,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Remove it
    Clear {
        #[command(flatten)]
        plan: PlanArgument,
        #[command(flatten)]
        change: ChangeArguments,
    },
}

#[derive(Clone, Debug, Subcommand)]
pub enum PlanStagesCommand {
    /// Let the plan's keys into these stages
    Add {
        #[command(flatten)]
        plan: PlanArgument,
        /// Stages of REST APIs, each part by name or id
        #[arg(value_name = "API/STAGE", required = true)]
        stages: Vec<String>,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Keep the plan's keys out of these stages
    Remove {
        #[command(flatten)]
        plan: PlanArgument,
        /// Stages of REST APIs, each part by name or id
        #[arg(value_name = "API/STAGE", required = true)]
        stages: Vec<String>,
        #[command(flatten)]
        change: ChangeArguments,
    },
}

impl UsagePlanCommand {
    /// The plan as it was typed, and how the change is to be carried out.
    pub fn pull(&self) -> Pull<'_> {
        let (plan, change) = match self {
            Self::Throttle(
                PlanThrottleCommand::Set { plan, change, .. }
                | PlanThrottleCommand::Clear { plan, change, .. },
            )
            | Self::Quota(QuotaCommand::Set { plan, change, .. } | QuotaCommand::Clear { plan, change })
            | Self::Stages(
                PlanStagesCommand::Add { plan, change, .. } | PlanStagesCommand::Remove { plan, change, .. },
            ) => (plan, change),
        };
        Pull { target: TargetArgument::UsagePlan(&plan.plan), change }
    }

    /// Whether its plan can tell whose requests would be refused: one of the limits of the plan as a whole.
    pub fn tells_by_whom(&self) -> bool {
        match self {
            Self::Throttle(
                PlanThrottleCommand::Set { method, .. } | PlanThrottleCommand::Clear { method, .. },
            ) => method.method.method.is_none(),
            Self::Quota(_) | Self::Stages(_) => false,
        }
    }

    /// What is wanted, with the stages that it names.
    ///
    /// # Errors
    /// Usage, and where there is no such stage, or several.
    pub async fn wanted(&self, reading: &mut Reading<'_>) -> Result<Wanted, CliError> {
        let mut wanted = PlanWanted::default();
        match self {
            Self::Throttle(PlanThrottleCommand::Set { method, rate, burst, .. }) => {
                if rate.is_none() && burst.is_none() {
                    return Err(usage("give --rate, --burst or both"));
                }
                let limits = LimitsWanted::Set { rate: *rate, burst: *burst };
                method.limit(limits, &mut wanted, reading).await?;
            }
            Self::Throttle(PlanThrottleCommand::Clear { method, .. }) => {
                method.limit(LimitsWanted::Clear, &mut wanted, reading).await?;
            }
            Self::Quota(QuotaCommand::Set { limit, period, offset, .. }) => {
                if limit.is_none() && period.is_none() && offset.is_none() {
                    return Err(usage("give one of --limit, --period and --offset"));
                }
                let (limit, period, offset) = (*limit, period.clone(), *offset);
                wanted.quota = Some(QuotaWanted::Set { limit, period, offset });
            }
            Self::Quota(QuotaCommand::Clear { .. }) => wanted.quota = Some(QuotaWanted::Clear),
            Self::Stages(PlanStagesCommand::Add { stages, .. }) => {
                wanted.add = rest_stages(stages, reading).await?;
            }
            Self::Stages(PlanStagesCommand::Remove { stages, .. }) => {
                wanted.remove = rest_stages(stages, reading).await?;
            }
        }
        Ok(Wanted::UsagePlan(wanted))
    }
}

impl PlanMethodArguments {
    async fn limit(
        &self,
        limits: LimitsWanted,
        wanted: &mut PlanWanted,
        reading: &mut Reading<'_>,
    ) -> Result<(), CliError> {
        if self.method.method.is_none() {
            wanted.throttle = Some(limits);
            return Ok(());
        }
        if self.stages.is_empty() {
            return Err(usage("--method needs --stage API/STAGE: a plan throttles methods stage by stage"));
        }
        let method = self.method.key(Some(ApiKind::Rest))?;
        let stages = rest_stages(&self.stages, reading).await?.into_iter();
        wanted.methods = stages.map(|stage| MethodLimits { stage, method: method.clone(), limits }).collect();
        Ok(())
    }
}

async fn rest_stages(typed: &[String], reading: &mut Reading<'_>) -> Result<Vec<StageTarget>, CliError> {
    let mut stages: Vec<StageTarget> = Vec::new();
    for typed in typed {
        let stage = find_rest_stage(typed, reading).await?;
        if !stages.contains(&stage) {
            stages.push(stage);
        }
    }
    Ok(stages)
}
