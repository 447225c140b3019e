//! The levers as commands: what is typed, as what is wanted of which target.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};

use super::ChangeArguments;
use super::bulk::arguments::{NamedStages, StageOrPattern, StagesArgument};
use super::key::KeyCommand;
use super::usage_plan::UsagePlanCommand;
use super::waf::WafCommand;
use crate::cli::exit::{CliError, Ending};
use crate::cli::reading::Reading;
use crate::domain::api::ApiKind;
use crate::domain::id::DeploymentId;
use crate::domain::levers::{AccessLogs, CacheWanted, CanaryWanted, LoggingWanted, RollbackTo, Wanted};
use crate::domain::method::MethodKey;

/// One pull at a lever.
#[derive(Clone, Debug, Subcommand)]
pub enum LeverCommand {
    /// Empty a stage's response cache, or what its authorizers answered
    Flush {
        #[command(flatten)]
        stage: StagesArgument,
        /// The authorizers' results instead
        #[arg(long)]
        authorizers: bool,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Set or clear the throttle of a stage, or of one of its methods
    #[command(subcommand)]
    Throttle(ThrottleCommand),
    /// Point a stage at another deployment
    Rollback {
        #[command(flatten)]
        stage: StagesArgument,
        /// A deployment's id, or `previous`
        #[arg(long, value_name = "DEPLOYMENT")]
        to: String,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Change the share of a canary, promote it or abort it
    #[command(subcommand)]
    Canary(CanaryCommand),
    /// Turn a stage's cache on or off, resize it, or say what it keeps
    #[command(subcommand)]
    Cache(CacheCommand),
    /// Set or remove stage variables
    Variables {
        #[command(flatten)]
        stage: StageOrPattern,
        /// NAME=VALUE to set; NAME= to remove
        #[arg(value_name = "NAME=VALUE", required = true)]
        variables: Vec<String>,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Change a stage's logging level, data trace, detailed metrics or tracing
    Logging {
        #[command(flatten)]
        stage: StagesArgument,
        #[command(flatten)]
        method: MethodArgument,
        /// OFF, ERROR or INFO
        #[arg(long)]
        level: Option<String>,
        /// Log whole requests and answers
        #[arg(long)]
        data_trace: Option<bool>,
        /// Detailed metrics, which AWS bills
        #[arg(long)]
        metrics: Option<bool>,
        /// X-Ray tracing, of the whole stage
        #[arg(long)]
        tracing: Option<bool>,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Say where a stage's access logs go, or turn them off
    #[command(subcommand)]
    AccessLogs(AccessLogsCommand),
    /// Change rules, rate limits and IP sets of AWS WAF, or what stands before a stage
    #[command(subcommand)]
    Waf(WafCommand),
    /// Change a usage plan's throttle, quota or stages
    #[command(subcommand)]
    UsagePlan(UsagePlanCommand),
    /// Switch an API key on or off, move it to another usage plan, or extend its quota
    #[command(subcommand)]
    Key(KeyCommand),
}

/// The method that is meant.
#[derive(Clone, Debug, Args)]
pub struct MethodArgument {
    /// A method or route such as "GET /users"; without it the default of all
    #[arg(long, value_name = "METHOD")]
    pub method: Option<String>,
}

#[derive(Clone, Debug, Subcommand)]
pub enum ThrottleCommand {
    /// Set the rate, the burst, or both
    Set {
        #[command(flatten)]
        stage: StagesArgument,
        #[command(flatten)]
        method: MethodArgument,
        /// Requests per second; 0 blocks everything
        #[arg(long)]
        rate: Option<f64>,
        /// Requests at once; 0 blocks everything
        #[arg(long)]
        burst: Option<i64>,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Remove it: the default applies to a method then, and the account's limit to a stage
    Clear {
        #[command(flatten)]
        stage: StagesArgument,
        #[command(flatten)]
        method: MethodArgument,
        #[command(flatten)]
        change: ChangeArguments,
    },
}

#[derive(Clone, Debug, Subcommand)]
pub enum CanaryCommand {
    /// Change its share of the traffic
    Set {
        #[command(flatten)]
        stage: StagesArgument,
        /// 0 to 100
        #[arg(long)]
        percent: f64,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Make its deployment and variables the stage's, and end it
    Promote {
        #[command(flatten)]
        stage: StagesArgument,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// End it, and leave the stage as it is
    Abort {
        #[command(flatten)]
        stage: StagesArgument,
        #[command(flatten)]
        change: ChangeArguments,
    },
}

#[derive(Clone, Debug, Subcommand)]
pub enum CacheCommand {
    /// Turn it on
    On {
        #[command(flatten)]
        stage: StagesArgument,
        /// GB: 0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118 or 237
        #[arg(long)]
        size: Option<String>,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Turn it off; what is cached is lost
    Off {
        #[command(flatten)]
        stage: StagesArgument,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Resize it; what is cached is lost
    #[command(allow_missing_positional = true)]
    Size {
        #[command(flatten)]
        stage: StagesArgument,
        /// GB: 0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118 or 237
        size: String,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Say for how long answers are kept
    #[command(allow_missing_positional = true)]
    Ttl {
        #[command(flatten)]
        stage: StagesArgument,
        #[command(flatten)]
        method: MethodArgument,
        /// Seconds, 0 to 3600; 0 keeps nothing
        seconds: u32,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Say whether a method's answers are cached
    #[command(allow_missing_positional = true)]
    Method {
        #[command(flatten)]
        stage: StagesArgument,
        #[command(flatten)]
        method: MethodArgument,
        /// Cached or not
        #[arg(action = clap::ArgAction::Set)]
        enabled: bool,
        #[command(flatten)]
        change: ChangeArguments,
    },
}

#[derive(Clone, Debug, Subcommand)]
pub enum AccessLogsCommand {
    /// Write them there
    Set {
        #[command(flatten)]
        stage: StagesArgument,
        /// The ARN of a log group or Firehose stream
        #[arg(long)]
        destination: Option<String>,
        /// One line with $context variables
        #[arg(long)]
        format: Option<String>,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Write none
    Off {
        #[command(flatten)]
        stage: StagesArgument,
        #[command(flatten)]
        change: ChangeArguments,
    },
}

/// What a command means, before anything is read.
#[derive(Clone, Copy, Debug)]
pub struct Pull<'typed> {
    pub target: TargetArgument<'typed>,
    pub change: &'typed ChangeArguments,
}

/// How the target was named.
#[derive(Clone, Copy, Debug)]
pub enum TargetArgument<'typed> {
    /// `API/STAGE`.
    Stage(&'typed str),
    /// Several `API/STAGE`, or patterns of them.
    Stages(NamedStages<'typed>),
    /// By name, id or ARN.
    WebAcl(&'typed str),
    /// By name, id or ARN.
    IpSet(&'typed str),
    /// A usage plan, by name or id.
    UsagePlan(&'typed str),
    /// An API key, by name or id.
    ApiKey(&'typed str),
}

impl LeverCommand {
    /// The target as it was typed, and how the change is to be carried out.
    pub fn pull(&self) -> Pull<'_> {
        match self {
            Self::Variables { stage: at, change, .. } => Pull { target: at.target(), change },
            Self::Flush { stage: at, change, .. }
            | Self::Rollback { stage: at, change, .. }
            | Self::Logging { stage: at, change, .. }
            | Self::Throttle(
                ThrottleCommand::Set { stage: at, change, .. }
                | ThrottleCommand::Clear { stage: at, change, .. },
            )
            | Self::Canary(
                CanaryCommand::Set { stage: at, change, .. }
                | CanaryCommand::Promote { stage: at, change }
                | CanaryCommand::Abort { stage: at, change },
            )
            | Self::Cache(
                CacheCommand::On { stage: at, change, .. }
                | CacheCommand::Off { stage: at, change }
                | CacheCommand::Size { stage: at, change, .. }
                | CacheCommand::Ttl { stage: at, change, .. }
                | CacheCommand::Method { stage: at, change, .. },
            )
            | Self::AccessLogs(
                AccessLogsCommand::Set { stage: at, change, .. }
                | AccessLogsCommand::Off { stage: at, change },
            ) => Pull { target: at.target(), change },
            Self::Waf(command) => command.pull(),
            Self::UsagePlan(command) => command.pull(),
            Self::Key(command) => command.pull(),
        }
    }

    /// Refuses to look for callers where the lever's plan tells of none.
    ///
    /// # Errors
    /// Usage.
    pub fn judge_by_whom(&self) -> Result<(), CliError> {
        let told = match self {
            Self::Throttle(_) => !matches!(self.pull().target, TargetArgument::Stages(_)),
            Self::UsagePlan(command) => command.tells_by_whom(),
            _ => false,
        };
        if told { Ok(()) } else { self.pull().change.refuse_by_whom() }
    }

    /// What is wanted of a target; of a stage, of this kind. What else it names is looked up.
    ///
    /// # Errors
    /// Usage, and where there is no such thing as it names, or several.
    pub async fn wanted(&self, kind: Option<ApiKind>, reading: &mut Reading<'_>) -> Result<Wanted, CliError> {
        let key = |method: &MethodArgument| method.key(kind);
        Ok(match self {
            Self::Flush { authorizers: false, .. } => Wanted::FlushStageCache,
            Self::Flush { authorizers: true, .. } => Wanted::FlushAuthorizersCache,
            Self::Throttle(ThrottleCommand::Set { method, rate, burst, .. }) => {
                Wanted::SetThrottle { method: key(method)?, rate: *rate, burst: *burst }
            }
            Self::Throttle(ThrottleCommand::Clear { method, .. }) => {
                Wanted::ClearThrottle { method: key(method)? }
            }
            Self::Rollback { to, .. } => Wanted::Rollback {
                to: match to.as_str() {
                    "previous" => RollbackTo::Previous,
                    deployment => RollbackTo::Deployment(DeploymentId::new(deployment)),
                },
            },
            Self::Canary(CanaryCommand::Set { percent, .. }) => {
                Wanted::Canary(CanaryWanted::Percent(*percent))
            }
            Self::Canary(CanaryCommand::Promote { .. }) => Wanted::Canary(CanaryWanted::Promote),
            Self::Canary(CanaryCommand::Abort { .. }) => Wanted::Canary(CanaryWanted::Abort),
            Self::Cache(CacheCommand::On { size, .. }) => {
                Wanted::Cache(CacheWanted::On { size: size.clone() })
            }
            Self::Cache(CacheCommand::Off { .. }) => Wanted::Cache(CacheWanted::Off),
            Self::Cache(CacheCommand::Size { size, .. }) => Wanted::Cache(CacheWanted::Size(size.clone())),
            Self::Cache(CacheCommand::Ttl { method, seconds, .. }) => {
                Wanted::Cache(CacheWanted::TimeToLive { method: key(method)?, seconds: *seconds })
            }
            Self::Cache(CacheCommand::Method { method, enabled, .. }) => {
                Wanted::Cache(CacheWanted::Method { method: key(method)?, enabled: *enabled })
            }
            Self::Variables { variables, .. } => parse_variables(variables)?,
            Self::Logging { method, level, data_trace, metrics, tracing, .. } => {
                if level.is_none() && data_trace.is_none() && metrics.is_none() && tracing.is_none() {
                    return Err(usage("give one of --level, --data-trace, --metrics and --tracing"));
                }
                Wanted::Logging(LoggingWanted {
                    method: key(method)?,
                    level: level.clone(),
                    data_trace: *data_trace,
                    detailed_metrics: *metrics,
                    tracing: *tracing,
                })
            }
            Self::AccessLogs(AccessLogsCommand::Set { destination, format, .. }) => {
                if destination.is_none() && format.is_none() {
                    return Err(usage("give --destination, --format or both"));
                }
                let (destination_arn, format) = (destination.clone(), format.clone());
                Wanted::AccessLogs(AccessLogs::To { destination_arn, format })
            }
            Self::AccessLogs(AccessLogsCommand::Off { .. }) => Wanted::AccessLogs(AccessLogs::Off),
            Self::Waf(command) => command.wanted(),
            Self::UsagePlan(command) => command.wanted(reading).await?,
            Self::Key(command) => command.wanted(reading).await?,
        })
    }
}

impl MethodArgument {
    /// How the control plane of this kind of API keys it.
    pub(super) fn key(&self, kind: Option<ApiKind>) -> Result<MethodKey, CliError> {
        let Some(typed) = self.method.as_deref().filter(|typed| *typed != "*/*") else {
            return Ok(MethodKey::All);
        };
        if kind != Some(ApiKind::Rest) {
            return Ok(MethodKey::Route(typed.to_owned()));
        }
        match typed.split_once(' ') {
            Some((verb, path)) if path.starts_with('/') && !verb.is_empty() => {
                Ok(MethodKey::Method { path: path.to_owned(), verb: verb.to_uppercase() })
            }
            _ => Err(usage(&format!("--method {typed}: write a method like \"GET /users\""))),
        }
    }
}

fn parse_variables(typed: &[String]) -> Result<Wanted, CliError> {
    let (mut set, mut unset) = (BTreeMap::new(), Vec::new());
    for pair in typed {
        match pair.split_once('=') {
            Some((name, "")) => unset.push(name.to_owned()),
            Some((name, value)) => drop(set.insert(name.to_owned(), value.to_owned())),
            None => return Err(usage(&format!("'{pair}': write NAME=VALUE, or NAME= to remove it"))),
        }
    }
    Ok(Wanted::StageVariables { set, unset })
}

pub(super) fn usage(message: &str) -> CliError {
    CliError::new(Ending::Usage, message)
}
