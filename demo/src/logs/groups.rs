//! The log groups of the account: those that somebody made, and those that services make by themselves.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::journal::Journal;
use super::producer::{LogSettings, Origin, Producer, access_group, execution_groups, function_group};
use crate::estate::{Api, Estate, LogClass, LogGroup};

/// When groups that services make by themselves were last deleted, by name.
pub type Deletions = HashMap<String, Timestamp>;

/// The group of this name, if there is one.
pub fn find(estate: &Estate, journal: &Journal, deletions: &Deletions, name: &str) -> Option<LogGroup> {
    let made = estate.log_groups.iter().find(|group| group.name == name).cloned();
    made.or_else(|| all(estate, journal, deletions).remove(name))
}

/// Every group, by name.
pub fn all(estate: &Estate, journal: &Journal, deletions: &Deletions) -> BTreeMap<String, LogGroup> {
    let mut groups = BTreeMap::new();
    let mut appears = |name: String, since: Timestamp| {
        let created = deletions.get(&name).copied().unwrap_or(since);
        groups.entry(name.clone()).or_insert_with(|| by_itself(name, created));
    };
    for version in journal.versions() {
        for stage in &version.api.stages {
            let since = stage.created.max(version.from);
            for (name, _) in execution_groups(&version.api, stage) {
                appears(name, since);
            }
        }
    }
    for acl in &estate.waf.web_acls {
        for name in LogSettings::of(acl).iter().flat_map(LogSettings::groups) {
            appears(name.to_owned(), Timestamp::MIN);
        }
    }
    for api in estate.apis.iter().filter(|api| writes_function_logs(api)) {
        for method in &api.methods {
            if let Some(name) = function_group(&method.integration.function_arn) {
                appears(name, api.created);
            }
        }
    }
    for group in &estate.log_groups {
        groups.insert(group.name.clone(), group.clone());
    }
    groups
}

/// The functions of the router write logs that are worth reading: they say why a customer was sent where.
fn writes_function_logs(api: &Api) -> bool {
    api.name == "router"
}

fn by_itself(name: String, created: Timestamp) -> LogGroup {
    let created = created.max(Timestamp::UNIX_EPOCH);
    LogGroup { name, class: LogClass::Standard, created, retention_days: None, tags: BTreeMap::new() }
}

/// Everyone who writes into a group.
pub fn producers(estate: &Estate, journal: &Journal, group: &str) -> Vec<Producer> {
    let mut producers = Vec::new();
    let acls: Vec<LogSettings> = estate
        .waf
        .web_acls
        .iter()
        .filter_map(LogSettings::of)
        .filter(|settings| settings.groups().any(|name| name == group))
        .collect();
    for version in journal.versions() {
        for stage in &version.api.stages {
            let origin = || Origin {
                group,
                api: std::sync::Arc::clone(&version.api),
                stage: &stage.name,
                account_id: &estate.account_id,
                region: &estate.region,
                from: version.from,
                until: version.until,
            };
            if let (Some(name), Some(log)) = (access_group(stage), &stage.access_log)
                && name == group
            {
                producers.push(Producer::access(origin(), &log.format));
            }
            if group.contains(version.api.id.as_str()) {
                let mut logs = execution_groups(&version.api, stage).into_iter();
                if let Some((_, is_canary)) = logs.find(|(name, _)| name == group) {
                    producers.push(Producer::execution(origin(), is_canary, estate));
                }
            }
            for settings in acls.iter().filter(|acl| stage.web_acl_arn.as_deref() == Some(acl.acl_arn())) {
                producers.push(Producer::waf(origin(), settings.clone()));
            }
            if let Some(name) = group.strip_prefix("/aws/lambda/")
                && writes_function_logs(&version.api)
            {
                producers.push(Producer::function(origin(), name));
            }
        }
    }
    producers
}
