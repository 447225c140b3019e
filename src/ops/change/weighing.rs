//! Plans with the traffic that they meet: what is read of it once a plan is made, and the risk that follows.

use super::facts::Shared;
use super::planning::{Asked, Grounds};
use super::what_if::Replayed;
use super::{by_whom, keys_reached, what_if};
use crate::aws::{Mode, Session};
use crate::domain::change::{Lever, Plan, Settings, Target};
use crate::domain::levers::{consequences, throttle, web_acl};
use crate::domain::signal::{MetricIdentity, MetricQuery, Statistic};
use crate::domain::what_if::WhatIf;

/// Adds to a plan what its traffic says, and weighs it. What can't be read is said in a warning.
pub(super) async fn weighed<M: Mode>(
    session: &Session<M>,
    mut plan: Plan,
    settings: &Settings,
    asked: Asked,
    grounds: &Grounds<'_>,
    shared: &Shared,
) -> Plan {
    let mut unknown = None;
    match plan.target.clone() {
        Target::UsagePlan(target) => {
            let read = keys_reached::of_plan(session, &mut plan, &target, settings, asked, grounds).await;
            unknown = read.err().map(|why| format!("whom it reaches, or their traffic, is unknown: {why}"));
        }
        Target::ApiKey(target) => {
            let read = keys_reached::of_key(session, &mut plan, &target, grounds).await;
            unknown = read.err().map(|why| format!("whom it reaches, or their traffic, is unknown: {why}"));
        }
        Target::WebAcl(_) => match matched(session, &plan, settings, grounds).await {
            Ok(matched) => plan.blast_radius.matched_last_hour = matched,
            Err(why) => unknown = Some(format!("how many requests the rule matched is unknown: {why}")),
        },
        _ if plan.lever == Lever::Throttle => {
            match what_if::of_stage(session, &plan, settings, grounds, shared).await {
                Ok(replayed) => {
                    plan.what_if = replayed.as_ref().map(|replayed| replayed.replay().of_unknown());
                    if let (true, Some(replayed)) = (asked.by_whom, replayed) {
                        match callers_of_stage(session, &plan, &replayed, settings, grounds).await {
                            Ok(known) => plan.what_if = known.or(plan.what_if),
                            Err(why) => unknown = Some(format!("whose requests these are is unknown: {why}")),
                        }
                    }
                }
                Err(why) => {
                    unknown = Some(format!("what the last hour's traffic would have met is unknown: {why}"));
                }
            }
        }
        _ => {}
    }
    plan.warnings.extend(unknown);
    consequences::weighed(plan)
}

async fn callers_of_stage<M: Mode>(
    session: &Session<M>,
    plan: &Plan,
    replayed: &Replayed,
    settings: &Settings,
    grounds: &Grounds<'_>,
) -> Result<Option<WhatIf>, String> {
    let (Some(stage), Some(api)) = (plan.target.stage(), grounds.api) else { return Ok(None) };
    let Some(method) = throttle::limited(&plan.target, &plan.changes()) else { return Ok(None) };
    by_whom::of_stage(session, replayed, settings, api, &stage.stage, &method).await.map(Some)
}

/// Requests of the last hour that a rule counted and would block, or the other way round. None for all other
/// changes, and where CloudWatch doesn't count the rule. AWS: metrics of WAF are published only where they are
/// not zero.
async fn matched<M: Mode>(
    session: &Session<M>,
    plan: &Plan,
    settings: &Settings,
    grounds: &Grounds<'_>,
) -> Result<Option<u64>, String> {
    let Some(blocks) = consequences::blocks(plan) else { return Ok(None) };
    let changes = plan.changes();
    let rule = changes.iter().find_map(|change| change.setting.strip_prefix(web_acl::RULES));
    let Some((acl, rule)) = rule.and_then(|rule| web_acl::metrics(settings, rule)) else { return Ok(None) };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let metric = MetricIdentity {
        namespace: "AWS/WAFV2".to_owned(),
        name: if blocks { "CountedRequests" } else { "BlockedRequests" }.to_owned(),
        dimensions: vec![
            pair("Region", session.region().as_str()),
            pair("Rule", &rule),
            pair("WebACL", &acl),
        ],
    };
    let query = MetricQuery { metric, statistic: Statistic::Sum };
    let traffic = what_if::requests(session, vec![query], what_if::last_hour(session, grounds.clock)).await?;
    Ok(Some(traffic.total()))
}
