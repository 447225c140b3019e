//! Which web ACL stands before a stage of a REST API: WAF's to say, and one at a time.

use super::draft::{Draft, Facts, unchanged};
use super::rest_stage::{self, WEB_ACL};
use super::web_acl::refused;
use crate::domain::change::{Refusal, Risk, SettingChange, Settings, Target};
use crate::domain::target::StageTarget;
use crate::domain::web_acl::{EditRefused, RuleAction, WebAclDocument, name_in_arn};

/// AWS: an association takes seconds to minutes to be everywhere.
const TAKES_MINUTES: &str = "AWS takes up to some minutes until it holds everywhere";

/// Puts the web ACL of `facts` before the stage.
///
/// # Errors
/// Where it stands there already, or Firewall Manager keeps it or the one that it would replace.
pub fn attach(
    target: &Target,
    stage: &StageTarget,
    settings: &Settings,
    facts: &Facts,
) -> Result<Draft, Refusal> {
    let Some(wanted) = &facts.web_acl else {
        let why = "the web ACL that is to be attached was not read".to_owned();
        return Err(Refusal::Forbidden { target: target.to_string(), why });
    };
    kept_by_nobody_else(target, Some(wanted))?;
    kept_by_nobody_else(target, facts.present_web_acl.as_ref())?;
    let acl = &wanted.acl;
    let Some(change) = settings.change_to(WEB_ACL, Some(acl.arn.clone())) else {
        return Err(unchanged(target, format!("{} stands before it", acl.name)));
    };
    let mut draft = draft(target, stage, change, settings)?;
    if let Some(present) = settings.get(WEB_ACL) {
        draft = draft
            .warn(format!("it takes the place of {}, whose rules end for this stage", name_in_arn(present)));
    }
    let blocking = acl.rules.iter().filter(|rule| {
        matches!(
            rule.action,
            RuleAction::Block | RuleAction::GroupDecides | RuleAction::Captcha | RuleAction::Challenge
        )
    });
    let blocking: Vec<_> = blocking.map(|rule| rule.name.as_str()).collect();
    if acl.default_action == RuleAction::Block {
        draft = draft
            .with_risk(Risk::Severe)
            .warn(format!("{} refuses every request that no rule of it lets through", acl.name));
    } else if !blocking.is_empty() {
        draft = draft.warn(format!("rules that can refuse requests: {}", blocking.join(", ")));
    }
    Ok(draft)
}

/// Takes the web ACL away from the stage.
///
/// # Errors
/// Where it has none, or Firewall Manager keeps it.
pub fn detach(
    target: &Target,
    stage: &StageTarget,
    settings: &Settings,
    facts: &Facts,
) -> Result<Draft, Refusal> {
    kept_by_nobody_else(target, facts.present_web_acl.as_ref())?;
    let Some(change) = settings.change_to(WEB_ACL, None) else {
        return Err(unchanged(target, "no web ACL stands before it"));
    };
    Ok(draft(target, stage, change, settings)?.warn(
        "no rule of AWS WAF looks at its requests from then on: blocked senders and rate limits included",
    ))
}

fn draft(
    target: &Target,
    stage: &StageTarget,
    change: SettingChange,
    settings: &Settings,
) -> Result<Draft, Refusal> {
    let steps = rest_stage::steps(stage, &[change], settings)?;
    Ok(Draft::of_settings(target, steps).with_risk(Risk::High).warn(TAKES_MINUTES))
}

fn kept_by_nobody_else(target: &Target, document: Option<&WebAclDocument>) -> Result<(), Refusal> {
    match document {
        Some(document) if document.acl.managed_by_firewall_manager => {
            Err(refused(target, EditRefused::FirewallManager { acl: document.acl.name.clone() }))
        }
        _ => Ok(()),
    }
}
