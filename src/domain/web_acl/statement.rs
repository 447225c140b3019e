//! The statement of a rule in words: what a request has to be for the rule to act.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::name_in_arn;
use super::rule::{only_key, window};
use crate::domain::text::sanitise;

/// Deeper statements are cut short: a table's cell holds no more.
const DEEPEST: usize = 6;
/// So many members of a list are named; the rest is counted.
const NAMED: usize = 5;

/// A statement in words. One that this version doesn't know goes by AWS's name for it.
pub fn in_words(statement: &Value) -> String {
    sanitise(&words(statement, 0)).into_owned()
}

fn words(statement: &Value, depth: usize) -> String {
    let kind = only_key(statement);
    let body = &statement[kind];
    if depth > DEEPEST {
        return "…".to_owned();
    }
    match kind {
        "" => "nothing".to_owned(),
        "ByteMatchStatement" => {
            let position = match text(&body["PositionalConstraint"]) {
                "EXACTLY" => "is",
                "STARTS_WITH" => "starts with",
                "ENDS_WITH" => "ends with",
                "CONTAINS_WORD" => "has the word",
                _ => "contains",
            };
            format!("{} {position} '{}'", field(body), searched(&body["SearchString"]))
        }
        "RegexMatchStatement" => format!("{} matches /{}/", field(body), text(&body["RegexString"])),
        "RegexPatternSetReferenceStatement" => {
            format!("{} matches the pattern set {}", field(body), name_in_arn(text(&body["ARN"])))
        }
        "SqliMatchStatement" => format!("{} looks like SQL injection", field(body)),
        "XssMatchStatement" => format!("{} looks like cross-site scripting", field(body)),
        "SizeConstraintStatement" => {
            format!("{} is {} {} bytes", field(body), comparison(&body["ComparisonOperator"]), body["Size"])
        }
        "GeoMatchStatement" => format!("country is {}", list(&body["CountryCodes"])),
        "AsnMatchStatement" => format!("autonomous system is {}", list(&body["AsnList"])),
        "IPSetReferenceStatement" => {
            format!("address is in the IP set {}", name_in_arn(text(&body["ARN"])))
        }
        "LabelMatchStatement" => format!("label is {}", text(&body["Key"])),
        "RateBasedStatement" => {
            let by = match text(&body["AggregateKeyType"]) {
                "IP" => "by one address",
                "FORWARDED_IP" => "by one forwarded address",
                "CUSTOM_KEYS" => "with the same custom keys",
                _ => "in all",
            };
            let scope = match &body["ScopeDownStatement"] {
                Value::Null => String::new(),
                scope => format!(", where {}", words(scope, depth + 1)),
            };
            format!("more than {} requests in {} s {by}{scope}", body["Limit"], window(body))
        }
        "ManagedRuleGroupStatement" | "RuleGroupReferenceStatement" => {
            super::GroupReference::of(statement).map_or_else(String::new, |group| group.source.to_string())
        }
        "AndStatement" => joined(&body["Statements"], " and ", depth),
        "OrStatement" => joined(&body["Statements"], " or ", depth),
        "NotStatement" => format!("not ({})", words(&body["Statement"], depth + 1)),
        other => other.to_owned(),
    }
}

fn joined(statements: &Value, with: &str, depth: usize) -> String {
    let parts = statements.as_array().into_iter().flatten();
    let parts: Vec<String> = parts
        .map(|inner| match only_key(inner) {
            "AndStatement" | "OrStatement" => format!("({})", words(inner, depth + 1)),
            _ => words(inner, depth + 1),
        })
        .collect();
    parts.join(with)
}

/// The part of a request that is looked at.
fn field(body: &Value) -> String {
    let field = &body["FieldToMatch"];
    let kind = only_key(field);
    let name = || text(&field[kind]["Name"]);
    match kind {
        "SingleHeader" => format!("header {}", name()),
        "SingleQueryArgument" => format!("query argument {}", name()),
        "AllQueryArguments" => "any query argument".to_owned(),
        "UriPath" => "path".to_owned(),
        "QueryString" => "query string".to_owned(),
        "Body" => "body".to_owned(),
        "JsonBody" => "JSON body".to_owned(),
        "Method" => "method".to_owned(),
        "Headers" => "any header".to_owned(),
        "Cookies" => "any cookie".to_owned(),
        "" => "request".to_owned(),
        other => other.to_owned(),
    }
}

/// AWS: the bytes that are searched for travel in Base64.
fn searched(encoded: &Value) -> String {
    let decoded = STANDARD.decode(text(encoded)).ok();
    decoded.map_or_else(|| text(encoded).to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn comparison(operator: &Value) -> &str {
    match text(operator) {
        "EQ" => "exactly",
        "NE" => "other than",
        "LE" => "at most",
        "LT" => "less than",
        "GE" => "at least",
        "GT" => "more than",
        other => other,
    }
}

fn list(values: &Value) -> String {
    let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut named: Vec<String> = values
        .iter()
        .take(NAMED)
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        .collect();
    if values.len() > NAMED {
        named.push(format!("{} more", values.len() - NAMED));
    }
    named.join(", ")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
