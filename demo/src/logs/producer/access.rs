//! Access logs: a stage's format with its `$context` variables filled in.

use serde_json::Value;

use super::context::{self, Scene, Variable};

const SIGN: &str = "$context.";

/// A format that has been read.
#[derive(Debug)]
pub struct Template {
    parts: Vec<Part>,
    /// The JSON members that hold the status and nothing else, and whether they quote it.
    statuses: Vec<(String, bool)>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    /// `None`: AWS knows no such variable, and writes a hyphen.
    Variable(Option<Variable>),
}

impl Template {
    /// Reads a format: text of any kind, such as JSON, CLF, CSV or XML, in which variables stand.
    pub fn new(format: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = format;
        while let Some(at) = rest.find(SIGN) {
            let (text, after) = rest.split_at(at);
            parts.push(Part::Text(text.to_owned()));
            let after = &after[SIGN.len()..];
            let is_name =
                |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_');
            let end = after.find(|character| !is_name(character)).unwrap_or(after.len());
            let name = after[..end].trim_end_matches('.');
            parts.push(Part::Variable(context::variable(name)));
            rest = &after[name.len()..];
        }
        parts.push(Part::Text(rest.to_owned()));
        Self { parts, statuses: statuses(format) }
    }

    /// The line of a request. AWS: `-` stands for what a request doesn't have.
    pub fn render(&self, scene: &Scene<'_>) -> String {
        let mut line = String::with_capacity(512);
        for part in &self.parts {
            match part {
                Part::Text(text) => line.push_str(text),
                Part::Variable(variable) => {
                    if !variable.is_some_and(|write| write(scene, &mut line)) {
                        line.push('-');
                    }
                }
            }
        }
        line
    }

    /// The JSON members that are known from the status alone, with their values.
    pub fn statuses(&self, status: u16) -> impl Iterator<Item = (&str, Value)> {
        self.statuses.iter().map(move |(name, is_quoted)| {
            let value = if *is_quoted { Value::from(status.to_string()) } else { Value::from(status) };
            (name.as_str(), value)
        })
    }
}

/// Finds `"name":$context.status` and `"name":"$context.status"` at the top level of a JSON format.
fn statuses(format: &str) -> Vec<(String, bool)> {
    const MARK: u16 = 7_173;
    let filled = format.replace("$context.status", &MARK.to_string());
    // The other variables must not keep the format from being JSON: null is right where a number would stand.
    let mut plain = String::new();
    let mut rest = filled.as_str();
    while let Some(at) = rest.find(SIGN) {
        let is_quoted = rest[..at].ends_with('"');
        plain.push_str(&rest[..at]);
        plain.push_str(if is_quoted { "-" } else { "null" });
        let after = &rest[at + SIGN.len()..];
        let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_');
        rest = &after[after.find(|character| !is_name(character)).unwrap_or(after.len())..];
    }
    plain.push_str(rest);
    let Ok(Value::Object(members)) = serde_json::from_str::<Value>(&plain) else { return Vec::new() };
    members
        .into_iter()
        .filter_map(|(name, value)| match value {
            Value::Number(number) if number.as_u64() == Some(u64::from(MARK)) => Some((name, false)),
            Value::String(text) if text == MARK.to_string() => Some((name, true)),
            _ => None,
        })
        .collect()
}
