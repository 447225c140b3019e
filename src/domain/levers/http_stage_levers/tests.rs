use std::collections::BTreeMap;

use super::*;
use crate::domain::deployment::Deployment;
use crate::domain::levers::http_stage::METRICS;
use crate::domain::levers::wanted::{AccessLogs, LoggingWanted};
use crate::domain::levers::{CacheWanted, CanaryWanted};

fn stage() -> StageTarget {
    StageTarget { api: "a1b2c3".into(), api_name: "orders-01".into(), stage: "prod".into() }
}

fn settings(pairs: &[(&str, &str)]) -> Settings {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Without a throttle of its own, with its routes and the account's limits around it.
fn plain() -> Settings {
    settings(&[
        ("/autoDeploy", "false"),
        ("/deploymentId", "new"),
        ("/defaultRouteSettings/detailedMetricsEnabled", "false"),
        ("account/throttlingRateLimit", "10000"),
        ("account/throttlingBurstLimit", "5000"),
        ("routes/GET ~1users", ""),
        ("routes/$default", ""),
    ])
}

fn wanted(target: &Target, wanted: &Wanted, settings: &Settings) -> Result<Draft, Refusal> {
    draft(target, &stage(), wanted, settings, &Facts::default())
}

fn http(of: &Wanted) -> Result<Draft, Refusal> {
    wanted(&Target::HttpStage(stage()), of, &plain())
}

fn set(method: MethodKey, rate: Option<f64>, burst: Option<i64>) -> Wanted {
    Wanted::SetThrottle { method, rate, burst }
}

fn route(key: &str) -> MethodKey {
    MethodKey::Route(key.to_owned())
}

fn logs(level: Option<&str>, data_trace: Option<bool>, tracing: Option<bool>) -> Wanted {
    let level = level.map(str::to_owned);
    let method = MethodKey::All;
    Wanted::Logging(LoggingWanted { method, level, data_trace, detailed_metrics: None, tracing })
}

fn variables(set: &[(&str, &str)], unset: &[&str]) -> Wanted {
    let set: BTreeMap<_, _> = set.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Wanted::StageVariables { set, unset: unset.iter().map(|name| (*name).to_owned()).collect() }
}

fn to_logs(destination: Option<&str>, format: Option<&str>) -> Wanted {
    let (destination_arn, format) = (destination.map(str::to_owned), format.map(str::to_owned));
    Wanted::AccessLogs(AccessLogs::To { destination_arn, format })
}

/// What is illegal, of every lever that takes a value.
#[test]
fn illegal_values_are_refused_before_anything_is_sent() {
    let arn = "arn:aws:logs:eu-west-1:123456789012:log-group:access";
    let id = "$context.requestId";
    let many: Vec<String> = (0..101).map(|number| format!("v{number}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "1")).collect();
    let long = "v".repeat(513);
    let illegal = [
        set(MethodKey::All, None, None),
        set(MethodKey::All, Some(-1.0), None),
        set(MethodKey::All, Some(f64::NAN), Some(1)),
        set(MethodKey::All, Some(f64::INFINITY), None),
        set(MethodKey::All, None, Some(-1)),
        set(MethodKey::All, Some(1.0), Some(i64::from(i32::MAX) + 1)),
        set(route("GET /users"), Some(-0.5), None),
        set(route("GET /users"), None, Some(-2)),
        variables(&[("a-b", "1")], &[]),
        variables(&[("", "1")], &[]),
        variables(&[("a", "with space")], &[]),
        variables(&[("a", "ü")], &[]),
        variables(&[("a", long.as_str())], &[]),
        variables(&[], &["a b"]),
        variables(&many, &[]),
        to_logs(Some("access"), Some(id)),
        to_logs(Some("arn:aws:s3:::access"), Some(id)),
        to_logs(Some("arn:aws:logs:eu-west-1:123456789012:log-group:access:*"), Some(id)),
        to_logs(Some(arn), Some("$context.status")),
        to_logs(Some(arn), Some("$context.requestId\n$context.status")),
    ];
    for one in &illegal {
        let error = http(one).unwrap_err();
        assert!(matches!(error, Refusal::Illegal { .. }), "{one:?}: {error}");
    }
    for level in ["", "info", "DEBUG", "WARN"] {
        let error =
            wanted(&Target::WebSocketStage(stage()), &logs(Some(level), None, None), &plain()).unwrap_err();
        assert!(matches!(error, Refusal::Illegal { .. }), "{level}: {error}");
    }
}

#[test]
fn what_such_apis_lack_is_refused() {
    let off = Wanted::Cache(CacheWanted::Off);
    let both =
        [Wanted::FlushStageCache, off, Wanted::Canary(CanaryWanted::Abort), logs(None, None, Some(true))];
    for one in &both {
        for target in [Target::HttpStage(stage()), Target::WebSocketStage(stage())] {
            let error = wanted(&target, one, &plain()).unwrap_err();
            assert!(matches!(error, Refusal::NotOnThisKind { .. }), "{one:?}: {error}");
        }
    }
    let socket = Target::WebSocketStage(stage());
    for of_sockets in [logs(Some("INFO"), None, None), logs(None, Some(true), None)] {
        assert!(matches!(http(&of_sockets), Err(Refusal::NotOnThisKind { .. })), "{of_sockets:?}");
        wanted(&socket, &of_sockets, &plain()).unwrap();
    }
    assert!(matches!(
        wanted(&socket, &Wanted::FlushAuthorizersCache, &plain()),
        Err(Refusal::NotOnThisKind { .. })
    ));
    http(&Wanted::FlushAuthorizersCache).unwrap();
}

#[test]
fn a_managed_stage_refuses_every_setting() {
    let mut managed = plain();
    managed.set(http_stage::MANAGED, "true");
    let target = Target::HttpStage(stage());
    for one in [
        set(MethodKey::All, Some(1.0), Some(1)),
        Wanted::ClearThrottle { method: MethodKey::All },
        Wanted::Rollback { to: RollbackTo::Previous },
        variables(&[("a", "1")], &[]),
        Wanted::AccessLogs(AccessLogs::Off),
    ] {
        let error = wanted(&target, &one, &managed).unwrap_err();
        assert!(error.to_string().contains("quick create"), "{one:?}: {error}");
    }
    wanted(&target, &Wanted::FlushAuthorizersCache, &managed).unwrap();
}

#[test]
fn what_is_sent_beside_the_wanted_is_said() {
    let draft = http(&set(MethodKey::All, Some(100.0), None)).unwrap();
    let said = draft.warnings.join("\n");
    assert!(said.contains("burst of each route (default) as 5000"), "{said}");
    assert!(!said.contains("rate (requests/s) of each route (default) as"), "{said}");
    assert_eq!(draft.fields.len(), 2, "{:?}", draft.fields);
}

#[test]
fn a_throttle_of_zero_is_severe() {
    let draft = http(&set(route("GET /users"), Some(0.0), Some(0))).unwrap();
    assert_eq!(draft.risk, Risk::Severe);
}

#[test]
fn a_route_that_the_api_lacks_is_refused() {
    let error = http(&set(route("GET /user"), Some(1.0), Some(1))).unwrap_err();
    assert!(error.to_string().contains("did you mean GET /users?"), "{error}");
    // A plan that was saved has the route as a method.
    let method = MethodKey::from("GET /users".to_owned());
    assert!(matches!(method, MethodKey::Method { .. }));
    http(&set(method, Some(1.0), Some(1))).unwrap();
}

#[test]
fn clearing_deletes_an_override_and_gives_the_default_the_accounts_limit() {
    let target = Target::HttpStage(stage());
    let clear = |method: MethodKey| Wanted::ClearThrottle { method };
    assert!(matches!(http(&clear(MethodKey::All)), Err(Refusal::Unchanged { .. })));
    assert!(matches!(http(&clear(route("GET /users"))), Err(Refusal::Unchanged { .. })));

    let mut own = plain();
    for (name, value) in [(RATE, "5"), (BURST, "6"), (METRICS, "false")] {
        own.set(format!("/routeSettings/GET ~1users/{name}"), value);
    }
    let draft = wanted(&target, &clear(route("GET /users")), &own).unwrap();
    assert!(matches!(draft.steps[0].request, Request::DeleteRouteSettings { .. }), "{:?}", draft.steps);

    own.set("/routeSettings/GET ~1users/detailedMetricsEnabled", "true");
    let draft = wanted(&target, &clear(route("GET /users")), &own).unwrap();
    let Request::UpdateHttpStage { update, .. } = &draft.steps[0].request else { panic!("{draft:?}") };
    let sent = &update.route_settings.as_ref().unwrap()["GET /users"];
    assert_eq!((sent.rate, sent.burst, sent.detailed_metrics), (Some(10_000.0), Some(5_000), Some(true)));

    let mut throttled = plain();
    throttled.set("/defaultRouteSettings/throttlingRateLimit", "0");
    throttled.set("/defaultRouteSettings/throttlingBurstLimit", "0");
    let draft = wanted(&target, &clear(MethodKey::All), &throttled).unwrap();
    let Request::UpdateHttpStage { update, .. } = &draft.steps[0].request else { panic!("{draft:?}") };
    assert_eq!(update.default_route_settings.as_ref().unwrap().rate, Some(10_000.0));
}

#[test]
fn only_a_deployment_that_works_is_rolled_back_to() {
    let deployment = |id: &str, status: &str| Deployment {
        api: "a1b2c3".into(),
        id: id.into(),
        created: None,
        description: None,
        status: Some(status.to_owned()),
        auto_deployed: false,
    };
    let facts = Facts {
        deployments: vec![
            deployment("new", "DEPLOYED"),
            deployment("broken", "FAILED"),
            deployment("old", "DEPLOYED"),
        ],
        ..Facts::default()
    };
    let target = Target::HttpStage(stage());
    let to = |id: &str| Wanted::Rollback { to: RollbackTo::Deployment(id.into()) };
    let error = draft(&target, &stage(), &to("broken"), &plain(), &facts).unwrap_err();
    assert!(error.to_string().contains("broken is FAILED"), "{error}");
    let error = draft(&target, &stage(), &to("none"), &plain(), &facts).unwrap_err();
    assert!(error.to_string().contains("no deployment none"), "{error}");

    let plan = draft(&target, &stage(), &to("old"), &plain(), &facts).unwrap();
    assert_eq!(plan.steps.len(), 1, "AutoDeploy is off already");
    assert!(plan.warnings.iter().any(|said| said.contains("which routes")), "{:?}", plan.warnings);
    let mut deploying = plain();
    deploying.set("/autoDeploy", "true");
    let plan = draft(&target, &stage(), &to("old"), &deploying, &facts).unwrap();
    assert_eq!(plan.steps.len(), 2, "AutoDeploy goes off first");
    assert!(matches!(&plan.undo, Undo::Possible { how } if how.contains("--auto-deploy")));
}
