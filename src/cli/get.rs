//! `cellgate get`: lists of what there is, as tables or JSON.

mod alarms;
mod api_keys;
mod apis;
mod base_path_mappings;
mod cells;
mod connections;
pub mod customers;
mod deployments;
mod domain_names;
mod ip_sets;
mod plans;
mod stages;
mod vpc_links;
mod web_acls;

use clap::Subcommand;
use jiff::{SignedDuration, Timestamp};

pub use self::customers::rate;

use super::context::Context;
use super::exit::CliError;
use super::output::Listing;
use super::reading::Reading;
use crate::domain::filter::Value;
use crate::ops::inventory::{Family, Request};

/// What to list.
#[derive(Clone, Debug, Subcommand)]
pub enum Get {
    /// Cells with the figures of the last whole minute, the worst first
    #[command(visible_alias = "cell", after_long_help = cells::JSON)]
    Cells(cells::CellArguments),
    /// Alarms of CloudWatch that fire, each with the cells that it is about
    #[command(visible_alias = "alarm")]
    Alarms(Listing),
    /// Customers of the mapping table, of one cell or all, page by page
    #[command(visible_alias = "customer", after_long_help = customers::LINES)]
    Customers(customers::CustomerArguments),
    /// Open WebSocket connections of the table that keeps them
    #[command(visible_alias = "connection", after_long_help = connections::LINES)]
    Connections(connections::ConnectionArguments),
    /// REST, HTTP and WebSocket APIs
    #[command(visible_alias = "api")]
    Apis(apis::ApiArguments),
    /// Stages with deployment, cache and throttle
    #[command(visible_alias = "stage")]
    Stages(OfApi),
    /// Deployments, newest first, with the stages that point at each
    #[command(visible_alias = "deployment")]
    Deployments(OfApi),
    /// Usage plans with throttle, quota and stages
    #[command(visible_alias = "plan")]
    Plans(plans::PlanArguments),
    /// API keys, without their values
    #[command(visible_alias = "api-key", after_long_help = api_keys::JSON)]
    ApiKeys(api_keys::KeyArguments),
    /// Web ACLs with rules and the stages that they stand before
    #[command(visible_alias = "web-acl", after_long_help = web_acls::JSON)]
    WebAcls(Listing),
    /// IP sets of AWS WAF with their addresses
    #[command(visible_alias = "ip-set", after_long_help = ip_sets::JSON)]
    IpSets(Listing),
    /// Custom domain names
    #[command(visible_alias = "domain-name", after_long_help = domain_names::JSON)]
    DomainNames(Listing),
    /// Paths of custom domain names, with the stage that answers on each
    #[command(visible_alias = "base-path-mapping", after_long_help = base_path_mappings::JSON)]
    BasePathMappings(Listing),
    /// VPC links of REST and HTTP APIs
    #[command(visible_alias = "vpc-link", after_long_help = vpc_links::JSON)]
    VpcLinks(Listing),
}

/// A list that can be kept to one API.
#[derive(Clone, Debug, clap::Args)]
pub struct OfApi {
    /// Only those of this API, by name or id
    #[arg(value_name = "API")]
    api: Option<String>,
    #[command(flatten)]
    listing: Listing,
}

impl OfApi {
    /// The API that was named, or all of them.
    async fn families(&self, reading: &mut Reading<'_>) -> Result<Vec<Family>, CliError> {
        reading.read("APIs", vec![Request::Apis]).await?;
        match &self.api {
            Some(wanted) => Ok(vec![Family::of(&reading.api(wanted)?)]),
            None => Ok(reading.families()),
        }
    }
}

/// Runs a `get`.
///
/// # Errors
/// Where nothing could be read, or not all of it.
pub async fn run(get: &Get, context: &Context) -> Result<(), CliError> {
    match get {
        Get::Cells(arguments) => cells::run(arguments, context).await,
        Get::Alarms(listing) => alarms::run(listing, context).await,
        Get::Customers(arguments) => customers::run(arguments, context).await,
        Get::Connections(arguments) => connections::run(arguments, context).await,
        Get::Apis(arguments) => apis::run(arguments, context).await,
        Get::Stages(arguments) => stages::run(arguments, context).await,
        Get::Deployments(arguments) => deployments::run(arguments, context).await,
        Get::Plans(arguments) => plans::run(arguments, context).await,
        Get::ApiKeys(arguments) => api_keys::run(arguments, context).await,
        Get::WebAcls(listing) => web_acls::run(listing, context).await,
        Get::IpSets(listing) => ip_sets::run(listing, context).await,
        Get::DomainNames(listing) => domain_names::run(listing, context).await,
        Get::BasePathMappings(listing) => base_path_mappings::run(listing, context).await,
        Get::VpcLinks(listing) => vpc_links::run(listing, context).await,
    }
}

/// A count as a figure. AWS's own limits are far below what a float holds exactly.
#[expect(clippy::cast_precision_loss, reason = "counts of AWS resources are far below 2^52")]
fn count(of: usize) -> f64 {
    of as f64
}

/// A whole number of AWS's as a figure.
#[expect(clippy::cast_precision_loss, reason = "quotas and bursts are far below 2^52")]
fn figure(of: i64) -> f64 {
    of as f64
}

/// How long ago something was, for a filter.
fn age_value(at: Option<Timestamp>, now: Timestamp) -> Value {
    at.map_or(Value::Absent, |at| Value::Age(now.duration_since(at).max(SignedDuration::ZERO).unsigned_abs()))
}
