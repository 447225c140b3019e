//! Which web ACL guards which stage of a REST API.

use serde_json::{Value, json};

use super::input::{Input, invalid, nonexistent};
use crate::estate::{ApiKind, Estate, Stage};
use crate::server::fault::Fault;

pub fn associate(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let arn = input.text("WebACLArn")?;
    if estate.waf.web_acl(arn).is_none() {
        return Err(nonexistent());
    }
    let arn = arn.to_owned();
    stage_mut(estate, input.text("ResourceArn")?)?.web_acl_arn = Some(arn);
    Ok(json!({}))
}

pub fn disassociate(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let stage = stage_mut(estate, input.text("ResourceArn")?)?;
    stage.web_acl_arn.take().map(|_| json!({})).ok_or_else(nonexistent)
}

pub fn of_resource(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    let arn = input.text("ResourceArn")?;
    let (api, stage) = parse(estate, arn)?;
    let stage = estate.api(api).and_then(|api| api.stage(stage)).ok_or_else(nonexistent)?;
    let acl = stage.web_acl_arn.as_deref().and_then(|arn| estate.waf.web_acl(arn));
    Ok(acl.map_or_else(|| json!({}), |acl| json!({ "WebACL": acl.document })))
}

pub fn resources(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    let arn = input.text("WebACLArn")?;
    if estate.waf.web_acl(arn).is_none() {
        return Err(nonexistent());
    }
    // AWS: load balancers unless told otherwise, of which this region has none.
    let arns: Vec<String> = match input.member("ResourceType").as_str() {
        Some("API_GATEWAY") => {
            let stages = stages_of(estate, arn);
            stages.map(|(api, stage)| stage_arn(estate, api, stage)).collect()
        }
        _ => Vec::new(),
    };
    Ok(json!({ "ResourceArns": arns }))
}

/// API id and name of every stage that a web ACL guards.
pub fn stages_of<'e>(estate: &'e Estate, arn: &str) -> impl Iterator<Item = (&'e str, &'e str)> {
    estate.apis_of(ApiKind::Rest).flat_map(move |api| {
        let guarded = api.stages.iter().filter(move |stage| stage.web_acl_arn.as_deref() == Some(arn));
        guarded.map(|stage| (api.id.as_str(), stage.name.as_str()))
    })
}

/// AWS: the account field is empty.
pub fn stage_arn(estate: &Estate, api: &str, stage: &str) -> String {
    format!("arn:aws:apigateway:{}::/restapis/{api}/stages/{stage}", estate.region)
}

fn stage_mut<'e>(estate: &'e mut Estate, arn: &str) -> Result<&'e mut Stage, Fault> {
    let (api, stage) = parse(estate, arn)?;
    estate.api_mut(api).and_then(|api| api.stage_mut(stage)).ok_or_else(nonexistent)
}

/// The API and the stage in the ARN of a stage. HTTP and WebSocket APIs can't be guarded.
fn parse<'a>(estate: &Estate, arn: &'a str) -> Result<(&'a str, &'a str), Fault> {
    let reason = "The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by \
                  colons or slashes.";
    let illegal = || invalid(reason, "RESOURCE_ARN", arn);
    let path = arn
        .strip_prefix("arn:aws:apigateway:")
        .and_then(|rest| rest.strip_prefix(estate.region.as_str()))
        .and_then(|rest| rest.strip_prefix("::/restapis/"));
    let (api, stage) = path.and_then(|path| path.split_once("/stages/")).ok_or_else(illegal)?;
    if estate.api(api).is_some_and(|api| api.kind != ApiKind::Rest) {
        return Err(illegal());
    }
    Ok((api, stage))
}
