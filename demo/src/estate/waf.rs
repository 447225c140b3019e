//! AWS WAF of the account: web ACLs, IP sets, regex pattern sets and rule groups. Which stage an ACL guards stands at the stage.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::wafv2::engine::Limited;

/// All that WAF knows in the region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Waf {
    pub web_acls: Vec<WebAcl>,
    pub ip_sets: Vec<IpSet>,
    pub regex_pattern_sets: Vec<RegexPatternSet>,
    pub rule_groups: Vec<RuleGroup>,
    /// Vendors' rule groups, by `vendor#group`, whose default version has changed, and to which one.
    pub managed_versions: BTreeMap<String, String>,
    /// The addresses that rate rules limit now.
    #[serde(skip)]
    pub limited: Arc<Limited>,
}

/// A web ACL. The rules are kept as the client sent them, so that members which the region does not know
/// survive a round trip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WebAcl {
    pub id: String,
    pub name: String,
    pub arn: String,
    /// Changes with each update; an update must bring the last one.
    pub lock_token: String,
    /// The `WebACL` of `GetWebACL`: `DefaultAction`, `Rules`, `VisibilityConfig` and whatever else there is.
    pub document: Value,
    pub logging_configuration: Option<Value>,
    pub tags: BTreeMap<String, String>,
}

/// An IP set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpSet {
    pub id: String,
    pub name: String,
    pub arn: String,
    pub lock_token: String,
    pub description: String,
    /// `IPV4` or `IPV6`.
    pub ip_version: String,
    /// In CIDR notation.
    pub addresses: Vec<String>,
    pub tags: BTreeMap<String, String>,
}

/// A regex pattern set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegexPatternSet {
    pub id: String,
    pub name: String,
    pub arn: String,
    pub lock_token: String,
    pub description: String,
    pub patterns: Vec<String>,
    pub tags: BTreeMap<String, String>,
}

/// A rule group of the account's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleGroup {
    pub id: String,
    pub name: String,
    pub arn: String,
    pub lock_token: String,
    /// The `RuleGroup` of `GetRuleGroup`.
    pub document: Value,
    pub tags: BTreeMap<String, String>,
}

impl Waf {
    /// The web ACL with this ARN.
    pub fn web_acl(&self, arn: &str) -> Option<&WebAcl> {
        self.web_acls.iter().find(|acl| acl.arn == arn)
    }
}
