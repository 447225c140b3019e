//! WAF's logs: one JSON document for each request that an ACL inspected, as its logging configuration has it.

use serde_json::{Value, json};

use super::context::Scene;
use super::group_of_arn;
use crate::estate::WebAcl;
use crate::ledger::{RuleMatch, WafAction};

/// Where and what an ACL logs.
#[derive(Clone, Debug)]
pub struct LogSettings {
    acl_arn: String,
    acl_name: String,
    /// AWS's `LoggingConfiguration`.
    document: Value,
}

impl LogSettings {
    /// The settings of an ACL that logs to CloudWatch Logs.
    pub fn of(acl: &WebAcl) -> Option<Self> {
        let document = acl.logging_configuration.clone()?;
        Some(Self { acl_arn: acl.arn.clone(), acl_name: acl.name.clone(), document })
    }

    /// The groups that it logs to.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        let destinations = self.document.get("LogDestinationConfigs").and_then(Value::as_array);
        destinations.into_iter().flatten().filter_map(Value::as_str).filter_map(group_of_arn)
    }

    pub fn acl_name(&self) -> &str {
        &self.acl_name
    }

    pub fn acl_arn(&self) -> &str {
        &self.acl_arn
    }

    /// The line of a request; `None` where another ACL inspected it or a filter drops it.
    pub fn line(&self, scene: &Scene<'_>) -> Option<String> {
        let verdict = &scene.request.verdict;
        let is_mine = verdict.web_acl_arn.as_deref() == Some(self.acl_arn.as_str());
        (is_mine && self.keeps(scene)).then(|| self.document_of(scene).to_string())
    }

    /// What the logging filter says: the first filter that meets its requirement decides.
    fn keeps(&self, scene: &Scene<'_>) -> bool {
        let Some(filter) = self.document.get("LoggingFilter").filter(|filter| filter.is_object()) else {
            return true;
        };
        let filters = filter.get("Filters").and_then(Value::as_array).into_iter().flatten();
        for one in filters {
            let conditions: Vec<&Value> =
                one.get("Conditions").and_then(Value::as_array).into_iter().flatten().collect();
            let meets = |condition: &&Value| meets(condition, scene);
            let is_met = match one.get("Requirement").and_then(Value::as_str) {
                Some("MEETS_ALL") => conditions.iter().all(meets),
                _ => conditions.iter().any(meets),
            };
            if is_met {
                return one.get("Behavior").and_then(Value::as_str) != Some("DROP");
            }
        }
        filter.get("DefaultBehavior").and_then(Value::as_str) != Some("DROP")
    }

    fn redacts(&self, field: &str) -> bool {
        let fields = self.document.get("RedactedFields").and_then(Value::as_array);
        fields.into_iter().flatten().any(|redacted| redacted.get(field).is_some())
    }

    fn document_of(&self, scene: &Scene<'_>) -> Value {
        let request = scene.request;
        let verdict = &request.verdict;
        let (rule, kind) = match &verdict.terminating {
            Some(rule) if rule.within_group.is_some() => (rule.rule.as_str(), "MANAGED_RULE_GROUP"),
            Some(rule) => (rule.rule.as_str(), "REGULAR"),
            None => ("Default_Action", "REGULAR"),
        };
        let counted = verdict.counted.iter().map(|rule| {
            json!({ "ruleId": rule.rule, "action": WafAction::Count.as_str(), "ruleMatchDetails": [] })
        });
        let redacted =
            |field: &str, value: String| if self.redacts(field) { "REDACTED".to_owned() } else { value };
        let verb = request.route.http().map_or("GET", |(verb, _)| verb);
        json!({
            "timestamp": request.time.as_millisecond(),
            "formatVersion": 1,
            "webaclId": self.acl_arn,
            "terminatingRuleId": rule,
            "terminatingRuleType": kind,
            "action": verdict.action.as_str(),
            "terminatingRuleMatchDetails": [],
            "httpSourceName": "APIGW",
            "httpSourceId": format!("{}:{}:{}", scene.account_id, scene.api.id, scene.stage.name),
            "ruleGroupList": rule_groups(verdict.terminating.as_ref()),
            "rateBasedRuleList": [],
            "nonTerminatingMatchingRules": counted.collect::<Vec<_>>(),
            "requestHeadersInserted": null,
            "responseCodeSent": (verdict.action == WafAction::Block).then_some(403),
            "httpRequest": {
                "clientIp": request.client.to_string(),
                "country": request.country,
                "headers": [
                    { "name": "Host", "value": format!("{}.execute-api.{}.amazonaws.com", scene.api.id, scene.region) },
                    { "name": "User-Agent", "value": redacted("SingleHeader", request.user_agent.to_owned()) },
                ],
                "uri": redacted("UriPath", scene.full_path()),
                "args": redacted("QueryString", String::new()),
                "httpVersion": "HTTP/1.1",
                "httpMethod": redacted("Method", verb.to_owned()),
                "requestId": request.id,
            },
            "labels": verdict.labels.iter().map(|label| json!({ "name": label })).collect::<Vec<_>>(),
        })
    }
}

fn rule_groups(terminating: Option<&RuleMatch>) -> Vec<Value> {
    let group = terminating.and_then(|rule| {
        let (group, inner) = rule.within_group.as_deref()?.rsplit_once('#')?;
        Some(json!({
            "ruleGroupId": group,
            "terminatingRule": { "ruleId": inner, "action": rule.action.as_str(), "ruleMatchDetails": null },
            "nonTerminatingMatchingRules": [],
            "excludedRules": null,
        }))
    });
    group.into_iter().collect()
}

fn meets(condition: &Value, scene: &Scene<'_>) -> bool {
    let verdict = &scene.request.verdict;
    let action = condition.pointer("/ActionCondition/Action").and_then(Value::as_str);
    let label = condition.pointer("/LabelNameCondition/LabelName").and_then(Value::as_str);
    match (action, label) {
        (Some(action), _) => {
            action == verdict.action.as_str() || (action == "COUNT" && !verdict.counted.is_empty())
        }
        (None, Some(label)) => verdict.labels.iter().any(|known| known == label),
        (None, None) => false,
    }
}
