//! API keys, by themselves and on usage plans.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::patch::{self, PatchDocument, Patchable};
use super::{listing, plans};
use crate::estate::{ApiKey, Estate, id};
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

pub fn get_api_key(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let with_value = call.query("includeValue") == Some("true");
        Answer::json(&api_key_document(estate, find(estate, call.parameter("api_Key"))?, with_value))
    })
}

pub fn create_api_key(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: CreateApiKey = call.body()?;
    // AWS: a chosen value has 20 to 128 characters.
    if request.value.as_ref().is_some_and(|value| !(20..=128).contains(&value.len())) {
        return Err(Fault::bad_request("API Key value should be at least 20 characters"));
    }
    call.write(|estate| {
        if request.value.as_ref().is_some_and(|value| estate.api_keys.iter().any(|key| key.value == *value)) {
            return Err(Fault::new(409, "ConflictException", "API Key already exists"));
        }
        let mut rng = rand::rng();
        let key = ApiKey {
            id: id::random(&mut rng, id::LONG),
            name: request.name.unwrap_or_default(),
            value: request.value.unwrap_or_else(|| id::secret(&mut rng)),
            customer_id: request.customer_id.unwrap_or_default(),
            description: request.description.unwrap_or_default(),
            enabled: request.enabled,
            created: call.now,
            last_updated: call.now,
            tags: request.tags,
        };
        let answer = Answer::created(&api_key_document(estate, &key, true))?;
        estate.api_keys.push(key);
        Ok(answer)
    })
}

/// AWS: what `UpdateApiKey` may patch.
static PATCHABLE: &[Patchable<ApiKey>] = &[
    Patchable {
        path: "/name",
        ops: &["replace"],
        apply: |key, patch| {
            patch.text()?.clone_into(&mut key.name);
            Ok(())
        },
    },
    Patchable {
        path: "/description",
        ops: &["replace"],
        apply: |key, patch| {
            patch.text()?.clone_into(&mut key.description);
            Ok(())
        },
    },
    Patchable {
        path: "/enabled",
        ops: &["replace"],
        apply: |key, patch| {
            key.enabled = patch.truth()?;
            Ok(())
        },
    },
    Patchable {
        path: "/customerId",
        ops: &["replace"],
        apply: |key, patch| {
            patch.text()?.clone_into(&mut key.customer_id);
            Ok(())
        },
    },
];

pub fn update_api_key(call: &Call<'_>) -> Result<Answer, Fault> {
    let document: PatchDocument = call.body()?;
    call.write(|estate| {
        let mut draft = find(estate, call.parameter("api_Key"))?.clone();
        patch::apply(PATCHABLE, &mut draft, &document.patch_operations)?;
        draft.last_updated = call.now;
        let answer = Answer::json(&api_key_document(estate, &draft, false))?;
        if let Some(key) = estate.api_keys.iter_mut().find(|key| key.id == draft.id) {
            *key = draft;
        }
        Ok(answer)
    })
}

pub fn delete_api_key(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let id = find(estate, call.parameter("api_Key"))?.id.clone();
        estate.api_keys.retain(|key| key.id != id);
        for plan in &mut estate.usage_plans {
            plan.key_ids.retain(|key| *key != id);
        }
        Ok(Answer::accepted())
    })
}

pub fn get_usage_plan_key(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let plan = plans::find(estate, call)?;
        let key = find(estate, call.parameter("keyId"))?;
        if !plan.key_ids.contains(&key.id) {
            return Err(not_on_plan(&key.id, &plan.id));
        }
        Answer::json(&plan_key_document(key))
    })
}

pub fn create_usage_plan_key(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: CreateUsagePlanKey = call.body()?;
    if request.key_type != "API_KEY" {
        return Err(Fault::bad_request("Invalid keyType: must be API_KEY"));
    }
    call.write(|estate| {
        let mut plan = plans::find(estate, call)?.clone();
        let key = find(estate, &request.key_id)?;
        let answer = Answer::created(&plan_key_document(key))?;
        if plan.key_ids.contains(&key.id) {
            let message = format!("API Key {} is already on usage plan {}", key.id, plan.id);
            return Err(Fault::new(409, "ConflictException", message));
        }
        plan.key_ids.push(key.id.clone());
        plans::check_keys(estate, &plan)?;
        if let Some(known) = estate.usage_plans.iter_mut().find(|known| known.id == plan.id) {
            *known = plan;
        }
        Ok(answer)
    })
}

pub fn delete_usage_plan_key(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let plan_id = plans::find(estate, call)?.id.clone();
        let key_id = call.parameter("keyId");
        let plan =
            estate.usage_plans.iter_mut().find(|plan| plan.id == plan_id).ok_or_else(plans::unknown)?;
        let before = plan.key_ids.len();
        plan.key_ids.retain(|key| key != key_id);
        if plan.key_ids.len() == before {
            return Err(not_on_plan(key_id, &plan_id));
        }
        Ok(Answer::accepted())
    })
}

/// The key with this id.
pub fn find<'e>(estate: &'e Estate, id: &str) -> Result<&'e ApiKey, Fault> {
    let key = estate.api_keys.iter().find(|key| key.id == id);
    key.ok_or_else(|| Fault::not_found("Invalid API Key identifier specified"))
}

/// The plan doesn't hold the key.
pub fn not_on_plan(key_id: &str, plan_id: &str) -> Fault {
    Fault::not_found(format!("API Key {key_id} is not on usage plan {plan_id}"))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateApiKey {
    name: Option<String>,
    description: Option<String>,
    /// AWS: a key is disabled unless the request says otherwise.
    #[serde(default)]
    enabled: bool,
    value: Option<String>,
    customer_id: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateUsagePlanKey {
    key_id: String,
    key_type: String,
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
    tags: &'a BTreeMap<String, String>,
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
        last_updated_date: key.last_updated.as_second(),
        stage_keys: stages.map(|stage| format!("{}/{}", stage.api_id, stage.stage)).collect(),
        tags: &key.tags,
    }
}

fn plan_key_document(key: &ApiKey) -> UsagePlanKeyDocument<'_> {
    UsagePlanKeyDocument { id: &key.id, kind: "API_KEY", value: &key.value, name: &key.name }
}
