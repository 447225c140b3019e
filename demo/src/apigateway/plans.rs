//! Usage plans.

use std::collections::BTreeMap;

use serde::Serialize;

use super::listing;
use crate::estate::{ApiStage, Estate, Quota, Throttle, UsagePlan};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_usage_plans(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let key_id = call.query("keyId");
        let plans = estate.usage_plans.iter();
        let of_key =
            plans.filter(|plan| key_id.is_none_or(|key_id| plan.key_ids.iter().any(|id| id == key_id)));
        listing(call, of_key, |plan| &plan.id, document)
    })
}

pub fn get_usage_plan(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| Answer::json(&document(find(estate, call)?)))
}

/// The plan that the path names.
pub fn find<'e>(estate: &'e Estate, call: &Call<'_>) -> Result<&'e UsagePlan, Fault> {
    let plan = estate.usage_plan(call.parameter("usageplanId"));
    plan.ok_or_else(|| Fault::not_found("Invalid Usage Plan ID specified"))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UsagePlanDocument<'a> {
    id: &'a str,
    name: &'a str,
    description: &'a str,
    api_stages: Vec<ApiStageDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    throttle: Option<ThrottleDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<QuotaDocument>,
    tags: &'a BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiStageDocument<'a> {
    api_id: &'a str,
    stage: &'a str,
    /// By `/path/VERB`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    throttle: BTreeMap<String, ThrottleDocument>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ThrottleDocument {
    burst_limit: i64,
    rate_limit: f64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct QuotaDocument {
    limit: i64,
    offset: i64,
    period: &'static str,
}

impl From<Throttle> for ThrottleDocument {
    fn from(throttle: Throttle) -> Self {
        Self { burst_limit: throttle.burst, rate_limit: throttle.rate }
    }
}

impl From<Quota> for QuotaDocument {
    fn from(quota: Quota) -> Self {
        Self { limit: quota.limit, offset: quota.offset, period: quota.period.as_str() }
    }
}

fn document(plan: &UsagePlan) -> UsagePlanDocument<'_> {
    UsagePlanDocument {
        id: &plan.id,
        name: &plan.name,
        description: &plan.description,
        api_stages: plan.api_stages.iter().map(stage_document).collect(),
        throttle: plan.throttle.map(ThrottleDocument::from),
        quota: plan.quota.map(QuotaDocument::from),
        tags: &plan.tags,
    }
}

fn stage_document(stage: &ApiStage) -> ApiStageDocument<'_> {
    let throttle = stage.throttle.iter().filter_map(|(key, throttle)| {
        let (verb, path) = key.http()?;
        Some((format!("{path}/{verb}"), ThrottleDocument::from(*throttle)))
    });
    ApiStageDocument { api_id: &stage.api_id, stage: &stage.stage, throttle: throttle.collect() }
}
