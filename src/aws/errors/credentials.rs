//! Credentials that are missing, expired or can't be loaded, and how to renew them.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::error::metadata::ErrorMetadata;

use super::{REACHABLE, Surroundings, chain, find_cause, innermost};
use crate::aws::operations::Operation;
use crate::domain::failure::{Failure, FailureKind};

/// The credential providers gave nothing.
pub(super) fn failure(
    operation: &Operation,
    target: &str,
    error: &CredentialsError,
    around: &Surroundings,
) -> Failure {
    let new = |kind, message: &str| Failure::new(operation.name, target, kind, message);
    let chain = chain(error);
    tracing::debug!(chain, "no credentials");
    if is_instance_metadata(&chain) {
        return new(FailureKind::Credentials, &none_found(around)).with_hint(choice(around));
    }
    // Logging in asks other services (STS, IAM Identity Center): their answers and the way to
    // them fail like any other.
    if let Some(connector) = find_cause::<ConnectorError>(error) {
        let message = format!("can't reach AWS to log in: {}", innermost(connector));
        return new(FailureKind::Unreachable, &message).with_hint(REACHABLE);
    }
    if let Some(profile) = &around.sso_profile {
        let message = format!("the IAM Identity Center login of profile {profile} is missing or has expired");
        return new(FailureKind::Credentials, &message).with_hint(renewal(around));
    }
    let message = match error {
        CredentialsError::CredentialsNotLoaded(_) => {
            return new(FailureKind::Credentials, &none_found(around)).with_hint(choice(around));
        }
        CredentialsError::ProviderTimedOut(_) => "the credentials provider gave no answer in time".to_owned(),
        _ => format!("credentials can't be loaded: {}", said(error).unwrap_or_else(|| innermost(error))),
    };
    new(FailureKind::Credentials, &message).with_hint(renewal(around))
}

/// The last provider of the chain is the instance metadata service: that it gives no answer says
/// no more than that nobody has credentials here.
fn is_instance_metadata(chain: &str) -> bool {
    chain.to_lowercase().contains("imds")
}

/// What a service said that was asked for credentials, such as STS about a role.
fn said(error: &CredentialsError) -> Option<String> {
    let metadata = find_cause::<ErrorMetadata>(error)?;
    Some(match (metadata.code(), metadata.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(text), None) | (None, Some(text)) => text.to_owned(),
        (None, None) => return None,
    })
}

fn none_found(around: &Surroundings) -> String {
    match &around.profile {
        Some(profile) => format!("no credentials: profile {profile} has none"),
        None => "no credentials: neither environment, profile, container nor instance has any".to_owned(),
    }
}

/// Where credentials can be given.
fn choice(around: &Surroundings) -> String {
    match &around.profile {
        Some(profile) => format!("add credentials to profile {profile}, or choose another with --profile"),
        None => "choose a profile with --profile, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY"
            .to_owned(),
    }
}

/// The command or setting that brings valid credentials.
pub(super) fn renewal(around: &Surroundings) -> String {
    match (&around.sso_profile, &around.profile) {
        (Some(profile), _) => format!("aws sso login --profile {profile}"),
        (None, Some(profile)) => format!("renew the credentials of profile {profile}"),
        (None, None) => "renew AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or choose a \
                          profile with --profile"
            .to_owned(),
    }
}
