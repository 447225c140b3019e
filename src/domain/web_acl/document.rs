//! A web ACL's document as AWS gave it: what an edit starts from, and an update sends back whole.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::edit::EditRefused;
use super::rule::{Rule, RuleAction};
use super::{Scope, WebAcl};
use crate::domain::text::sanitise;

/// AWS: members of a web ACL that an answer has and an update can't carry. A lock token stands beside the web
/// ACL, and with emulators within it.
pub const ANSWERED_ONLY: [&str; 10] = [
    "ARN",
    "Capacity",
    "Id",
    "LabelNamespace",
    "LockToken",
    "ManagedByFirewallManager",
    "Name",
    "PostProcessFirewallManagerRuleGroups",
    "PreProcessFirewallManagerRuleGroups",
    "RetrofittedByFirewallManager",
];

/// A web ACL with the document that it was read from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WebAclDocument {
    pub acl: WebAcl,
    /// The `WebACL` of `GetWebACL`, with whatever this version doesn't know. As AWS gave it: sanitise what is
    /// shown of it.
    pub body: Value,
    /// The path of the first member that an update of this version's would lose; none may be sent then.
    pub lost: Option<String>,
}

impl WebAclDocument {
    /// Reads the `WebACL` of an answer. `lost` is what a rehearsal of the update found missing.
    pub fn new(body: Value, lock_token: &str, lost: Option<String>) -> Self {
        Self { acl: acl(&body, lock_token), body, lost }
    }

    /// Whether it may be edited at all.
    ///
    /// # Errors
    /// Where an update would lose something, or undo what Firewall Manager keeps.
    pub fn editable(&self) -> Result<(), EditRefused> {
        if self.acl.managed_by_firewall_manager {
            return Err(EditRefused::FirewallManager { acl: self.acl.name.clone() });
        }
        match &self.lost {
            Some(path) => Err(EditRefused::Lossy { acl: self.acl.name.clone(), path: path.clone() }),
            None => Ok(()),
        }
    }
}

fn acl(body: &Value, lock_token: &str) -> WebAcl {
    let text = |name: &str| sanitise(body[name].as_str().unwrap_or_default()).into_owned();
    let mut rules: Vec<Rule> = body["Rules"].as_array().into_iter().flatten().map(Rule::of).collect();
    rules.sort_by_key(|rule| rule.priority);
    WebAcl {
        name: text("Name"),
        id: text("Id"),
        arn: text("ARN"),
        scope: Scope::of_arn(&text("ARN")),
        description: Some(text("Description")).filter(|description| !description.is_empty()),
        capacity: body["Capacity"].as_u64(),
        default_action: RuleAction::of_action(&body["DefaultAction"]),
        rules,
        managed_by_firewall_manager: body["ManagedByFirewallManager"].as_bool().unwrap_or_default(),
        lock_token: lock_token.to_owned(),
    }
}
