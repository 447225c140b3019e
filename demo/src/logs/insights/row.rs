//! Rows: an event with its fields, or a line of a statistic.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value as Json;

use super::super::event::{Event, EventKey};
use super::super::page::{hex, unhex};
use super::value::Value;

/// AWS: fields that are found in a JSON event.
const MOST_FIELDS: usize = 200;

/// An event of a group.
#[derive(Debug)]
pub struct RowEvent {
    event: Event,
    account_id: Rc<str>,
    group: Rc<str>,
    json: OnceCell<Json>,
}

impl RowEvent {
    pub fn new(event: Event, account_id: Rc<str>, group: Rc<str>) -> Self {
        Self { event, account_id, group, json: OnceCell::new() }
    }

    /// The value of a field: one of those that CloudWatch Logs makes, or a member of a JSON message.
    pub fn value(&self, name: &str) -> Value {
        match name {
            "@timestamp" => Value::Time(self.event.key.millis),
            "@ingestionTime" => Value::Time(self.event.ingested),
            "@message" => Value::Text(self.event.message.clone()),
            "@logStream" => Value::Text(self.event.stream.to_string()),
            "@log" => Value::Text(format!("{}:{}", self.account_id, self.group)),
            "@ptr" => Value::Text(self.pointer()),
            _ => {
                let json = self.json.get_or_init(|| {
                    let is_json = self.event.message.starts_with('{');
                    is_json
                        .then(|| serde_json::from_str(&self.event.message).ok())
                        .flatten()
                        .unwrap_or(Json::Null)
                });
                member(json, name).map_or(Value::Missing, Value::from_json)
            }
        }
    }

    /// What GetLogRecord is asked with.
    pub fn pointer(&self) -> String {
        pointer(&self.group, self.event.key)
    }
}

/// What names an event of a group, opaque to clients.
fn pointer(group: &str, key: EventKey) -> String {
    hex(&format!("{group}\n{}\n{:x}", key.millis, key.id))
}

/// The group and the event that a pointer names.
pub fn pointed(pointer: &str) -> Option<(String, EventKey)> {
    let text = unhex(pointer)?;
    let mut parts = text.split('\n');
    let group = parts.next()?.to_owned();
    let millis = parts.next()?.parse().ok()?;
    let id = u128::from_str_radix(parts.next()?, 16).ok()?;
    Some((group, EventKey { millis, id }))
}

/// The member at a dotted path; names may hold dots themselves.
fn member<'a>(json: &'a Json, path: &str) -> Option<&'a Json> {
    let direct = match json {
        Json::Object(members) => members.get(path),
        Json::Array(items) => path.parse::<usize>().ok().and_then(|index| items.get(index)),
        _ => return None,
    };
    direct.or_else(|| {
        path.match_indices('.').find_map(|(at, _)| member(member_at(json, &path[..at])?, &path[at + 1..]))
    })
}

fn member_at<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    match json {
        Json::Object(members) => members.get(name),
        Json::Array(items) => name.parse::<usize>().ok().and_then(|index| items.get(index)),
        _ => None,
    }
}

/// The fields that are found in a message, by their dotted names.
pub fn flattened(message: &str) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    if let Ok(json @ Json::Object(_)) = serde_json::from_str::<Json>(message) {
        flatten(&json, "", &mut fields);
    }
    fields
}

fn flatten(json: &Json, path: &str, fields: &mut BTreeMap<String, String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match json {
        _ if fields.len() >= MOST_FIELDS => {}
        Json::Object(members) => {
            for (name, value) in members {
                flatten(value, &below(name), fields);
            }
        }
        Json::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                flatten(value, &below(&index.to_string()), fields);
            }
        }
        Json::Null => {}
        other => {
            fields.insert(path.to_owned(), Value::from_json(other).to_string());
        }
    }
}

/// A row on its way through the commands.
#[derive(Clone, Debug, Default)]
pub struct Row {
    event: Option<Rc<RowEvent>>,
    /// What commands added, the latest last.
    added: Vec<(Arc<str>, Value)>,
}

impl Row {
    /// The row of an event.
    pub fn of(event: RowEvent) -> Self {
        Self { event: Some(Rc::new(event)), added: Vec::new() }
    }

    /// The value of a field.
    pub fn value(&self, name: &str) -> Value {
        match self.added.iter().rev().find(|(known, _)| &**known == name) {
            Some((_, value)) => value.clone(),
            None => self.event.as_ref().map_or(Value::Missing, |event| event.value(name)),
        }
    }

    /// Adds a field.
    pub fn add(&mut self, name: &Arc<str>, value: Value) {
        self.added.push((Arc::clone(name), value));
    }

    /// What names its event, if it has one.
    pub fn pointer(&self) -> Option<String> {
        self.event.as_ref().map(|event| event.pointer())
    }
}
