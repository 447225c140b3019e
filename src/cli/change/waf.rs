//! The levers of AWS WAF as commands.

use clap::{Subcommand, ValueEnum};

use super::ChangeArguments;
use super::bulk::arguments::StagesArgument;
use super::levers::{Pull, TargetArgument};
use super::targets::Found;
use crate::cli::exit::CliError;
use crate::cli::interrupt::unless_interrupted;
use crate::cli::reading::Reading;
use crate::cli::status::Spinner;
use crate::domain::change::{Target, WafTarget};
use crate::domain::levers::Wanted;
use crate::domain::web_acl::{SwitchedAction, WafSummary};
use crate::ops::inventory::Request;
use crate::ops::waf;

#[derive(Clone, Debug, Subcommand)]
pub enum WafCommand {
    /// Switch a rule between block and count, or one rule of the group that it stands for
    Rule {
        /// The web ACL, by name, id or ARN
        #[arg(value_name = "ACL")]
        acl: String,
        /// The rule of the web ACL
        #[arg(value_name = "RULE")]
        rule: String,
        #[arg(value_name = "ACTION")]
        action: ActionArgument,
        /// Only this rule of the rule group that RULE stands for, by its name in the group
        #[arg(long, value_name = "GROUP_RULE")]
        in_group: Option<String>,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Change the limit of a rate rule, its window, or both
    Rate {
        /// The web ACL, by name, id or ARN
        #[arg(value_name = "ACL")]
        acl: String,
        /// The rate rule
        #[arg(value_name = "RULE")]
        rule: String,
        /// Requests in a window, 10 to 2000000000
        #[arg(long, value_name = "REQUESTS", required_unless_present = "window")]
        limit: Option<u64>,
        /// Seconds: 60, 120, 300 or 600
        #[arg(long, value_name = "SECONDS")]
        window: Option<u64>,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Put addresses into an IP set, or take them out of it
    #[command(subcommand)]
    Ip(IpCommand),
    /// Put a web ACL before a stage of a REST API, in place of any other
    Attach {
        /// The web ACL, by name, id or ARN
        #[arg(value_name = "ACL")]
        acl: String,
        #[command(flatten)]
        stage: StagesArgument,
        #[command(flatten)]
        change: ChangeArguments,
    },
    /// Take the web ACL away from a stage of a REST API
    Detach {
        #[command(flatten)]
        stage: StagesArgument,
        #[command(flatten)]
        change: ChangeArguments,
    },
}

#[derive(Clone, Debug, Subcommand)]
pub enum IpCommand {
    /// Put addresses into it
    Add(IpArguments),
    /// Take addresses out of it
    Remove(IpArguments),
}

#[derive(Clone, Debug, clap::Args)]
pub struct IpArguments {
    /// The IP set, by name, id or ARN
    #[arg(value_name = "SET")]
    set: String,
    /// Addresses, or networks in CIDR notation
    #[arg(value_name = "CIDR", required = true)]
    addresses: Vec<String>,
    #[command(flatten)]
    change: ChangeArguments,
}

/// What a rule does with what it finds.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ActionArgument {
    /// Refuse it
    Block,
    /// Let it go on, and count it
    Count,
}

impl From<ActionArgument> for SwitchedAction {
    fn from(typed: ActionArgument) -> Self {
        match typed {
            ActionArgument::Block => Self::Block,
            ActionArgument::Count => Self::Count,
        }
    }
}

impl WafCommand {
    /// The target as it was typed, and how the change is to be carried out.
    pub fn pull(&self) -> Pull<'_> {
        let (target, change) = match self {
            Self::Rule { acl, change, .. } | Self::Rate { acl, change, .. } => {
                (TargetArgument::WebAcl(acl), change)
            }
            Self::Ip(IpCommand::Add(typed) | IpCommand::Remove(typed)) => {
                (TargetArgument::IpSet(&typed.set), &typed.change)
            }
            Self::Attach { stage, change, .. } | Self::Detach { stage, change } => (stage.target(), change),
        };
        Pull { target, change }
    }

    /// What is wanted of it.
    pub fn wanted(&self) -> Wanted {
        match self {
            Self::Rule { rule, action, in_group, .. } => {
                Wanted::SwitchRule { rule: rule.clone(), group_rule: in_group.clone(), to: (*action).into() }
            }
            Self::Rate { rule, limit, window, .. } => {
                Wanted::SetRate { rule: rule.clone(), limit: *limit, window_seconds: *window }
            }
            Self::Ip(IpCommand::Add(typed)) => {
                Wanted::ChangeAddresses { add: typed.addresses.clone(), remove: Vec::new() }
            }
            Self::Ip(IpCommand::Remove(typed)) => {
                Wanted::ChangeAddresses { add: Vec::new(), remove: typed.addresses.clone() }
            }
            Self::Attach { acl, .. } => Wanted::AttachWebAcl { acl: acl.clone() },
            Self::Detach { .. } => Wanted::DetachWebAcl,
        }
    }
}

/// Finds a web ACL.
///
/// # Errors
/// Where there is none such, or the list can't be read.
pub async fn find_web_acl(wanted: &str, reading: &mut Reading<'_>) -> Result<Found, CliError> {
    // For the names and the traffic of the stages behind it.
    reading.read("APIs", vec![Request::Apis]).await?;
    let spinner = Spinner::start("reading web ACLs");
    let found = waf::find_web_acl(&reading.session, wanted);
    let found = unless_interrupted(&reading.interruption, found).await??;
    drop(spinner);
    Ok(Found { target: Target::WebAcl(target(found)), api: None })
}

/// Finds an IP set.
///
/// # Errors
/// As [`find_web_acl`].
pub async fn find_ip_set(wanted: &str, reading: &mut Reading<'_>) -> Result<Found, CliError> {
    reading.read("APIs", vec![Request::Apis]).await?;
    let spinner = Spinner::start("reading IP sets");
    let found = waf::find_ip_set(&reading.session, wanted);
    let found = unless_interrupted(&reading.interruption, found).await??;
    drop(spinner);
    Ok(Found { target: Target::IpSet(target(found)), api: None })
}

fn target(found: WafSummary) -> WafTarget {
    WafTarget { id: found.id, name: found.name }
}
