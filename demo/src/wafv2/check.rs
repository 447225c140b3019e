//! What holds of the rules of web ACLs and rule groups, whoever writes them.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::engine::ManagedGroup;
use super::input::{Input, invalid};
use crate::server::fault::Fault;

/// AWS: capacity units of one web ACL.
const MOST_CAPACITY: u64 = 5_000;
/// AWS: requests of a rate rule.
const RATE_LIMITS: std::ops::RangeInclusive<u64> = 10..=2_000_000_000;
/// AWS: seconds of a rate rule's window.
const WINDOWS: [u64; 4] = [60, 120, 300, 600];
/// Statements within statements, for capacity.
const DEEPEST: usize = 32;

/// Checks the rules of a web ACL, or of a rule group.
pub fn rules(rules: &[Value]) -> Result<(), Fault> {
    let mut priorities = HashSet::new();
    let mut names = HashSet::new();
    for rule in rules {
        let name = rule["Name"].as_str().unwrap_or_default();
        if name.is_empty() || !names.insert(name) {
            return Err(invalid("Rule names must be there and be unique.", "RULE", name));
        }
        let priority = rule["Priority"]
            .as_i64()
            .ok_or_else(|| invalid("A rule needs a priority.", "RULE_STATEMENT", name))?;
        if !priorities.insert(priority) {
            let reason = "You have specified a priority that is used by another rule.";
            return Err(invalid(reason, "RULE_PRIORITY", &priority.to_string()));
        }
        rule_action(rule, name)?;
        visibility(&rule["VisibilityConfig"])?;
        statement(&rule["Statement"], 0)?;
    }
    if rules_capacity(rules) > MOST_CAPACITY {
        let message = format!("The web ACL exceeds the limit of {MOST_CAPACITY} capacity units");
        return Err(Fault::new(400, "WAFLimitsExceededException", message));
    }
    Ok(())
}

/// AWS: rule groups have an override action, plain rules an action.
fn rule_action(rule: &Value, name: &str) -> Result<(), Fault> {
    let group = rule["Statement"].get("ManagedRuleGroupStatement").is_some()
        || rule["Statement"].get("RuleGroupReferenceStatement").is_some();
    let one_of = |member: &str, names: &[&str]| {
        let object = rule[member].as_object();
        object
            .is_some_and(|object| object.len() == 1 && object.keys().all(|key| names.contains(&key.as_str())))
    };
    let fits = if group {
        rule.get("Action").is_none() && one_of("OverrideAction", &["Count", "None"])
    } else {
        rule.get("OverrideAction").is_none()
            && one_of("Action", &["Allow", "Block", "Count", "Captcha", "Challenge"])
    };
    let reason = "A reference in your rule statement is not valid: a rule group takes an override action, any other \
                  rule an action.";
    if fits { Ok(()) } else { Err(invalid(reason, "RULE_ACTION", name)) }
}

/// AWS: a default action is one of two.
pub fn default_action(action: &Value) -> Result<(), Fault> {
    let object = action.as_object();
    let fits = object.is_some_and(|object| {
        object.len() == 1 && object.keys().all(|key| matches!(key.as_str(), "Allow" | "Block"))
    });
    let reason = "You must specify exactly one default action, Allow or Block.";
    if fits { Ok(()) } else { Err(invalid(reason, "DEFAULT_ACTION", &action.to_string())) }
}

/// AWS: how sampling and metrics are done must be told, and the metric's name be legal.
pub fn visibility(configuration: &Value) -> Result<(), Fault> {
    let name = configuration["MetricName"].as_str().unwrap_or_default();
    let flags = ["SampledRequestsEnabled", "CloudWatchMetricsEnabled"];
    let legal = (1..=128).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        && !matches!(name, "All" | "Default_Action");
    if legal && flags.iter().all(|flag| configuration[*flag].is_boolean()) {
        Ok(())
    } else {
        Err(invalid("The visibility configuration is not valid.", "VISIBILITY_CONFIG", name))
    }
}

fn statement(statement: &Value, depth: usize) -> Result<(), Fault> {
    let body =
        statement.as_object().filter(|object| object.len() == 1).and_then(|object| object.iter().next());
    let Some((kind, body)) = body.filter(|_| depth < DEEPEST) else {
        return Err(invalid("A statement names exactly one kind.", "STATEMENT", ""));
    };
    if kind == "RateBasedStatement" {
        let limit = body["Limit"].as_u64().filter(|limit| RATE_LIMITS.contains(limit));
        limit.ok_or_else(|| {
            invalid(
                "The rate limit is out of range: 10 to 2000000000.",
                "RATE_LIMIT",
                &body["Limit"].to_string(),
            )
        })?;
        if let Some(window) = body.get("EvaluationWindowSec")
            && !window.as_u64().is_some_and(|window| WINDOWS.contains(&window))
        {
            let reason = "The evaluation window must be one of 60, 120, 300, 600 seconds.";
            return Err(invalid(reason, "EVALUATION_WINDOW_SEC", &window.to_string()));
        }
        let keys = ["IP", "FORWARDED_IP", "CUSTOM_KEYS", "CONSTANT"];
        let key = body["AggregateKeyType"].as_str().unwrap_or_default();
        if !keys.contains(&key) || (key == "CONSTANT" && !body["ScopeDownStatement"].is_object()) {
            return Err(invalid("The aggregate key is not valid.", "RATE_BASED_STATEMENT", key));
        }
    }
    let nested = ["Statement", "ScopeDownStatement"].into_iter().filter_map(|name| body.get(name));
    let listed = body.get("Statements").and_then(Value::as_array).into_iter().flatten();
    nested.chain(listed).try_for_each(|inner| self::statement(inner, depth + 1))
}

/// `CheckCapacity`.
pub fn capacity(input: &Input) -> Result<Value, Fault> {
    input.regional()?;
    rules(input.list("Rules"))?;
    Ok(json!({ "Capacity": rules_capacity(input.list("Rules")) }))
}

/// The capacity units that rules use, by AWS's table for the statements that the region knows.
pub fn rules_capacity(rules: &[Value]) -> u64 {
    rules.iter().map(|rule| units(&rule["Statement"], 0)).sum()
}

fn units(statement: &Value, depth: usize) -> u64 {
    let Some((kind, body)) = statement.as_object().and_then(|object| object.iter().next()) else { return 0 };
    if depth > DEEPEST {
        return 0;
    }
    let nested = ["Statement", "ScopeDownStatement"].into_iter().filter_map(|name| body.get(name));
    let listed = body.get("Statements").and_then(Value::as_array).into_iter().flatten();
    let inner: u64 = nested.chain(listed).map(|inner| units(inner, depth + 1)).sum();
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let own = match kind.as_str() {
        "ByteMatchStatement" => 10,
        "RegexMatchStatement" => 3,
        "RegexPatternSetReferenceStatement" => 25,
        "SqliMatchStatement" => 20,
        "XssMatchStatement" => 40,
        "RateBasedStatement" => 2,
        "ManagedRuleGroupStatement" => {
            ManagedGroup::find(text("VendorName"), text("Name")).map_or(0, |group| u64::from(group.capacity))
        }
        "AndStatement" | "OrStatement" | "NotStatement" => 0,
        _ => 1,
    };
    own + inner
}
