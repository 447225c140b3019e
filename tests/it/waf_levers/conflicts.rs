//! Somebody else changes the same web ACL or IP set: between plan and apply, between the last look and the
//! update, and after the change.

use std::thread;
use std::time::{Duration, Instant};

use cellgate::domain::change::{Outcome, Refusal};
use cellgate::domain::web_acl::SwitchedAction;
use cellgate::ops::change::{ChangeError, Progress};
use serde_json::json;

use super::{ACL, SET, acl, addresses, desk, held, ip_set, networks, plan, rate, rule, switch};
use crate::support::desk::Desk;
use crate::support::fault_proxy::{Fault, Occurrence};

/// Somebody else's update of a rule.
fn elsewhere(desk: &Desk, rule: &str, limit_or_action: &serde_json::Value) {
    desk.region.alter(|estate| {
        let acl = estate.waf.web_acls.iter_mut().find(|acl| acl.name == ACL).unwrap();
        let rules = acl.document["Rules"].as_array_mut().unwrap();
        let rule = rules.iter_mut().find(|known| known["Name"] == *rule).unwrap();
        if limit_or_action.is_number() {
            rule["Statement"]["RateBasedStatement"]["Limit"] = limit_or_action.clone();
        } else {
            rule["Action"] = limit_or_action.clone();
        }
        acl.lock_token = "somebody-elses".to_owned();
    });
}

/// Waits until the proxy holds an update back, and does something meanwhile.
fn while_held_back(desk: &Desk, operation: &str, meanwhile: impl FnOnce()) {
    let deadline = Instant::now() + Duration::from_mins(5);
    while desk.proxy.count(operation) == 0 {
        assert!(Instant::now() < deadline, "{operation} never came");
        thread::park_timeout(Duration::from_millis(5));
    }
    meanwhile();
}

#[test]
fn another_rule_may_change_between_plan_and_apply_and_this_one_may_not() {
    let desk = desk();
    let target = acl(&desk, ACL);
    let planned = plan(&desk, &target, &rate("rate-limit", Some(9_000), None)).unwrap();
    elsewhere(&desk, "blocked-addresses", &json!({ "Count": {} }));
    let change = desk.done(&planned);
    assert_eq!(rule(&desk, "blocked-addresses")["Action"], json!({ "Count": {} }), "somebody else's stays");
    assert_eq!(rule(&desk, "rate-limit")["Statement"]["RateBasedStatement"]["Limit"], 9_000);

    // Somebody changes the same rule afterwards: it isn't taken back over their heads.
    elsewhere(&desk, "rate-limit", &json!(700));
    let refused = desk.plan_undo(&change).unwrap_err();
    assert!(matches!(refused, ChangeError::Refused(Refusal::ChangedSince { .. })), "{refused}");
    assert!(refused.to_string().contains("rate-limit: limit was set to 9000, now it is 700"), "{refused}");

    let planned = plan(&desk, &target, &rate("rate-limit", Some(5_000), None)).unwrap();
    elsewhere(&desk, "rate-limit", &json!(800));
    let (applied, _) = desk.apply(&planned);
    let refused = applied.unwrap_err();
    assert!(matches!(refused, ChangeError::Refused(Refusal::Moved { .. })), "{refused}");
    assert!(refused.to_string().contains("rate-limit: limit was 700, now it is 800"), "{refused}");
    assert_eq!(desk.region.count("UpdateWebACL"), 1);
}

#[test]
fn a_rule_that_changes_between_the_check_and_the_last_look_is_left_alone() {
    let desk = desk();
    let planned = plan(&desk, &acl(&desk, ACL), &rate("rate-limit", Some(9_000), None)).unwrap();
    let meanwhile = |progress: &Progress| {
        if matches!(progress, Progress::Sending(_)) {
            elsewhere(&desk, "rate-limit", &json!(700));
        }
    };
    let (applied, _) = desk.apply_while(&planned, meanwhile);
    match applied.unwrap().outcome {
        Outcome::NotApplied { why } => assert!(why.contains("has changed since"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(desk.proxy.count("UpdateWebACL"), 0, "nothing was sent");
    assert_eq!(rule(&desk, "rate-limit")["Statement"]["RateBasedStatement"]["Limit"], 700);
}

#[test]
fn an_update_that_comes_second_is_a_conflict_and_is_not_repeated() {
    let desk = desk();
    let planned = plan(&desk, &acl(&desk, ACL), &rate("rate-limit", Some(9_000), None)).unwrap();
    desk.proxy.inject("UpdateWebACL", Occurrence::Every, Fault::Delay(Duration::from_secs(8)));
    let applied = thread::scope(|scope| {
        scope.spawn(|| {
            while_held_back(&desk, "UpdateWebACL", || {
                elsewhere(&desk, "blocked-addresses", &json!({ "Count": {} }));
            });
        });
        desk.apply(&planned).0
    });
    match applied.unwrap().outcome {
        Outcome::NotApplied { why } => assert!(why.contains("UpdateWebACL"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(desk.proxy.count("UpdateWebACL"), 1, "a conflict is never tried again by itself");
    assert_eq!(held(&desk, ACL).lock_token, "somebody-elses");
    assert_eq!(rule(&desk, "blocked-addresses")["Action"], json!({ "Count": {} }));
    assert_eq!(rule(&desk, "rate-limit")["Statement"]["RateBasedStatement"]["Limit"], 60_000);
}

#[test]
fn an_ip_set_that_somebody_else_updates_keeps_their_addresses() {
    let desk = desk();
    let planned = plan(&desk, &ip_set(&desk), &networks(&["198.51.100.7"], &[])).unwrap();
    let add = |address: &str| {
        desk.region.alter(|estate| {
            let set = estate.waf.ip_sets.iter_mut().find(|set| set.name == SET).unwrap();
            set.addresses.push(address.to_owned());
            set.lock_token = "somebody-elses".to_owned();
        });
    };
    desk.proxy.inject("UpdateIPSet", Occurrence::First(1), Fault::Delay(Duration::from_secs(8)));
    let applied = thread::scope(|scope| {
        scope.spawn(|| while_held_back(&desk, "UpdateIPSet", || add("203.0.113.9/32")));
        desk.apply(&planned).0
    });
    assert!(matches!(applied.unwrap().outcome, Outcome::NotApplied { .. }));
    assert_eq!(desk.proxy.count("UpdateIPSet"), 1);
    assert!(!addresses(&desk).contains(&"198.51.100.7/32".to_owned()));

    // The plan still holds, since their address is none of its own: both are there in the end.
    let change = desk.done(&planned);
    assert_eq!(addresses(&desk).len(), 4);
    add("198.51.100.8/32");
    desk.undo(&change);
    assert_eq!(addresses(&desk)[2..], ["203.0.113.9/32", "198.51.100.8/32"]);
}

#[test]
fn a_lost_answer_is_looked_up_and_an_unread_document_was_not_updated() {
    let desk = desk();
    let target = acl(&desk, ACL);
    let planned = plan(&desk, &target, &switch("rate-limit", None, SwitchedAction::Block)).unwrap();
    desk.proxy.inject("UpdateWebACL", Occurrence::Every, Fault::CutBody);
    let (applied, _) = desk.apply(&planned);
    assert_eq!(applied.unwrap().outcome, Outcome::Applied);
    assert_eq!(desk.proxy.count("UpdateWebACL"), 1);

    desk.proxy.heal();
    let planned = plan(&desk, &target, &switch("rate-limit", None, SwitchedAction::Count)).unwrap();
    let meanwhile = |progress: &Progress| {
        if matches!(progress, Progress::Sending(_)) {
            desk.proxy.inject("GetWebACL", Occurrence::Every, Fault::InternalFailure);
        }
    };
    let (applied, _) = desk.apply_while(&planned, meanwhile);
    match applied.unwrap().outcome {
        Outcome::NotApplied { why } => assert!(why.contains("nothing was sent"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(desk.proxy.count("UpdateWebACL"), 1);
}
