//! Credentials that are missing, expired or can't be loaded, and how to renew them.

use aws_credential_types::provider::error::CredentialsError;

use super::{Surroundings, chain, innermost};
use crate::aws::operations::Operation;
use crate::domain::failure::{Failure, FailureKind};

/// The credential providers gave nothing.
pub(super) fn failure(
    operation: &Operation,
    target: &str,
    error: &CredentialsError,
    around: &Surroundings,
) -> Failure {
    let chain = chain(error);
    let expired_login = around.sso
        && ["SSO token", "sso", "UnauthorizedException", "Session token not found", "token"]
            .iter()
            .any(|sign| chain.contains(sign));
    let message = match error {
        _ if expired_login => {
            format!("the IAM Identity Center login is missing or has expired: {}", innermost(error))
        }
        CredentialsError::CredentialsNotLoaded(_) => {
            "no credentials: neither environment, profile, container nor instance has any".to_owned()
        }
        CredentialsError::ProviderTimedOut(_) => "the credentials provider gave no answer in time".to_owned(),
        _ => format!("credentials can't be loaded: {}", innermost(error)),
    };
    Failure::new(operation.name, target, FailureKind::Credentials, &message).with_hint(renewal(around))
}

/// The command or setting that brings valid credentials.
pub(super) fn renewal(around: &Surroundings) -> String {
    match (&around.profile, around.sso) {
        (Some(profile), true) => format!("aws sso login --profile {profile}"),
        (None, true) => "aws sso login".to_owned(),
        (Some(profile), false) => format!("renew the credentials of profile {profile}"),
        (None, false) => "choose a profile with --profile, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY"
            .to_owned(),
    }
}
