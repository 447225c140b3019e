//! Tags of log groups, by ARN and, as in older clients, by name.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::producer::group_of_arn;
use super::{Logs, fault, input};
use crate::server::fault::Fault;

/// AWS: tags of a resource.
const MOST_TAGS: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    resource_arn: Option<String>,
    log_group_name: Option<String>,
    /// A map in requests that tag, a list of keys in the older one that untags.
    #[serde(default)]
    tags: Value,
    tag_keys: Option<Vec<String>>,
}

impl Input {
    fn group(&self) -> Result<&str, Fault> {
        match (&self.resource_arn, &self.log_group_name) {
            (Some(arn), _) => group_of_arn(arn).ok_or_else(|| {
                fault::invalid_parameter("The specified resourceArn is not that of a log group.")
            }),
            (None, Some(name)) => Ok(name),
            (None, None) => Err(fault::validation("null", "resourceArn", "Member must not be null")),
        }
    }
}

/// Answers `ListTagsForResource` and `ListTagsLogGroup`.
pub fn list_tags(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Input = input::read(body)?;
    Ok(json!({ "tags": logs.archive.group(input.group()?)?.tags }))
}

/// Answers `TagResource` and `TagLogGroup`.
pub fn tag(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Input = input::read(body)?;
    let tags: BTreeMap<String, String> = serde_json::from_value(input.tags.clone())
        .map_err(|_| fault::invalid_parameter("Tags must be a map of texts."))?;
    let name = input.group()?;
    let mut all = logs.archive.group(name)?.tags;
    all.extend(tags);
    if all.len() > MOST_TAGS {
        return Err(Fault::new(
            400,
            "TooManyTagsException",
            format!("The resource would have {} tags; the limit is {MOST_TAGS}.", all.len()),
        ));
    }
    logs.archive.alter_group(name, |group| group.tags = all)?;
    Ok(json!({}))
}

/// Answers `UntagResource` and `UntagLogGroup`.
pub fn untag(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Input = input::read(body)?;
    let listed =
        input.tags.as_array().into_iter().flatten().filter_map(|key| key.as_str().map(str::to_owned));
    let keys: Vec<String> = input.tag_keys.iter().flatten().cloned().chain(listed).collect();
    logs.archive.alter_group(input.group()?, |group| group.tags.retain(|key, _| !keys.contains(key)))?;
    Ok(json!({}))
}
