//! What a request brings, and the faults of what it lacks.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::server::fault::Fault;

/// AWS: rows on a page.
const MOST_ROWS: u64 = 100;

/// The members of a request.
#[derive(Debug)]
pub struct Input(Value);

impl Input {
    /// Reads a body.
    pub fn read(body: &Bytes) -> Result<Self, Fault> {
        let document = if body.is_empty() { Ok(json!({})) } else { serde_json::from_slice(body) };
        match document {
            Ok(document @ Value::Object(_)) => Ok(Self(document)),
            Ok(_) => Err(Fault::new(400, "SerializationException", "The request is no JSON object")),
            Err(error) => Err(Fault::new(400, "SerializationException", error.to_string())),
        }
    }

    /// A member, `Null` where it is missing.
    pub fn member(&self, name: &str) -> &Value {
        &self.0[name]
    }

    /// A text that must be there.
    pub fn text(&self, name: &str) -> Result<&str, Fault> {
        self.0[name].as_str().filter(|text| !text.is_empty()).ok_or_else(|| missing(name))
    }

    /// An object that must be there.
    pub fn object(&self, name: &str) -> Result<&Value, Fault> {
        Some(&self.0[name]).filter(|value| value.is_object()).ok_or_else(|| missing(name))
    }

    /// A list; an empty one where it is missing.
    pub fn list(&self, name: &str) -> &[Value] {
        self.0[name].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// Refuses scopes other than `REGIONAL`. AWS: CloudFront's things are in us-east-1 only.
    pub fn regional(&self) -> Result<(), Fault> {
        match self.text("Scope")? {
            "REGIONAL" => Ok(()),
            "CLOUDFRONT" => Err(invalid(
                "The scope is not valid.",
                "SCOPE_VALUE",
                "CLOUDFRONT is served in us-east-1 only",
            )),
            other => Err(invalid("The scope is not valid.", "SCOPE_VALUE", other)),
        }
    }

    /// The page of rows that the request asks for, and the marker of what follows: the name of the last row.
    pub fn page<'a, T>(
        &self,
        rows: impl Iterator<Item = &'a T>,
        name: impl Fn(&T) -> &str,
    ) -> Result<(Vec<&'a T>, Option<String>), Fault> {
        let limit = match self.member("Limit") {
            Value::Null => MOST_ROWS,
            limit => limit
                .as_u64()
                .filter(|limit| (1..=MOST_ROWS).contains(limit))
                .ok_or_else(|| invalid("The limit is not valid.", "LIMIT", &limit.to_string()))?,
        };
        let after = self.member("NextMarker").as_str().unwrap_or_default();
        let mut rows: Vec<&T> = rows.filter(|row| name(row) > after).collect();
        rows.sort_by(|one, other| name(one).cmp(name(other)));
        let size = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        let next = rows.last().filter(|_| more).map(|row| name(row).to_owned());
        Ok((rows, next))
    }

    /// The tags of a request to make something.
    pub fn tags(&self) -> BTreeMap<String, String> {
        tags(self.list("Tags"))
    }
}

/// Tags as a map.
pub fn tags(list: &[Value]) -> BTreeMap<String, String> {
    let text = |tag: &Value, name: &str| tag[name].as_str().unwrap_or_default().to_owned();
    list.iter().map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect()
}

/// AWS: a parameter that makes no sense, with the field and the value at fault.
pub fn invalid(reason: &str, field: &str, parameter: &str) -> Fault {
    let message = format!("Error reason: {reason}, field: {field}, parameter: {parameter}");
    Fault::new(400, "WAFInvalidParameterException", message)
}

/// AWS: what isn't there, or never was.
pub fn nonexistent() -> Fault {
    let message = "AWS WAF couldn\u{2019}t perform the operation because your resource doesn\u{2019}t exist.";
    Fault::new(400, "WAFNonexistentItemException", message)
}

fn missing(name: &str) -> Fault {
    let message = format!(
        "1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null"
    );
    Fault::new(400, "ValidationException", message)
}
