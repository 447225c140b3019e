//! What an API promises its clients: models of bodies, what is validated, and the gateway's own answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A model: the schema of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    pub id: String,
    /// Unique in its API.
    pub name: String,
    pub description: String,
    pub content_type: String,
    /// JSON schema, draft 4.
    pub schema: String,
}

/// A request validator of a REST API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestValidator {
    pub id: String,
    pub name: String,
    pub validates_body: bool,
    pub validates_parameters: bool,
}

/// How the gateway answers by itself, where an API has changed that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayResponse {
    /// `None`: that of the error itself.
    pub status_code: Option<String>,
    /// Headers, by `gatewayresponse.header.NAME`.
    pub parameters: BTreeMap<String, String>,
    /// By media type.
    pub templates: BTreeMap<String, String>,
}

/// AWS's gateway response types, with the status of each. The two defaults take that of the error.
pub const GATEWAY_RESPONSES: [(&str, Option<&str>); 21] = [
    ("ACCESS_DENIED", Some("403")),
    ("API_CONFIGURATION_ERROR", Some("500")),
    ("AUTHORIZER_CONFIGURATION_ERROR", Some("500")),
    ("AUTHORIZER_FAILURE", Some("500")),
    ("BAD_REQUEST_BODY", Some("400")),
    ("BAD_REQUEST_PARAMETERS", Some("400")),
    ("DEFAULT_4XX", None),
    ("DEFAULT_5XX", None),
    ("EXPIRED_TOKEN", Some("403")),
    ("INTEGRATION_FAILURE", Some("504")),
    ("INTEGRATION_TIMEOUT", Some("504")),
    ("INVALID_API_KEY", Some("403")),
    ("INVALID_SIGNATURE", Some("403")),
    ("MISSING_AUTHENTICATION_TOKEN", Some("403")),
    ("QUOTA_EXCEEDED", Some("429")),
    ("REQUEST_TOO_LARGE", Some("413")),
    ("RESOURCE_NOT_FOUND", Some("404")),
    ("THROTTLED", Some("429")),
    ("UNAUTHORIZED", Some("401")),
    ("UNSUPPORTED_MEDIA_TYPE", Some("415")),
    ("WAF_FILTERED", Some("403")),
];

impl GatewayResponse {
    /// What AWS answers unless an API says otherwise; `None` for a type that there is not.
    pub fn initial(response_type: &str) -> Option<Self> {
        let (_, status) = GATEWAY_RESPONSES.into_iter().find(|(name, _)| *name == response_type)?;
        let template = r#"{"message":$context.error.messageString}"#;
        Some(Self {
            status_code: status.map(str::to_owned),
            parameters: BTreeMap::new(),
            templates: BTreeMap::from([("application/json".to_owned(), template.to_owned())]),
        })
    }
}
