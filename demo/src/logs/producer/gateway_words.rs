//! What API Gateway says of a request that it ended itself, or whose integration failed.

use crate::ledger::{Outcome, Request};

/// The message of the gateway response; `None` where the client got the backend's answer.
pub fn message(request: &Request) -> Option<&'static str> {
    match request.outcome {
        Outcome::WafBlocked | Outcome::InvalidApiKey => Some("Forbidden"),
        Outcome::Unauthorized => Some("Unauthorized"),
        Outcome::AccessDenied => Some("User is not authorized to access this resource"),
        Outcome::AuthorizerFailure => Some("Internal server error"),
        Outcome::MissingMethod => Some("Missing Authentication Token"),
        Outcome::PlanThrottled | Outcome::StageThrottled | Outcome::AccountThrottled => {
            Some("Too Many Requests")
        }
        Outcome::OverQuota => Some("Limit Exceeded"),
        Outcome::Invalid => Some("Invalid request body"),
        Outcome::TimedOut => Some("Endpoint request timed out"),
        Outcome::ServerError if is_malformed(request) => Some("Internal server error"),
        Outcome::CacheHit
        | Outcome::CellFull
        | Outcome::Succeeded
        | Outcome::ClientError
        | Outcome::ServerError => None,
    }
}

/// Whether the function's answer was none that a proxy integration understands. AWS: the client gets a 502.
pub fn is_malformed(request: &Request) -> bool {
    request.outcome == Outcome::ServerError && request.status == 502
}

/// What went wrong at the integration.
pub fn integration_error(request: &Request) -> Option<&'static str> {
    match request.outcome {
        Outcome::TimedOut => Some("Execution failed due to a timeout error"),
        Outcome::ServerError if is_malformed(request) => Some("Malformed Lambda proxy response"),
        _ => None,
    }
}
