//! The levers of AWS WAF from plan to undo against the demo region: that one rule or list is altered and
//! nothing else, that nobody's change is written over, and that it shows in the signals.

mod conflicts;
mod effects;

use cellgate::domain::change::{FieldChange, Plan, Refusal, Risk, Target, WafTarget};
use cellgate::domain::estate::RegionSlot;
use cellgate::domain::failure::FailureKind;
use cellgate::domain::levers::Wanted;
use cellgate::domain::web_acl::SwitchedAction;
use cellgate::ops::change::{self, ChangeError, Grounds};
use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use cellgate_demo::estate::WebAcl;
use serde_json::{Value, json};

use crate::support::desk::{Desk, NOW};
use crate::support::region::Region;

const ACL: &str = "cell-01-waf";
const STAGE: &str = "cell-01-api/prod";
const SET: &str = "blocked-addresses";

/// What somebody else does to a web ACL.
type Alteration = fn(&mut WebAcl);

/// An operator before a region that stands still and takes any number of requests meanwhile.
fn desk() -> Desk {
    Desk::before(Region::start(RegionOptions {
        control_plane_limits: false,
        clock: Clock::manual(NOW.parse().unwrap()),
        ..RegionOptions::default()
    }))
}

fn acl(desk: &Desk, name: &str) -> Target {
    let acl = held(desk, name);
    Target::WebAcl(WafTarget { id: acl.id, name: acl.name })
}

fn ip_set(desk: &Desk) -> Target {
    let estate = desk.region.estate();
    let set = estate.waf.ip_sets.iter().find(|set| set.name == SET).unwrap();
    Target::IpSet(WafTarget { id: set.id.clone(), name: set.name.clone() })
}

/// The web ACL as the region holds it.
fn held(desk: &Desk, name: &str) -> WebAcl {
    desk.region.estate().waf.web_acls.into_iter().find(|acl| acl.name == name).unwrap()
}

/// A rule of the web ACL as the region holds it.
fn rule(desk: &Desk, name: &str) -> Value {
    rules_but(&held(desk, ACL), "").into_iter().find(|rule| rule["Name"] == name).unwrap()
}

/// All rules but one.
fn rules_but(acl: &WebAcl, name: &str) -> Vec<Value> {
    let rules = acl.document["Rules"].as_array().unwrap().iter();
    rules.filter(|rule| rule["Name"] != name).cloned().collect()
}

fn addresses(desk: &Desk) -> Vec<String> {
    desk.region.estate().waf.ip_sets.into_iter().find(|set| set.name == SET).unwrap().addresses
}

fn plan(desk: &Desk, target: &Target, wanted: &Wanted) -> Result<Plan, ChangeError> {
    let (estate, _, _) = desk.stage(STAGE);
    let region = estate.region(RegionSlot(0)).unwrap();
    let history = desk.history();
    let grounds = Grounds { region, api: None, history: &history, clock: &desk.clock, production_tag: None };
    desk.runtime.block_on(change::plan(&desk.session, target, wanted, &grounds))
}

fn switch(rule: &str, group_rule: Option<&str>, to: SwitchedAction) -> Wanted {
    Wanted::SwitchRule { rule: rule.to_owned(), group_rule: group_rule.map(str::to_owned), to }
}

fn rate(rule: &str, limit: Option<u64>, window_seconds: Option<u64>) -> Wanted {
    Wanted::SetRate { rule: rule.to_owned(), limit, window_seconds }
}

fn networks(add: &[&str], remove: &[&str]) -> Wanted {
    let owned = |list: &[&str]| list.iter().map(|&address| address.to_owned()).collect();
    Wanted::ChangeAddresses { add: owned(add), remove: owned(remove) }
}

fn field(field: &str, before: &str, after: &str) -> FieldChange {
    FieldChange { field: field.to_owned(), before: before.to_owned(), after: after.to_owned() }
}

#[test]
fn a_change_alters_one_rule_and_its_undo_leaves_no_trace() {
    for (wanted, of, fields) in [
        (
            switch("blocked-addresses", None, SwitchedAction::Count),
            "blocked-addresses",
            vec![field("blocked-addresses: action", "block", "count")],
        ),
        (
            switch("rate-limit", None, SwitchedAction::Block),
            "rate-limit",
            vec![field("rate-limit: action", "count", "block")],
        ),
        (
            rate("rate-limit", Some(9_000), Some(60)),
            "rate-limit",
            vec![field("rate-limit: limit", "60000", "9000"), field("rate-limit: window", "300 s", "60 s")],
        ),
        (
            switch("common-rules", Some("GenericLFI_URIPATH"), SwitchedAction::Count),
            "common-rules",
            vec![field("common-rules: GenericLFI_URIPATH", "block (as the group says)", "count")],
        ),
    ] {
        let desk = desk();
        let (target, before) = (acl(&desk, ACL), held(&desk, ACL));
        let settings = desk.settings_of(&target);
        let plan = plan(&desk, &target, &wanted).unwrap();
        assert_eq!(plan.fields, fields);
        assert_eq!(plan.blast_radius.stages, [STAGE]);
        assert!(plan.blast_radius.requests_per_second.unwrap() > 1.0, "{:?}", plan.blast_radius);
        assert!(plan.iam[0].starts_with("wafv2:UpdateWebACL on arn:aws:wafv2:"), "{:?}", plan.iam);
        assert_eq!(desk.region.count("UpdateWebACL"), 0, "a plan sends no change");
        let switches = matches!(&wanted, Wanted::SwitchRule { group_rule: None, .. });
        let says =
            |said: &String| said.starts_with("the rule blocked ") && said.contains(" in the last hour");
        assert_eq!(plan.warnings.iter().any(says), switches, "{:?}", plan.warnings);

        let change = desk.done(&plan);
        let after = held(&desk, ACL);
        assert_eq!(rules_but(&after, of), rules_but(&before, of));
        assert_ne!(after.document["Rules"], before.document["Rules"]);
        let mut same = after.document.clone();
        same["Rules"] = before.document["Rules"].clone();
        assert_eq!(same, before.document, "beside the rules nothing differs");

        let undo = desk.plan_undo(&change).unwrap();
        let back: Vec<_> = undo.fields.iter().map(|field| field.field.as_str()).collect();
        let there: Vec<_> = fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(back, there, "an undo speaks in the same words");
        let undone = desk.done(&undo);
        assert_eq!(held(&desk, ACL).document, before.document);
        assert_eq!(desk.settings_of(&target), settings);

        // And the undo is taken back in turn.
        desk.undo(&undone);
        assert_eq!(held(&desk, ACL).document, after.document);
        assert_eq!(desk.region.count("UpdateWebACL"), 3);
    }
}

#[test]
fn addresses_come_and_go_in_one_update() {
    let desk = desk();
    let (target, before) = (ip_set(&desk), addresses(&desk));
    let plan = plan(&desk, &target, &networks(&["198.51.100.7", "203.0.113.0/24"], &["192.0.2.44"])).unwrap();
    assert_eq!(plan.risk, Risk::Low);
    // Every web ACL of the region refers to the set.
    assert!(
        plan.blast_radius.stages.contains(&format!("{STAGE} (blocked-addresses of {ACL}: block)")),
        "{:?}",
        plan.blast_radius.stages
    );
    let change = desk.done(&plan);
    assert_eq!(addresses(&desk), ["192.0.2.0/28", "198.51.100.7/32", "203.0.113.0/24"]);
    assert_eq!(desk.region.count("UpdateIPSet"), 1);
    desk.undo(&change);
    assert_eq!(addresses(&desk), before);
}

#[test]
fn a_web_acl_is_taken_from_a_stage_and_comes_back() {
    let desk = desk();
    let (here, other) = (held(&desk, ACL), held(&desk, "cell-02-waf"));
    let stage_acl = || {
        let estate = desk.region.estate();
        let api = estate.api_named("cell-01-api").unwrap();
        api.stages.iter().find(|stage| stage.name == "prod").unwrap().web_acl_arn.clone()
    };

    let (detached, plan) = desk.change(STAGE, &Wanted::DetachWebAcl);
    assert_eq!((stage_acl(), plan.risk), (None, Risk::High));
    assert!(
        plan.warnings.iter().any(|warning| warning.contains("no rule of AWS WAF")),
        "{:?}",
        plan.warnings
    );
    desk.undo(&detached);
    assert_eq!(stage_acl().as_ref(), Some(&here.arn));

    let wanted = Wanted::AttachWebAcl { acl: other.name.clone() };
    let (attached, plan) = desk.change(STAGE, &wanted);
    assert_eq!(stage_acl(), Some(other.arn));
    assert!(
        plan.warnings.iter().any(|warning| warning.contains(&format!("takes the place of {ACL}"))),
        "{:?}",
        plan.warnings
    );
    desk.undo(&attached);
    assert_eq!(stage_acl(), Some(here.arn));

    let again = desk.plan(STAGE, &Wanted::AttachWebAcl { acl: ACL.to_owned() }).unwrap_err();
    assert!(matches!(again, ChangeError::Refused(Refusal::Unchanged { .. })), "{again}");
    match desk.plan(STAGE, &Wanted::AttachWebAcl { acl: "cell-1-waf".to_owned() }).unwrap_err() {
        ChangeError::Failed(failure) => assert_eq!(failure.kind, FailureKind::NotFound),
        other => panic!("{other}"),
    }
}

#[test]
fn a_web_acl_that_blocks_by_default_may_stop_all_traffic() {
    let desk = desk();
    desk.region.alter(|estate| {
        let acl = estate.waf.web_acls.iter_mut().find(|acl| acl.name == "cell-02-waf").unwrap();
        acl.document["DefaultAction"] = json!({ "Block": {} });
    });
    let plan = desk.plan(STAGE, &Wanted::AttachWebAcl { acl: "cell-02-waf".to_owned() }).unwrap();
    assert_eq!(plan.risk, Risk::Severe);
}

#[test]
fn what_would_lose_something_or_is_kept_by_others_is_refused_before_anything_is_sent() {
    let count = switch("blocked-addresses", None, SwitchedAction::Count);
    let lossy = |acl: &mut WebAcl| {
        acl.document["Rules"][1]["Statement"] = json!({ "MoonPhaseStatement": { "Phase": "FULL" } });
    };
    let managed = |acl: &mut WebAcl| acl.document["ManagedByFirewallManager"] = json!(true);
    let cases: [(Alteration, &str); 2] =
        [(lossy, "Rules[rate-limit].Statement.MoonPhaseStatement"), (managed, "kept by Firewall Manager")];
    for (alter, says) in cases {
        let desk = desk();
        let target = acl(&desk, ACL);
        let early = plan(&desk, &target, &count).unwrap();
        desk.region
            .alter(|estate| alter(estate.waf.web_acls.iter_mut().find(|acl| acl.name == ACL).unwrap()));

        let refused = plan(&desk, &target, &count).unwrap_err();
        assert!(refused.to_string().contains(says), "{refused}");
        // A plan that was made before is refused, too.
        let (applied, _) = desk.apply(&early);
        let refused = applied.unwrap_err();
        assert!(matches!(refused, ChangeError::Refused(Refusal::Moved { .. })), "{refused}");
        assert_eq!((desk.region.count("UpdateWebACL"), desk.entries().len()), (0, 0));
    }
    let desk = desk();
    desk.region.alter(|estate| {
        managed(estate.waf.web_acls.iter_mut().find(|acl| acl.name == ACL).unwrap());
    });
    for wanted in [Wanted::DetachWebAcl, Wanted::AttachWebAcl { acl: "cell-02-waf".to_owned() }] {
        let refused = desk.plan(STAGE, &wanted).unwrap_err();
        assert!(refused.to_string().contains("kept by Firewall Manager"), "{refused}");
    }
}
