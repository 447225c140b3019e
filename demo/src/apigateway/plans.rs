//! Usage plans: reading, making and deleting them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::listing;
use super::update_stage::key_of;
use crate::estate::{ApiKind, ApiStage, Estate, Quota, QuotaPeriod, Throttle, UsagePlan, id};
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
    plan.ok_or_else(unknown)
}

/// There is no such plan.
pub fn unknown() -> Fault {
    Fault::not_found("Invalid Usage Plan ID specified")
}

pub fn create_usage_plan(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: CreateUsagePlan = call.body()?;
    call.write(|estate| {
        let mut rng = rand::rng();
        let plan = UsagePlan {
            id: id::random(&mut rng, id::SHORT),
            name: request.name,
            description: request.description.unwrap_or_default(),
            api_stages: request
                .api_stages
                .into_iter()
                .map(RequestedStage::stage)
                .collect::<Result<_, _>>()?,
            throttle: request.throttle.map(RequestedThrottle::throttle),
            quota: request.quota.map(RequestedQuota::quota).transpose()?,
            key_ids: Vec::new(),
            product_code: None,
            tags: request.tags,
        };
        let stages = estate.apis_of(ApiKind::Rest);
        let stages =
            stages.flat_map(|api| api.stages.iter().map(|stage| (api.id.clone(), stage.name.clone())));
        check(&plan, &stages.collect::<Vec<_>>())?;
        let answer = Answer::created(&document(&plan))?;
        estate.usage_plans.push(plan);
        Ok(answer)
    })
}

pub fn delete_usage_plan(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let plan = find(estate, call)?;
        if !plan.api_stages.is_empty() {
            // AWS: a plan goes only when it opens nothing any more.
            return Err(Fault::bad_request(format!(
                "Cannot delete usage plan {} because it has associated API stages",
                plan.id
            )));
        }
        let id = plan.id.clone();
        estate.usage_plans.retain(|plan| plan.id != id);
        Ok(Answer::accepted())
    })
}

/// What holds of every plan, however it came to be as it is.
pub fn check(plan: &UsagePlan, stages: &[(String, String)]) -> Result<(), Fault> {
    if plan.name.is_empty() {
        return Err(Fault::bad_request("Usage plan name must not be empty"));
    }
    for open in &plan.api_stages {
        if !stages.iter().any(|(api, stage)| *api == open.api_id && *stage == open.stage) {
            return Err(Fault::not_found(format!("API Stage not found: {}:{}", open.api_id, open.stage)));
        }
    }
    let throttles = plan.api_stages.iter().flat_map(|stage| stage.throttle.values());
    for throttle in plan.throttle.iter().chain(throttles) {
        if throttle.rate < 0.0 || !throttle.rate.is_finite() || throttle.burst < 0 {
            return Err(Fault::bad_request("Usage plan throttle limits must not be negative"));
        }
    }
    match plan.quota {
        Some(quota) if quota.limit <= 0 => {
            Err(Fault::bad_request("Usage Plan quota limit must be greater than 0"))
        }
        Some(quota) if !(0..longest_offset(quota.period)).contains(&quota.offset) => Err(Fault::bad_request(
            "Usage Plan quota offset must be zero for DAY, less than 7 for WEEK, less than 28 for MONTH",
        )),
        _ => Ok(()),
    }
}

/// AWS: days of the period, of which one can be the first.
fn longest_offset(period: QuotaPeriod) -> i64 {
    match period {
        QuotaPeriod::Day => 1,
        QuotaPeriod::Week => 7,
        QuotaPeriod::Month => 28,
    }
}

/// AWS: a key has one plan for a stage.
pub fn check_keys(estate: &Estate, plan: &UsagePlan) -> Result<(), Fault> {
    for other in estate.usage_plans.iter().filter(|other| other.id != plan.id) {
        let shared = plan.key_ids.iter().find(|key| other.key_ids.contains(key));
        let stage = plan.api_stages.iter().find(|open| other.opens(&open.api_id, &open.stage));
        if let (Some(key), Some(stage)) = (shared, stage) {
            return Err(Fault::new(
                409,
                "ConflictException",
                format!(
                    "API Key {key} is already subscribed to {}:{} through usage plan {}",
                    stage.api_id, stage.stage, other.id
                ),
            ));
        }
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateUsagePlan {
    name: String,
    description: Option<String>,
    #[serde(default)]
    api_stages: Vec<RequestedStage>,
    throttle: Option<RequestedThrottle>,
    quota: Option<RequestedQuota>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestedStage {
    api_id: String,
    stage: String,
    #[serde(default)]
    throttle: BTreeMap<String, RequestedThrottle>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestedThrottle {
    #[serde(default)]
    rate_limit: f64,
    #[serde(default)]
    burst_limit: i64,
}

#[derive(Debug, Deserialize)]
struct RequestedQuota {
    limit: i64,
    #[serde(default)]
    offset: i64,
    period: String,
}

impl RequestedThrottle {
    fn throttle(self) -> Throttle {
        Throttle { rate: self.rate_limit, burst: self.burst_limit }
    }
}

impl RequestedQuota {
    fn quota(self) -> Result<Quota, Fault> {
        let period = QuotaPeriod::parse(&self.period)
            .ok_or_else(|| Fault::bad_request("Usage Plan quota period must be one of DAY, WEEK, MONTH"))?;
        Ok(Quota { limit: self.limit, offset: self.offset, period })
    }
}

impl RequestedStage {
    fn stage(self) -> Result<ApiStage, Fault> {
        let illegal = |name: &str| Fault::bad_request(format!("Invalid method throttle path: {name}"));
        let mut throttle = BTreeMap::new();
        for (name, requested) in self.throttle {
            let (resource, verb) = name.rsplit_once('/').ok_or_else(|| illegal(&name))?;
            let key = key_of(resource, verb)?.ok_or_else(|| illegal(&name))?;
            throttle.insert(key, requested.throttle());
        }
        Ok(ApiStage { api_id: self.api_id, stage: self.stage, throttle })
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UsagePlanDocument<'a> {
    id: &'a str,
    name: &'a str,
    description: &'a str,
    api_stages: Vec<ApiStageDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    throttle: Option<ThrottleDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<QuotaDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_code: Option<&'a str>,
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

/// A plan as v1 writes it.
pub fn document(plan: &UsagePlan) -> UsagePlanDocument<'_> {
    UsagePlanDocument {
        id: &plan.id,
        name: &plan.name,
        description: &plan.description,
        api_stages: plan.api_stages.iter().map(stage_document).collect(),
        throttle: plan.throttle.map(ThrottleDocument::from),
        quota: plan.quota.map(QuotaDocument::from),
        product_code: plan.product_code.as_deref(),
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
