//! Levers on API keys against the demo region: what the key's holder feels, and what a move or an extension
//! that breaks off leaves behind.

use cellgate::domain::change::{Outcome, Refusal, Target};
use cellgate::domain::figures::count;
use cellgate::domain::id::{ChangeId, UsagePlanId};
use cellgate::domain::levers::Wanted;
use cellgate::ops::change::{self, ChangeError, Verdict};
use cellgate_demo::scenario::{self, Phase};
use jiff::SignedDuration;
use serde_json::json;

use crate::support::desk::NOW;
use crate::support::fault_proxy::{Fault, Occurrence};
use crate::support::key_holder::KeyHolder;

fn extend(by: i64) -> Wanted {
    Wanted::ExtendQuota { plan: None, by }
}

fn move_to(to: &UsagePlanId) -> Wanted {
    Wanted::MoveApiKey { from: None, to: to.clone() }
}

fn plan_named(holder: &KeyHolder, name: &str) -> UsagePlanId {
    let estate = holder.desk.region.estate();
    estate.usage_plans.iter().find(|plan| plan.name == name).unwrap().id.as_str().into()
}

/// The names of the plans that the region has the key on.
fn plans_of(holder: &KeyHolder) -> Vec<String> {
    let plans = holder.desk.region.estate().usage_plans.into_iter();
    plans
        .filter(|plan| plan.key_ids.iter().any(|id| id == holder.key.id.as_str()))
        .map(|plan| plan.name)
        .collect()
}

#[test]
fn a_key_that_is_switched_off_gets_403s_until_it_is_undone() {
    let holder = KeyHolder::watched();
    let (whole, before) = (holder.holdings(), holder.now());
    let mut expected = whole.clone();
    expected.keys.iter_mut().find(|key| key.id == holder.key.id.as_str()).unwrap().enabled = false;

    let (change, plan) = holder.change(&holder.key_target(), &Wanted::SwitchApiKey { enabled: false });
    let reached = plan.blast_radius.keys.expect("what it used");
    assert!(reached.count == 1 && reached.used_today > 0, "{reached:?}");
    let says = format!("it made {} requests today", count(reached.used_today));
    assert!(plan.warnings[0].starts_with(&says), "{says}: {:?}", plan.warnings);
    assert_eq!(holder.holdings(), expected);
    let off = holder.later();
    assert!(off.failed > before.failed + 0.5 && off.throttled < 0.05, "{before:?} {off:?}");

    let secrets: Vec<String> =
        holder.desk.region.estate().api_keys.into_iter().map(|key| key.value).collect();
    let journal = std::fs::read_to_string(holder.desk.store.journal.path()).unwrap();
    let told = format!("{plan:?} {journal}");
    assert!(secrets.iter().all(|secret| !told.contains(secret)), "a key's value was told");

    holder.desk.undo(&change);
    assert_eq!(holder.holdings(), whole);
    assert!(holder.later().failed < before.failed + 0.1);
}

#[test]
fn a_key_moves_to_another_plan_and_back() {
    let holder = KeyHolder::watched();
    let (whole, by_boto3) = (holder.holdings(), holder.by_boto3());
    let free = plan_named(&holder, "Free");
    let (change, plan) = holder.change(&holder.key_target(), &move_to(&free));
    assert_eq!(plan.steps.len(), 2);
    assert!(plan.warnings.iter().any(|said| said.contains("get 403")), "{:?}", plan.warnings);
    assert_eq!(plans_of(&holder), ["Free"]);
    let mut expected = whole.clone();
    for plan in &mut expected.plans {
        let id = holder.key.id.as_str();
        plan.key_ids.retain(|key| key != id);
        if plan.name == "Free" {
            plan.key_ids.push(id.to_owned());
            plan.key_ids.sort_unstable();
        }
    }
    assert_eq!(holder.holdings(), expected);
    let moved = holder.by_boto3();
    assert_eq!((&moved["plan"], &moved["plans"]), (&by_boto3["plan"], &json!([free])));
    holder.desk.undo(&change);
    assert_eq!(holder.holdings(), whole);
    assert_eq!(holder.by_boto3(), by_boto3);
}

#[test]
fn a_move_that_breaks_off_is_told_and_taken_back() {
    for fault in [Fault::Throttle, Fault::AccessDenied, Fault::DropConnection] {
        let holder = KeyHolder::watched();
        let free = plan_named(&holder, "Free");
        let plan = holder.plan(&holder.key_target(), &move_to(&free)).unwrap();
        holder.desk.proxy.inject("CreateUsagePlanKey", Occurrence::Every, fault);
        let (applied, _) = holder.desk.apply(&plan);
        let applied = applied.unwrap();
        let Outcome::Partly { done, not_done, .. } = &applied.outcome else {
            panic!("{fault:?} {:?}", applied.outcome)
        };
        assert!(done[0].starts_with("DELETE /usageplans/") && not_done[0].starts_with("POST /usageplans/"));
        assert_eq!(holder.desk.proxy.count("CreateUsagePlanKey"), 1, "never repeated by itself");
        assert!(plans_of(&holder).is_empty(), "on neither plan");
        let settings = holder.desk.settings_of(&holder.key_target());
        assert_eq!(change::verdict(&plan, &settings), Verdict::Partly { done: 1 });

        holder.desk.proxy.heal();
        holder.desk.undo(&applied.change);
        assert_eq!(plans_of(&holder), [holder.plan.name.as_str()], "{fault:?}");
    }
}

#[test]
fn a_third_plan_for_the_same_stage_refuses_a_move() {
    let holder = KeyHolder::watched();
    let (free, basic) = (plan_named(&holder, "Free"), plan_named(&holder, "Basic"));
    // AWS wouldn't have it so; another region of the estate may.
    let key = holder.key.id.to_string();
    holder.desk.region.alter(|estate| {
        estate.usage_plans.iter_mut().find(|plan| plan.id == basic.as_str()).unwrap().key_ids.push(key);
    });
    let wanted = Wanted::MoveApiKey { from: Some(holder.plan.id.clone()), to: free };
    let refused = holder.plan(&holder.key_target(), &wanted).unwrap_err();
    assert!(matches!(refused, ChangeError::Refused(Refusal::Forbidden { .. })), "{refused}");
    assert!(refused.to_string().contains("also on Basic"), "{refused}");
    assert_eq!(holder.desk.region.count("DeleteUsagePlanKey"), 0);
}

#[test]
fn an_extended_quota_lets_the_customer_in() {
    let mut scenario = scenario::load("quota-used-up").unwrap();
    scenario.story = "{key} {plan} {api-id}".to_owned();
    let holder = KeyHolder::in_scenario(scenario, NOW);
    holder.desk.region.advance(SignedDuration::from_secs(60));
    assert_eq!(holder.desk.region.scenario().phase, Phase::Raging);
    assert_eq!(holder.remaining(), 0);
    let (change, plan) = holder.change(&holder.key_target(), &extend(2_000_000));
    assert_eq!((plan.fields[0].before.as_str(), plan.fields[0].after.as_str()), ("0", "2000000"));
    let cured = (0..60).any(|_| {
        holder.desk.region.advance(SignedDuration::from_secs(5));
        holder.desk.region.scenario().phase == Phase::Cured
    });
    assert!(cured, "{:?}", holder.desk.region.scenario().conditions);
    let used = 2_000_000 - holder.remaining();
    assert!(used > 0);

    // What was used of the grant stays used.
    let undo = holder.desk.plan_undo(&change).unwrap();
    assert!(undo.warnings.iter().any(|said| said.contains("have been used")), "{:?}", undo.warnings);
    let back = holder.desk.done(&undo);
    assert_eq!(holder.remaining(), 0, "never below 0");
    holder.desk.undo(&back);
    assert_eq!(holder.remaining(), 2_000_000 - used);
    assert_eq!(holder.desk.proxy.count("UpdateUsage"), 3);
}

#[test]
fn a_grant_is_on_top_of_what_remains_when_it_is_sent() {
    let holder = KeyHolder::watched();
    let plan = holder.plan(&holder.key_target(), &extend(1_000)).unwrap();
    let before = holder.remaining();
    // Somebody else's grant, between plan and apply.
    let somebody_elses = holder.desk.session.update_usage(&holder.plan.id, &holder.key.id, before + 50_000);
    holder.desk.runtime.block_on(somebody_elses).unwrap();
    let change = holder.desk.done(&plan);
    assert_eq!(holder.remaining(), before + 51_000);
    holder.desk.undo(&change);
    assert_eq!(holder.remaining(), before + 50_000);
}

#[test]
fn an_extension_whose_answer_is_lost_is_not_sent_again_and_not_taken_back() {
    for fault in [Fault::DropConnection, Fault::CutBody] {
        let holder = KeyHolder::watched();
        let plan = holder.plan(&holder.key_target(), &extend(1_000)).unwrap();
        holder.desk.proxy.inject("UpdateUsage", Occurrence::Every, fault);
        let (applied, _) = holder.desk.apply(&plan);
        let applied = applied.unwrap();
        assert!(matches!(applied.outcome, Outcome::Unknown { .. }), "{fault:?} {:?}", applied.outcome);
        assert_eq!(holder.desk.proxy.count("UpdateUsage"), 1, "{fault:?}");
        holder.desk.proxy.heal();
        let refused = holder.desk.plan_undo(&applied.change).unwrap_err();
        assert!(matches!(refused, ChangeError::Refused(Refusal::NoUndo { .. })), "{refused}");
        let settings = holder.desk.settings_of(&holder.key_target());
        assert!(matches!(change::verdict(&plan, &settings), Verdict::CannotBeTold { .. }));
    }
}

#[test]
fn an_extension_that_can_not_read_what_remains_sends_nothing() {
    let holder = KeyHolder::watched();
    let plan = holder.plan(&holder.key_target(), &extend(1_000)).unwrap();
    holder.desk.proxy.inject("GetUsage", Occurrence::Every, Fault::AccessDenied);
    let (applied, _) = holder.desk.apply(&plan);
    let outcome = applied.unwrap().outcome;
    assert!(
        matches!(&outcome, Outcome::NotApplied { why } if why.contains("nothing was sent")),
        "{outcome:?}"
    );
    assert_eq!(holder.desk.region.count("UpdateUsage"), 0);
}

#[test]
fn a_new_period_refuses_the_old_grant_and_its_undo() {
    // A Saturday: the week of the quota ends at midnight.
    let holder = KeyHolder::watched_from("2026-11-21T23:52:00Z");
    let (change, _) = holder.change(&holder.key_target(), &extend(1_000));
    let late = holder.plan(&holder.key_target(), &extend(500)).unwrap();
    holder.desk.region.advance(SignedDuration::from_mins(7));
    let refused = holder.desk.plan_undo(&change).unwrap_err().to_string();
    assert!(refused.contains("WEEK since 2026-11-15") && refused.contains("2026-11-22"), "{refused}");
    let (applied, _) = holder.desk.apply(&late);
    let refused = applied.unwrap_err();
    assert!(matches!(refused, ChangeError::Refused(Refusal::Moved { .. })), "{refused}");
    assert_eq!(holder.desk.region.count("UpdateUsage"), 1);
}

#[test]
fn what_is_no_key_has_no_levers_of_keys() {
    let holder = KeyHolder::watched();
    let stage = Target::RestStage(holder.stage.clone());
    for target in [holder.plan_target(), stage] {
        let refused = holder.plan(&target, &Wanted::SwitchApiKey { enabled: false }).unwrap_err();
        assert!(matches!(refused, ChangeError::Refused(Refusal::NotOnThisKind { .. })), "{refused}");
    }
}

#[test]
fn a_move_whose_process_died_half_way_is_resumed_before_anything_else() {
    for resume in [true, false] {
        let holder = KeyHolder::watched();
        let free = plan_named(&holder, "Free");
        let plan = holder.plan(&holder.key_target(), &move_to(&free)).unwrap();
        let next = holder.plan(&holder.key_target(), &Wanted::SwitchApiKey { enabled: false }).unwrap();
        let id = holder.desk.announce(&plan);
        let desk = &holder.desk;
        let left = desk.session.delete_usage_plan_key(&holder.plan.id, &holder.key.id);
        desk.runtime.block_on(left).unwrap();
        let (refused, _) = desk.apply(&next);
        let refused = refused.unwrap_err();
        assert!(matches!(refused, ChangeError::Refused(Refusal::Open { .. })), "{refused}");

        let recovered = recover(&holder, &id, resume);
        if resume {
            assert_eq!(recovered, Outcome::Applied);
            assert_eq!(plans_of(&holder), ["Free"]);
            assert_eq!(desk.region.count("DeleteUsagePlanKey"), 1, "what was done isn't done again");
        } else {
            assert!(matches!(recovered, Outcome::Partly { .. }), "{recovered:?}");
            assert!(plans_of(&holder).is_empty());
        }
        desk.undo(&id);
        assert_eq!(plans_of(&holder), [holder.plan.name.as_str()]);
        desk.store.journal.verify().unwrap();
    }
}

#[test]
fn an_extension_whose_process_died_is_never_sent_by_itself() {
    let holder = KeyHolder::watched();
    let desk = &holder.desk;
    let plan = holder.plan(&holder.key_target(), &extend(1_000)).unwrap();
    let id = desk.announce(&plan);
    let recovered = recover(&holder, &id, true);
    assert!(matches!(recovered, Outcome::Unknown { .. }), "{recovered:?}");
    assert_eq!(desk.region.count("UpdateUsage"), 0);
    let refused = desk.plan_undo(&id).unwrap_err();
    assert!(matches!(refused, ChangeError::Refused(Refusal::NoUndo { .. })), "{refused}");
}

/// What becomes of a change whose process died, with the rest of it sent or not.
fn recover(holder: &KeyHolder, id: &ChangeId, finish: bool) -> Outcome {
    let desk = &holder.desk;
    let history = desk.history();
    let open = history.iter().find(|change| change.id == *id).unwrap();
    let work = change::recover(&desk.session, open, finish, &desk.store, &desk.clock, &|_| {});
    desk.runtime.block_on(work).unwrap().outcome
}
