//! Turns whatever the SDK reports into one [`Failure`], in words an operator can act on.
//!
//! The SDK's own texts name its layers ("dispatch failure", "unhandled error") rather than what
//! happened, so this reads the kind, AWS's code and status, and the innermost cause.

mod credentials;
mod service;

use std::error::Error;
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{DispatchFailure, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::guard::Refusal;
use super::operations::Operation;
use crate::domain::failure::{Failure, FailureKind};

/// What a call was part of: names for messages and hints.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The profile in use.
    pub profile: Option<String>,
    /// The profile that logs in through IAM Identity Center, where the credentials rest on such a
    /// login, for hints such as `aws sso login --profile P`.
    pub sso_profile: Option<String>,
    /// Where requests go, where it isn't AWS's own endpoint.
    pub endpoint: Option<String>,
    pub region: String,
    /// How long one attempt may take.
    pub attempt_timeout: Duration,
    /// How long a connection may take to open.
    pub connect_timeout: Duration,
}

/// Describes the failure of one call.
pub fn failure<E>(
    operation: &Operation,
    target: &str,
    error: &SdkError<E, HttpResponse>,
    around: &Surroundings,
) -> Failure
where
    E: Error + ProvideErrorMetadata + 'static,
{
    let new = |kind, message: &str| Failure::new(operation.name, target, kind, message);
    if let Some(refusal) = find_cause::<Refusal>(error) {
        return new(FailureKind::Refused, &refusal.to_string());
    }
    if let Some(cause) = find_cause::<CredentialsError>(error) {
        return credentials::failure(operation, target, cause, around);
    }
    match error {
        SdkError::TimeoutError(_) => {
            let seconds = around.attempt_timeout.as_secs_f64();
            new(FailureKind::Timeout, &format!("no answer within {seconds} s"))
        }
        SdkError::DispatchFailure(dispatch) => dispatched(operation, target, dispatch, around),
        SdkError::ServiceError(answer) => {
            service::failure(operation, target, answer.err(), answer.raw(), around)
        }
        SdkError::ResponseError(answer) => {
            let cause = innermost(error);
            if is_cut(error) {
                new(
                    FailureKind::Unreachable,
                    &format!("the connection was cut in the middle of the answer: {cause}"),
                )
            } else {
                let status = answer.raw().status().as_u16();
                new(FailureKind::Malformed, &format!("the answer (HTTP {status}) can't be read: {cause}"))
            }
        }
        // Construction, and whatever a later SDK adds.
        _ => new(FailureKind::Invalid, &format!("the request can't be built: {}", innermost(error))),
    }
}

/// The request may not have arrived: no connection, one that was cut, or one that isn't trusted.
fn dispatched(
    operation: &Operation,
    target: &str,
    dispatch: &DispatchFailure,
    around: &Surroundings,
) -> Failure {
    let new = |kind, message: &str| Failure::new(operation.name, target, kind, message);
    let endpoint = around
        .endpoint
        .clone()
        .unwrap_or_else(|| format!("the {} endpoint of {}", operation.service, around.region));
    let Some(connector) = dispatch.as_connector_error() else {
        return new(FailureKind::Unreachable, &format!("can't reach {endpoint}"));
    };
    let cause = innermost(connector);
    let chain = chain(connector);
    if connector.is_timeout() {
        let seconds = around.connect_timeout.as_secs_f64();
        return new(FailureKind::Unreachable, &format!("can't connect to {endpoint} within {seconds} s"))
            .with_hint(REACHABLE);
    }
    if chain.contains("certificate") || chain.contains("UnknownIssuer") {
        return new(FailureKind::Configuration, &format!("can't trust {endpoint}: {cause}"))
            .with_hint("set AWS_CA_BUNDLE to the PEM file of the authority that signed its certificate");
    }
    if chain.contains("throughput") {
        return new(FailureKind::Timeout, &format!("{endpoint} stopped sending in the middle of its answer"));
    }
    new(FailureKind::Unreachable, &format!("can't reach {endpoint}: {cause}")).with_hint(REACHABLE)
}

const REACHABLE: &str = "check the network, the region and --endpoint-url";

/// Whether the connection broke while the answer was being read.
fn is_cut(error: &(dyn Error + 'static)) -> bool {
    let chain = chain(error);
    find_cause::<std::io::Error>(error).is_some()
        || [
            "end of file",
            "connection closed",
            "connection reset",
            "error reading a body",
            "incomplete message",
        ]
        .iter()
        .any(|sign| chain.contains(sign))
}

/// The first cause of this type, however deep.
fn find_cause<'a, C: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a C> {
    causes(error).find_map(|cause| cause.downcast_ref::<C>())
}

/// The text of the deepest cause that has one.
fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error).map(ToString::to_string).filter(|text| !text.is_empty()).last().unwrap_or_default()
}

/// The texts of all causes, to look for signs that have no type.
fn chain(error: &(dyn Error + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause| (*cause).source())
}

#[cfg(test)]
mod tests;
