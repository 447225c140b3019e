//! The operations on log groups.

use axum::body::Bytes;
use regex::Regex;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::{Logs, fault, input, page};
use crate::estate::{LogClass, LogGroup};
use crate::server::fault::Fault;

/// AWS: groups on a page of DescribeLogGroups.
const MOST_DESCRIBED: usize = 50;
/// AWS: groups on a page of ListLogGroups.
const MOST_LISTED: usize = 1_000;
/// AWS: the periods for which events may be kept, in days.
const RETENTIONS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557, 2_922, 3_288,
    3_653,
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfGroup {
    log_group_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Describe {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    log_group_class: Option<String>,
    log_group_identifiers: Option<Vec<String>>,
    next_token: Option<String>,
    limit: Option<i64>,
}

/// Answers `DescribeSubscriptionFilters`: no group of the region has any.
pub fn describe_subscription_filters(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: OfGroup = input::read(body)?;
    logs.archive.source(&input.log_group_name)?;
    Ok(json!({ "subscriptionFilters": [] }))
}

/// Answers `DescribeLogGroups`.
pub fn describe_log_groups(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Describe = input::read(body)?;
    if input.log_group_name_prefix.is_some() && input.log_group_name_pattern.is_some() {
        return Err(fault::invalid_parameter(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let class = input.log_group_class.as_deref().map(class).transpose()?;
    let names = input.log_group_identifiers.map(|identifiers| {
        identifiers.iter().map(|one| input::group_of_identifier(one).to_owned()).collect::<Vec<_>>()
    });
    let is_wanted = |group: &LogGroup| {
        input.log_group_name_prefix.as_deref().is_none_or(|prefix| group.name.starts_with(prefix))
            && input.log_group_name_pattern.as_deref().is_none_or(|part| group.name.contains(part))
            && class.is_none_or(|class| group.class == class)
            && names.as_ref().is_none_or(|names| names.contains(&group.name))
    };
    let rows: Vec<LogGroup> = logs.archive.groups().into_values().filter(is_wanted).collect();
    let most = input::rows(input.limit, "limit", MOST_DESCRIBED)?;
    let (rows, next) = page::rows(rows, |group| group.name.clone(), input.next_token.as_deref(), most)?;
    let describe = |group: &LogGroup| {
        let arn = logs.group_arn(&group.name);
        let mut row = json!({
            "logGroupName": group.name,
            "creationTime": group.created.as_millisecond(),
            "metricFilterCount": 0,
            "arn": format!("{arn}:*"),
            "storedBytes": stored_bytes(logs, &group.name),
            "logGroupClass": group.class.as_str(),
            "logGroupArn": arn,
        });
        if let Some(days) = group.retention_days {
            row["retentionInDays"] = days.into();
        }
        row
    };
    let mut answer = json!({ "logGroups": rows.iter().map(describe).collect::<Vec<_>>() });
    if let Some(next) = next {
        answer["nextToken"] = next.into();
    }
    Ok(answer)
}

/// The bytes that clients put. AWS counts those of services too, with hours of delay.
fn stored_bytes(logs: &Logs, group: &str) -> usize {
    logs.archive.look(|_, kept| kept.stored.streams(group).map(|(_, stream)| stream.bytes()).sum())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    log_group_name_pattern: Option<String>,
    log_group_class: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
}

/// Answers `ListLogGroups`.
pub fn list_log_groups(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: List = input::read(body)?;
    let class = input.log_group_class.as_deref().map(class).transpose()?;
    let pattern = match input.log_group_name_pattern.as_deref() {
        None => None,
        Some(text) if text.len() <= 129 => Some(Regex::new(text).map_err(|_| {
            let constraint = "Member must satisfy regular expression pattern: (\\^?[\\.\\-_\\/#A-Za-z0-9]{3,24})(\\|\\^?[\\.\\-_\\/#A-Za-z0-9]{3,24}){0,4}";
            fault::validation(text, "logGroupNamePattern", constraint)
        })?),
        Some(text) => {
            let constraint = "Member must have length less than or equal to 129";
            return Err(fault::validation(text, "logGroupNamePattern", constraint));
        }
    };
    let is_wanted = |group: &LogGroup| {
        pattern.as_ref().is_none_or(|pattern| pattern.is_match(&group.name))
            && class.is_none_or(|class| group.class == class)
    };
    let rows: Vec<LogGroup> = logs.archive.groups().into_values().filter(is_wanted).collect();
    let most =
        input.limit.map_or(Ok(MOST_DESCRIBED), |limit| input::rows(Some(limit), "limit", MOST_LISTED))?;
    let (rows, next) = page::rows(rows, |group| group.name.clone(), input.next_token.as_deref(), most)?;
    let mut answer = json!({
        "logGroups": rows.iter().map(|group| json!({
            "logGroupName": group.name,
            "logGroupArn": logs.group_arn(&group.name),
            "logGroupClass": group.class.as_str(),
        })).collect::<Vec<_>>(),
    });
    if let Some(next) = next {
        answer["nextToken"] = next.into();
    }
    Ok(answer)
}

fn class(word: &str) -> Result<LogClass, Fault> {
    match word {
        "STANDARD" => Ok(LogClass::Standard),
        "INFREQUENT_ACCESS" => Ok(LogClass::InfrequentAccess),
        other => {
            let constraint = "Member must satisfy enum value set: [STANDARD, INFREQUENT_ACCESS]";
            Err(fault::validation(other, "logGroupClass", constraint))
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Create {
    log_group_name: String,
    log_group_class: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

/// AWS's words for what there is already.
pub fn already_exists(thing: &str) -> Fault {
    Fault::new(400, "ResourceAlreadyExistsException", format!("The specified {thing} already exists"))
}

/// Answers `CreateLogGroup`.
pub fn create_log_group(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Create = input::read(body)?;
    input::group_name(&input.log_group_name)?;
    if input.log_group_name.starts_with("aws/") {
        return Err(fault::invalid_parameter("Log groups starting with AWS/ are reserved for AWS."));
    }
    let class = input.log_group_class.as_deref().map_or(Ok(LogClass::Standard), class)?;
    if logs.archive.group(&input.log_group_name).is_ok() {
        return Err(already_exists("log group"));
    }
    let group = LogGroup {
        name: input.log_group_name,
        class,
        created: logs.archive.clock.now(),
        retention_days: None,
        tags: input.tags,
    };
    logs.archive.alter(|estate, _| estate.log_groups.push(group));
    Ok(json!({}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    log_group_name: String,
}

/// Answers `DeleteLogGroup`. What a service still writes appears in a new group of the same name.
pub fn delete_log_group(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let Named { log_group_name: name } = input::read(body)?;
    logs.archive.group(&name)?;
    let now = logs.archive.clock.now();
    logs.archive.alter(|estate, kept| {
        estate.log_groups.retain(|group| group.name != name);
        kept.stored.delete_group(&name);
        kept.deletions.insert(name, now);
    });
    Ok(json!({}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Retention {
    log_group_name: String,
    retention_in_days: i64,
}

/// Answers `PutRetentionPolicy`.
pub fn put_retention_policy(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let input: Retention = input::read(body)?;
    let days = u32::try_from(input.retention_in_days).ok();
    let Some(days) = days.filter(|days| RETENTIONS.contains(days)) else {
        let legal: Vec<String> = RETENTIONS.iter().map(ToString::to_string).collect();
        let constraint = format!("Member must satisfy enum value set: [{}]", legal.join(", "));
        return Err(fault::validation(&input.retention_in_days.to_string(), "retentionInDays", &constraint));
    };
    logs.archive.alter_group(&input.log_group_name, |group| group.retention_days = Some(days))?;
    Ok(json!({}))
}

/// Answers `DeleteRetentionPolicy`.
pub fn delete_retention_policy(logs: &Logs, body: &Bytes) -> Result<Value, Fault> {
    let Named { log_group_name: name } = input::read(body)?;
    logs.archive.alter_group(&name, |group| group.retention_days = None)?;
    Ok(json!({}))
}
