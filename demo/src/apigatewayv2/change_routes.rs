//! Making, altering and deleting the routes of an HTTP or WebSocket API.

use serde::Deserialize;

use super::{deployments, find, routes};
use crate::estate::{Api, ApiKind, Authorization, AuthorizerKind, Integration, Method, RouteKey, id};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

/// AWS: routes of an API, unless raised.
const MOST_ROUTES: usize = 300;
/// AWS: milliseconds, of an HTTP API and of a WebSocket API.
const TIMEOUTS_MS: (u32, u32) = (30_000, 29_000);

pub fn create_route(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: RouteChange = call.body()?;
    call.write(|estate| {
        let api = find::api_mut(estate, call)?;
        let Some(text) = request.route_key.as_deref() else {
            return Err(Fault::bad_request("RouteKey is required"));
        };
        let key = route_key(api.kind, text)?;
        if api.methods.len() >= MOST_ROUTES {
            let message = format!("Maximum number of routes for this API has been reached: {MOST_ROUTES}");
            return Err(Fault::bad_request(message));
        }
        let timeout_ms = if api.kind == ApiKind::Http { TIMEOUTS_MS.0 } else { TIMEOUTS_MS.1 };
        let mut route = Method {
            id: id::random(&mut rand::rng(), 7),
            key,
            authorization: Authorization::None,
            api_key_required: false,
            operation_name: String::new(),
            request_model: None,
            request_validator_id: None,
            integration: Integration { id: String::new(), function_arn: String::new(), timeout_ms },
        };
        request.apply(&mut route, api)?;
        let answer = Answer::created(&routes::document(&route))?;
        api.methods.push(route);
        deployments::deploy_changes(api, call.now);
        Ok(answer)
    })
}

pub fn update_route(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: RouteChange = call.body()?;
    call.write(|estate| {
        let api = find::api_mut(estate, call)?;
        let mut draft = routes::route(api, call.parameter("routeId"))?.clone();
        request.apply(&mut draft, api)?;
        let answer = Answer::json(&routes::document(&draft))?;
        if let Some(route) = api.methods.iter_mut().find(|route| route.id == draft.id) {
            *route = draft;
        }
        deployments::deploy_changes(api, call.now);
        Ok(answer)
    })
}

/// What is deployed goes on serving the route until the next deployment.
pub fn delete_route(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let api = find::api_mut(estate, call)?;
        let id = routes::route(api, call.parameter("routeId"))?.id.clone();
        api.methods.retain(|route| route.id != id);
        deployments::deploy_changes(api, call.now);
        Ok(Answer::no_content())
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RouteChange {
    api_key_required: Option<bool>,
    authorization_type: Option<String>,
    authorizer_id: Option<String>,
    operation_name: Option<String>,
    route_key: Option<String>,
    target: Option<String>,
}

impl RouteChange {
    fn apply(&self, route: &mut Method, api: &Api) -> Result<(), Fault> {
        if let Some(text) = &self.route_key {
            let key = route_key(api.kind, text)?;
            if api.methods.iter().any(|known| known.key == key && known.id != route.id) {
                let message = format!("Route with key {key} already exists for this API");
                return Err(Fault::new(409, "ConflictException", message));
            }
            route.key = key;
        }
        if let Some(name) = &self.operation_name {
            route.operation_name.clone_from(name);
        }
        if let Some(required) = self.api_key_required {
            if required && api.kind == ApiKind::Http {
                return Err(Fault::bad_request("API keys are not supported on protocolType HTTP"));
            }
            route.api_key_required = required;
        }
        if let Some(target) = &self.target {
            route.integration = integration(api, target)?;
        }
        if self.authorization_type.is_some() || self.authorizer_id.is_some() {
            route.authorization = self.authorization(route, api)?;
        }
        Ok(())
    }

    fn authorization(&self, route: &Method, api: &Api) -> Result<Authorization, Fault> {
        let wanted = self.authorization_type.as_deref().unwrap_or(route.authorization.as_str());
        let (jwt, custom) = match wanted {
            "NONE" => return Ok(Authorization::None),
            "AWS_IAM" => return Ok(Authorization::Iam),
            "JWT" if api.kind == ApiKind::Http => (true, false),
            "CUSTOM" => (false, true),
            other => {
                return Err(Fault::bad_request(format!("Invalid authorizationType specified: {other}")));
            }
        };
        let before = match &route.authorization {
            Authorization::Authorizer { id, .. } => Some(id.as_str()),
            Authorization::None | Authorization::Iam => None,
        };
        let id = self.authorizer_id.as_deref().or(before).unwrap_or_default();
        let authorizer = api.authorizers.iter().find(|authorizer| authorizer.id == id);
        let fits = authorizer.filter(|authorizer| {
            let is_jwt = authorizer.kind == AuthorizerKind::Jwt;
            (jwt && is_jwt) || (custom && !is_jwt)
        });
        let authorizer = fits.ok_or_else(|| {
            Fault::bad_request(format!("Invalid authorizer ID specified for type {wanted}: '{id}'"))
        })?;
        Ok(Authorization::Authorizer { id: authorizer.id.clone(), kind: authorizer.kind })
    }
}

/// AWS: a verb and a path, or `$default`, of an HTTP API; a word of a WebSocket API's.
fn route_key(kind: ApiKind, text: &str) -> Result<RouteKey, Fault> {
    const VERBS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
    let key = RouteKey::parse(text).filter(|key| match (kind, key) {
        (ApiKind::Http, RouteKey::Http { verb, .. }) => VERBS.contains(&verb.as_str()),
        (ApiKind::Http, RouteKey::Named(name)) => name == "$default",
        (_, RouteKey::Named(name)) => name.len() <= 128,
        (_, RouteKey::Http { .. }) => false,
    });
    let expected = match kind {
        ApiKind::Http => "Route keys must be a verb and a path, or $default, on protocolType HTTP",
        ApiKind::WebSocket | ApiKind::Rest => "Route keys must be a word on protocolType WEBSOCKET",
    };
    key.ok_or_else(|| Fault::bad_request(format!("The provided route key '{text}' is not valid. {expected}")))
}

/// The integration that a target such as `integrations/abc123` names.
fn integration(api: &Api, target: &str) -> Result<Integration, Fault> {
    let id = target.strip_prefix("integrations/").unwrap_or_default();
    let known = routes::integrations(api).find(|known| known.id == id);
    known.cloned().ok_or_else(|| Fault::bad_request(format!("Invalid target specified: '{target}'")))
}
