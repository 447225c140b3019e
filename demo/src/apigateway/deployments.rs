//! The deployments of a REST API.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::patch::{self, PatchDocument, Patchable};
use super::{find, listing};
use crate::estate::{Api, Canary, Deployment, MethodSnapshot, id};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_deployments(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::rest_api(estate, call)?;
        listing(
            call,
            api.deployments.iter(),
            |deployment| &deployment.id,
            |deployment| document(deployment, false),
        )
    })
}

pub fn get_deployment(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::rest_api(estate, call)?;
        let deployment = api.deployment(call.parameter("deployment_id")).ok_or_else(unknown)?;
        Answer::json(&document(deployment, call.asks_for("embed", "apisummary")))
    })
}

fn unknown() -> Fault {
    Fault::not_found("Invalid Deployment identifier specified")
}

/// A snapshot of the API as it is. With a stage's name it goes live there at once.
pub fn create_deployment(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: CreateDeployment = call.body_or_default()?;
    call.write(|estate| {
        let api = find::rest_api_mut(estate, call)?;
        if api.methods.is_empty() {
            return Err(Fault::bad_request("The REST API doesn't contain any methods"));
        }
        let deployment = Deployment {
            id: id::random(&mut rand::rng(), id::SHORT),
            description: request.description.clone().unwrap_or_default(),
            created: call.now,
            auto_deployed: false,
            methods: api.methods.iter().map(MethodSnapshot::from).collect(),
            authorizers: api.authorizers.clone(),
            release: api.code,
        };
        if let Some(name) = request.stage_name.as_deref().filter(|name| !name.is_empty()) {
            go_live(api, name, &deployment, &request, call)?;
        }
        // AWS: a summary of the API comes only where GetDeployment embeds it.
        let answer = Answer::created(&document(&deployment, false))?;
        api.deployments.insert(0, deployment);
        Ok(answer)
    })
}

/// Points the stage at the deployment, or its canary where the request speaks of one; makes the stage if need be.
fn go_live(
    api: &mut Api,
    name: &str,
    deployment: &Deployment,
    request: &CreateDeployment,
    call: &Call<'_>,
) -> Result<(), Fault> {
    if let Some(stage) = api.stage_mut(name) {
        if let Some(canary) = &request.canary_settings {
            stage.canary = Some(Canary {
                deployment_id: deployment.id.clone(),
                percent_traffic: canary.percent_traffic,
                stage_variable_overrides: canary.stage_variable_overrides.clone(),
                use_stage_cache: canary.use_stage_cache,
            });
        } else if let Some(canary) = &mut stage.canary {
            // AWS: deployments to a stage with a canary go to the canary.
            canary.deployment_id.clone_from(&deployment.id);
        } else {
            stage.deployment_id.clone_from(&deployment.id);
        }
        stage.variables.extend(request.variables.clone());
        if let Some(description) = &request.stage_description {
            stage.description.clone_from(description);
        }
        stage.last_updated = call.now;
        return Ok(());
    }
    let mut stage = super::stages::new(name, &deployment.id, call.now)?;
    stage.description = request.stage_description.clone().unwrap_or_default();
    stage.variables.clone_from(&request.variables);
    api.stages.push(stage);
    Ok(())
}

/// AWS: what `UpdateDeployment` may patch.
static PATCHABLE: &[Patchable<Deployment>] = &[Patchable {
    path: "/description",
    ops: &["replace"],
    apply: |deployment, patch| {
        patch.text()?.clone_into(&mut deployment.description);
        Ok(())
    },
}];

pub fn update_deployment(call: &Call<'_>) -> Result<Answer, Fault> {
    let patches: PatchDocument = call.body()?;
    call.write(|estate| {
        let api = find::rest_api_mut(estate, call)?;
        let id = call.parameter("deployment_id");
        let deployment = api.deployments.iter_mut().find(|known| known.id == id).ok_or_else(unknown)?;
        let mut draft = deployment.clone();
        patch::apply(PATCHABLE, &mut draft, &patches.patch_operations)?;
        *deployment = draft;
        Answer::json(&document(deployment, false))
    })
}

pub fn delete_deployment(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let api = find::rest_api_mut(estate, call)?;
        let id = call.parameter("deployment_id");
        api.deployment(id).ok_or_else(unknown)?;
        let points_there = |stage: &&crate::estate::Stage| {
            stage.deployment_id == id
                || stage.canary.as_ref().is_some_and(|canary| canary.deployment_id == id)
        };
        if api.stages.iter().any(|stage| points_there(&stage)) {
            return Err(Fault::bad_request(
                "Active stages pointing to this deployment must be moved or deleted",
            ));
        }
        api.deployments.retain(|deployment| deployment.id != id);
        Ok(Answer::accepted())
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateDeployment {
    stage_name: Option<String>,
    stage_description: Option<String>,
    description: Option<String>,
    #[serde(default)]
    variables: BTreeMap<String, String>,
    canary_settings: Option<RequestedCanary>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestedCanary {
    #[serde(default)]
    percent_traffic: f64,
    #[serde(default)]
    stage_variable_overrides: BTreeMap<String, String>,
    #[serde(default)]
    use_stage_cache: bool,
}

/// Path, verb, and what the deployment says of the method there.
type ApiSummary<'a> = BTreeMap<&'a str, BTreeMap<&'a str, MethodSnapshotDocument>>;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeploymentDocument<'a> {
    id: &'a str,
    description: &'a str,
    created_date: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_summary: Option<ApiSummary<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MethodSnapshotDocument {
    authorization_type: &'static str,
    api_key_required: bool,
}

fn document(deployment: &Deployment, with_summary: bool) -> DeploymentDocument<'_> {
    DeploymentDocument {
        id: &deployment.id,
        description: &deployment.description,
        created_date: deployment.created.as_second(),
        api_summary: with_summary.then(|| summary(deployment)),
    }
}

fn summary(deployment: &Deployment) -> ApiSummary<'_> {
    let mut summary = ApiSummary::new();
    for method in &deployment.methods {
        if let Some((verb, path)) = method.key.http() {
            let snapshot = MethodSnapshotDocument {
                authorization_type: method.authorization_type,
                api_key_required: method.api_key_required,
            };
            summary.entry(path).or_default().insert(verb, snapshot);
        }
    }
    summary
}
