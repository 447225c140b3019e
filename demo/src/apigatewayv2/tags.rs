//! Tags of HTTP and WebSocket APIs and of their stages.

use std::collections::BTreeMap;

use serde_json::json;

use crate::apigateway::path_of_arn;
use crate::estate::{ApiKind, Estate};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_tags(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let path = path_of_arn(estate, call.parameter("resource-arn"))?;
        let tags =
            tags_of(estate, &path).ok_or_else(|| Fault::not_found("Invalid resource ARN specified"))?;
        Answer::json(&json!({ "tags": tags }))
    })
}

fn tags_of<'e>(estate: &'e Estate, path: &[&str]) -> Option<&'e BTreeMap<String, String>> {
    let api = |id: &str| estate.api(id).filter(|api| api.kind != ApiKind::Rest);
    match path {
        ["apis", id] => Some(&api(id)?.tags),
        ["apis", id, "stages", stage] => Some(&api(id)?.stage(stage)?.tags),
        _ => None,
    }
}
