//! APIs of all three kinds, with what hangs off them: methods, authorizers, deployments, stages.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::{ApiSettings, GatewayResponse, Model, RequestValidator, Stage};

/// The kind of an API. REST is API Gateway v1, the others are v2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ApiKind {
    Rest,
    Http,
    WebSocket,
}

/// Where an API is reached. HTTP and WebSocket APIs are always regional.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndpointType {
    Regional,
    Edge,
    Private,
}

impl EndpointType {
    /// The word that AWS uses for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Regional => "REGIONAL",
            Self::Edge => "EDGE",
            Self::Private => "PRIVATE",
        }
    }
}

/// One API. Metrics of a REST API are keyed by its name, those of the other kinds by its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Api {
    /// Ten lower-case letters and digits, as AWS makes them.
    pub id: String,
    pub name: String,
    pub kind: ApiKind,
    /// The cell that the API belongs to; `None` for an API that all cells share.
    pub cell: Option<String>,
    pub description: String,
    pub created: Timestamp,
    pub endpoint: EndpointType,
    pub settings: ApiSettings,
    pub tags: BTreeMap<String, String>,
    /// The resource tree of a REST API, the root first; empty for the other kinds.
    pub resources: Vec<Resource>,
    /// The methods of a REST API or the routes of another: what would be deployed next.
    pub methods: Vec<Method>,
    pub authorizers: Vec<Authorizer>,
    pub models: Vec<Model>,
    /// REST only.
    pub request_validators: Vec<RequestValidator>,
    /// REST only: those that differ from AWS's own, by their type.
    pub gateway_responses: BTreeMap<String, GatewayResponse>,
    /// How the code that would be deployed next behaves.
    pub code: Release,
    /// Newest first.
    pub deployments: Vec<Deployment>,
    pub stages: Vec<Stage>,
}

impl Api {
    /// The stage with this name.
    pub fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.name == name)
    }

    /// The stage with this name, to be altered.
    pub fn stage_mut(&mut self, name: &str) -> Option<&mut Stage> {
        self.stages.iter_mut().find(|stage| stage.name == name)
    }

    /// The deployment with this id.
    pub fn deployment(&self, id: &str) -> Option<&Deployment> {
        self.deployments.iter().find(|deployment| deployment.id == id)
    }

    /// The methods that a stage serves: those that its deployment froze.
    pub fn deployed_methods(&self, stage: &Stage) -> impl Iterator<Item = &Method> {
        let deployment = self.deployment(&stage.deployment_id);
        self.methods
            .iter()
            .filter(move |method| deployment.is_some_and(|deployment| deployment.serves(&method.key)))
    }
}

/// A node of a REST API's resource tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    pub id: String,
    /// `None` for the root.
    pub parent_id: Option<String>,
    /// The whole path, such as `/orders/{id}`.
    pub path: String,
}

/// What a request is matched by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RouteKey {
    /// A verb and a path: `GET /orders/{id}`.
    Http { verb: String, path: String },
    /// A name: `$connect`, `$default`, `sendMessage`.
    Named(String),
}

impl RouteKey {
    /// Reads `GET /orders/{id}`, `ANY /{proxy+}` or `$default`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((verb, path)) = text.split_once(' ') {
            let legal = verb.bytes().all(|byte| byte.is_ascii_uppercase()) && path.starts_with('/');
            return legal.then(|| Self::Http { verb: verb.to_owned(), path: path.to_owned() });
        }
        (!text.is_empty()).then(|| Self::Named(text.to_owned()))
    }

    /// The verb and the path, for a route that has them.
    pub fn http(&self) -> Option<(&str, &str)> {
        match self {
            Self::Http { verb, path } => Some((verb, path)),
            Self::Named(_) => None,
        }
    }
}

impl fmt::Display for RouteKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { verb, path } => write!(formatter, "{verb} {path}"),
            Self::Named(name) => formatter.write_str(name),
        }
    }
}

/// A method of a REST API, or a route of an HTTP or WebSocket API.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Method {
    /// The route's id in v2; unused in v1, where the resource has the id.
    pub id: String,
    pub key: RouteKey,
    pub authorization: Authorization,
    pub api_key_required: bool,
    pub operation_name: String,
    /// The model of its request's body, by name.
    pub request_model: Option<String>,
    /// REST only.
    pub request_validator_id: Option<String>,
    pub integration: Integration,
}

/// How a caller proves who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Authorization {
    None,
    Iam,
    /// By the authorizer with this id.
    Authorizer {
        id: String,
        kind: AuthorizerKind,
    },
}

/// One of AWS's names.
type AuthorizationType = &'static str;

/// The names that [`Authorization::as_str`] gives.
const AUTHORIZATION_TYPES: [AuthorizationType; 5] =
    ["NONE", "AWS_IAM", "COGNITO_USER_POOLS", "JWT", "CUSTOM"];

impl Authorization {
    /// AWS's `authorizationType`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Iam => "AWS_IAM",
            Self::Authorizer { kind: AuthorizerKind::Cognito, .. } => "COGNITO_USER_POOLS",
            Self::Authorizer { kind: AuthorizerKind::Jwt, .. } => "JWT",
            Self::Authorizer { .. } => "CUSTOM",
        }
    }
}

/// The backend of a method: a Lambda function behind a proxy integration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integration {
    /// In v2, where routes may share one; empty in v1, and for a route that has none.
    pub id: String,
    pub function_arn: String,
    /// Milliseconds. AWS: at most 29,000 unless raised, 30,000 for an HTTP API.
    pub timeout_ms: u32,
}

/// The kinds of authorizer. REST has the first three, HTTP the request and JWT ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthorizerKind {
    Token,
    Request,
    Cognito,
    Jwt,
}

impl AuthorizerKind {
    /// AWS's `type` (v1) or `authorizerType` (v2).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "TOKEN",
            Self::Request => "REQUEST",
            Self::Cognito => "COGNITO_USER_POOLS",
            Self::Jwt => "JWT",
        }
    }
}

/// An authorizer of one API.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Authorizer {
    pub id: String,
    pub name: String,
    pub kind: AuthorizerKind,
    /// The Lambda function, the user pool, or the issuer of the tokens.
    pub provider: String,
    /// Seconds for which a decision is kept. AWS: 0 to 3,600, 300 unless set.
    pub result_ttl_seconds: u32,
}

/// An immutable snapshot of an API's methods.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Deployment {
    pub id: String,
    pub description: String,
    pub created: Timestamp,
    /// Made by a v2 stage with automatic deployment.
    pub auto_deployed: bool,
    pub methods: Vec<MethodSnapshot>,
    /// The authorizers as they were.
    pub authorizers: Vec<Authorizer>,
    /// How the code that it brought behaves. AWS doesn't know, clients feel it.
    pub release: Release,
}

/// How the integrations of a deployment behave, beside what their backend does under its load.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// Factor on the time that each request takes.
    pub slowness: f64,
    /// The share of requests that fail with 5xx because of the code.
    pub server_errors: f64,
}

impl Release {
    /// Code that does what it should.
    pub const SOUND: Self = Self { slowness: 1.0, server_errors: 0.0 };
}

impl Deployment {
    /// Whether a request that matches the key finds a method.
    pub fn serves(&self, key: &RouteKey) -> bool {
        self.methods.iter().any(|method| method.key == *key)
    }
}

/// What a deployment says about one method in its `apiSummary`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodSnapshot {
    pub key: RouteKey,
    /// AWS's `authorizationType`.
    #[serde(deserialize_with = "authorization_type")]
    pub authorization_type: AuthorizationType,
    pub api_key_required: bool,
}

/// One of the names that [`Authorization::as_str`] gives.
fn authorization_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AuthorizationType, D::Error> {
    let text = String::deserialize(deserializer)?;
    let known = AUTHORIZATION_TYPES.into_iter().find(|name| *name == text);
    known.ok_or_else(|| D::Error::custom(format!("{text} is no authorization type")))
}

impl From<&Method> for MethodSnapshot {
    fn from(method: &Method) -> Self {
        Self {
            key: method.key.clone(),
            authorization_type: method.authorization.as_str(),
            api_key_required: method.api_key_required,
        }
    }
}
