//! What requests say: JSON into typed parameters, and the parameters that many operations share.

use axum::body::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::fault;
use super::producer::group_of_arn;
use crate::server::fault::Fault;

/// Reads the body of a request. An empty one is an empty object.
pub fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Fault> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        Fault::new(400, "SerializationException", format!("The request is malformed: {error}"))
    })
}

/// A group by its name or by its name or ARN: one of both.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GroupChoice {
    pub log_group_name: Option<String>,
    pub log_group_identifier: Option<String>,
}

impl GroupChoice {
    /// The group's name.
    pub fn name(&self) -> Result<&str, Fault> {
        match (&self.log_group_name, &self.log_group_identifier) {
            (Some(_), Some(_)) => Err(fault::invalid_parameter(
                "LogGroupName and LogGroupIdentifier cannot be used together. Please specify either one.",
            )),
            (Some(name), None) => group_name(name).map(|()| name.as_str()),
            (None, Some(identifier)) => Ok(group_of_identifier(identifier)),
            (None, None) => {
                Err(fault::invalid_parameter("Either LogGroupName or LogGroupIdentifier must be specified."))
            }
        }
    }
}

/// The name in a name or an ARN.
pub fn group_of_identifier(identifier: &str) -> &str {
    group_of_arn(identifier).unwrap_or(identifier)
}

/// AWS: 1 to 512 letters, digits, and `_`, `-`, `/`, `.`, `#`.
pub fn group_name(name: &str) -> Result<(), Fault> {
    let is_legal = |character: char| character.is_ascii_alphanumeric() || "._-/#".contains(character);
    if name.is_empty() || name.len() > 512 || !name.chars().all(is_legal) {
        let pattern = "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+";
        return Err(fault::validation(name, "logGroupName", pattern));
    }
    Ok(())
}

/// AWS: 1 to 512 characters but `:` and `*`.
pub fn stream_name(name: &str) -> Result<(), Fault> {
    if name.is_empty() || name.len() > 512 || name.contains([':', '*']) {
        let pattern = "Member must satisfy regular expression pattern: [^:*]*";
        return Err(fault::validation(name, "logStreamName", pattern));
    }
    Ok(())
}

/// A number of rows within AWS's bounds; `most` where the request doesn't say.
pub fn rows(limit: Option<i64>, member: &str, most: usize) -> Result<usize, Fault> {
    let Some(limit) = limit else { return Ok(most) };
    let rows = usize::try_from(limit).ok().filter(|rows| (1..=most).contains(rows));
    rows.ok_or_else(|| {
        let constraint = if limit < 1 {
            "Member must have value greater than or equal to 1".to_owned()
        } else {
            format!("Member must have value less than or equal to {most}")
        };
        fault::validation(&limit.to_string(), member, &constraint)
    })
}
