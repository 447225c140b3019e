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
            Err(refused(target, &EditRefused::FirewallManager { acl: document.acl.name.clone() }))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::change::{Lever, Request};
    use crate::domain::levers::{self, Wanted};

    fn stage() -> StageTarget {
        StageTarget { api: "a1b2c3".into(), api_name: "orders".to_owned(), stage: "prod".into() }
    }

    fn arn(name: &str) -> String {
        format!("arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/{name}/1")
    }

    fn acl(name: &str, default_action: &str, managed: bool) -> WebAclDocument {
        let rules: Vec<Value> = vec![json!({ "Name": "bots", "Action": { "Block": {} }, "Statement": {} })];
        let body = json!({
            "Name": name, "Id": "1", "ARN": arn(name), "DefaultAction": { default_action: {} },
            "ManagedByFirewallManager": managed, "Rules": rules,
        });
        WebAclDocument::new(body, "token", None)
    }

    fn behind(name: Option<&str>) -> Settings {
        name.into_iter().map(|name| (WEB_ACL.to_owned(), arn(name))).collect()
    }

    fn drafted(wanted: &Wanted, settings: &Settings, facts: &Facts) -> Result<Draft, Refusal> {
        assert_eq!(wanted.lever(), Lever::WebAclAssociation);
        levers::draft(&Target::RestStage(stage()), wanted, settings, facts)
    }

    fn attached() -> Wanted {
        Wanted::AttachWebAcl { acl: "new".to_owned() }
    }

    #[test]
    fn one_takes_the_place_of_another() {
        let facts = Facts {
            web_acl: Some(acl("new", "Allow", false)),
            present_web_acl: Some(acl("old", "Allow", false)),
            ..Facts::default()
        };
        let draft = drafted(&attached(), &behind(Some("old")), &facts).unwrap();
        assert!(
            matches!(&draft.steps[0].request, Request::AssociateWebACL { acl_arn, .. } if *acl_arn == arn("new"))
        );
        assert_eq!(draft.risk, Risk::High);
        for says in ["takes the place of old", "can refuse requests: bots", "some minutes"] {
            assert!(draft.warnings.iter().any(|warning| warning.contains(says)), "{:?}", draft.warnings);
        }
        let again = drafted(&attached(), &behind(Some("new")), &facts).unwrap_err();
        assert!(matches!(again, Refusal::Unchanged { .. }), "{again}");
        let gone = drafted(&Wanted::DetachWebAcl, &behind(None), &Facts::default()).unwrap_err();
        assert!(matches!(gone, Refusal::Unchanged { .. }), "{gone}");
    }

    #[test]
    fn one_that_blocks_by_default_may_stop_all_traffic() {
        let facts = Facts { web_acl: Some(acl("new", "Block", false)), ..Facts::default() };
        assert_eq!(drafted(&attached(), &behind(None), &facts).unwrap().risk, Risk::Severe);
    }

    #[test]
    fn what_firewall_manager_keeps_is_its_own_to_move() {
        let (kept, free) = (acl("kept", "Allow", true), acl("new", "Allow", false));
        for (wanted, facts) in [
            (attached(), Facts { web_acl: Some(kept.clone()), ..Facts::default() }),
            (
                attached(),
                Facts { web_acl: Some(free), present_web_acl: Some(kept.clone()), ..Facts::default() },
            ),
            (Wanted::DetachWebAcl, Facts { present_web_acl: Some(kept), ..Facts::default() }),
        ] {
            let refused = drafted(&wanted, &behind(Some("kept")), &facts).unwrap_err();
            assert!(refused.to_string().contains("kept by Firewall Manager"), "{refused}");
        }
    }

    #[test]
    fn stages_of_other_kinds_have_none() {
        for target in [Target::HttpStage(stage()), Target::WebSocketStage(stage())] {
            let refused = levers::draft(&target, &attached(), &behind(None), &Facts::default()).unwrap_err();
            assert!(matches!(refused, Refusal::NotOnThisKind { .. }), "{refused}");
        }
    }
}
