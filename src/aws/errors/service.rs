//! Answers that say no: AWS's error codes and HTTP statuses, sorted by what to do next.

use std::error::Error;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{Surroundings, credentials, innermost};
use crate::aws::operations::Operation;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::text::sanitise;

/// The longest advice on when to come back that is believed.
const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(5);

/// Describes an answer that the SDK took for an error.
pub(super) fn failure<E>(
    operation: &Operation,
    target: &str,
    error: &E,
    answer: &HttpResponse,
    around: &Surroundings,
) -> Failure
where
    E: Error + ProvideErrorMetadata + 'static,
{
    let status = answer.status().as_u16();
    let code = error.code().map(short_code);
    let request_id = ["x-amzn-requestid", "x-amz-request-id"]
        .iter()
        .find_map(|name| answer.headers().get(name))
        .map(|id| sanitise(id).into_owned());
    let new = |kind, message: &str| {
        Failure::new(operation.name, target, kind, message).with_request_id(request_id.clone())
    };
    let Some(code) = code else {
        // No code: it isn't AWS's error document, so its text says nothing about the request.
        let kind = match status {
            429 => FailureKind::Throttled { retry_after: retry_after(answer) },
            500.. => FailureKind::Service,
            _ => FailureKind::Malformed,
        };
        return new(kind, &format!("the answer (HTTP {status}) can't be read: {}", innermost(error)));
    };
    let said = error.message().filter(|text| !text.is_empty());
    let message = said.map_or_else(|| format!("{code} (HTTP {status})"), |text| format!("{code}: {text}"));
    let kind = kind(code, status, answer);
    let failure = new(kind, &message);
    match kind {
        FailureKind::Credentials if is_clock(code, said) => {
            failure.with_hint("this computer's clock differs from AWS's by more than five minutes; set it")
        }
        FailureKind::Credentials => failure.with_hint(credentials::renewal(around)),
        FailureKind::AccessDenied => match missing(operation, target, &around.region) {
            Some(actions) => failure.with_hint(format!("the caller needs {actions}")),
            None => failure,
        },
        FailureKind::Conflict if code == "WAFOptimisticLockException" => {
            failure.with_hint("somebody has changed it since it was read: read it again and decide anew")
        }
        _ => failure,
    }
}

/// AWS writes codes as `Code`, `Code:http://...` or `namespace#Code`.
fn short_code(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or(code);
    code.rsplit('#').next().unwrap_or(code)
}

fn kind(code: &str, status: u16, answer: &HttpResponse) -> FailureKind {
    match code {
        "TooManyRequestsException"
        | "ThrottlingException"
        | "Throttling"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "ProvisionedThroughputExceededException"
        | "SlowDown"
        | "EC2ThrottledException" => FailureKind::Throttled { retry_after: retry_after(answer) },
        "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "InvalidAccessKeyId"
        | "AuthFailure"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "RequestExpired"
        | "RequestTimeTooSkewed" => FailureKind::Credentials,
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedException" | "UnauthorizedOperation" => {
            FailureKind::AccessDenied
        }
        "NotFoundException"
        | "ResourceNotFoundException"
        | "ResourceNotFound"
        | "WAFNonexistentItemException" => FailureKind::NotFound,
        "ConflictException" | "ResourceInUseException" | "WAFOptimisticLockException" => {
            FailureKind::Conflict
        }
        _ => match status {
            429 => FailureKind::Throttled { retry_after: retry_after(answer) },
            401 | 403 => FailureKind::AccessDenied,
            404 => FailureKind::NotFound,
            409 => FailureKind::Conflict,
            500.. => FailureKind::Service,
            _ => FailureKind::Invalid,
        },
    }
}

/// AWS signs with the time of day, and says so in the message rather than in the code.
fn is_clock(code: &str, message: Option<&str>) -> bool {
    matches!(code, "RequestTimeTooSkewed" | "RequestExpired")
        || message.is_some_and(|text| {
            text.contains("Signature expired") || text.contains("Signature not yet current")
        })
}

/// AWS: `retryAfterSeconds` travels in the header `Retry-After`.
fn retry_after(answer: &HttpResponse) -> Option<Duration> {
    let seconds = answer.headers().get("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_RETRY_AFTER))
}

/// The grants that the operation needs, on the table that was asked for and in the region's partition.
fn missing(operation: &Operation, target: &str, region: &str) -> Option<String> {
    let grants: Vec<String> = operation
        .iam
        .iter()
        .map(|grant| format!("{} on {}", grant.action, grant.resource_for(target, region)))
        .collect();
    (!grants.is_empty()).then(|| grants.join(" and "))
}
