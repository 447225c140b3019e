//! AWS's wire protocols, as far as a proxy must know them: which operation a request is, and what an
//! error looks like.

use super::http::{Request, Response};

/// The protocols that the clients in use speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// API Gateway v1 and v2.
    RestJson1,
    /// CloudWatch, from the Rust SDK.
    RpcV2Cbor,
    /// DynamoDB, and CloudWatch from boto3.
    AwsJson1_0,
    /// STS.
    AwsQuery,
}

impl Protocol {
    pub fn of(request: &Request) -> Self {
        if request.path().starts_with("/service/") {
            Self::RpcV2Cbor
        } else if request.header("x-amz-target").is_some() {
            Self::AwsJson1_0
        } else if request.method == "POST" && request.path() == "/" {
            Self::AwsQuery
        } else {
            Self::RestJson1
        }
    }

    /// An error of the service, in the shape of this protocol.
    pub fn error(self, status: u16, code: &str, message: &str) -> Response {
        let (content_type, body) = match self {
            Self::RestJson1 => {
                ("application/json", serde_json::json!({ "message": message }).to_string().into_bytes())
            }
            Self::AwsJson1_0 => (
                "application/x-amz-json-1.0",
                serde_json::json!({ "__type": format!("com.amazonaws#{code}"), "message": message })
                    .to_string()
                    .into_bytes(),
            ),
            Self::RpcV2Cbor => ("application/cbor", cbor_error(code, message)),
            Self::AwsQuery => (
                "text/xml",
                format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                     <RequestId>00000000-fault-proxy</RequestId></ErrorResponse>"
                )
                .into_bytes(),
            ),
        };
        let mut response = Response { status, headers: Vec::new(), body };
        response.set_header("content-type", content_type);
        response.set_header("x-amzn-requestid", "00000000-fault-proxy");
        match self {
            Self::RestJson1 => response.set_header("x-amzn-errortype", code),
            Self::RpcV2Cbor => response.set_header("smithy-protocol", "rpc-v2-cbor"),
            Self::AwsJson1_0 | Self::AwsQuery => {}
        }
        response
    }

    /// Too many requests. API Gateway answers 429 and says for how long to wait; the others 400.
    pub fn throttled(self) -> Response {
        match self {
            Self::RestJson1 => {
                let mut response = self.error(429, "TooManyRequestsException", "Too Many Requests");
                response.set_header("retry-after", "1");
                response
            }
            Self::AwsQuery => self.error(400, "Throttling", "Rate exceeded"),
            Self::RpcV2Cbor | Self::AwsJson1_0 => self.error(400, "ThrottlingException", "Rate exceeded"),
        }
    }

    /// Credentials that were right, and are over.
    pub fn expired_token(self) -> Response {
        let message = "The security token included in the request is expired";
        match self {
            Self::AwsQuery => self.error(403, "ExpiredToken", message),
            Self::RestJson1 => self.error(403, "ExpiredTokenException", message),
            Self::RpcV2Cbor | Self::AwsJson1_0 => self.error(400, "ExpiredTokenException", message),
        }
    }

    /// A call that the caller's policies don't allow.
    pub fn access_denied(self) -> Response {
        let message = "User: arn:aws:iam::123456789012:user/reader is not authorized to perform this action";
        match self {
            Self::AwsQuery => self.error(403, "AccessDenied", message),
            Self::RestJson1 => self.error(403, "AccessDeniedException", message),
            Self::RpcV2Cbor | Self::AwsJson1_0 => self.error(400, "AccessDeniedException", message),
        }
    }

    /// A body that no reader of this protocol can make sense of.
    pub fn malformed_body(self) -> Vec<u8> {
        match self {
            Self::RestJson1 | Self::AwsJson1_0 => br#"{"items": [{"id": "#.to_vec(),
            // A map of one pair whose text claims more bytes than there are.
            Self::RpcV2Cbor => vec![0xa1, 0x7f, 0x78, 0xff, b'x'],
            Self::AwsQuery => b"<GetCallerIdentityResponse><GetCallerIdentityResult>".to_vec(),
        }
    }
}

/// The name of the operation that a request calls, as AWS spells it; method and path where unknown.
pub fn operation_of(request: &Request) -> String {
    let path = request.path();
    match Protocol::of(request) {
        Protocol::RpcV2Cbor => path.rsplit('/').next().unwrap_or_default().to_owned(),
        Protocol::AwsJson1_0 => {
            let target = request.header("x-amz-target").unwrap_or_default();
            target.rsplit('.').next().unwrap_or_default().to_owned()
        }
        Protocol::AwsQuery => String::from_utf8_lossy(&request.body)
            .split('&')
            .find_map(|pair| pair.strip_prefix("Action=").map(str::to_owned))
            .unwrap_or_else(|| "POST /".to_owned()),
        Protocol::RestJson1 => rest_operation(&request.method, path),
    }
}

/// AWS: the API Gateway V1 and V2 API references. A star stands for one segment of the path.
const REST_OPERATIONS: &[(&str, &str, &str)] = &[
    ("GET", "account", "GetAccount"),
    ("GET", "restapis", "GetRestApis"),
    ("GET", "restapis/*", "GetRestApi"),
    ("GET", "restapis/*/stages", "GetStages"),
    ("GET", "restapis/*/stages/*", "GetStage"),
    ("DELETE", "restapis/*/stages/*/cache/data", "FlushStageCache"),
    ("GET", "restapis/*/deployments", "GetDeployments"),
    ("GET", "restapis/*/deployments/*", "GetDeployment"),
    ("GET", "restapis/*/resources", "GetResources"),
    ("GET", "restapis/*/authorizers", "GetAuthorizers"),
    ("PATCH", "restapis/*/stages/*", "UpdateStage"),
    ("DELETE", "restapis/*/stages/*/cache/authorizers", "FlushStageAuthorizersCache"),
    ("GET", "apikeys", "GetApiKeys"),
    ("PATCH", "apikeys/*", "UpdateApiKey"),
    ("GET", "usageplans", "GetUsagePlans"),
    ("GET", "usageplans/*", "GetUsagePlan"),
    ("PATCH", "usageplans/*", "UpdateUsagePlan"),
    ("GET", "usageplans/*/usage", "GetUsage"),
    ("POST", "usageplans/*/keys", "CreateUsagePlanKey"),
    ("DELETE", "usageplans/*/keys/*", "DeleteUsagePlanKey"),
    ("PATCH", "usageplans/*/keys/*/usage", "UpdateUsage"),
    ("GET", "_execute-api/*/*/@connections/*", "GetConnection"),
    ("DELETE", "_execute-api/*/*/@connections/*", "DeleteConnection"),
    ("GET", "v2/apis", "GetApis"),
    ("GET", "v2/apis/*", "GetApi"),
    ("GET", "v2/apis/*/stages", "v2 GetStages"),
    ("GET", "v2/apis/*/stages/*", "v2 GetStage"),
    ("PATCH", "v2/apis/*/stages/*", "v2 UpdateStage"),
    ("DELETE", "v2/apis/*/stages/*/routesettings/*", "DeleteRouteSettings"),
    ("DELETE", "v2/apis/*/stages/*/cache/authorizers", "ResetAuthorizersCache"),
    ("GET", "v2/apis/*/deployments", "v2 GetDeployments"),
    ("GET", "v2/apis/*/routes", "GetRoutes"),
    ("GET", "v2/apis/*/authorizers", "v2 GetAuthorizers"),
];

fn rest_operation(method: &str, path: &str) -> String {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let fits = |pattern: &str| {
        let wanted: Vec<&str> = pattern.split('/').collect();
        wanted.len() == segments.len()
            && wanted.iter().zip(&segments).all(|(wanted, found)| *wanted == "*" || wanted == found)
    };
    REST_OPERATIONS
        .iter()
        .find(|(verb, pattern, _)| *verb == method && fits(pattern))
        .map_or_else(|| format!("{method} {path}"), |(_, _, name)| (*name).to_owned())
}

/// `{"__type": code, "message": message}` in CBOR.
fn cbor_error(code: &str, message: &str) -> Vec<u8> {
    let mut bytes = vec![0xa2];
    for text in ["__type", &format!("com.amazonaws.cloudwatch#{code}"), "message", message] {
        let length = u16::try_from(text.len()).expect("an error's text is short");
        // Major type 3 (text) with its length in two bytes.
        bytes.push(0x79);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}
