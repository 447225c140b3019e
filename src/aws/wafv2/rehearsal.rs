//! What the SDK would make of a web ACL's or an IP set's document, tried out without a network.
//!
//! AWS replaces the whole of either with each update. A member that the SDK's types don't know would be
//! gone, and with it a rule. So a document is read by the SDK from memory, written again into the update's
//! request, and compared: what doesn't come back whole is not sent.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_wafv2::config::{BehaviorVersion, Region};
use aws_sdk_wafv2::types;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::retry::RetryConfig;
use serde_json::{Value, json};

use super::update;
use crate::aws::guard::Guard;
use crate::domain::web_acl::document::ANSWERED_ONLY;
use crate::domain::web_acl::loss::first_loss;

/// AWS: members of an IP set that an answer has and an update can't carry.
const IP_SET_ANSWERED_ONLY: [&str; 4] = ["ARN", "IPAddressVersion", "Id", "Name"];

/// A document in the SDK's types, and whether it came back whole.
#[derive(Debug)]
pub struct Rehearsed<T> {
    pub typed: T,
    /// The path of the first member that would be lost, added or altered.
    pub lost: Option<String>,
}

/// Rehearses the update of a web ACL.
///
/// # Errors
/// Where the SDK can't read the document or write the request.
pub async fn web_acl(body: &Value) -> Result<Rehearsed<types::WebAcl>, String> {
    let stage = Stage::with(&json!({ "WebACL": body, "LockToken": "rehearsal" }));
    let answer = stage.client.get_web_acl().send().await.map_err(|error| told(&error))?;
    let typed = answer.web_acl.ok_or("the answer holds no web ACL")?;
    let request = update::web_acl(&stage.client, &typed, "rehearsal");
    request.send().await.map_err(|error| told(&error))?;
    let lost = compare(body, &ANSWERED_ONLY, stage.sent()?);
    Ok(Rehearsed { typed, lost })
}

/// Rehearses the update of an IP set.
///
/// # Errors
/// Where the SDK can't read the document or write the request.
pub async fn ip_set(body: &Value) -> Result<Rehearsed<types::IpSet>, String> {
    let stage = Stage::with(&json!({ "IPSet": body, "LockToken": "rehearsal" }));
    let answer = stage.client.get_ip_set().send().await.map_err(|error| told(&error))?;
    let typed = answer.ip_set.ok_or("the answer holds no IP set")?;
    let request = update::ip_set(&stage.client, &typed, "rehearsal");
    request.send().await.map_err(|error| told(&error))?;
    let lost = compare(body, &IP_SET_ANSWERED_ONLY, stage.sent()?);
    Ok(Rehearsed { typed, lost })
}

/// Compares what was read, but for what only answers have, with what would be sent, but for what only
/// requests have.
fn compare(read: &Value, answered_only: &[&str], mut sent: Value) -> Option<String> {
    let mut read = read.clone();
    let (Some(read_members), Some(sent_members)) = (read.as_object_mut(), sent.as_object_mut()) else {
        return Some("the whole document".to_owned());
    };
    read_members.retain(|name, value| {
        let is_empty_description = name == "Description" && *value == "";
        !answered_only.contains(&name.as_str()) && !is_empty_description
    });
    sent_members.retain(|name, _| !["Name", "Id", "Scope", "LockToken"].contains(&name.as_str()));
    first_loss(&read, &sent)
}

fn told(error: &(impl std::error::Error + 'static)) -> String {
    DisplayErrorContext(error).to_string()
}

/// A client that answers every request from memory, and keeps what it was asked.
struct Stage {
    client: aws_sdk_wafv2::Client,
    echo: Echo,
}

impl Stage {
    fn with(answer: &Value) -> Self {
        let echo = Echo { answer: answer.to_string(), sent: Arc::default() };
        let connector = SharedHttpConnector::new(echo.clone());
        let config = aws_sdk_wafv2::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            // Nothing goes there: the connector never opens a connection.
            .region(Region::new("us-east-1"))
            .endpoint_url("http://rehearsal.invalid")
            .allow_no_auth()
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .interceptor(Guard::operate())
            .build();
        Self { client: aws_sdk_wafv2::Client::from_conf(config), echo }
    }

    /// The last request's body.
    fn sent(&self) -> Result<Value, String> {
        let sent = self.echo.sent.lock().unwrap_or_else(PoisonError::into_inner);
        serde_json::from_slice(&sent).map_err(|error| error.to_string())
    }
}

#[derive(Clone, Debug)]
struct Echo {
    answer: String,
    sent: Arc<Mutex<Vec<u8>>>,
}

impl HttpConnector for Echo {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        *self.sent.lock().unwrap_or_else(PoisonError::into_inner) = body.to_vec();
        let ok = StatusCode::try_from(200_u16);
        HttpConnectorFuture::ready(
            ok.map(|ok| HttpResponse::new(ok, SdkBody::from(self.answer.clone())))
                .map_err(|error| aws_smithy_runtime_api::client::result::ConnectorError::user(error.into())),
        )
    }
}

#[cfg(test)]
mod tests;
