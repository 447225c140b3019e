//! Tags of whatever has an ARN in API Gateway.

use std::collections::BTreeMap;

use serde_json::json;

use crate::estate::{ApiKind, Estate};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_tags(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let arn = call.parameter("resource_arn");
        let path = path_of_arn(estate, arn)?;
        let tags =
            tags_of(estate, &path).ok_or_else(|| Fault::not_found("Invalid resource ARN specified"))?;
        Answer::json(&json!({ "tags": tags }))
    })
}

/// The path in an ARN such as `arn:aws:apigateway:eu-west-1::/restapis/abc/stages/prod`.
pub fn path_of_arn<'a>(estate: &Estate, arn: &'a str) -> Result<Vec<&'a str>, Fault> {
    let path = arn
        .strip_prefix("arn:aws:apigateway:")
        .and_then(|rest| rest.strip_prefix(estate.region.as_str()))
        .and_then(|rest| rest.strip_prefix("::/"));
    path.map(|path| path.split('/').collect())
        .ok_or_else(|| Fault::bad_request(format!("Invalid ARN specified in the request: {arn}")))
}

fn tags_of(estate: &Estate, path: &[&str]) -> Option<BTreeMap<String, String>> {
    let rest_api = |id: &str| estate.api(id).filter(|api| api.kind == ApiKind::Rest);
    match path {
        ["restapis", id] => Some(rest_api(id)?.tags.clone()),
        ["restapis", id, "stages", stage] => Some(rest_api(id)?.stage(stage)?.tags.clone()),
        ["usageplans", id] => Some(estate.usage_plan(id)?.tags.clone()),
        ["apikeys", id] => estate.api_keys.iter().any(|key| key.id == *id).then(BTreeMap::new),
        _ => None,
    }
}
