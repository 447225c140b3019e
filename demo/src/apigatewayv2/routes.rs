//! The routes of an HTTP or WebSocket API.

use serde::Serialize;

use super::{find, listing};
use crate::estate::{Authorization, Method};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_routes(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let api = find::api(estate, call)?;
        listing(call, api.methods.iter(), |route| &route.id, document)
    })
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RouteDocument<'a> {
    route_id: &'a str,
    route_key: String,
    authorization_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer_id: Option<&'a str>,
    api_key_required: bool,
    operation_name: &'a str,
    target: String,
}

fn document(route: &Method) -> RouteDocument<'_> {
    RouteDocument {
        route_id: &route.id,
        route_key: route.key.to_string(),
        authorization_type: route.authorization.as_str(),
        authorizer_id: match &route.authorization {
            Authorization::Authorizer { id, .. } => Some(id),
            Authorization::None | Authorization::Iam => None,
        },
        api_key_required: route.api_key_required,
        operation_name: &route.operation_name,
        target: format!("integrations/{}", route.id),
    }
}
