//! What the verdicts of web ACLs count for: the metrics of rules, and those of the whole ACL.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::layouts::rule;
use crate::estate::Waf;
use crate::ledger::{Ledger, Verdict, VerdictId, WafAction};

/// AWS's name of an ACL's totals among its rules.
const ALL: &str = "ALL";
/// AWS's name of what no rule decided.
const DEFAULT_ACTION: &str = "Default_Action";

/// A counter that a request with some verdict counts for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleCount {
    /// The metric names of the ACL and the rule.
    pub acl: String,
    pub rule: String,
    pub counter: usize,
}

/// The counts of all verdicts that were seen.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    ledger: Option<Arc<Ledger>>,
    /// The metric name of each ACL by its ARN.
    acls: HashMap<String, String>,
    counts: HashMap<VerdictId, Vec<RuleCount>>,
}

impl Rules {
    /// Takes up the metric names of the account's ACLs.
    pub fn learn(&mut self, ledger: &Arc<Ledger>, waf: &Waf) {
        let names: HashMap<String, String> = waf
            .web_acls
            .iter()
            .filter_map(|acl| {
                let name = acl.document.pointer("/VisibilityConfig/MetricName").and_then(Value::as_str)?;
                Some((acl.arn.clone(), name.to_owned()))
            })
            .collect();
        if names != self.acls {
            self.acls = names;
            self.counts.clear();
        }
        self.ledger = Some(Arc::clone(ledger));
    }

    /// The counters that requests with this verdict count for.
    pub fn counts(&mut self, verdict: VerdictId) -> &[RuleCount] {
        let Some(ledger) = &self.ledger else { return &[] };
        let acls = &self.acls;
        self.counts.entry(verdict).or_insert_with(|| counts(&ledger.verdict(verdict), acls))
    }
}

fn counts(verdict: &Verdict, acls: &HashMap<String, String>) -> Vec<RuleCount> {
    let Some(arn) = &verdict.web_acl_arn else { return Vec::new() };
    // An ACL that is gone: its ARN ends in `webacl/NAME/ID`.
    let by_arn = || arn.rsplit('/').nth(1).unwrap_or(arn).to_owned();
    let acl = acls.get(arn).cloned().unwrap_or_else(by_arn);
    let count = |rule: &str, counter| RuleCount { acl: acl.clone(), rule: rule.to_owned(), counter };
    let decided = verdict.terminating.as_ref().map_or(DEFAULT_ACTION, |rule| rule.metric.as_str());
    let mut counts = vec![count(ALL, counter(verdict.action)), count(decided, counter(verdict.action))];
    // AWS: what only counts within a rule group gives no metric of the ACL; an overridden group counts as a rule.
    for counted in verdict.counted.iter().filter(|counted| counted.within_group.is_none()) {
        counts.push(count(&counted.metric, rule::COUNTED));
    }
    if counts.len() > 2 {
        counts.push(count(ALL, rule::COUNTED));
    }
    counts
}

fn counter(action: WafAction) -> usize {
    match action {
        WafAction::Allow => rule::ALLOWED,
        WafAction::Block => rule::BLOCKED,
        WafAction::Count => rule::COUNTED,
        WafAction::Captcha => rule::CAPTCHA,
        WafAction::Challenge => rule::CHALLENGE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::RuleMatch;

    fn matched(rule: &str, within_group: Option<&str>) -> RuleMatch {
        RuleMatch {
            rule: rule.to_owned(),
            metric: format!("{rule}-metric"),
            within_group: within_group.map(str::to_owned),
            action: WafAction::Count,
        }
    }

    #[test]
    fn a_block_counts_for_its_rule_and_for_the_acl() {
        let verdict = Verdict {
            web_acl_arn: Some("arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/edge/1".to_owned()),
            action: WafAction::Block,
            terminating: Some(matched("rate", None)),
            counted: vec![matched("geo", None), matched("bots", Some("AWS#Bots#Any"))],
            labels: Vec::new(),
        };
        let seen: Vec<_> = counts(&verdict, &HashMap::new())
            .into_iter()
            .map(|count| (count.acl, count.rule, count.counter))
            .collect();
        let expected = [("ALL", 1), ("rate-metric", 1), ("geo-metric", 2), ("ALL", 2)];
        assert_eq!(
            seen,
            expected.map(|(rule, counter)| ("edge".to_owned(), rule.to_owned(), counter)).to_vec()
        );
        assert!(counts(&Verdict::default(), &HashMap::new()).is_empty());
    }
}
