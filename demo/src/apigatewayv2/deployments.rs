//! The deployments of an HTTP or WebSocket API.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{find, iso8601, listing};
use crate::estate::{Api, Deployment, MethodSnapshot, id};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_deployments(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::api(estate, call)?;
        listing(call, api.deployments.iter(), |deployment| &deployment.id, document)
    })
}

pub fn get_deployment(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let id = call.parameter("deploymentId");
        let deployment = find::api(estate, call)?.deployment(id);
        Answer::json(&document(deployment.ok_or_else(|| unknown(id))?))
    })
}

fn unknown(id: &str) -> Fault {
    Fault::not_found(format!("Unable to find Deployment by id {id}"))
}

pub fn create_deployment(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: CreateDeployment = call.body_or_default()?;
    call.write(|estate| {
        let api = find::api_mut(estate, call)?;
        if api.methods.is_empty() {
            return Err(Fault::bad_request("At least one route is required before deploying the Api."));
        }
        let stage = request.stage_name.as_deref();
        match stage.map(|name| api.stage(name)) {
            Some(None) => return Err(Fault::not_found("Invalid stage identifier specified")),
            Some(Some(stage)) if stage.auto_deploy => {
                return Err(Fault::bad_request(
                    "Deployments cannot be made to a stage with AutoDeploy enabled",
                ));
            }
            _ => {}
        }
        let description = request.description.as_deref().unwrap_or_default();
        let id = deploy(api, stage.unwrap_or_default(), description, false, call.now);
        let deployment = api.deployment(&id).ok_or_else(|| unknown(&id))?;
        Answer::created(&document(deployment))
    })
}

pub fn delete_deployment(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let api = find::api_mut(estate, call)?;
        let id = call.parameter("deploymentId");
        api.deployment(id).ok_or_else(|| unknown(id))?;
        if api.stages.iter().any(|stage| stage.deployment_id == id) {
            return Err(Fault::bad_request(
                "Active stages pointing to this deployment must be moved or deleted",
            ));
        }
        api.deployments.retain(|deployment| deployment.id != id);
        Ok(Answer::no_content())
    })
}

/// Takes a snapshot of the API and points the stage of this name at it, if there is one. Answers with its id.
pub fn deploy(api: &mut Api, stage: &str, description: &str, automatic: bool, now: Timestamp) -> String {
    let deployment = Deployment {
        id: id::random(&mut rand::rng(), id::SHORT),
        description: description.to_owned(),
        created: now,
        auto_deployed: automatic,
        methods: api.methods.iter().map(MethodSnapshot::from).collect(),
        authorizers: api.authorizers.clone(),
        release: api.code,
    };
    let id = deployment.id.clone();
    api.deployments.insert(0, deployment);
    if let Some(stage) = api.stage_mut(stage) {
        stage.deployment_id.clone_from(&id);
        stage.last_updated = now;
    }
    id
}

/// Deploys what was altered where that happens by itself.
pub fn deploy_changes(api: &mut Api, now: Timestamp) {
    let automatic = api.stages.iter().filter(|stage| stage.auto_deploy).map(|stage| stage.name.clone());
    for stage in automatic.collect::<Vec<_>>() {
        let description = "Automatic deployment triggered by changes to the Api configuration";
        deploy(api, &stage, description, true, now);
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateDeployment {
    description: Option<String>,
    stage_name: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeploymentDocument<'a> {
    deployment_id: &'a str,
    deployment_status: &'static str,
    description: &'a str,
    auto_deployed: bool,
    created_date: String,
}

fn document(deployment: &Deployment) -> DeploymentDocument<'_> {
    DeploymentDocument {
        deployment_id: &deployment.id,
        deployment_status: "DEPLOYED",
        description: &deployment.description,
        auto_deployed: deployment.auto_deployed,
        created_date: iso8601(deployment.created),
    }
}
