//! `AssumeRole`: keys for a role of this account or another one of the region. The region has no policies: each role
//! that is asked for exists, and whoever has a key may assume it.

use super::parameters::{Parameters, invalid};
use super::{Call, ROLE_ID, credentials};
use crate::server::accounts::{Caller, Identity};
use crate::server::fault::{Fault, escape_xml};

/// AWS: from 15 minutes to 12 hours, an hour by default.
pub fn assume_role(call: &Call<'_>, parameters: &Parameters) -> Result<String, Fault> {
    let arn = parameters.required("RoleArn")?;
    let session_name = parameters.required("RoleSessionName")?;
    if !is_session_name(session_name) {
        return Err(invalid(format!(
            "Value '{session_name}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular \
             expression pattern: [\\w+=,.@-]{{2,64}}"
        )));
    }
    let (account_id, role) =
        role_of(arn).ok_or_else(|| invalid(format!("{arn} is invalid as the ARN of a role")))?;
    let lasts = parameters.duration(900..=43_200, 3_600)?;
    let account = call.accounts.by_id(account_id).ok_or_else(|| {
        let caller = call.caller.arn();
        let message =
            format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}");
        Fault::new(403, "AccessDenied", message)
    })?;
    let identity = Identity::AssumedRole { role: role.to_owned(), session_name: session_name.to_owned() };
    let session = call.accounts.open_session(account, identity, call.now, lasts);
    let caller = Caller { account: session.account.clone(), identity: session.identity.clone() };
    Ok(format!(
        "<AssumedRoleUser><AssumedRoleId>{ROLE_ID}:{}</AssumedRoleId><Arn>{}</Arn></AssumedRoleUser>{}",
        escape_xml(session_name),
        escape_xml(&caller.arn()),
        credentials(&session),
    ))
}

/// AWS: 2 to 64 letters, digits and `_+=,.@-`.
fn is_session_name(text: &str) -> bool {
    (2..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

/// The account and the name of the role, without its path.
fn role_of(arn: &str) -> Option<(&str, &str)> {
    let (account_id, path) = arn.strip_prefix("arn:aws:iam::")?.split_once(":role/")?;
    let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
    let well_formed = name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte));
    well_formed.then_some((account_id, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arn_of_a_role_names_its_account() {
        assert_eq!(role_of("arn:aws:iam::111122223333:role/Reader"), Some(("111122223333", "Reader")));
        assert_eq!(
            role_of("arn:aws:iam::111122223333:role/teams/a/Reader"),
            Some(("111122223333", "Reader"))
        );
        for other in [
            "",
            "Reader",
            "arn:aws:iam::111122223333:user/Reader",
            "arn:aws:iam::1:role/",
            "arn:aws:iam::1:role/a b",
        ] {
            assert_eq!(role_of(other), None, "{other}");
        }
    }

    #[test]
    fn session_names_are_as_aws_wants_them() {
        assert!(is_session_name("on-call@example.com"));
        for other in ["", "a", "a b", &"x".repeat(65)] {
            assert!(!is_session_name(other), "{other}");
        }
    }
}
