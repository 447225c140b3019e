//! Rules of web ACLs: what is sent, what is said of it, and what is refused before.

use super::*;
use crate::domain::change::Lever;
use crate::domain::levers::steps as way_back;
use crate::domain::web_acl::{GroupRule, GroupRules, GroupSource};

fn acl() -> WafTarget {
    WafTarget { id: "1".to_owned(), name: "cell-01-waf".to_owned() }
}

fn target() -> Target {
    Target::WebAcl(acl())
}

fn read() -> Settings {
    settings(&WebAclDocument::new(body(), "token", None))
}

fn body() -> Value {
    json!({
        "Name": "cell-01-waf", "Id": "1", "Capacity": 902, "DefaultAction": { "Allow": {} },
        "Rules": [
            {
                "Name": "rate", "Priority": 1, "Action": { "Block": {} },
                "Statement": { "RateBasedStatement": {
                    "Limit": 600, "EvaluationWindowSec": 300, "AggregateKeyType": "IP",
                } },
            },
            {
                "Name": "common", "Priority": 2, "OverrideAction": { "None": {} },
                "Statement": { "ManagedRuleGroupStatement": { "VendorName": "AWS", "Name": "Common" } },
            },
            {
                "Name": "answered", "Priority": 0,
                "Action": { "Block": { "CustomResponse": { "ResponseCode": 429 } } },
                "Statement": { "GeoMatchStatement": { "CountryCodes": ["DE"] } },
            },
        ],
    })
}

fn facts() -> Facts {
    let source = GroupSource::Managed { vendor: "AWS".to_owned(), name: "Common".to_owned(), version: None };
    let rules = vec![GroupRule { name: "Size_BODY".to_owned(), action: RuleAction::Block }];
    Facts { group_rules: Some(GroupRules { source, rules }), ..Facts::default() }
}

fn rate(limit: Option<u64>, window_seconds: Option<u64>) -> Wanted {
    Wanted::SetRate { rule: "rate".to_owned(), limit, window_seconds }
}

fn switch(rule: &str, group_rule: Option<&str>, to: SwitchedAction) -> Wanted {
    Wanted::SwitchRule { rule: rule.to_owned(), group_rule: group_rule.map(str::to_owned), to }
}

fn drafted(wanted: &Wanted) -> Result<Draft, Refusal> {
    draft(&target(), &acl(), wanted, &read(), &facts())
}

#[test]
fn settings_make_up_a_document_that_reads_the_same() {
    let settings = read();
    assert_eq!(
        super::settings(&document(&acl(), &settings)).difference(&settings),
        [SettingChange { setting: CAPACITY.to_owned(), before: None, after: Some("902".to_owned()) }]
    );
    let (one, other): (Value, Value) = (
        serde_json::from_str(r#"{"a":1,"b":2}"#).unwrap(),
        serde_json::from_str(r#"{"b":2,"a":1}"#).unwrap(),
    );
    assert_eq!(canonical(&one), canonical(&other));
}

#[test]
fn a_rule_goes_whole_and_comes_back_whole() {
    for wanted in [
        rate(Some(100), Some(60)),
        switch("answered", None, SwitchedAction::Count),
        switch("common", Some("Size_BODY"), SwitchedAction::Count),
    ] {
        let (before, draft) = (read(), drafted(&wanted).unwrap());
        assert_eq!(wanted.lever(), Lever::WebAclRule);
        assert_eq!((draft.steps.len(), draft.steps[0].changes.len()), (1, 1), "{draft:?}");
        let change = &draft.steps[0].changes[0];
        let after = before.after(&draft.steps[0].changes);
        let back = way_back(&target(), &[change.reversed()], &after).unwrap();
        let (
            Request::UpdateWebACL { before: from, after: to, rule, .. },
            Request::UpdateWebACL { before: last, after: first, .. },
        ) = (&draft.steps[0].request, &back[0].request)
        else {
            panic!("{draft:?}");
        };
        assert_eq!((from, to), (first, last));
        assert_eq!(
            body()["Rules"].as_array().unwrap().iter().find(|known| known["Name"] == **rule),
            Some(from)
        );
        assert_eq!(after.after(&back[0].changes), before);
        // The way back is told in words, too.
        let fields: Vec<_> = super::super::draft::fields(&target(), back[0].changes.iter());
        assert_eq!(fields.len(), draft.fields.len(), "{fields:?}");
        assert!(fields.iter().zip(&draft.fields).all(|(back, there)| back.field == there.field));
    }
}

#[test]
fn what_the_operator_should_know_is_said() {
    let says = |wanted: &Wanted, words: &str| {
        let draft = drafted(wanted).unwrap();
        assert!(
            draft.warnings.iter().any(|warning| warning.contains(words)),
            "{words}: {:?}",
            draft.warnings
        );
        draft
    };
    let count = switch("answered", None, SwitchedAction::Count);
    assert_eq!(says(&count, "is let through from then on").risk, Risk::High);
    says(&count, "custom response goes");
    says(&count, "up to a minute");
    assert_eq!(
        says(&switch("common", Some("Size_BODY"), SwitchedAction::Count), "let through").fields,
        [FieldChange {
            field: "common: Size_BODY".to_owned(),
            before: "block (as the group says)".to_owned(),
            after: "count".to_owned(),
        }]
    );
    assert_eq!(says(&rate(Some(500), None), "counts of the rate rule begin anew").risk, Risk::High);
    // Fewer in a window that is shorter still are more in a second.
    let quicker = says(&rate(Some(500), Some(60)), "let through");
    assert_eq!((quicker.risk, quicker.fields.len()), (Risk::Low, 2));
    says(&switch("rate", None, SwitchedAction::Count), "counts of the rate rule begin anew");
}

#[test]
fn illegal_values_are_refused_with_what_is_legal() {
    for (wanted, legal) in [
        (rate(Some(0), None), "10 to 2000000000"),
        (rate(Some(9), None), "10 to 2000000000"),
        (rate(Some(2_000_000_001), None), "10 to 2000000000"),
        (rate(Some(u64::MAX), Some(60)), "10 to 2000000000"),
        (rate(None, Some(0)), "60, 120, 300 and 600"),
        (rate(None, Some(59)), "60, 120, 300 and 600"),
        (rate(None, Some(61)), "60, 120, 300 and 600"),
        (rate(None, Some(240)), "60, 120, 300 and 600"),
        (rate(Some(100), Some(3_600)), "60, 120, 300 and 600"),
        (rate(None, None), "give one of them"),
    ] {
        match drafted(&wanted) {
            Err(Refusal::Illegal { legal: told, .. }) => assert!(told.contains(legal), "{wanted:?}: {told}"),
            other => panic!("{wanted:?}: {other:?}"),
        }
    }
    for (limit, window) in [(10, 60), (2_000_000_000, 600), (100, 120)] {
        assert!(drafted(&rate(Some(limit), Some(window))).is_ok(), "{limit} {window}");
    }
}

#[test]
fn what_must_not_be_edited_is_refused() {
    let forbidden = |wanted: &Wanted, facts: &Facts, settings: &Settings, words: &str| {
        let refused = draft(&target(), &acl(), wanted, settings, facts).unwrap_err();
        assert!(refused.to_string().contains(words), "{wanted:?}: {refused}");
    };
    let (all, none) = (facts(), Facts::default());
    let count = SwitchedAction::Count;
    forbidden(&switch("comon", None, count), &all, &read(), "did you mean 'common'?");
    forbidden(&switch("comon", Some("Size_BODY"), count), &none, &read(), "did you mean 'common'?");
    forbidden(&switch("common", None, count), &all, &read(), "switch single rules of the group");
    forbidden(&switch("common", Some("Size_BDY"), count), &all, &read(), "did you mean 'Size_BODY'?");
    forbidden(&switch("rate", Some("Size_BODY"), count), &none, &read(), "stands for no rule group");
    forbidden(&switch("rate", None, SwitchedAction::Block), &all, &read(), "is so already");
    let other = Wanted::SetRate { rule: "answered".to_owned(), limit: Some(100), window_seconds: None };
    forbidden(&other, &all, &read(), "has no rate limit");
    forbidden(&Wanted::FlushStageCache, &all, &read(), "AWS can't flush the stage cache");

    let lossy = WebAclDocument::new(body(), "token", Some("Rules[rate].New".to_owned()));
    forbidden(&rate(Some(100), None), &all, &super::settings(&lossy), "Rules[rate].New");
    let mut kept = body();
    kept["ManagedByFirewallManager"] = json!(true);
    let kept = WebAclDocument::new(kept, "token", None);
    forbidden(&rate(Some(100), None), &all, &super::settings(&kept), "kept by Firewall Manager");
}

#[test]
fn rules_are_neither_made_nor_deleted_on_the_way_back() {
    let gone = SettingChange { setting: format!("{RULES}rate"), before: None, after: Some("{}".to_owned()) };
    let refused = steps(&target(), &acl(), &[gone], &read()).unwrap_err();
    assert!(refused.to_string().contains("never made or deleted"), "{refused}");
}
