//! Web ACLs as targets: each rule is a setting, the whole rule in AWS's JSON, and is written whole.
//!
//! An edit is made on a document that the settings make up again, so that a plan and its way back rest on the
//! same reading. What is sent is the document as it is read right before, with the one rule replaced.

use serde_json::{Value, json};

use super::draft::{Draft, DraftStep, Facts};
use super::wanted::Wanted;
use crate::domain::change::{
    FieldChange, Refusal, Request, Risk, SettingChange, Settings, Target, WafTarget,
};
use crate::domain::web_acl::{EditRefused, Edited, RuleAction, SwitchedAction, WebAclDocument, difference};

pub const RULES: &str = "/rules/";
/// Read, and never written.
pub const DEFAULT_ACTION: &str = "/defaultAction";
pub const CAPACITY: &str = "/capacity";
pub const LOST: &str = "status/lostByUpdate";
pub const FIREWALL_MANAGER: &str = "status/managedByFirewallManager";
pub const METRIC: &str = "status/metricName";

/// AWS: an update of a web ACL takes seconds to minutes to be everywhere.
pub const TAKES_A_MINUTE: &str = "AWS takes up to a minute or so until it holds everywhere";
/// AWS: "Rate-based rule statements", caveats.
const COUNTS_BEGIN_ANEW: &str =
    "the counts of the rate rule begin anew, and it may let everything pass for up to a minute";

/// Everything of a web ACL that is compared.
pub fn settings(document: &WebAclDocument) -> Settings {
    let mut settings = Settings::default();
    for rule in document.body["Rules"].as_array().into_iter().flatten() {
        settings.set(format!("{RULES}{}", rule["Name"].as_str().unwrap_or_default()), canonical(rule));
    }
    settings.set(DEFAULT_ACTION, canonical(&document.body["DefaultAction"]));
    if let Some(capacity) = document.acl.capacity {
        settings.set(CAPACITY, capacity.to_string());
    }
    if let Some(name) = document.body["VisibilityConfig"]["MetricName"].as_str() {
        settings.set(METRIC, name);
    }
    if let Some(path) = &document.lost {
        settings.set(LOST, path);
    }
    if document.acl.managed_by_firewall_manager {
        settings.set(FIREWALL_MANAGER, "true");
    }
    settings
}

/// What the rule of a setting does by itself: `Block`; none for a rule that stands for a group.
pub fn action_of(rule: &str) -> Option<String> {
    let rule: Value = serde_json::from_str(rule).ok()?;
    rule["Action"].as_object()?.keys().next().cloned()
}

/// The names under which CloudWatch counts a rule of the settings, its web ACL's and its own.
pub fn metrics(settings: &Settings, rule: &str) -> Option<(String, String)> {
    let of_acl = settings.get(METRIC)?.to_owned();
    let rule: Value = serde_json::from_str(settings.get(&format!("{RULES}{rule}"))?).ok()?;
    let visibility = &rule["VisibilityConfig"];
    let counted = visibility["CloudWatchMetricsEnabled"].as_bool() == Some(true);
    counted.then(|| Some((of_acl, visibility["MetricName"].as_str()?.to_owned())))?
}

/// The same text for the same value, whatever the order of its members.
fn canonical(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    value.to_string()
}

/// What the settings tell of the document: enough to edit a rule, and never sent.
pub fn document(acl: &WafTarget, settings: &Settings) -> WebAclDocument {
    let value = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
    let rules: Vec<Value> = settings.under(RULES).map(|(_, rule)| value(rule)).collect();
    let body = json!({
        "Name": acl.name,
        "Id": acl.id,
        "DefaultAction": settings.get(DEFAULT_ACTION).map(value),
        "ManagedByFirewallManager": settings.get(FIREWALL_MANAGER) == Some("true"),
        "Rules": rules,
    });
    WebAclDocument::new(body, "", settings.get(LOST).map(str::to_owned))
}

/// One update for each rule.
///
/// # Errors
/// Where a rule has gone or come, or the web ACL may not be edited at all.
pub fn steps(
    target: &Target,
    acl: &WafTarget,
    changes: &[SettingChange],
    settings: &Settings,
) -> Result<Vec<DraftStep>, Refusal> {
    document(acl, settings).editable().map_err(|why| refused(target, &why))?;
    let step = |change: &SettingChange| {
        let rule = change.setting.strip_prefix(RULES)?;
        let value = |text: &Option<String>| serde_json::from_str(text.as_deref()?).ok();
        let (before, after) = (value(&change.before)?, value(&change.after)?);
        let request = Request::UpdateWebACL { acl: acl.clone(), rule: rule.to_owned(), before, after };
        Some(DraftStep::new(request, vec![change.clone()]))
    };
    let steps = changes.iter().map(|change| {
        step(change).ok_or_else(|| Refusal::Forbidden {
            target: target.to_string(),
            why: format!(
                "the {} can't be set by this version: rules are altered, and never made or deleted",
                label(&change.setting)
            ),
        })
    });
    steps.collect()
}

/// A setting in words: `rule rate-limit`.
pub fn label(setting: &str) -> String {
    match setting {
        DEFAULT_ACTION => "default action".to_owned(),
        CAPACITY => "capacity (WCU)".to_owned(),
        LOST => "what an update would lose".to_owned(),
        FIREWALL_MANAGER => "being kept by Firewall Manager".to_owned(),
        METRIC => "name of its metrics".to_owned(),
        other => match other.strip_prefix(RULES) {
            Some(rule) => format!("rule {rule}"),
            None => other.to_owned(),
        },
    }
}

/// A rule's change in words, member by member; none for what is no rule.
pub fn in_words(change: &SettingChange) -> Option<Vec<FieldChange>> {
    let rule = change.setting.strip_prefix(RULES)?;
    let value = |text: &Option<String>| text.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let (before, after): (Option<Value>, Option<Value>) = (value(&change.before), value(&change.after));
    Some(difference::in_words(rule, before.as_ref(), after.as_ref()))
}

/// The change of one web ACL that brings `wanted` about.
///
/// # Errors
/// As [`super::draft`].
pub fn draft(
    target: &Target,
    acl: &WafTarget,
    wanted: &Wanted,
    settings: &Settings,
    facts: &Facts,
) -> Result<Draft, Refusal> {
    let document = document(acl, settings);
    let edited = match wanted {
        Wanted::SwitchRule { rule, group_rule: None, to } => document.switch_rule(rule, *to),
        Wanted::SwitchRule { rule, group_rule: Some(name), to } => match &facts.group_rules {
            Some(contents) => document.override_group_rule(rule, name, Some(*to), contents),
            None => document
                .known(rule)
                .and_then(|known| Err(EditRefused::NotAGroup { rule: known.name.clone() })),
        },
        Wanted::SetRate { limit: None, window_seconds: None, .. } => {
            return Err(Refusal::Illegal {
                what: "the rate limit".to_owned(),
                value: "neither limit nor window".to_owned(),
                legal: "give one of them, or both".to_owned(),
            });
        }
        Wanted::SetRate { rule, limit, window_seconds } => document.set_rate(rule, *limit, *window_seconds),
        _ => {
            return Err(Refusal::NotOnThisKind {
                target: target.to_string(),
                kind: target.kind(),
                what: wanted.lever().title(),
            });
        }
    };
    let edited = edited.map_err(|why| refused(target, &why))?;
    let change = settings.change_to(format!("{RULES}{}", edited.rule), Some(canonical(&edited.rule_after)));
    let changes: Vec<_> = change.into_iter().collect();
    let mut draft = Draft::of_settings(target, steps(target, acl, &changes, settings)?)
        .resting_on(LOST, settings)
        .resting_on(FIREWALL_MANAGER, settings);
    // The edit knows what the group says by itself.
    draft.fields.clone_from(&edited.changes);
    let draft = match wanted {
        Wanted::SetRate { .. } => weigh_rate(draft, &document, &edited),
        Wanted::SwitchRule { to, group_rule, .. } => {
            weigh_switch(draft, *to, group_rule.is_some(), &document, &edited)
        }
        _ => draft,
    };
    Ok(draft.warn(TAKES_A_MINUTE))
}

fn weigh_switch(
    draft: Draft,
    to: SwitchedAction,
    in_group: bool,
    document: &WebAclDocument,
    edited: &Edited,
) -> Draft {
    let mut draft = match to {
        SwitchedAction::Count => {
            draft.warn("what this rule refused is let through from then on, unless another rule refuses it")
        }
        SwitchedAction::Block => draft
            .with_risk(Risk::High)
            .warn("what this rule only counted is refused with 403 from then on: look at its samples first"),
    };
    if in_group {
        return draft;
    }
    draft = draft.with_risk(Risk::High);
    let blocked = edited.rule_before["Action"]["Block"].as_object();
    if blocked.is_some_and(|block| !block.is_empty()) {
        draft = draft.warn("the rule's custom response goes with the block; an undo brings it back");
    }
    let is_rate = document.acl.rule(&edited.rule).is_some_and(|rule| rule.rate.is_some());
    if is_rate { draft.warn(COUNTS_BEGIN_ANEW) } else { draft }
}

fn weigh_rate(draft: Draft, document: &WebAclDocument, edited: &Edited) -> Draft {
    let rule = document.acl.rule(&edited.rule);
    let after = crate::domain::web_acl::Rule::of(&edited.rule_after).rate;
    let mut draft = draft.warn(COUNTS_BEGIN_ANEW);
    let blocks = rule.is_some_and(|rule| rule.action == RuleAction::Block);
    if !blocks {
        let action = rule.map(|rule| rule.action.to_string()).unwrap_or_default();
        return draft.warn(format!("the action of the rule is {action}: the limit by itself refuses nobody"));
    }
    if let (Some(before), Some(after)) = (rule.and_then(|rule| rule.rate.as_ref()), after) {
        // Requests per second, compared without a division.
        let lower = u128::from(after.limit) * u128::from(before.window_seconds)
            < u128::from(before.limit) * u128::from(after.window_seconds);
        draft = if lower {
            draft.with_risk(Risk::High).warn("senders between the two limits are refused from then on")
        } else {
            draft.warn("senders between the two limits are let through from then on")
        };
    }
    draft
}

/// Why an edit must not be made, in the terms of a change.
pub fn refused(target: &Target, why: &EditRefused) -> Refusal {
    let target = target.to_string();
    let illegal = |what: &str, value: String| Refusal::Illegal {
        what: what.to_owned(),
        value,
        legal: match why {
            EditRefused::LimitOutOfRange { .. } => "AWS takes 10 to 2000000000 requests in a window",
            _ => "AWS takes 60, 120, 300 and 600 s",
        }
        .to_owned(),
    };
    match why {
        EditRefused::Unchanged { rule, field, value } => {
            Refusal::Unchanged { target, how: format!("{field} of the rule {rule} is {value}") }
        }
        EditRefused::LimitOutOfRange { limit } => illegal("the rate limit", limit.to_string()),
        EditRefused::IllegalWindow { seconds } => illegal("the window", format!("{seconds} s")),
        EditRefused::Moved { rule, path } => {
            Refusal::Moved { target, difference: format!("{path} of the rule {rule} differs") }
        }
        other => Refusal::Forbidden { target, why: other.to_string() },
    }
}

#[cfg(test)]
mod tests;
