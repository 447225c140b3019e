//! `UpdateApi`: the fields that are there are set, the others stay.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{apis, deployments, find};
use crate::estate::{Api, ApiKind};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

/// How HTTP APIs choose their routes, always.
const HTTP_SELECTION: &str = "$request.method $request.path";

pub fn update_api(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: UpdateApi = call.body()?;
    call.write(|estate| {
        let region = estate.region.clone();
        let api = find::api_mut(estate, call)?;
        let mut draft = api.clone();
        request.apply(&mut draft)?;
        *api = draft;
        deployments::deploy_changes(api, call.now);
        Answer::json(&apis::document(api, &region))
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct UpdateApi {
    api_key_selection_expression: Option<String>,
    #[serde(deserialize_with = "present")]
    cors_configuration: Option<Value>,
    description: Option<String>,
    disable_execute_api_endpoint: Option<bool>,
    disable_schema_validation: Option<bool>,
    ip_address_type: Option<String>,
    name: Option<String>,
    route_selection_expression: Option<String>,
    version: Option<String>,
    route_key: Option<String>,
    target: Option<String>,
    credentials_arn: Option<String>,
}

/// A member that is there, be it null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl UpdateApi {
    fn apply(&self, api: &mut Api) -> Result<(), Fault> {
        let http = api.kind == ApiKind::Http;
        if self.route_key.is_some() || self.target.is_some() || self.credentials_arn.is_some() {
            // AWS: these are for the one route that quick create makes; UpdateRoute alters all of them.
            return Err(Fault::bad_request("Quick create is not enabled for this Api"));
        }
        if let Some(name) = &self.name {
            if !(1..=128).contains(&name.len()) {
                return Err(Fault::bad_request("Name must be between 1 and 128 characters"));
            }
            api.name.clone_from(name);
        }
        if let Some(description) = &self.description {
            api.description.clone_from(description);
        }
        let settings = &mut api.settings;
        if let Some(expression) = &self.route_selection_expression {
            if http && expression != HTTP_SELECTION {
                return Err(Fault::bad_request(format!(
                    "RouteSelectionExpression must be {HTTP_SELECTION} on protocolType HTTP"
                )));
            }
            settings.route_selection_expression.clone_from(expression);
        }
        if let Some(expression) = &self.api_key_selection_expression {
            if http {
                return Err(Fault::bad_request("API keys are not supported on protocolType HTTP"));
            }
            settings.api_key_selection_expression.clone_from(expression);
        }
        if let Some(cors) = &self.cors_configuration {
            if !http || !(cors.is_object() || cors.is_null()) {
                return Err(Fault::bad_request("CORS configuration is supported on protocolType HTTP only"));
            }
            // AWS: an empty configuration takes it away.
            let wanted = cors.as_object().is_some_and(|members| !members.is_empty());
            settings.cors = wanted.then(|| cors.clone());
        }
        if let Some(disabled) = self.disable_schema_validation {
            if http {
                return Err(Fault::bad_request("Models are not supported on protocolType HTTP"));
            }
            settings.schema_validation_disabled = disabled;
        }
        if let Some(kind) = &self.ip_address_type {
            if !["ipv4", "dualstack"].contains(&kind.as_str()) {
                return Err(Fault::bad_request("Invalid ipAddressType: must be one of ipv4, dualstack"));
            }
            settings.ip_address_type.clone_from(kind);
        }
        settings.execute_api_disabled =
            self.disable_execute_api_endpoint.unwrap_or(settings.execute_api_disabled);
        if let Some(version) = &self.version {
            settings.version = Some(version.clone()).filter(|version| !version.is_empty());
        }
        Ok(())
    }
}
