//! Web ACLs and IP sets: their settings, and updates of what was read right before.
//!
//! AWS takes a whole document at a time. So that a change alters what was planned and nothing else, the
//! document is read again, what the plan rests on is compared with it, and it goes back under the lock token
//! that it came with. Where that token is used up by then somebody else was faster, and nothing is repeated.

use serde_json::Value;

use super::sending::never_took_effect;
use crate::aws::operations::{UPDATE_IP_SET, UPDATE_WEB_ACL};
use crate::aws::{Mode, Operate, Session};
use crate::domain::change::{Settings, WafTarget};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::levers::{ip_set, rest_stage, web_acl};
use crate::domain::web_acl::{EditRefused, GroupRules, WebAclDocument};
use crate::ops;

/// Reads everything of a web ACL that is compared.
///
/// # Errors
/// Where it can't be read.
pub async fn settings_of_web_acl<M: Mode>(
    session: &Session<M>,
    acl: &WafTarget,
) -> Result<Settings, Failure> {
    Ok(web_acl::settings(&session.get_web_acl(&acl.name, &acl.id).await?))
}

/// Reads everything of an IP set that is compared.
///
/// # Errors
/// Where it can't be read.
pub async fn settings_of_ip_set<M: Mode>(session: &Session<M>, set: &WafTarget) -> Result<Settings, Failure> {
    Ok(ip_set::settings(&session.get_ip_set(&set.name, &set.id).await?))
}

/// Puts a rule in place of another (`UpdateWebACL`), and returns AWS's request id.
///
/// # Errors
/// `Refused` and `Conflict` where nothing was sent or AWS took nothing; else as every change.
pub async fn replace_rule(
    session: &Session<Operate>,
    acl: &WafTarget,
    rule: &str,
    (before, after): (&Value, &Value),
) -> Result<Option<String>, Failure> {
    let read = session.get_web_acl(&acl.name, &acl.id).await;
    let document = read.map_err(|failure| not_sent(UPDATE_WEB_ACL.name, &acl.name, failure))?;
    let edited = document.replace_rule(rule, before, after).map_err(|why| {
        let kind = match &why {
            EditRefused::Moved { .. } | EditRefused::UnknownRule { .. } => FailureKind::Conflict,
            _ => FailureKind::Refused,
        };
        refused(UPDATE_WEB_ACL.name, &acl.name, kind, &why.to_string())
    })?;
    Ok(session.update_web_acl(&edited.body, &document.acl.lock_token).await?.request_id)
}

/// Puts networks into an IP set and takes others out of it (`UpdateIPSet`), and returns AWS's request id.
///
/// # Errors
/// As [`replace_rule`].
pub async fn replace_addresses(
    session: &Session<Operate>,
    set: &WafTarget,
    (add, remove): (&[String], &[String]),
) -> Result<Option<String>, Failure> {
    let read = session.get_ip_set(&set.name, &set.id).await;
    let document = read.map_err(|failure| not_sent(UPDATE_IP_SET.name, &set.name, failure))?;
    let edited = document.replace(add, remove).map_err(|why| {
        use crate::domain::ip_set::IpSetRefused::{AlreadyIn, NotIn};
        let moved = matches!(why, AlreadyIn { .. } | NotIn { .. });
        let kind = if moved { FailureKind::Conflict } else { FailureKind::Refused };
        refused(UPDATE_IP_SET.name, &set.name, kind, &why.to_string())
    })?;
    Ok(session.update_ip_set(&edited.body, &document.set.lock_token).await?.request_id)
}

fn refused(operation: &str, target: &str, kind: FailureKind, why: &str) -> Failure {
    Failure::new(operation, target, kind, &format!("nothing was sent: {why}"))
        .with_hint("make the plan again from what is there now")
}

/// What could not be read was not updated either, however the reading failed.
fn not_sent(operation: &str, target: &str, failure: Failure) -> Failure {
    if never_took_effect(failure.kind) {
        return failure;
    }
    Failure::new(operation, target, FailureKind::Refused, &format!("nothing was sent: {failure}"))
        .with_request_id(failure.request_id)
}

/// The rules that the group has which a rule stands for; none where it stands for no group.
///
/// # Errors
/// Where they can't be read: AWS would ignore a name that isn't among them, without a word.
pub async fn group_rules<M: Mode>(
    session: &Session<M>,
    acl: &WafTarget,
    rule: &str,
    settings: &Settings,
) -> Result<Option<GroupRules>, Failure> {
    let document = web_acl::document(acl, settings);
    match document.acl.rule(rule).and_then(|rule| rule.group.as_ref()) {
        Some(group) => session.group_rules(&group.source).await.map(Some),
        None => Ok(None),
    }
}

/// The web ACL that stands before a stage of these settings; none where there is none, or it can't be read.
pub async fn present<M: Mode>(session: &Session<M>, settings: &Settings) -> Option<WebAclDocument> {
    ops::waf::web_acl(session, settings.get(rest_stage::WEB_ACL)?).await.ok()
}
