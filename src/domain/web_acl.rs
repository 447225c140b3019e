//! Web ACLs of AWS WAF: which rules stand in front of which stages, and edits of single rules.
//!
//! AWS replaces a whole web ACL with each update, so an edit works on the document that was read and
//! leaves alone what this version doesn't know ([`document`], [`edit`]).

pub mod difference;
pub mod document;
pub mod edit;
pub mod group;
pub mod loss;
mod replace;
pub mod rule;
mod statement;

pub use document::WebAclDocument;
pub use edit::{EditRefused, Edited, SwitchedAction};
pub use group::{GroupReference, GroupRule, GroupRules, GroupSource, RuleOverride};
pub use rule::{RateLimit, Rule, RuleAction, RuleKind};

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::{ApiId, StageName};
use super::text::sanitise;

/// A web ACL, as far as an operator looks at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebAcl {
    pub name: String,
    pub id: String,
    pub arn: String,
    pub scope: Scope,
    pub description: Option<String>,
    /// Web ACL capacity units that the rules use. AWS: 5,000 at most, over 1,500 cost extra.
    pub capacity: Option<u64>,
    /// What happens to requests that no rule ends.
    pub default_action: RuleAction,
    /// By priority: the lowest is looked at first.
    pub rules: Vec<Rule>,
    /// Firewall Manager keeps it: what is changed here, it changes back.
    pub managed_by_firewall_manager: bool,
    /// Changes with each update; an update brings the one that was read.
    pub lock_token: String,
}

impl WebAcl {
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.name == name)
    }
}

/// What a list tells of a web ACL, an IP set or a rule group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WafSummary {
    pub name: String,
    pub id: String,
    pub arn: String,
    pub description: Option<String>,
}

/// Where a web ACL can stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Scope {
    /// In front of resources of a region: REST API stages, load balancers.
    Regional,
    #[serde(rename = "CLOUDFRONT")]
    CloudFront,
}

impl Scope {
    /// AWS: the resource part of the ARN begins with `regional/` or `global/`.
    pub fn of_arn(arn: &str) -> Self {
        match arn.splitn(6, ':').nth(5) {
            Some(resource) if resource.starts_with("global/") => Self::CloudFront,
            _ => Self::Regional,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Regional => "REGIONAL",
            Self::CloudFront => "CLOUDFRONT",
        })
    }
}

/// A stage of a REST API that a web ACL stands in front of.
///
/// AWS: HTTP and WebSocket APIs can't have one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GuardedStage {
    pub api: ApiId,
    pub stage: StageName,
}

impl GuardedStage {
    /// Reads `arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/prod`; none for other resources.
    pub fn of_arn(arn: &str) -> Option<Self> {
        let (service, path) = arn.split_once("::/restapis/")?;
        let (api, stage) = path.split_once("/stages/")?;
        let is_gateway = service.splitn(3, ':').nth(2).is_some_and(|rest| rest.starts_with("apigateway:"));
        let whole = !api.is_empty() && !stage.is_empty() && !api.contains('/') && !stage.contains('/');
        (is_gateway && whole).then(|| Self { api: api.into(), stage: stage.into() })
    }

    /// The stage's ARN, in a partition such as `aws`. AWS: the account's field is empty.
    pub fn arn(&self, partition: &str, region: &str) -> String {
        format!("arn:{partition}:apigateway:{region}::/restapis/{}/stages/{}", self.api, self.stage)
    }
}

/// The name in an ARN of WAF's, `arn:...:regional/ipset/NAME/ID`; the whole ARN where it is none.
pub fn name_in_arn(arn: &str) -> String {
    let mut parts = arn.splitn(6, ':').nth(5).unwrap_or_default().split('/');
    let name = parts.nth(2).filter(|name| !name.is_empty()).unwrap_or(arn);
    sanitise(name).into_owned()
}

#[cfg(test)]
mod tests;
