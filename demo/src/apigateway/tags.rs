//! Tags of whatever has an ARN in API Gateway.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use crate::estate::{ApiKind, Estate};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_tags(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let arn = call.parameter("resource_arn");
        let path = path_of_arn(estate, arn)?;
        let tags = tags_of(estate, &path).ok_or_else(unknown)?;
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

pub fn tag_resource(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: TagResource = call.body()?;
    if request.tags.keys().any(|key| key.is_empty() || key.len() > 128 || key.starts_with("aws:")) {
        return Err(Fault::bad_request("Invalid tag key: 1 to 128 characters, not beginning with aws:"));
    }
    alter(call, |tags| {
        let mut all = tags.clone();
        all.extend(request.tags.clone());
        if all.len() > MOST_TAGS {
            return Err(Fault::bad_request(format!("A resource has at most {MOST_TAGS} tags")));
        }
        *tags = all;
        Ok(())
    })
}

pub fn untag_resource(call: &Call<'_>) -> Result<Answer, Fault> {
    alter(call, |tags| {
        tags.retain(|key, _| !call.asks_for("tagKeys", key));
        Ok(())
    })
}

/// AWS: tags of a resource.
const MOST_TAGS: usize = 50;

#[derive(Debug, Deserialize)]
struct TagResource {
    tags: BTreeMap<String, String>,
}

type Tags = BTreeMap<String, String>;

fn alter(call: &Call<'_>, change: impl FnOnce(&mut Tags) -> Result<(), Fault>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let path = path_of_arn(estate, call.parameter("resource_arn"))?;
        change(tags_mut(estate, &path).ok_or_else(unknown)?)?;
        Ok(Answer::no_content())
    })
}

fn unknown() -> Fault {
    Fault::not_found("Invalid resource ARN specified")
}

fn tags_of<'e>(estate: &'e Estate, path: &[&str]) -> Option<&'e Tags> {
    let rest_api = |id: &str| estate.api(id).filter(|api| api.kind == ApiKind::Rest);
    match path {
        ["restapis", id] => Some(&rest_api(id)?.tags),
        ["restapis", id, "stages", stage] => Some(&rest_api(id)?.stage(stage)?.tags),
        ["usageplans", id] => Some(&estate.usage_plan(id)?.tags),
        ["domainnames", name] => Some(&estate.domain_name(name)?.tags),
        ["vpclinks", id] => Some(&estate.vpc_links.iter().find(|link| link.id == *id)?.tags),
        ["clientcertificates", id] => {
            Some(&estate.client_certificates.iter().find(|certificate| certificate.id == *id)?.tags)
        }
        ["apikeys", id] => Some(&estate.api_keys.iter().find(|key| key.id == *id)?.tags),
        _ => None,
    }
}

fn tags_mut<'e>(estate: &'e mut Estate, path: &[&str]) -> Option<&'e mut Tags> {
    tags_of(estate, path)?;
    match path {
        ["restapis", id] => Some(&mut estate.api_mut(id)?.tags),
        ["restapis", id, "stages", stage] => Some(&mut estate.api_mut(id)?.stage_mut(stage)?.tags),
        ["usageplans", id] => Some(&mut estate.usage_plans.iter_mut().find(|plan| plan.id == *id)?.tags),
        ["domainnames", name] => {
            Some(&mut estate.domain_names.iter_mut().find(|domain| domain.name == *name)?.tags)
        }
        ["vpclinks", id] => Some(&mut estate.vpc_links.iter_mut().find(|link| link.id == *id)?.tags),
        ["clientcertificates", id] => {
            let mut certificates = estate.client_certificates.iter_mut();
            Some(&mut certificates.find(|certificate| certificate.id == *id)?.tags)
        }
        ["apikeys", id] => Some(&mut estate.api_keys.iter_mut().find(|key| key.id == *id)?.tags),
        _ => None,
    }
}
