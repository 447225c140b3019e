//! What a web ACL says of requests: its rules in the order of their priority, and its default action.
//!
//! ```text
//! document of the ACL ─► compile ─► Engine ─► judge(facts) ─► Verdict
//! ```

mod compile;
mod detect;
mod field;
mod managed;
mod rate;
mod statement;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;

use crate::estate::{Waf, WebAcl};
use crate::ledger::{RuleMatch, Verdict, WafAction};
use crate::traffic::waf::{RequestFacts, WebAclEngine};
use rate::Load;
use statement::{Context, Statement};

pub use compile::is_pattern;
pub use managed::{CATALOGUE, ManagedGroup};
pub use rate::Limited;

/// Compiles a web ACL. What the region doesn't understand of it never matches.
pub fn compile(acl: &WebAcl, waf: &Waf) -> Box<dyn WebAclEngine> {
    Box::new(compile::web_acl(acl, waf))
}

/// A compiled web ACL.
#[derive(Debug)]
pub struct Engine {
    arn: String,
    default: WafAction,
    /// By priority, lowest first.
    rules: Vec<Rule>,
    limited: Arc<Limited>,
}

/// A rule of a web ACL.
#[derive(Debug)]
struct Rule {
    name: String,
    metric: String,
    body: Body,
    labels: Vec<String>,
}

#[derive(Debug)]
enum Body {
    /// A rule with a statement and an action of its own.
    Plain { statement: Statement, action: WafAction },
    /// A rule group, the account's own or a vendor's.
    Group { scope_down: Option<Statement>, rules: Vec<GroupRule>, counts: bool },
}

/// A rule within a rule group, with the action that the web ACL leaves it.
#[derive(Debug)]
struct GroupRule {
    /// `vendor#group#rule`, or the rule's name in a group of the account's own.
    name: String,
    statement: Statement,
    action: WafAction,
    labels: Vec<String>,
}

impl WebAclEngine for Engine {
    fn judge(&self, facts: &RequestFacts) -> Verdict {
        let mut labels = Vec::new();
        let mut counted = Vec::new();
        for rule in &self.rules {
            if let Some(matched) = rule.matched(facts, &mut labels, None) {
                match matched.action {
                    WafAction::Count => counted.push(matched),
                    action => return self.verdict(action, Some(matched), counted, labels),
                }
            }
        }
        self.verdict(self.default, None, counted, labels)
    }

    fn observe(&mut self, at: Timestamp, facts: &RequestFacts, requests: u64, addresses: u32) -> Verdict {
        let load =
            Load { at, requests, addresses, limited: Arc::clone(&self.limited), acl: self.arn.clone() };
        let mut labels = Vec::new();
        let mut counted = Vec::new();
        let mut ended: Option<RuleMatch> = None;
        for rule in &mut self.rules {
            if let Body::Plain { statement, .. } = &mut rule.body {
                // AWS: a rate rule sees the requests that no rule before it has ended.
                statement.count(facts, &load, &rule.name, &labels);
            }
            if let Some(matched) = rule.matched(facts, &mut labels, Some(&load)) {
                if matched.action != WafAction::Count {
                    ended = Some(matched);
                    break;
                }
                counted.push(matched);
            }
        }
        let action = ended.as_ref().map_or(self.default, |matched| matched.action);
        self.verdict(action, ended, counted, labels)
    }
}

impl Engine {
    fn verdict(
        &self,
        action: WafAction,
        terminating: Option<RuleMatch>,
        counted: Vec<RuleMatch>,
        labels: Vec<String>,
    ) -> Verdict {
        Verdict { web_acl_arn: Some(self.arn.clone()), action, terminating, counted, labels }
    }
}

impl Rule {
    /// Whether the rule matches, and with what. Labels of what matched are added either way.
    fn matched(
        &self,
        facts: &RequestFacts,
        labels: &mut Vec<String>,
        load: Option<&Load>,
    ) -> Option<RuleMatch> {
        let context =
            |labels: &[String], statement: &Statement| statement.matches(&Context { facts, labels, load });
        match &self.body {
            Body::Plain { statement, action } => {
                if !context(labels, statement) {
                    return None;
                }
                labels.extend(self.labels.iter().cloned());
                Some(self.match_of(None, *action))
            }
            Body::Group { scope_down, rules, counts } => {
                if scope_down.as_ref().is_some_and(|scope| !context(labels, scope)) {
                    return None;
                }
                let mut counting = None;
                for rule in rules {
                    if !context(labels, &rule.statement) {
                        continue;
                    }
                    labels.extend(rule.labels.iter().cloned());
                    if rule.action == WafAction::Count {
                        counting.get_or_insert(self.match_of(Some(&rule.name), WafAction::Count));
                        continue;
                    }
                    // AWS: an override of the whole group to count keeps the group from ending the inspection.
                    let action = if *counts { WafAction::Count } else { rule.action };
                    return Some(self.match_of(Some(&rule.name), action));
                }
                counting
            }
        }
    }

    fn match_of(&self, within_group: Option<&str>, action: WafAction) -> RuleMatch {
        RuleMatch {
            rule: self.name.clone(),
            metric: self.metric.clone(),
            within_group: within_group.map(str::to_owned),
            action,
        }
    }
}
