//! Where web ACLs log to.

use serde_json::{Value, json};

use super::input::{Input, invalid, nonexistent};
use crate::estate::{Estate, WebAcl};
use crate::server::fault::Fault;

pub fn get(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    let acl = estate.waf.web_acl(input.text("ResourceArn")?).ok_or_else(nonexistent)?;
    let configuration = acl.logging_configuration.as_ref().ok_or_else(nonexistent)?;
    Ok(json!({ "LoggingConfiguration": configuration }))
}

pub fn list(estate: &Estate, input: &Input) -> Result<Value, Fault> {
    input.regional()?;
    let logging = estate.waf.web_acls.iter().filter(|acl| acl.logging_configuration.is_some());
    let (rows, next) = input.page(logging, |acl: &WebAcl| &acl.name)?;
    let mut answer = json!({ "LoggingConfigurations": rows.iter().map(|acl| &acl.logging_configuration).collect::<Vec<_>>() });
    if let Some(next) = next {
        answer["NextMarker"] = json!(next);
    }
    Ok(answer)
}

/// AWS: replaces all of it. The destination's name begins with `aws-waf-logs-`.
pub fn put(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let configuration = input.object("LoggingConfiguration")?.clone();
    let arn = configuration["ResourceArn"].as_str().unwrap_or_default();
    let destinations = configuration["LogDestinationConfigs"].as_array();
    let destination = match destinations.map(Vec::as_slice) {
        Some([one]) => one.as_str().unwrap_or_default(),
        _ => return Err(invalid("Exactly one destination is needed.", "LOG_DESTINATION", "")),
    };
    let name = destination.rsplit([':', '/']).find(|part| !matches!(*part, "" | "*")).unwrap_or_default();
    if !destination.starts_with("arn:") || !name.starts_with("aws-waf-logs-") {
        let reason = "The ARN isn't valid: the destination's name must begin with aws-waf-logs-.";
        return Err(invalid(reason, "LOG_DESTINATION", destination));
    }
    let acl = estate.waf.web_acls.iter_mut().find(|acl| acl.arn == arn).ok_or_else(nonexistent)?;
    acl.logging_configuration = Some(configuration.clone());
    Ok(json!({ "LoggingConfiguration": configuration }))
}

pub fn delete(estate: &mut Estate, input: &Input) -> Result<Value, Fault> {
    let arn = input.text("ResourceArn")?;
    let acl = estate.waf.web_acls.iter_mut().find(|acl| acl.arn == arn).ok_or_else(nonexistent)?;
    acl.logging_configuration.take().map(|_| json!({})).ok_or_else(nonexistent)
}
