//! `cellgate key`: API keys, by name or id. Their values are secrets and never read.

use clap::{Args, Subcommand};

use super::ChangeArguments;
use super::levers::{Pull, TargetArgument};
use super::named;
use crate::cli::exit::CliError;
use crate::cli::reading::Reading;
use crate::domain::id::UsagePlanId;
use crate::domain::levers::Wanted;

/// What is done to an API key.
#[derive(Clone, Debug, Subcommand)]
pub enum KeyCommand {
    /// Switch it on
    Enable {
        #[command(flatten)]
        key: KeyArgument,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Switch it off: its requests get 403
    Disable {
        #[command(flatten)]
        key: KeyArgument,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Put it on another usage plan; in between its requests get 403
    Move {
        #[command(flatten)]
        key: KeyArgument,
        /// The usage plan that it joins, by name or id
        #[arg(long, value_name = "PLAN")]
        to: String,
        /// The one that it leaves, where it is on several
        #[arg(long, value_name = "PLAN")]
        from: Option<String>,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Let it make more requests until the quota's period ends
    Extend {
        #[command(flatten)]
        key: KeyArgument,
        /// Requests on top of what remains
        #[arg(long, value_name = "REQUESTS")]
        by: i64,
        /// The usage plan with the quota, where it is on several
        #[arg(long, value_name = "PLAN")]
        plan: Option<String>,
        #[command(flatten)]
        change: ChangeArguments,
    },
}

/// The API key that is meant.
#[derive(Clone, Debug, Args)]
pub struct KeyArgument {
    /// The API key, by name or id; never its value
    #[arg(value_name = "KEY")]
    key: String,
}

impl KeyCommand {
    /// The key as it was typed, and how the change is to be carried out.
    pub fn pull(&self) -> Pull<'_> {
        let (Self::Enable { key, change }
        | Self::Disable { key, change }
        | Self::Move { key, change, .. }
        | Self::Extend { key, change, .. }) = self;
        Pull { target: TargetArgument::ApiKey(&key.key), change }
    }

    /// What is wanted, with the usage plans that it names.
    ///
    /// # Errors
    /// Where there is no such plan, or several.
    pub async fn wanted(&self, reading: &mut Reading<'_>) -> Result<Wanted, CliError> {
        Ok(match self {
            Self::Enable { .. } => Wanted::SwitchApiKey { enabled: true },
            Self::Disable { .. } => Wanted::SwitchApiKey { enabled: false },
            Self::Move { to, from, .. } => {
                let to = named::usage_plan(to, reading).await?.id;
                Wanted::MoveApiKey { from: plan(from.as_deref(), reading).await?, to }
            }
            Self::Extend { by, plan: from, .. } => {
                Wanted::ExtendQuota { plan: plan(from.as_deref(), reading).await?, by: *by }
            }
        })
    }
}

async fn plan(typed: Option<&str>, reading: &mut Reading<'_>) -> Result<Option<UsagePlanId>, CliError> {
    match typed {
        Some(typed) => Ok(Some(named::usage_plan(typed, reading).await?.id)),
        None => Ok(None),
    }
}
