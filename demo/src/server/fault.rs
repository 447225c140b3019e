//! Errors as AWS puts them on the wire, in each of its protocols.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::json;

/// How a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// API Gateway.
    RestJson,
    /// DynamoDB, and CloudWatch with most SDKs.
    AwsJson,
    /// STS.
    Query,
    /// CloudWatch with the newer SDKs.
    Cbor,
}

/// A refusal with AWS's status, error code and message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub status: u16,
    /// The exception's name, such as `NotFoundException`.
    pub code: Cow<'static, str>,
    pub message: String,
    /// Seconds, for errors that pass.
    pub retry_after_seconds: Option<u64>,
}

impl Fault {
    /// A fault that no waiting heals.
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), retry_after_seconds: None }
    }

    /// A fault with a code that was named at run time.
    pub fn named(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned().into(), ..Self::new(status, "", message) }
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "NotFoundException", message)
    }

    /// The request makes no sense.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequestException", message)
    }

    /// Too fast.
    pub fn too_many_requests(retry_after_seconds: u64) -> Self {
        Self {
            retry_after_seconds: Some(retry_after_seconds),
            ..Self::new(429, "TooManyRequestsException", "Too Many Requests")
        }
    }

    /// Too fast, in the words of the services that say no more than that. AWS: API Gateway has a 429 of its own,
    /// see [`Fault::too_many_requests`].
    pub fn throttled(protocol: Protocol) -> Self {
        match protocol {
            Protocol::RestJson => Self::too_many_requests(1),
            Protocol::Query | Protocol::Cbor => Self::new(400, "Throttling", "Rate exceeded"),
            Protocol::AwsJson => Self::new(400, "ThrottlingException", "Rate exceeded"),
        }
    }

    /// The region itself failed.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "InternalFailure", message)
    }

    /// The answer that says so.
    pub fn response(&self, protocol: Protocol, request_id: &str) -> Response {
        let (content_type, body) = match protocol {
            Protocol::RestJson => ("application/json", json!({ "message": self.message }).to_string().into_bytes()),
            Protocol::AwsJson => (
                "application/x-amz-json-1.0",
                json!({ "__type": format!("com.amazon.coral.service#{}", self.code), "message": self.message })
                    .to_string()
                    .into_bytes(),
            ),
            Protocol::Query => ("text/xml", self.xml(request_id).into_bytes()),
            Protocol::Cbor => ("application/cbor", self.cbor()),
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert("content-type", HeaderValue::from_static(content_type));
        match protocol {
            Protocol::RestJson => {
                if let Ok(code) = HeaderValue::from_str(&self.code) {
                    headers.insert("x-amzn-errortype", code);
                }
            }
            Protocol::Cbor => {
                headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
            }
            Protocol::AwsJson | Protocol::Query => {}
        }
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert("retry-after", HeaderValue::from(seconds));
        }
        response
    }

    fn xml(&self, request_id: &str) -> String {
        let fault = if self.status < 500 { "Sender" } else { "Receiver" };
        format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>{fault}</Type>\
             <Code>{}</Code><Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
            self.code,
            escape_xml(&self.message),
        )
    }

    fn cbor(&self) -> Vec<u8> {
        let text = |value: &str| ciborium::Value::Text(value.to_owned());
        let value = ciborium::Value::Map(vec![
            (text("__type"), text(&format!("com.amazon.coral.service#{}", self.code))),
            (text("message"), text(&self.message)),
        ]);
        let mut bytes = Vec::new();
        // Writing to memory: an error would leave the body empty, and the status still tells.
        if ciborium::into_writer(&value, &mut bytes).is_err() {
            bytes.clear();
        }
        bytes
    }
}

/// Text that may stand between XML tags.
pub fn escape_xml(text: &str) -> String {
    text.chars()
        .flat_map(|character| match character {
            '<' => "&lt;".chars().collect::<Vec<_>>(),
            '>' => "&gt;".chars().collect(),
            '&' => "&amp;".chars().collect(),
            // XML 1.0 has no way to write the other control characters.
            control if control.is_control() && !matches!(control, '\n' | '\t' | '\r') => vec!['\u{fffd}'],
            other => vec![other],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_waits_in_whole_seconds() {
        let response = Fault::too_many_requests(3).response(Protocol::RestJson, "id");
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "3");
        assert_eq!(response.headers()["x-amzn-errortype"], "TooManyRequestsException");
    }

    #[test]
    fn a_message_cannot_break_out_of_xml() {
        let xml = Fault::bad_request("</Message>\u{1}&").xml("id");
        assert!(xml.contains("&lt;/Message&gt;\u{fffd}&amp;</Message>"), "{xml}");
    }
}
