//! An API: REST (v1), HTTP or WebSocket (v2), with what it offers and who may call it.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::ApiId;

/// The three kinds of API in Amazon API Gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ApiKind {
    Rest,
    Http,
    WebSocket,
}

impl fmt::Display for ApiKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Rest => "REST",
            Self::Http => "HTTP",
            Self::WebSocket => "WEBSOCKET",
        })
    }
}

/// Which of AWS's two control planes lists it: REST APIs in `apigateway`, the others in `apigatewayv2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApiFamily {
    V1,
    V2,
}

impl ApiKind {
    pub fn family(self) -> ApiFamily {
        match self {
            Self::Rest => ApiFamily::V1,
            Self::Http | Self::WebSocket => ApiFamily::V2,
        }
    }
}

/// Where clients reach it. HTTP and WebSocket APIs are always regional.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EndpointType {
    Regional,
    Edge,
    Private,
    /// A type that this version doesn't know.
    Unknown,
}

impl fmt::Display for EndpointType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Regional => "REGIONAL",
            Self::Edge => "EDGE",
            Self::Private => "PRIVATE",
            Self::Unknown => "UNKNOWN",
        })
    }
}

/// An API as its list call shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Api {
    pub id: ApiId,
    /// Not unique: AWS lets two APIs of an account have one name.
    pub name: String,
    pub kind: ApiKind,
    pub description: Option<String>,
    pub created: Option<Timestamp>,
    pub endpoint_type: EndpointType,
    /// The default `execute-api` endpoint is switched off.
    pub default_endpoint_disabled: bool,
    pub tags: BTreeMap<String, String>,
}

impl Api {
    /// What CloudWatch calls a REST API. AWS: characters outside ASCII are left out of the dimension; where
    /// nothing is left, it is the id.
    pub fn metric_name(&self) -> String {
        let kept: String = self.name.chars().filter(char::is_ascii).collect();
        if kept.is_empty() { self.id.to_string() } else { kept }
    }
}

/// A method of a REST resource, or a route of an HTTP or WebSocket API, as configured now (not as deployed).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiOperation {
    /// `GET /users/{id}`, or a route key such as `$connect`.
    pub name: String,
    /// `NONE`, `AWS_IAM`, `CUSTOM`, `COGNITO_USER_POOLS` or `JWT`, in AWS's words.
    pub authorization: Option<String>,
    pub api_key_required: bool,
}

/// An authorizer. REST and v2 name its type differently; the text is AWS's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorizer {
    pub id: String,
    pub name: String,
    /// `TOKEN`, `REQUEST`, `COGNITO_USER_POOLS` or `JWT`.
    pub kind: String,
    /// Seconds for which an answer is cached; 0 is off.
    pub result_ttl_seconds: Option<u32>,
}
