//! Settings of an API as a whole, beside its name and description.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ApiKind, EndpointType};

/// What `UpdateRestApi` and `UpdateApi` set. Each kind of API has some of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApiSettings {
    /// Whether clients must come by a domain name of the API's own.
    pub execute_api_disabled: bool,
    /// `ipv4` or `dualstack`.
    pub ip_address_type: String,
    /// REST: `HEADER` or `AUTHORIZER`.
    pub api_key_source: String,
    /// REST: the media types that are passed on as bytes.
    pub binary_media_types: Vec<String>,
    /// REST: bytes from which on answers are compressed; `None`: never.
    pub minimum_compression_size: Option<i64>,
    /// REST: the resource policy, JSON.
    pub policy: Option<String>,
    /// REST, private: the endpoints that reach it.
    pub vpc_endpoint_ids: Vec<String>,
    /// HTTP and WebSocket: a text of the owner's.
    pub version: Option<String>,
    /// HTTP and WebSocket.
    pub route_selection_expression: String,
    pub api_key_selection_expression: String,
    /// HTTP: AWS's `corsConfiguration`, as it was sent.
    pub cors: Option<Value>,
    /// WebSocket: whether messages are taken that their model does not fit.
    pub schema_validation_disabled: bool,
}

impl ApiSettings {
    /// What an API has until somebody changes it.
    pub fn initial(kind: ApiKind, endpoint: EndpointType) -> Self {
        let private = endpoint == EndpointType::Private;
        Self {
            execute_api_disabled: false,
            // AWS: a private API takes both kinds of address, always.
            ip_address_type: if private { "dualstack" } else { "ipv4" }.to_owned(),
            api_key_source: "HEADER".to_owned(),
            binary_media_types: Vec::new(),
            minimum_compression_size: None,
            policy: None,
            vpc_endpoint_ids: if private { vec!["vpce-0a1b2c3d4e5f60718".to_owned()] } else { Vec::new() },
            version: None,
            route_selection_expression: match kind {
                ApiKind::WebSocket => "$request.body.action",
                ApiKind::Http | ApiKind::Rest => "$request.method $request.path",
            }
            .to_owned(),
            api_key_selection_expression: "$request.header.x-api-key".to_owned(),
            cors: None,
            schema_validation_disabled: false,
        }
    }
}
