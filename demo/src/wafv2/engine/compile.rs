//! From the documents of WAF to what can be asked about a request. What isn't understood never matches.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use jiff::SignedDuration;
use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::field::{Field, Transformation};
use super::managed::ManagedGroup;
use super::rate::{Counts, RateRule};
use super::statement::{Comparison, Inspected, Position, Statement, network};
use super::{Body, Engine, GroupRule, Rule};
use crate::estate::{Waf, WebAcl};
use crate::ledger::WafAction;

/// AWS: the window of a rate rule that doesn't say.
const DEFAULT_WINDOW_SECONDS: i64 = 300;
/// AWS's limit on the length of a pattern is 200 characters; compiled, it must stay small, too.
const MOST_REGEX_BYTES: usize = 1 << 20;
/// Statements within statements; deeper ones never match.
const DEEPEST: usize = 16;

/// Compiles a web ACL.
pub fn web_acl(acl: &WebAcl, waf: &Waf) -> Engine {
    let mut documents: Vec<&Value> = list(&acl.document, "Rules").collect();
    documents.sort_by_key(|rule| rule["Priority"].as_i64().unwrap_or(i64::MAX));
    let default =
        if acl.document["DefaultAction"]["Block"].is_object() { WafAction::Block } else { WafAction::Allow };
    let rules = documents.into_iter().map(|document| rule(document, waf)).collect();
    Engine { arn: acl.arn.clone(), default, rules, limited: Arc::clone(&waf.limited) }
}

fn rule(document: &Value, waf: &Waf) -> Rule {
    let name = text(document, "Name");
    let body = match group(&document["Statement"], waf) {
        Some((scope_down, rules)) => {
            let counts = document["OverrideAction"]["Count"].is_object();
            Body::Group { scope_down, rules, counts }
        }
        None => Body::Plain {
            statement: statement(&document["Statement"], waf, 0),
            action: action(&document["Action"]).unwrap_or(WafAction::Count),
        },
    };
    let metric = text(&document["VisibilityConfig"], "MetricName");
    let metric = if metric.is_empty() { name.clone() } else { metric };
    Rule { name, metric, body, labels: labels(document) }
}

fn labels(rule: &Value) -> Vec<String> {
    list(rule, "RuleLabels").map(|label| text(label, "Name")).filter(|label| !label.is_empty()).collect()
}

/// The rules of a group that a statement refers to, with the actions that the reference leaves them.
fn group(reference: &Value, waf: &Waf) -> Option<(Option<Statement>, Vec<GroupRule>)> {
    if let Some(managed) = reference.get("ManagedRuleGroupStatement") {
        let (vendor, name) = (text(managed, "VendorName"), text(managed, "Name"));
        let group = ManagedGroup::find(&vendor, &name);
        let chosen = managed["Version"].as_str();
        let changed = waf.managed_versions.get(&format!("{vendor}#{name}")).map(String::as_str);
        let version = chosen.or(changed).or(group.and_then(|group| group.default_version));
        let rules = group.map(|group| group.compiled(version)).unwrap_or_default();
        return Some((scope_down(managed, waf, 0), overridden(rules, managed)));
    }
    let own = reference.get("RuleGroupReferenceStatement")?;
    let arn = text(own, "ARN");
    let group = waf.rule_groups.iter().find(|group| group.arn == arn);
    let mut documents: Vec<&Value> =
        group.map(|group| list(&group.document, "Rules").collect()).unwrap_or_default();
    documents.sort_by_key(|rule| rule["Priority"].as_i64().unwrap_or(i64::MAX));
    let rules = documents.into_iter().map(|document| GroupRule {
        name: text(document, "Name"),
        statement: statement(&document["Statement"], waf, 0),
        action: action(&document["Action"]).unwrap_or(WafAction::Count),
        labels: labels(document),
    });
    Some((None, overridden(rules.collect(), own)))
}

/// AWS: overrides name single rules; an unknown name is ignored in silence. `ExcludedRules` is the older form.
fn overridden(mut rules: Vec<GroupRule>, reference: &Value) -> Vec<GroupRule> {
    let plain = |rule: &GroupRule| rule.name.rsplit('#').next().unwrap_or_default().to_owned();
    for rule in &mut rules {
        let name = plain(rule);
        let excluded = list(reference, "ExcludedRules").any(|excluded| text(excluded, "Name") == name);
        let replaced = list(reference, "RuleActionOverrides")
            .find(|replaced| text(replaced, "Name") == name)
            .and_then(|replaced| action(&replaced["ActionToUse"]));
        rule.action = replaced.unwrap_or(if excluded { WafAction::Count } else { rule.action });
    }
    rules
}

fn scope_down(document: &Value, waf: &Waf, depth: usize) -> Option<Statement> {
    let scope = document.get("ScopeDownStatement").filter(|scope| scope.is_object())?;
    Some(statement(scope, waf, depth + 1))
}

/// The one action that an object names.
pub fn action(document: &Value) -> Option<WafAction> {
    let named = |name: &str| document[name].is_object();
    [
        ("Allow", WafAction::Allow),
        ("Block", WafAction::Block),
        ("Count", WafAction::Count),
        ("Captcha", WafAction::Captcha),
        ("Challenge", WafAction::Challenge),
    ]
    .into_iter()
    .find_map(|(name, action)| named(name).then_some(action))
}

/// Compiles a statement.
pub fn statement(document: &Value, waf: &Waf, depth: usize) -> Statement {
    let Some((kind, body)) = document.as_object().and_then(|object| object.iter().next()) else {
        return Statement::Never;
    };
    if depth > DEEPEST {
        return Statement::Never;
    }
    let nested = || list(body, "Statements").map(|one| statement(one, waf, depth + 1)).collect();
    match kind.as_str() {
        "IPSetReferenceStatement" => {
            let arn = text(body, "ARN");
            let set = waf.ip_sets.iter().find(|set| set.arn == arn);
            let addresses = set.map(|set| set.addresses.as_slice()).unwrap_or_default();
            Statement::IpSet(addresses.iter().filter_map(|address| network(address)).collect())
        }
        "GeoMatchStatement" => {
            Statement::Geo(list(body, "CountryCodes").filter_map(Value::as_str).map(str::to_owned).collect())
        }
        "ByteMatchStatement" => bytes(body).unwrap_or(Statement::Never),
        "RegexMatchStatement" => pattern(body, &[text(body, "RegexString")]).unwrap_or(Statement::Never),
        "RegexPatternSetReferenceStatement" => {
            let arn = text(body, "ARN");
            let set = waf.regex_pattern_sets.iter().find(|set| set.arn == arn);
            let patterns = set.map(|set| set.patterns.as_slice()).unwrap_or_default();
            pattern(body, patterns).unwrap_or(Statement::Never)
        }
        "SizeConstraintStatement" => size(body).unwrap_or(Statement::Never),
        "SqliMatchStatement" => inspected(body).map_or(Statement::Never, Statement::Sqli),
        "XssMatchStatement" => inspected(body).map_or(Statement::Never, Statement::Xss),
        "LabelMatchStatement" => match body["Scope"].as_str() {
            Some("NAMESPACE") => Statement::Namespace(text(body, "Key")),
            _ => Statement::Label(text(body, "Key")),
        },
        "AndStatement" => Statement::And(nested()),
        "OrStatement" => Statement::Or(nested()),
        "NotStatement" => Statement::Not(Box::new(statement(&body["Statement"], waf, depth + 1))),
        "RateBasedStatement" => Statement::Rate(rate(body, waf, depth)),
        _ => Statement::Never,
    }
}

fn rate(body: &Value, waf: &Waf, depth: usize) -> RateRule {
    RateRule {
        limit: body["Limit"].as_u64().unwrap_or(u64::MAX),
        window: SignedDuration::from_secs(
            body["EvaluationWindowSec"].as_i64().unwrap_or(DEFAULT_WINDOW_SECONDS),
        ),
        together: body["AggregateKeyType"].as_str() == Some("CONSTANT"),
        scope_down: scope_down(body, waf, depth).map(Box::new),
        counts: Counts::default(),
    }
}

fn bytes(body: &Value) -> Option<Statement> {
    let position = match body["PositionalConstraint"].as_str()? {
        "EXACTLY" => Position::Exactly,
        "STARTS_WITH" => Position::StartsWith,
        "ENDS_WITH" => Position::EndsWith,
        "CONTAINS" => Position::Contains,
        "CONTAINS_WORD" => Position::ContainsWord,
        _ => return None,
    };
    // A blob, in Base64 on the wire.
    let needle = BASE64.decode(body["SearchString"].as_str()?).ok()?;
    Some(Statement::Bytes { of: inspected(body)?, position, needle })
}

/// Whether a text is a pattern that the engine takes.
pub fn is_pattern(text: &str) -> bool {
    regex(text).is_some()
}

fn regex(text: &str) -> Option<Regex> {
    RegexBuilder::new(text).size_limit(MOST_REGEX_BYTES).build().ok()
}

fn pattern(body: &Value, patterns: &[String]) -> Option<Statement> {
    let regexes = patterns.iter().filter_map(|text| regex(text)).collect();
    Some(Statement::Pattern { of: inspected(body)?, regexes })
}

fn size(body: &Value) -> Option<Statement> {
    let comparison = match body["ComparisonOperator"].as_str()? {
        "EQ" => Comparison::Equal,
        "NE" => Comparison::NotEqual,
        "LE" => Comparison::AtMost,
        "LT" => Comparison::LessThan,
        "GE" => Comparison::AtLeast,
        "GT" => Comparison::GreaterThan,
        _ => return None,
    };
    Some(Statement::Size { field: field(&body["FieldToMatch"])?, comparison, size: body["Size"].as_u64()? })
}

fn inspected(body: &Value) -> Option<Inspected> {
    let mut transformations: Vec<&Value> = list(body, "TextTransformations").collect();
    transformations.sort_by_key(|one| one["Priority"].as_i64().unwrap_or(i64::MAX));
    let named = |one: &Value| Transformation::named(one["Type"].as_str().unwrap_or_default());
    let transformations = transformations.into_iter().map(named).collect();
    Some(Inspected { field: field(&body["FieldToMatch"])?, transformations })
}

fn field(document: &Value) -> Option<Field> {
    let (kind, body) = document.as_object()?.iter().next()?;
    Some(match kind.as_str() {
        "UriPath" => Field::UriPath,
        "QueryString" => Field::QueryString,
        "Method" => Field::Method,
        "Body" | "JsonBody" => Field::Body,
        "SingleHeader" => Field::Header(text(body, "Name").to_lowercase()),
        "Headers" => Field::AllHeaders,
        "SingleQueryArgument" => Field::Argument(text(body, "Name").to_lowercase()),
        "AllQueryArguments" => Field::AllArguments,
        "Cookies" => Field::Cookies,
        _ => return None,
    })
}

fn list<'v>(document: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    document[name].as_array().into_iter().flatten()
}

fn text(document: &Value, name: &str) -> String {
    document[name].as_str().unwrap_or_default().to_owned()
}
