//! AWS Security Token Service: who the caller is.

use super::call::Caller;
use super::errors::Surroundings;
use super::operations::GET_CALLER_IDENTITY;
use super::translate::text;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::id::AccountId;
use crate::domain::identity::Identity;

/// Asks for the caller's identity; AWS: it needs no permission.
pub(super) async fn identity(
    client: &aws_sdk_sts::Client,
    caller: &Caller,
    around: &Surroundings,
) -> Result<Identity, Failure> {
    let answer =
        caller.send(&GET_CALLER_IDENTITY, "", around, || client.get_caller_identity().send()).await?;
    let account = text(answer.account());
    if account.is_empty() {
        return Err(Failure::new(
            GET_CALLER_IDENTITY.name,
            "",
            FailureKind::Malformed,
            "the answer names no account, and a session must know its account",
        ));
    }
    Ok(Identity { account: AccountId::new(account), arn: text(answer.arn()) })
}
