//! AWS WAF: web ACLs, IP sets, regex pattern sets, rule groups, and samples of what they inspected.

mod associations;
mod check;
pub mod engine;
mod input;
mod ip_sets;
mod items;
mod logging;
mod managed_groups;
mod rate_keys;
mod regex_pattern_sets;
mod rule_groups;
mod samples;
mod tags;
mod web_acls;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::Value;

use crate::clock::Clock;
use crate::estate::{Estate, SharedEstate};
use crate::ledger::Ledger;
use crate::server::fault::Fault;
use input::Input;

pub use web_acls::set_identity;

/// The operations that the service answers.
pub const OPERATIONS: &[&str] = &[
    "AssociateWebACL",
    "CheckCapacity",
    "CreateIPSet",
    "CreateRegexPatternSet",
    "CreateRuleGroup",
    "CreateWebACL",
    "DeleteIPSet",
    "DeleteLoggingConfiguration",
    "DeleteRegexPatternSet",
    "DeleteRuleGroup",
    "DeleteWebACL",
    "DescribeManagedRuleGroup",
    "DisassociateWebACL",
    "GetIPSet",
    "GetLoggingConfiguration",
    "GetRateBasedStatementManagedKeys",
    "GetRegexPatternSet",
    "GetRuleGroup",
    "GetSampledRequests",
    "GetWebACL",
    "GetWebACLForResource",
    "ListAvailableManagedRuleGroupVersions",
    "ListAvailableManagedRuleGroups",
    "ListIPSets",
    "ListLoggingConfigurations",
    "ListRegexPatternSets",
    "ListResourcesForWebACL",
    "ListRuleGroups",
    "ListTagsForResource",
    "ListWebACLs",
    "PutLoggingConfiguration",
    "TagResource",
    "UntagResource",
    "UpdateIPSet",
    "UpdateRegexPatternSet",
    "UpdateRuleGroup",
    "UpdateWebACL",
];

/// AWS: requests a second of one account, with the burst; operations that are not named have the quota of
/// `Get*` and `List*`, or of every other.
pub const QUOTAS: &[(&str, f64, f64)] = &[
    ("AssociateWebACL", 0.5, 1.0),
    ("DisassociateWebACL", 0.5, 1.0),
    ("GetWebACLForResource", 1.0, 1.0),
    ("ListResourcesForWebACL", 1.0, 1.0),
];
/// AWS: any other read.
pub const READ_QUOTA: (f64, f64) = (5.0, 5.0);
/// AWS: any other change.
pub const CHANGE_QUOTA: (f64, f64) = (1.0, 1.0);

/// What `X-Amz-Target` begins with.
pub const TARGET: &str = "AWSWAF_20190729.";

/// The service of one account.
#[derive(Debug)]
pub struct WafV2 {
    estate: SharedEstate,
    ledger: Arc<Ledger>,
    clock: Clock,
}

impl WafV2 {
    /// The service over this account's estate and the region's traffic.
    pub fn new(estate: SharedEstate, ledger: Arc<Ledger>, clock: Clock) -> Self {
        Self { estate, ledger, clock }
    }

    /// Answers one request, whose credentials have been checked already. Blocks.
    pub fn handle(&self, operation: &str, body: &Bytes) -> Result<Response, Fault> {
        let input = Input::read(body)?;
        let answer = self.perform(operation, &input)?;
        let mut response = Response::new(Body::from(answer.to_string()));
        response.headers_mut().insert("content-type", HeaderValue::from_static("application/x-amz-json-1.1"));
        Ok(response)
    }

    fn perform(&self, operation: &str, input: &Input) -> Result<Value, Fault> {
        match operation {
            "AssociateWebACL" => self.write(|estate| associations::associate(estate, input)),
            "CheckCapacity" => check::capacity(input),
            "CreateIPSet" => self.write(|estate| ip_sets::create(estate, input)),
            "CreateRegexPatternSet" => self.write(|estate| regex_pattern_sets::create(estate, input)),
            "CreateRuleGroup" => self.write(|estate| rule_groups::create(estate, input)),
            "CreateWebACL" => self.write(|estate| web_acls::create(estate, input)),
            "DeleteIPSet" => self.write(|estate| ip_sets::delete(estate, input)),
            "DeleteLoggingConfiguration" => self.write(|estate| logging::delete(estate, input)),
            "DeleteRegexPatternSet" => self.write(|estate| regex_pattern_sets::delete(estate, input)),
            "DeleteRuleGroup" => self.write(|estate| rule_groups::delete(estate, input)),
            "DeleteWebACL" => self.write(|estate| web_acls::delete(estate, input)),
            "DescribeManagedRuleGroup" => self.read(|estate| managed_groups::describe(estate, input)),
            "DisassociateWebACL" => self.write(|estate| associations::disassociate(estate, input)),
            "GetIPSet" => self.read(|estate| ip_sets::get(estate, input)),
            "GetLoggingConfiguration" => self.read(|estate| logging::get(estate, input)),
            "GetRateBasedStatementManagedKeys" => self.read(|estate| rate_keys::get(estate, input)),
            "GetRegexPatternSet" => self.read(|estate| regex_pattern_sets::get(estate, input)),
            "GetRuleGroup" => self.read(|estate| rule_groups::get(estate, input)),
            "GetSampledRequests" => self.read(|estate| samples::get(estate, &self.ledger, self.now(), input)),
            "GetWebACL" => self.read(|estate| web_acls::get(estate, input)),
            "GetWebACLForResource" => self.read(|estate| associations::of_resource(estate, input)),
            "ListAvailableManagedRuleGroupVersions" => {
                self.read(|estate| managed_groups::versions(estate, input))
            }
            "ListAvailableManagedRuleGroups" => managed_groups::list(input),
            "ListIPSets" => self.read(|estate| ip_sets::list(estate, input)),
            "ListLoggingConfigurations" => self.read(|estate| logging::list(estate, input)),
            "ListRegexPatternSets" => self.read(|estate| regex_pattern_sets::list(estate, input)),
            "ListResourcesForWebACL" => self.read(|estate| associations::resources(estate, input)),
            "ListRuleGroups" => self.read(|estate| rule_groups::list(estate, input)),
            "ListTagsForResource" => self.read(|estate| tags::list(estate, input)),
            "ListWebACLs" => self.read(|estate| web_acls::list(estate, input)),
            "PutLoggingConfiguration" => self.write(|estate| logging::put(estate, input)),
            "TagResource" => self.write(|estate| tags::tag(estate, input)),
            "UntagResource" => self.write(|estate| tags::untag(estate, input)),
            "UpdateIPSet" => self.write(|estate| ip_sets::update(estate, input)),
            "UpdateRegexPatternSet" => self.write(|estate| regex_pattern_sets::update(estate, input)),
            "UpdateRuleGroup" => self.write(|estate| rule_groups::update(estate, input)),
            "UpdateWebACL" => self.write(|estate| web_acls::update(estate, input)),
            _ => Err(Fault::new(400, "UnknownOperationException", "")),
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn read<T>(&self, look: impl FnOnce(&Estate) -> Result<T, Fault>) -> Result<T, Fault> {
        look(&*self.estate.read().map_err(|_| Fault::internal("the estate is unreadable"))?)
    }

    fn write<T>(&self, alter: impl FnOnce(&mut Estate) -> Result<T, Fault>) -> Result<T, Fault> {
        alter(&mut *self.estate.write().map_err(|_| Fault::internal("the estate is unreadable"))?)
    }
}
