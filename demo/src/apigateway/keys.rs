//! API keys, by themselves and on usage plans.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{listing, plans};
use crate::estate::{ApiKey, Estate};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_api_keys(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let with_value = call.query("includeValues") == Some("true");
        let customer = call.query("customerId");
        let keys = estate.api_keys.iter().filter(|key| {
            is_named(key, call.query("name")) && customer.is_none_or(|customer| key.customer_id == customer)
        });
        listing(call, keys, |key| &key.id, |key| api_key_document(estate, key, with_value))
    })
}

pub fn get_usage_plan_keys(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let plan = plans::find(estate, call)?;
        let keys = estate
            .api_keys
            .iter()
            .filter(|key| plan.key_ids.contains(&key.id) && is_named(key, call.query("name")));
        listing(call, keys, |key| &key.id, plan_key_document)
    })
}

/// AWS: `name` asks for keys whose name begins with it.
fn is_named(key: &ApiKey, wanted: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| key.name.starts_with(wanted))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiKeyDocument<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    name: &'a str,
    customer_id: &'a str,
    description: &'a str,
    enabled: bool,
    created_date: i64,
    last_updated_date: i64,
    /// `apiId/stage` of each stage that the key opens.
    stage_keys: Vec<String>,
    tags: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
struct UsagePlanKeyDocument<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    value: &'a str,
    name: &'a str,
}

fn api_key_document<'a>(estate: &Estate, key: &'a ApiKey, with_value: bool) -> ApiKeyDocument<'a> {
    let plans = estate.usage_plans.iter().filter(|plan| plan.key_ids.contains(&key.id));
    let stages = plans.flat_map(|plan| &plan.api_stages);
    ApiKeyDocument {
        id: &key.id,
        value: with_value.then_some(key.value.as_str()),
        name: &key.name,
        customer_id: &key.customer_id,
        description: &key.description,
        enabled: key.enabled,
        created_date: key.created.as_second(),
        last_updated_date: key.created.as_second(),
        stage_keys: stages.map(|stage| format!("{}/{}", stage.api_id, stage.stage)).collect(),
        tags: BTreeMap::new(),
    }
}

fn plan_key_document(key: &ApiKey) -> UsagePlanKeyDocument<'_> {
    UsagePlanKeyDocument { id: &key.id, kind: "API_KEY", value: &key.value, name: &key.name }
}
