//! Effects of the levers of a REST stage.

use std::collections::BTreeMap;

use cellgate::domain::change::{Outcome, Refusal, Risk};
use cellgate::domain::levers::{AccessLogs, CacheWanted, CanaryWanted, LoggingWanted, RollbackTo, Wanted};
use cellgate::domain::method::MethodKey;
use cellgate::ops::change::ChangeError;
use cellgate_demo::estate::{Canary, Release};
use jiff::SignedDuration;
use serde_json::json;

use super::{API, Bench, STAGE, Seen};
use crate::support::referee::boto3;

fn throttle(method: MethodKey, rate: f64, burst: i64) -> Wanted {
    Wanted::SetThrottle { method, rate: Some(rate), burst: Some(burst) }
}

#[track_caller]
fn back_to_calm([calm, _, undone]: &[Seen; 3]) {
    assert!(undone.refused() < calm.refused() * 1.5 + 0.01, "{calm:?} {undone:?}");
    assert!(undone.failed() < calm.failed() * 1.5 + 0.01, "{calm:?} {undone:?}");
}

#[test]
fn a_stage_throttle_refuses_and_lets_in_again() {
    let bench = Bench::new();
    let (plan, seen) = bench.there_and_back(&throttle(MethodKey::All, 1.0, 1));
    assert!(plan.warnings.iter().any(|warning| warning.contains("default of each method")), "{plan:?}");
    assert!(seen[1].refused() > 0.5, "{seen:?}");
    back_to_calm(&seen);
}

#[test]
fn a_method_s_throttle_is_its_own_and_goes_as_a_whole() {
    let bench = Bench::new();
    let method = MethodKey::Method { path: "/orders".into(), verb: "GET".into() };
    let (plan, seen) = bench.there_and_back(&throttle(method, 1.0, 1));
    assert_eq!(plan.steps.len(), 1, "one call takes the whole entry");
    assert!(seen[1].refused() > seen[0].refused() + 0.05, "{seen:?}");
    assert!(seen[1].refused() < 0.9, "the other methods go on: {seen:?}");
    back_to_calm(&seen);
}

#[test]
fn a_throttle_of_zero_asks_twice_and_one_beyond_the_account_warns() {
    let bench = Bench::new();
    let plan = bench.desk.plan(STAGE, &throttle(MethodKey::All, 0.0, 10)).unwrap();
    assert_eq!(plan.risk, Risk::Severe);
    let plan = bench.desk.plan(STAGE, &throttle(MethodKey::All, 20_000.0, 10)).unwrap();
    assert!(plan.warnings.iter().any(|warning| warning.contains("account's own limit")), "{plan:?}");
    for (rate, burst) in [(-1.0, 1), (f64::NAN, 1), (1.0, -1), (f64::INFINITY, 1)] {
        let refused = bench.desk.plan(STAGE, &throttle(MethodKey::All, rate, burst)).unwrap_err();
        assert!(
            matches!(refused, ChangeError::Refused(Refusal::Illegal { .. })),
            "{rate} {burst}: {refused}"
        );
    }
    assert_eq!(bench.desk.region.count("UpdateStage"), 0);
}

#[test]
fn a_bad_release_is_rolled_back_and_forward_again() {
    let bench = Bench::with(|stage, deployments| {
        let present = deployments.iter_mut().find(|deployment| deployment.id == stage.deployment_id);
        present.expect("the stage's deployment").release = Release { slowness: 1.0, server_errors: 0.5 };
    });
    let (plan, seen) = bench.there_and_back(&Wanted::Rollback { to: RollbackTo::Previous });
    assert!(plan.warnings.iter().any(|warning| warning.contains("next older deployment")), "{plan:?}");
    assert!(seen[0].failed() > 0.2 && seen[1].failed() < 0.05 && seen[2].failed() > 0.2, "{seen:?}");
    // Now the journal knows what was there before.
    let (change, _) = bench.desk.change(STAGE, &Wanted::Rollback { to: RollbackTo::Previous });
    let plan = bench.desk.plan(STAGE, &Wanted::Rollback { to: RollbackTo::Previous }).unwrap();
    assert!(plan.warnings.iter().any(|warning| warning.contains("the journal says")), "{plan:?}");
    // An undo of an undo does it again.
    let undo = bench.desk.undo(&change);
    let again = bench.desk.undo(&undo);
    let history = bench.desk.history();
    let change = history.iter().find(|known| known.id == change).unwrap();
    assert_eq!(change.undone_by.as_ref(), Some(&undo));
    assert!(history.iter().any(|known| known.id == again && known.plan.undoes.as_ref() == Some(&undo)));
}

#[test]
fn a_deployment_that_is_not_there_is_refused() {
    let bench = Bench::new();
    let wanted = Wanted::Rollback { to: RollbackTo::Deployment("zzzzzz".into()) };
    let refused = bench.desk.plan(STAGE, &wanted).unwrap_err().to_string();
    assert!(refused.contains("no deployment zzzzzz"), "{refused}");
}

/// A canary of the older deployment with a tenth of the traffic, which fails in half of all cases.
fn with_canary() -> Bench {
    Bench::with(|stage, deployments| {
        let other = deployments.iter_mut().find(|deployment| deployment.id != stage.deployment_id);
        let other = other.expect("there are two");
        other.release = Release { slowness: 1.0, server_errors: 0.5 };
        stage.canary = Some(Canary {
            deployment_id: other.id.clone(),
            percent_traffic: 10.0,
            stage_variable_overrides: BTreeMap::from([("cellId".to_owned(), "cell-01".to_owned())]),
            use_stage_cache: false,
        });
    })
}

#[test]
fn a_canary_gets_more_is_aborted_and_comes_back() {
    let bench = with_canary();
    let (_, seen) = bench.there_and_back(&Wanted::Canary(CanaryWanted::Percent(60.0)));
    assert!(seen[1].failed() > seen[0].failed() * 3.0, "{seen:?}");
    let (_, seen) = bench.there_and_back(&Wanted::Canary(CanaryWanted::Abort));
    let without = seen[1].failed() * 3.0;
    assert!(seen[0].failed() > without && seen[2].failed() > without, "{seen:?}");
}

#[test]
fn a_canary_is_promoted_and_comes_back() {
    let bench = with_canary();
    let (plan, seen) = bench.there_and_back(&Wanted::Canary(CanaryWanted::Promote));
    assert_eq!(plan.risk, Risk::High);
    assert!(seen[1].failed() > 0.2 && seen[2].failed() < 0.1, "{seen:?}");
}

#[test]
fn a_stage_with_a_canary_is_not_rolled_back() {
    let bench = with_canary();
    let refused = bench.desk.plan(STAGE, &Wanted::Rollback { to: RollbackTo::Previous }).unwrap_err();
    assert!(refused.to_string().contains("promote or abort the canary first"), "{refused}");
}

#[test]
fn a_cache_goes_off_and_comes_on_again() {
    let bench = Bench::new();
    let (plan, seen) = bench.there_and_back(&Wanted::Cache(CacheWanted::Off));
    assert_eq!(plan.risk, Risk::High);
    assert!(seen[0].cache_hits > 100.0 && seen[1].cache_hits < 1.0 && seen[2].cache_hits > 100.0, "{seen:?}");
}

#[test]
fn a_cache_is_resized_and_keeps_for_shorter() {
    let bench = Bench::new();
    let (plan, _) = bench.there_and_back(&Wanted::Cache(CacheWanted::Size("1.6".into())));
    assert!(plan.cost.is_some_and(|cost| cost.contains("1.6 GB")));
    let wanted = Wanted::Cache(CacheWanted::TimeToLive { method: MethodKey::All, seconds: 1 });
    let (_, seen) = bench.there_and_back(&wanted);
    assert!(seen[1].cache_hits < seen[0].cache_hits * 0.7, "{seen:?}");
    let illegal = bench.desk.plan(STAGE, &Wanted::Cache(CacheWanted::Size("2".into()))).unwrap_err();
    assert!(illegal.to_string().contains("AWS takes 0.5, 1.6"), "{illegal}");
}

#[test]
fn the_authorizers_cache_is_flushed_and_says_that_it_cannot_be_undone() {
    let bench = Bench::new();
    let (change, _) = bench.desk.change(STAGE, &Wanted::FlushAuthorizersCache);
    assert_eq!(bench.desk.region.count("FlushStageAuthorizersCache"), 1);
    let refused = bench.desk.plan_undo(&change).unwrap_err();
    assert!(matches!(refused, ChangeError::Refused(Refusal::NoUndo { .. })), "{refused}");
}

#[test]
fn a_variable_is_set_and_removed() {
    let bench = Bench::new();
    let set = BTreeMap::from([("feature".to_owned(), "on".to_owned())]);
    let (plan, _) = bench.there_and_back(&Wanted::StageVariables { set, unset: vec![] });
    assert_eq!(plan.fields[0].field, "stage variable feature");
    for (name, value) in [("a-b", "1"), ("a", "with space"), ("", "1"), ("a", "ü")] {
        let set = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let refused = bench.desk.plan(STAGE, &Wanted::StageVariables { set, unset: vec![] }).unwrap_err();
        assert!(
            matches!(refused, ChangeError::Refused(Refusal::Illegal { .. })),
            "{name}={value}: {refused}"
        );
    }
}

/// How many lines a log group got in the last minutes.
fn lines(bench: &Bench, group: &str) -> usize {
    let now = bench.now();
    let start = now - SignedDuration::from_mins(3);
    let call = json!([{
        "service": "logs",
        "operation": "filter_log_events",
        "arguments": { "logGroupName": group, "startTime": start.as_millisecond(), "limit": 50 },
    }]);
    let answer = boto3("call.py", &[&bench.desk.region.endpoint_url()], &call);
    answer[0]["events"].as_array().expect("a list of events").len()
}

#[test]
fn execution_logs_are_written_at_their_level() {
    let bench = Bench::new();
    let logging = |level: &str| {
        Wanted::Logging(LoggingWanted {
            method: MethodKey::All,
            level: Some(level.to_owned()),
            data_trace: None,
            detailed_metrics: None,
            tracing: Some(true),
        })
    };
    let api = bench.target().stage().unwrap().api.clone();
    let group = format!("API-Gateway-Execution-Logs_{api}/prod");
    let first = bench.stage_by_boto3();
    let (info, _) = bench.desk.change(STAGE, &logging("INFO"));
    bench.desk.region.advance(SignedDuration::from_mins(4));
    assert!(lines(&bench, &group) > 0, "INFO writes a trace of each request");
    bench.desk.change(STAGE, &logging("OFF"));
    bench.desk.region.advance(SignedDuration::from_mins(4));
    assert_eq!(lines(&bench, &group), 0, "OFF writes none");
    let refused = bench.desk.plan_undo(&info).unwrap_err();
    assert!(matches!(refused, ChangeError::Refused(Refusal::ChangedSince { .. })), "{refused}");
    let latest = bench.desk.history().last().unwrap().id.clone();
    bench.desk.undo(&latest);
    bench.desk.undo(&info);
    assert_eq!(bench.stage_by_boto3(), first);
}

#[test]
fn access_logs_stop_and_go_on() {
    let bench = Bench::new();
    let group = bench.desk.region.estate().apis.iter().find(|api| api.name == API).and_then(|api| {
        let stage = api.stages.iter().find(|stage| stage.name == "prod")?;
        let arn = &stage.access_log.as_ref()?.destination_arn;
        arn.split_once(":log-group:").map(|(_, group)| group.to_owned())
    });
    let group = group.expect("the stage writes access logs");
    let (off, _) = bench.desk.change(STAGE, &Wanted::AccessLogs(AccessLogs::Off));
    bench.desk.region.advance(SignedDuration::from_mins(4));
    assert_eq!(lines(&bench, &group), 0);
    bench.desk.undo(&off);
    bench.desk.region.advance(SignedDuration::from_mins(4));
    assert!(lines(&bench, &group) > 0);
    let wanted =
        Wanted::AccessLogs(AccessLogs::To { destination_arn: None, format: Some("$context.status".into()) });
    let refused = bench.desk.plan(STAGE, &wanted).unwrap_err();
    assert!(refused.to_string().contains("$context.requestId"), "{refused}");
}

#[test]
fn an_override_is_cleared_and_what_changes_nothing_is_refused() {
    let bench = Bench::new();
    let method = MethodKey::Method { path: "/orders".into(), verb: "GET".into() };
    let before = bench.stage_by_boto3();
    bench.desk.change(STAGE, &throttle(method.clone(), 5.0, 5));
    let again = bench.desk.plan(STAGE, &throttle(method.clone(), 5.0, 5)).unwrap_err();
    assert!(matches!(again, ChangeError::Refused(Refusal::Unchanged { .. })), "{again}");
    bench.desk.change(STAGE, &Wanted::ClearThrottle { method: method.clone() });
    assert_eq!(bench.stage_by_boto3(), before);
    let nothing = bench.desk.plan(STAGE, &Wanted::ClearThrottle { method }).unwrap_err();
    assert!(matches!(nothing, ChangeError::Refused(Refusal::Unchanged { .. })), "{nothing}");
    assert_eq!(
        bench.desk.history().iter().filter(|change| change.state() == Outcome::Applied.word()).count(),
        2
    );
}
