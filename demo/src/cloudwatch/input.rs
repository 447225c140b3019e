//! Reads the members of a request, with AWS's words for what is missing or of the wrong type.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::error::Fault;
use super::value::{Value, time_from_seconds};

/// A structure of a request and the path that leads to it.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    members: &'a BTreeMap<String, Value>,
    path: String,
}

impl<'a> Input<'a> {
    /// The request itself.
    pub fn root(value: &'a Value) -> Result<Self, Fault> {
        Self::at(value, String::new())
    }

    fn at(value: &'a Value, path: String) -> Result<Self, Fault> {
        match value {
            Value::Structure(members) => Ok(Self { members, path }),
            _ => Err(wrong_type(if path.is_empty() { "the request" } else { &path }, "a structure")),
        }
    }

    /// The path of a member, such as `MetricDataQueries.member.1.Id`.
    pub fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Whether the member is there.
    pub fn has(&self, name: &str) -> bool {
        self.member(name).is_some()
    }

    /// The value of a member that must be there.
    pub fn required<T>(&self, name: &str, value: Option<T>) -> Result<T, Fault> {
        value.ok_or_else(|| Fault::missing(&self.path(name)))
    }

    /// A string.
    pub fn text(&self, name: &str) -> Result<Option<&'a str>, Fault> {
        match self.member(name) {
            None => Ok(None),
            Some(Value::Text(text) | Value::Untyped(text)) => Ok(Some(text)),
            Some(_) => Err(wrong_type(&self.path(name), "a string")),
        }
    }

    /// A string that must be there and not be empty.
    pub fn required_text(&self, name: &str) -> Result<&'a str, Fault> {
        let text = self.text(name)?.filter(|text| !text.is_empty());
        self.required(name, text)
    }

    /// A whole number.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, Fault> {
        let wrong = || wrong_type(&self.path(name), "an integer");
        match self.member(name) {
            None => Ok(None),
            Some(Value::Integer(number)) => Ok(Some(*number)),
            Some(Value::Untyped(text)) => text.parse().map(Some).map_err(|_| wrong()),
            Some(_) => Err(wrong()),
        }
    }

    /// A whole number that lies in the range; AWS's words if it doesn't.
    pub fn integer_within(&self, name: &str, least: i64, most: i64) -> Result<Option<i64>, Fault> {
        match self.integer(name)? {
            Some(number) if !(least..=most).contains(&number) => Err(Fault::validation(format!(
                "1 validation error detected: Value '{number}' at '{name}' failed to satisfy constraint: \
                 Member must have value between {least} and {most}"
            ))),
            number => Ok(number),
        }
    }

    /// A number.
    pub fn number(&self, name: &str) -> Result<Option<f64>, Fault> {
        self.member(name).map(|value| number(value, &self.path(name))).transpose()
    }

    /// A list of numbers; empty when it is absent.
    pub fn numbers(&self, name: &str) -> Result<Vec<f64>, Fault> {
        self.list(name)?.iter().map(|value| number(value, &self.path(name))).collect()
    }

    /// A truth value.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Fault> {
        match self.member(name) {
            None => Ok(None),
            Some(Value::Boolean(truth)) => Ok(Some(*truth)),
            Some(Value::Untyped(text)) if text == "true" => Ok(Some(true)),
            Some(Value::Untyped(text)) if text == "false" => Ok(Some(false)),
            Some(_) => Err(wrong_type(&self.path(name), "a boolean")),
        }
    }

    /// A time: a timestamp, seconds since the epoch, or ISO 8601 text.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Fault> {
        let Some(value) = self.member(name) else { return Ok(None) };
        let time = match value {
            Value::Time(time) => Some(*time),
            Value::Integer(seconds) => Timestamp::from_second(*seconds).ok(),
            Value::Double(seconds) => time_from_seconds(*seconds),
            Value::Text(text) | Value::Untyped(text) => text.parse().ok(),
            _ => None,
        };
        time.map(Some).ok_or_else(|| wrong_type(&self.path(name), "a timestamp"))
    }

    /// A list; empty when it is absent.
    pub fn list(&self, name: &str) -> Result<&'a [Value], Fault> {
        match self.member(name) {
            None => Ok(&[]),
            Some(Value::List(values)) => Ok(values),
            Some(_) => Err(wrong_type(&self.path(name), "a list")),
        }
    }

    /// A list of strings; empty when it is absent.
    pub fn texts(&self, name: &str) -> Result<Vec<&'a str>, Fault> {
        let text = |value: &'a Value| match value {
            Value::Text(text) | Value::Untyped(text) => Ok(text.as_str()),
            _ => Err(wrong_type(&self.path(name), "a list of strings")),
        };
        self.list(name)?.iter().map(text).collect()
    }

    /// A list of structures; empty when it is absent. AWS counts members from 1.
    pub fn structures(&self, name: &str) -> Result<Vec<Self>, Fault> {
        let member = |(index, value)| Self::at(value, format!("{}.member.{}", self.path(name), index + 1));
        self.list(name)?.iter().enumerate().map(member).collect()
    }

    /// A structure.
    pub fn structure(&self, name: &str) -> Result<Option<Self>, Fault> {
        self.member(name).map(|value| Self::at(value, self.path(name))).transpose()
    }

    /// A string that must be one of a set, if it is there.
    pub fn choice(&self, name: &str, choices: &[&str]) -> Result<Option<&'a str>, Fault> {
        match self.text(name)? {
            Some(text) if !choices.contains(&text) => Err(Fault::validation(format!(
                "1 validation error detected: Value '{text}' at '{name}' failed to satisfy constraint: \
                 Member must satisfy enum value set: [{}]",
                choices.join(", ")
            ))),
            text => Ok(text),
        }
    }

    fn member(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| **value != Value::Null)
    }
}

#[expect(clippy::cast_precision_loss, reason = "AWS's metric values are doubles as well")]
fn number(value: &Value, path: &str) -> Result<f64, Fault> {
    match value {
        Value::Double(number) => Ok(*number),
        Value::Integer(number) => Ok(*number as f64),
        Value::Untyped(text) => text.parse().map_err(|_| wrong_type(path, "a number")),
        _ => Err(wrong_type(path, "a number")),
    }
}

fn wrong_type(path: &str, expected: &str) -> Fault {
    Fault::serialization(format!("{path} is not {expected}."))
}
