//! Tags of HTTP and WebSocket APIs and of their stages.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use crate::apigateway::path_of_arn;
use crate::estate::{ApiKind, Estate};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_tags(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let path = path_of_arn(estate, call.parameter("resource-arn"))?;
        let tags = tags_of(estate, &path).ok_or_else(unknown)?;
        Answer::json(&json!({ "tags": tags }))
    })
}

pub fn tag_resource(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: TagResource = call.body()?;
    if request.tags.keys().any(|key| key.is_empty() || key.len() > 128 || key.starts_with("aws:")) {
        return Err(Fault::bad_request("Invalid tag key: 1 to 128 characters, not beginning with aws:"));
    }
    call.write(|estate| {
        let path = path_of_arn(estate, call.parameter("resource-arn"))?;
        tags_mut(estate, &path).ok_or_else(unknown)?.extend(request.tags);
        Answer::created(&json!({}))
    })
}

pub fn untag_resource(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let path = path_of_arn(estate, call.parameter("resource-arn"))?;
        let tags = tags_mut(estate, &path).ok_or_else(unknown)?;
        tags.retain(|key, _| !call.asks_for("tagKeys", key));
        Ok(Answer::no_content())
    })
}

#[derive(Debug, Deserialize)]
struct TagResource {
    tags: BTreeMap<String, String>,
}

fn unknown() -> Fault {
    Fault::not_found("Invalid resource ARN specified")
}

fn tags_mut<'e>(estate: &'e mut Estate, path: &[&str]) -> Option<&'e mut BTreeMap<String, String>> {
    tags_of(estate, path)?;
    match path {
        ["apis", id] => Some(&mut estate.api_mut(id)?.tags),
        ["apis", id, "stages", stage] => Some(&mut estate.api_mut(id)?.stage_mut(stage)?.tags),
        _ => None,
    }
}

fn tags_of<'e>(estate: &'e Estate, path: &[&str]) -> Option<&'e BTreeMap<String, String>> {
    let api = |id: &str| estate.api(id).filter(|api| api.kind != ApiKind::Rest);
    match path {
        ["apis", id] => Some(&api(id)?.tags),
        ["apis", id, "stages", stage] => Some(&api(id)?.stage(stage)?.tags),
        _ => None,
    }
}
