//! What a refresh of the inventory reports, piece by piece, as it arrives.
//!
//! Rows appear while the rest is still being read: each piece is an [`Update`] that the estate
//! applies on its own, and a failing call is a piece like any other.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::api::{Api, ApiFamily, ApiOperation, Authorizer};
use super::api_key::{ApiKey, PeriodUsage};
use super::custom_domain::MappedDomain;
use super::deployment::Deployment;
use super::estate::RegionSlot;
use super::failure::Failure;
use super::id::{ApiId, ApiKeyId, CellId, UsagePlanId};
use super::identity::RegionKey;
use super::ip_set::IpSetDocument;
use super::mapping::{CellCount, MappingTable};
use super::stage::{Stage, Throttle};
use super::usage_plan::{PlansOfKeys, UsagePlan};
use super::vpc_link::VpcLink;
use super::web_acl::WebAclDocument;

/// One piece of news about one region.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    pub slot: RegionSlot,
    pub at: Timestamp,
    pub news: News,
}

/// Counts the refreshes of a region, so that what an older one still reports can be told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generation(pub u64);

#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// Login has ended, well or not.
    Connected(Result<Connected, Failure>),
    /// A page of a list of APIs; more may follow.
    ApiPage {
        generation: Generation,
        apis: Vec<Api>,
    },
    /// A list of APIs is whole, or broke off. What a whole list didn't show is gone.
    ApisListed {
        generation: Generation,
        family: ApiFamily,
        outcome: Result<(), Failure>,
    },
    Stages {
        api: ApiId,
        outcome: Result<Vec<Stage>, Failure>,
    },
    Deployments {
        api: ApiId,
        outcome: Result<Vec<Deployment>, Failure>,
    },
    Operations {
        api: ApiId,
        outcome: Result<Vec<ApiOperation>, Failure>,
    },
    Authorizers {
        api: ApiId,
        outcome: Result<Vec<Authorizer>, Failure>,
    },
    UsagePlans(Result<Vec<UsagePlan>, Failure>),
    ApiKeys(Listed<ApiKey>),
    /// The plans of some keys, and why those of others are not among them.
    PlansOfKeys {
        plans: PlansOfKeys,
        failure: Option<Failure>,
    },
    /// What one key used of its plans in their running periods.
    UsageOfKey {
        key: ApiKeyId,
        outcome: Result<Vec<PeriodUsage>, Failure>,
    },
    /// What all keys used of one plan in its running period.
    UsageOfPlan {
        plan: UsagePlanId,
        outcome: Result<Vec<PeriodUsage>, Failure>,
    },
    /// One of them; others, and the whole list, may follow.
    WebAcl(Arc<WebAclDocument>),
    WebAcls(Listed<WebAclDocument>),
    /// One of them; others, and the whole list, may follow.
    IpSet(Arc<IpSetDocument>),
    IpSets(Listed<IpSetDocument>),
    Domains(Listed<MappedDomain>),
    VpcLinks(Listed<VpcLink>),
    AccountThrottle(Result<Throttle, Failure>),
    MappingTable(Result<MappingTable, Failure>),
    CellCounts(Result<Vec<CellCount>, Failure>),
    /// Values of the custom metrics' `CellId` dimension.
    MetricCells(Result<BTreeSet<CellId>, Failure>),
    /// Cells whose web ACL publishes a metric of blocked requests.
    BlockingCells(Result<BTreeSet<CellId>, Failure>),
    /// Open WebSocket connections of each cell.
    ConnectionCounts(Result<Vec<CellCount>, Failure>),
}

/// A list that takes several calls: the items that could be read, and each call that failed.
///
/// Items are shared, since a document may be large and rows are made of them again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed<T> {
    pub items: Vec<Arc<T>>,
    pub failures: Vec<Failure>,
}

/// Who answered, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    pub key: RegionKey,
    pub arn: String,
}
