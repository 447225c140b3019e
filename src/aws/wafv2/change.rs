//! Changes of AWS WAF: replacing a web ACL or an IP set under its lock token, and putting an ACL before a
//! stage.

use aws_sdk_wafv2::operation::RequestId as _;
use serde_json::Value;

use super::{rehearsal, update};
use crate::aws::mode::Operate;
use crate::aws::operations::{
    ASSOCIATE_WEB_ACL, DISASSOCIATE_WEB_ACL, Operation, UPDATE_IP_SET, UPDATE_WEB_ACL, partition,
};
use crate::aws::session::Session;
use crate::aws::translate::{optional, text};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::web_acl::GuardedStage;

/// What an update that AWS took answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedUpdate {
    /// The lock token from now on: that of the next update by whoever saw this one.
    pub next_lock_token: String,
    pub request_id: Option<String>,
}

/// How a document that would not arrive whole is refused.
fn lossy(operation: &Operation, target: &str, path: &str) -> Failure {
    let message = format!(
        "refused {}, nothing was sent: {path} would be lost, which this version doesn't know",
        operation.name
    );
    Failure::new(operation.name, target, FailureKind::Refused, &message)
        .with_hint("edit it with a newer version of cellgate, or in AWS's console")
}

fn unreadable(operation: &Operation, target: &str, why: &str) -> Failure {
    let message = format!("refused {}, nothing was sent: {why}", operation.name);
    Failure::new(operation.name, target, FailureKind::Refused, &message)
}

impl Session<Operate> {
    /// Replaces a web ACL by `body`, the edited `WebACL` of `GetWebACL` (`UpdateWebACL`).
    ///
    /// Sent once, and under the lock token that was read with the document.
    ///
    /// # Errors
    /// `Refused` where something in the body would be lost; nothing is sent then. `Conflict` where somebody
    /// else has changed it since: read it again and decide anew.
    pub async fn update_web_acl(&self, body: &Value, lock_token: &str) -> Result<LockedUpdate, Failure> {
        let target = text(body["Name"].as_str());
        let rehearsed = rehearsal::web_acl(body).await;
        let rehearsed = rehearsed.map_err(|why| unreadable(&UPDATE_WEB_ACL, &target, &why))?;
        if let Some(path) = rehearsed.lost {
            return Err(lossy(&UPDATE_WEB_ACL, &target, &path));
        }
        let answer = self
            .change(&UPDATE_WEB_ACL, &target, || {
                update::web_acl(&self.clients.waf, &rehearsed.typed, lock_token).send()
            })
            .await?;
        let request_id = optional(answer.request_id());
        Ok(LockedUpdate { next_lock_token: answer.next_lock_token.unwrap_or_default(), request_id })
    }

    /// Replaces an IP set by `body`, the edited `IPSet` of `GetIPSet` (`UpdateIPSet`). Sent once, and under
    /// the lock token that was read with the document.
    ///
    /// # Errors
    /// As with [`Session::update_web_acl`].
    pub async fn update_ip_set(&self, body: &Value, lock_token: &str) -> Result<LockedUpdate, Failure> {
        let target = text(body["Name"].as_str());
        let rehearsed = rehearsal::ip_set(body).await;
        let rehearsed = rehearsed.map_err(|why| unreadable(&UPDATE_IP_SET, &target, &why))?;
        if let Some(path) = rehearsed.lost {
            return Err(lossy(&UPDATE_IP_SET, &target, &path));
        }
        let answer = self
            .change(&UPDATE_IP_SET, &target, || {
                update::ip_set(&self.clients.waf, &rehearsed.typed, lock_token).send()
            })
            .await?;
        let request_id = optional(answer.request_id());
        Ok(LockedUpdate { next_lock_token: answer.next_lock_token.unwrap_or_default(), request_id })
    }

    /// Puts a web ACL before a stage of a REST API, in place of any other (`AssociateWebACL`), and returns
    /// AWS's request id. AWS: it takes effect within minutes.
    ///
    /// # Errors
    /// As every change; sent once.
    pub async fn associate_web_acl(
        &self,
        acl_arn: &str,
        stage: &GuardedStage,
    ) -> Result<Option<String>, Failure> {
        let resource = stage.arn(partition(self.region().as_str()), self.region().as_str());
        let answer = self
            .change(&ASSOCIATE_WEB_ACL, &format!("{}/{}", stage.api, stage.stage), || {
                self.clients.waf.associate_web_acl().web_acl_arn(acl_arn).resource_arn(&resource).send()
            })
            .await?;
        Ok(optional(answer.request_id()))
    }

    /// Takes the web ACL away from a stage of a REST API (`DisassociateWebACL`), and returns AWS's request id.
    ///
    /// # Errors
    /// As every change; sent once.
    pub async fn disassociate_web_acl(&self, stage: &GuardedStage) -> Result<Option<String>, Failure> {
        let resource = stage.arn(partition(self.region().as_str()), self.region().as_str());
        let answer = self
            .change(&DISASSOCIATE_WEB_ACL, &format!("{}/{}", stage.api, stage.stage), || {
                self.clients.waf.disassociate_web_acl().resource_arn(&resource).send()
            })
            .await?;
        Ok(optional(answer.request_id()))
    }
}
