//! The deployments of a REST API.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{find, listing};
use crate::estate::Deployment;
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
        let deployment = api.deployment(call.parameter("deployment_id"));
        let deployment =
            deployment.ok_or_else(|| Fault::not_found("Invalid Deployment identifier specified"))?;
        Answer::json(&document(deployment, call.asks_for("embed", "apisummary")))
    })
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
