//! The deployments of an HTTP or WebSocket API.

use serde::Serialize;

use super::{find, iso8601, listing};
use crate::estate::Deployment;
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
        let deployment =
            deployment.ok_or_else(|| Fault::not_found(format!("Unable to find Deployment by id {id}")))?;
        Answer::json(&document(deployment))
    })
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
