//! What a change of AWS WAF reaches: the stages behind a web ACL, or behind those that refer to an IP set.

use std::collections::BTreeMap;

use serde_json::Value;

use super::planning::Grounds;
use super::traffic::{MINUTES_BEFORE, means};
use crate::aws::operations::partition;
use crate::aws::{Mode, Session};
use crate::domain::change::{BlastRadius, Target, WafTarget};
use crate::domain::failure::Failure;
use crate::domain::web_acl::{GuardedStage, Rule};
use crate::ops::{signals, waf};

/// Stages whose traffic is read: a call each.
const MOST_READ: usize = 20;

/// Stages with what refers to the target before them, in words.
type Reached = BTreeMap<GuardedStage, Vec<String>>;

/// The stages with their traffic together; a warning where either isn't known.
pub async fn blast_radius<M: Mode>(
    session: &Session<M>,
    target: &Target,
    grounds: &Grounds<'_>,
) -> (BlastRadius, Option<String>) {
    let (reached, mut unknown) = match target {
        Target::WebAcl(acl) => (of_web_acl(session, acl).await, None),
        Target::IpSet(set) => match of_ip_set(session, set).await {
            Ok((reached, unknown)) => (Ok(reached), unknown),
            Err(failure) => (Err(failure), None),
        },
        _ => return (BlastRadius::default(), None),
    };
    let reached = match reached {
        Ok(reached) => reached,
        Err(failure) => {
            let warning = format!("which stages it stands before is unknown: {failure}");
            return (BlastRadius::default(), Some(warning));
        }
    };
    let (mut radius, traffic_unknown) = together(session, &reached, grounds).await;
    let apis = reached.keys().filter_map(|stage| grounds.region.apis.get(&stage.api));
    let apis = apis.filter(|entry| grounds.is_production(&entry.api));
    radius.production = apis.map(|entry| entry.api.name.clone()).collect();
    radius.stages = reached.iter().map(|(stage, by)| in_words(stage, by, grounds)).collect();
    if reached.is_empty() && unknown.is_none() {
        unknown = Some(format!("no stage of an API is behind this {}", target.kind()));
    }
    let unknown: Vec<String> = [unknown, traffic_unknown].into_iter().flatten().collect();
    (radius, (!unknown.is_empty()).then(|| unknown.join("; ")))
}

async fn of_web_acl<M: Mode>(session: &Session<M>, acl: &WafTarget) -> Result<Reached, Failure> {
    let stages = session.stages_of_web_acl(&arn(session, "webacl", acl)).await?;
    Ok(stages.into_iter().map(|stage| (stage, Vec::new())).collect())
}

/// Looks through all web ACLs of the region; a warning names what could not be looked through.
async fn of_ip_set<M: Mode>(
    session: &Session<M>,
    set: &WafTarget,
) -> Result<(Reached, Option<String>), Failure> {
    let wanted = arn(session, "ipset", set);
    let found = waf::read_web_acls(session).await;
    let mut reached = Reached::new();
    for document in &found.rows {
        let rules = document.body["Rules"].as_array().into_iter().flatten();
        let by: Vec<String> = rules
            .filter(|rule| refers_to(&rule["Statement"], &wanted))
            .map(Rule::of)
            .map(|rule| format!("{} of {}: {}", rule.name, document.acl.name, rule.action))
            .collect();
        if by.is_empty() {
            continue;
        }
        for stage in session.stages_of_web_acl(&document.acl.arn).await? {
            reached.entry(stage).or_default().extend(by.iter().cloned());
        }
    }
    let unread = found.failures.first().map(|failure| format!("not every web ACL could be read: {failure}"));
    Ok((reached, unread))
}

/// Whether a statement, or one within it, names the ARN.
fn refers_to(statement: &Value, arn: &str) -> bool {
    match statement {
        Value::String(text) => text == arn,
        Value::Array(items) => items.iter().any(|item| refers_to(item, arn)),
        Value::Object(members) => members.values().any(|member| refers_to(member, arn)),
        _ => false,
    }
}

/// Means over the last minutes of all stages together; unknown where one of them is.
async fn together<M: Mode>(
    session: &Session<M>,
    reached: &Reached,
    grounds: &Grounds<'_>,
) -> (BlastRadius, Option<String>) {
    let unknown = |why: String| (BlastRadius::default(), Some(format!("the traffic is unknown: {why}")));
    if reached.len() > MOST_READ {
        return unknown(format!("there are more than {MOST_READ} stages"));
    }
    let mut sum = BlastRadius::default();
    let mut rates = Vec::new();
    for stage in reached.keys() {
        let Some(entry) = grounds.region.apis.get(&stage.api) else {
            return unknown(format!("the API {} is not in the list of APIs", stage.api));
        };
        let read = signals::read_stage(
            session,
            grounds.region,
            &entry.api,
            &stage.stage,
            grounds.clock,
            MINUTES_BEFORE,
        );
        match read.await {
            Ok(traffic) => {
                let one = means(&traffic, false);
                rates.push(one.requests_per_second);
                sum.minutes = sum.minutes.max(one.minutes);
                sum.until = sum.until.max(one.until);
            }
            Err(failure) => return unknown(failure.to_string()),
        }
    }
    // A stage without figures has had no request.
    sum.requests_per_second = rates.iter().any(Option::is_some).then(|| rates.iter().flatten().sum());
    (sum, None)
}

/// The stage by its API's name, where that is known, and by what the target is before it.
fn in_words(stage: &GuardedStage, by: &[String], grounds: &Grounds<'_>) -> String {
    let known = grounds.region.apis.get(&stage.api);
    let api = known.map_or_else(|| stage.api.to_string(), |entry| entry.api.name.clone());
    let by = if by.is_empty() { String::new() } else { format!(" ({})", by.join(", ")) };
    format!("{api}/{}{by}", stage.stage)
}

fn arn<M: Mode>(session: &Session<M>, kind: &str, target: &WafTarget) -> String {
    let (region, account) = (session.region().as_str(), session.account());
    let WafTarget { id, name } = target;
    format!("arn:{}:wafv2:{region}:{account}:regional/{kind}/{name}/{id}", partition(region))
}
