//! AWS WAF: web ACLs, the IP sets and rule groups that they refer to, and the stages that they stand
//! before. All of it is of the scope `REGIONAL`: that of CloudFront is no scope of API Gateway's.

mod change;
mod recorder;
mod rehearsal;
mod update;

pub use change::LockedUpdate;

use aws_sdk_wafv2::types::{self, ResourceType, Scope};
use serde_json::Value;

use super::mode::Mode;
use super::operations::{
    DESCRIBE_MANAGED_RULE_GROUP, GET_IP_SET, GET_RULE_GROUP, GET_WEB_ACL, GET_WEB_ACL_FOR_RESOURCE,
    LIST_IP_SETS, LIST_RESOURCES_FOR_WEB_ACL, LIST_RULE_GROUPS, LIST_WEB_ACLS, Operation, partition,
};
use super::paging::Pages;
use super::session::Session;
use super::translate::{optional, text};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::ip_set::IpSetDocument;
use crate::domain::web_acl::{
    GroupRule, GroupRules, GroupSource, GuardedStage, RuleAction, WafSummary, WebAclDocument,
};
use recorder::Recorder;

/// AWS: the most items that a page of a list holds.
const PAGE: i32 = 100;

/// All pages of a list; those of web ACLs, IP sets and rule groups tell the same of each.
macro_rules! all_pages {
    ($session:expr, $operation:ident, $request:ident, $items:ident) => {{
        let mut pages = Pages::default();
        let mut found = Vec::new();
        loop {
            let answer = $session
                .send(&$operation, "", || {
                    let request = $session.clients.waf.$request().scope(Scope::Regional).limit(PAGE);
                    request.set_next_marker(pages.token()).send()
                })
                .await?;
            found.extend(answer.$items().iter().map(|item| WafSummary {
                name: text(item.name()),
                id: text(item.id()),
                arn: text(item.arn()),
                description: optional(item.description()),
            }));
            if !pages.advance(answer.next_marker, &$operation, "")? {
                return Ok(found);
            }
        }
    }};
}

impl<M: Mode> Session<M> {
    /// Reads the names of all web ACLs of the region (`ListWebACLs`).
    pub async fn list_web_acls(&self) -> Result<Vec<WafSummary>, Failure> {
        all_pages!(self, LIST_WEB_ACLS, list_web_acls, web_acls)
    }

    /// Reads the names of all IP sets of the region (`ListIPSets`).
    pub async fn list_ip_sets(&self) -> Result<Vec<WafSummary>, Failure> {
        all_pages!(self, LIST_IP_SETS, list_ip_sets, ip_sets)
    }

    /// Reads the names of all rule groups of the account's own (`ListRuleGroups`).
    pub async fn list_rule_groups(&self) -> Result<Vec<WafSummary>, Failure> {
        all_pages!(self, LIST_RULE_GROUPS, list_rule_groups, rule_groups)
    }

    /// Reads a web ACL whole (`GetWebACL`), and rehearses whether an update would bring it back whole.
    pub async fn get_web_acl(&self, name: &str, id: &str) -> Result<WebAclDocument, Failure> {
        let recorder = Recorder::default();
        let answer = self
            .send(&GET_WEB_ACL, name, || {
                let request = self.clients.waf.get_web_acl().name(name).id(id).scope(Scope::Regional);
                request.customize().interceptor(recorder.clone()).send()
            })
            .await?;
        let body = recorded(&recorder, "WebACL", &GET_WEB_ACL, name)?;
        let lost = match rehearsal::web_acl(&body).await {
            Ok(rehearsed) => rehearsed.lost,
            Err(why) => return Err(malformed(&GET_WEB_ACL, name, &why)),
        };
        Ok(WebAclDocument::new(body, answer.lock_token().unwrap_or_default(), lost))
    }

    /// Reads an IP set whole (`GetIPSet`), and rehearses whether an update would bring it back whole.
    pub async fn get_ip_set(&self, name: &str, id: &str) -> Result<IpSetDocument, Failure> {
        let recorder = Recorder::default();
        let answer = self
            .send(&GET_IP_SET, name, || {
                let request = self.clients.waf.get_ip_set().name(name).id(id).scope(Scope::Regional);
                request.customize().interceptor(recorder.clone()).send()
            })
            .await?;
        let body = recorded(&recorder, "IPSet", &GET_IP_SET, name)?;
        let lost = match rehearsal::ip_set(&body).await {
            Ok(rehearsed) => rehearsed.lost,
            Err(why) => return Err(malformed(&GET_IP_SET, name, &why)),
        };
        IpSetDocument::new(body, answer.lock_token().unwrap_or_default(), lost)
            .ok_or_else(|| malformed(&GET_IP_SET, name, "its addresses are neither of IPv4 nor of IPv6"))
    }

    /// Reads which stages a web ACL stands before (`ListResourcesForWebACL`). AWS takes one such request a
    /// second: for all ACLs at once, the stages themselves say it (`Stage::web_acl_arn`).
    pub async fn stages_of_web_acl(&self, arn: &str) -> Result<Vec<GuardedStage>, Failure> {
        let answer = self
            .send(&LIST_RESOURCES_FOR_WEB_ACL, arn, || {
                // AWS: load balancers unless told otherwise.
                let request = self.clients.waf.list_resources_for_web_acl().web_acl_arn(arn);
                request.resource_type(ResourceType::ApiGateway).send()
            })
            .await?;
        let mut stages: Vec<_> =
            answer.resource_arns().iter().filter_map(|arn| GuardedStage::of_arn(arn)).collect();
        stages.sort();
        Ok(stages)
    }

    /// Reads which web ACL stands before a stage (`GetWebACLForResource`); none where it has none.
    pub async fn web_acl_of_stage(&self, stage: &GuardedStage) -> Result<Option<WafSummary>, Failure> {
        let resource = stage.arn(partition(self.region().as_str()), self.region().as_str());
        let answer = self
            .send(&GET_WEB_ACL_FOR_RESOURCE, &format!("{}/{}", stage.api, stage.stage), || {
                self.clients.waf.get_web_acl_for_resource().resource_arn(&resource).send()
            })
            .await?;
        Ok(answer.web_acl().map(|acl| WafSummary {
            name: text(Some(acl.name())),
            id: text(Some(acl.id())),
            arn: text(Some(acl.arn())),
            description: optional(acl.description()),
        }))
    }

    /// Reads the names of a rule group's rules, of a vendor's (`DescribeManagedRuleGroup`) or of one of the
    /// account's own (`GetRuleGroup`). A vendor may tell fewer than there are.
    pub async fn group_rules(&self, source: &GroupSource) -> Result<GroupRules, Failure> {
        let rules = match source {
            GroupSource::Managed { vendor, name, version } => {
                self.managed_rules(vendor, name, version.as_deref()).await?
            }
            GroupSource::Own { arn } => self.own_rules(arn).await?,
        };
        Ok(GroupRules { source: source.clone(), rules })
    }

    async fn managed_rules(
        &self,
        vendor: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<Vec<GroupRule>, Failure> {
        let answer = self
            .send(&DESCRIBE_MANAGED_RULE_GROUP, &format!("{vendor} {name}"), || {
                let request = self.clients.waf.describe_managed_rule_group().vendor_name(vendor).name(name);
                request.set_version_name(version.map(str::to_owned)).scope(Scope::Regional).send()
            })
            .await?;
        Ok(answer
            .rules()
            .iter()
            .map(|rule| GroupRule { name: text(rule.name()), action: action(rule.action()) })
            .collect())
    }

    async fn own_rules(&self, arn: &str) -> Result<Vec<GroupRule>, Failure> {
        let answer =
            self.send(&GET_RULE_GROUP, arn, || self.clients.waf.get_rule_group().arn(arn).send()).await?;
        let rules = answer.rule_group().map(types::RuleGroup::rules).unwrap_or_default();
        Ok(rules
            .iter()
            .map(|rule| GroupRule { name: text(Some(rule.name())), action: action(rule.action()) })
            .collect())
    }
}

fn action(from: Option<&types::RuleAction>) -> RuleAction {
    match from {
        Some(action) if action.block().is_some() => RuleAction::Block,
        Some(action) if action.count().is_some() => RuleAction::Count,
        Some(action) if action.allow().is_some() => RuleAction::Allow,
        Some(action) if action.captcha().is_some() => RuleAction::Captcha,
        Some(action) if action.challenge().is_some() => RuleAction::Challenge,
        _ => RuleAction::Other(String::new()),
    }
}

/// A member of the answer as AWS wrote it.
fn recorded(
    recorder: &Recorder,
    member: &str,
    operation: &Operation,
    target: &str,
) -> Result<Value, Failure> {
    let body = recorder.json().and_then(|mut answer| answer.get_mut(member).map(Value::take));
    body.filter(Value::is_object)
        .ok_or_else(|| malformed(operation, target, &format!("the answer holds no {member}")))
}

fn malformed(operation: &Operation, target: &str, why: &str) -> Failure {
    Failure::new(operation.name, target, FailureKind::Malformed, why)
}
