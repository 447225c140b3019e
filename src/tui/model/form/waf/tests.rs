//! What the lines of WAF's forms become.

use super::*;
use crate::domain::api::ApiKind;
use crate::domain::change::WafTarget;
use crate::domain::estate::RegionSlot;
use crate::domain::target::StageTarget;

fn target() -> Target {
    Target::WebAcl(WafTarget { id: "w1".into(), name: "orders-waf".into() })
}

fn stage() -> StageTarget {
    StageTarget { api: "a1b2c3".into(), api_name: "orders-api".into(), stage: "prod".into() }
}

fn form(action: Action, typed: &[&str]) -> FormState {
    let lines = typed.iter().map(|line| (*line).to_owned()).collect();
    let choice = |text: &str, chosen: Chosen| Choice { text: text.into(), note: String::new(), chosen };
    let rules = vec![choice("bots", Chosen::GroupRule), choice("rate-limit", Chosen::Text)];
    let stages = vec![choice("orders-api/prod", Chosen::Stage(stage()))];
    let choices = match action {
        Action::RuleAction | Action::RuleRate => vec![rules],
        Action::AclAttach => {
            vec![vec![choice("orders-waf", Chosen::WebAcl("arn:orders-waf".into()))], stages]
        }
        Action::AclDetach => vec![stages],
        _ => Vec::new(),
    };
    FormState::new(Form::of(action).unwrap(), RegionSlot(0), target(), ApiKind::Rest, lines)
        .with_choices(choices)
}

#[test]
fn every_form_reads_what_it_asks_for() {
    let switched = |rule: &str, group_rule: Option<&str>, to| Wanted::SwitchRule {
        rule: rule.into(),
        group_rule: group_rule.map(str::to_owned),
        to,
    };
    for (action, typed, expected) in [
        (
            Action::RuleAction,
            &["rate-limit", "count", ""][..],
            switched("rate-limit", None, SwitchedAction::Count),
        ),
        (
            Action::RuleAction,
            &["BOTS", "Block", "NoUserAgent"],
            switched("bots", Some("NoUserAgent"), SwitchedAction::Block),
        ),
        (
            Action::RuleRate,
            &["rate-limit", "", "60"],
            Wanted::SetRate { rule: "rate-limit".into(), limit: None, window_seconds: Some(60) },
        ),
        (
            Action::IpAdd,
            &["192.0.2.7, 192.0.2.8  192.0.2.7"],
            Wanted::ChangeAddresses { add: vec!["192.0.2.7".into(), "192.0.2.8".into()], remove: vec![] },
        ),
        (
            Action::IpRemove,
            &["192.0.2.7"],
            Wanted::ChangeAddresses { add: vec![], remove: vec!["192.0.2.7".into()] },
        ),
    ] {
        assert_eq!(asked(&form(action, typed)), Ok((target(), expected)), "{action:?} {typed:?}");
    }
}

#[test]
fn a_web_acl_is_attached_to_the_stage_on_the_line() {
    let attached = asked(&form(Action::AclAttach, &["orders-waf", "orders-api/prod"]));
    let wanted = Wanted::AttachWebAcl { acl: "arn:orders-waf".into() };
    assert_eq!(attached, Ok((Target::RestStage(stage()), wanted)));
    let detached = asked(&form(Action::AclDetach, &["orders-api/prod"]));
    assert_eq!(detached, Ok((Target::RestStage(stage()), Wanted::DetachWebAcl)));
}

#[test]
fn before_web_acls_were_read_any_name_may_be_typed() {
    let mut form = form(Action::AclAttach, &["some-waf", "orders-api/prod"]);
    form.choices[0].clear();
    assert_eq!(asked(&form).unwrap().1, Wanted::AttachWebAcl { acl: "some-waf".into() });
}

#[test]
fn what_can_not_be_read_names_its_line() {
    for (action, typed, line) in [
        (Action::RuleAction, &["", "count", ""][..], 0),
        (Action::RuleAction, &["rate-limit", "allow", ""], 1),
        (Action::RuleAction, &["rate-limit", "count", "NoUserAgent"], 2),
        (Action::RuleAction, &["bots", "count", ""], 2),
        (Action::RuleRate, &["rate-limit", "", ""], 1),
        (Action::RuleRate, &["rate-limit", "ten", ""], 1),
        (Action::IpAdd, &[" , "], 0),
        (Action::AclAttach, &["other-waf", "orders-api/prod"], 0),
        (Action::AclDetach, &[""], 0),
    ] {
        assert_eq!(asked(&form(action, typed)).unwrap_err().0, line, "{action:?} {typed:?}");
    }
}
