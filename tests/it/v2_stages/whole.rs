//! The whole stage before and after, as the region keeps it: nothing differs but what was planned. The region
//! sets throttles that are left out to 0, as AWS does.

use std::collections::BTreeMap;

use cellgate::domain::change::{Outcome, Refusal, Target};
use cellgate::domain::levers::{AccessLogs, CanaryWanted, LoggingWanted, RollbackTo, Wanted};
use cellgate::domain::method::MethodKey;
use cellgate::ops::change::ChangeError;
use cellgate_demo::estate::{MethodSetting, RouteKey, Stage, Throttle};

use super::{alter, api, desk, plan_undo_with_auto_deploy, stage};
use crate::support::desk::Desk;

/// All of a stage but the time of its last change.
fn shown(desk: &Desk, target: &str) -> String {
    shown_of(&stage(desk, target))
}

fn shown_of(stage: &Stage) -> String {
    format!("{:#?}", Stage { last_updated: stage.created, ..stage.clone() })
}

fn logging(method: MethodKey, metrics: Option<bool>, level: Option<&str>) -> Wanted {
    let level = level.map(str::to_owned);
    Wanted::Logging(LoggingWanted {
        method,
        level,
        data_trace: None,
        detailed_metrics: metrics,
        tracing: None,
    })
}

fn throttle(method: MethodKey, rate: f64) -> Wanted {
    Wanted::SetThrottle { method, rate: Some(rate), burst: None }
}

fn route(key: &str) -> MethodKey {
    MethodKey::Route(key.to_owned())
}

/// A pull at a lever, and what it is to do to the stage.
type Row = (&'static str, Wanted, fn(&mut Stage));

fn own(stage: &mut Stage, key: &str, alter: impl FnOnce(&mut MethodSetting)) {
    let default = stage.settings.default.clone().unwrap();
    let key = RouteKey::parse(key).unwrap();
    alter(stage.settings.overrides.entry(key).or_insert(MethodSetting {
        // What routes don't have is as AWS starts with.
        metrics_enabled: default.metrics_enabled,
        throttle: default.throttle,
        ..MethodSetting::initial()
    }));
}

fn rows() -> Vec<Row> {
    let destination = "arn:aws:logs:eu-west-1:123456789012:log-group:other";
    vec![
        ("orders-01/prod", throttle(MethodKey::All, 77.5), |stage| {
            stage.settings.default.as_mut().unwrap().throttle.rate = 77.5;
        }),
        ("orders-01/prod", throttle(route("POST /orders"), 3.0), |stage| {
            own(stage, "POST /orders", |setting| setting.throttle.rate = 3.0);
        }),
        ("orders-01/prod", logging(MethodKey::All, Some(true), None), |stage| {
            stage.settings.default.as_mut().unwrap().metrics_enabled = true;
        }),
        ("orders-01/prod", logging(route("GET /health"), Some(true), None), |stage| {
            own(stage, "GET /health", |setting| setting.metrics_enabled = true);
        }),
        ("live-01/prod", logging(MethodKey::All, None, Some("INFO")), |stage| {
            stage.settings.default.as_mut().unwrap().logging_level = "INFO".to_owned();
        }),
        (
            "live-01/prod",
            Wanted::StageVariables {
                set: BTreeMap::from([("colour".to_owned(), "blue".to_owned())]),
                unset: Vec::new(),
            },
            |stage| drop(stage.variables.insert("colour".to_owned(), "blue".to_owned())),
        ),
        ("orders-01/prod", Wanted::AccessLogs(AccessLogs::Off), |stage| stage.access_log = None),
        (
            "live-01/prod",
            Wanted::AccessLogs(AccessLogs::To {
                destination_arn: Some(destination.to_owned()),
                format: None,
            }),
            |stage| {
                "arn:aws:logs:eu-west-1:123456789012:log-group:other"
                    .clone_into(&mut stage.access_log.as_mut().unwrap().destination_arn);
            },
        ),
    ]
}

#[test]
fn only_the_planned_fields_differ_and_the_undo_puts_them_back() {
    let desk = desk();
    assert!(desk.region.estate().zeroes_partial_route_settings, "the trap is on");
    for (target, wanted, alter) in rows() {
        let before = stage(&desk, target);
        let mut expected = before.clone();
        alter(&mut expected);
        assert_ne!(shown_of(&expected), shown_of(&before), "{target} {wanted:?}");
        let (change, plan) = desk.change(target, &wanted);
        assert_eq!(shown(&desk, target), shown_of(&expected), "{target} {wanted:?}");
        assert!(plan.fields.iter().all(|field| !field.field.starts_with('/')), "{:?}", plan.fields);
        desk.undo(&change);
        assert_eq!(shown(&desk, target), shown_of(&before), "{target} {wanted:?}, undone");
    }
}

#[test]
fn a_stage_without_a_throttle_gets_the_account_s_and_never_zero() {
    let desk = desk();
    alter(&desk, "orders-01", |api| api.stage_mut("prod").unwrap().settings.default = None);
    let wanted = logging(MethodKey::All, Some(true), None);
    let (change, plan) = desk.change("orders-01/prod", &wanted);
    let said = plan.warnings.join("\n");
    assert!(said.contains("AWS takes a throttle that is left out for 0"), "{said}");
    let setting = stage(&desk, "orders-01/prod").settings.default.unwrap();
    assert_eq!(
        (setting.throttle, setting.metrics_enabled),
        (Throttle { rate: 10_000.0, burst: 5_000 }, true)
    );
    desk.undo(&change);
    let setting = stage(&desk, "orders-01/prod").settings.default.unwrap();
    assert_eq!(
        (setting.throttle, setting.metrics_enabled),
        (Throttle { rate: 10_000.0, burst: 5_000 }, false)
    );
}

#[test]
fn somebody_else_s_change_of_what_is_sent_along_is_not_overwritten() {
    let desk = desk();
    let plan = desk.plan("orders-01/prod", &logging(MethodKey::All, Some(true), None)).unwrap();
    alter(&desk, "orders-01", |api| {
        api.stage_mut("prod").unwrap().settings.default.as_mut().unwrap().throttle.rate = 12.0;
    });
    let error = desk.apply(&plan).0.unwrap_err();
    assert!(matches!(&error, ChangeError::Refused(Refusal::Moved { .. })), "{error}");
    assert!(error.to_string().contains("now it is 12"), "{error}");
    assert_eq!(desk.region.count("UpdateStage"), 0);
}

#[test]
fn auto_deploy_goes_off_first_and_comes_back_only_where_asked() {
    let desk = desk();
    let target = "webhooks/$default";
    let before = stage(&desk, target);
    assert!(before.auto_deploy);
    let (change, plan) = desk.change(target, &Wanted::Rollback { to: RollbackTo::Previous });
    assert_eq!(plan.steps.len(), 2, "{:?}", plan.steps);
    assert_eq!(desk.region.count("UpdateStage"), 2);
    let older = api(&desk, "webhooks").deployments[1].id.clone();
    let expected = Stage { auto_deploy: false, deployment_id: older.clone(), ..before.clone() };
    assert_eq!(shown(&desk, target), shown_of(&expected));

    let with = plan_undo_with_auto_deploy(&desk, &change).unwrap();
    let plain = desk.plan_undo(&change).unwrap();
    assert!(plain.warnings.iter().any(|said| said.contains("AutoDeploy stays off")), "{:?}", plain.warnings);
    desk.done(&plain);
    let expected = Stage { auto_deploy: false, ..before.clone() };
    assert_eq!(shown(&desk, target), shown_of(&expected));

    // Another rollback and the way back that was asked for: it deploys what the API is today, and says so.
    let (change, _) =
        desk.change(target, &Wanted::Rollback { to: RollbackTo::Deployment(older.as_str().into()) });
    assert!(plan_undo_with_auto_deploy(&desk, &change).is_err(), "this one found AutoDeploy off");
    desk.undo(&change);
    alter(&desk, "webhooks", |api| {
        let stage = api.stage_mut("$default").unwrap();
        (stage.auto_deploy, stage.deployment_id) = (false, older.clone());
    });
    assert!(with.warnings.iter().any(|said| said.contains("deploy today's routes")), "{:?}", with.warnings);
    let (applied, _) = desk.apply(&with);
    let applied = applied.unwrap();
    assert_eq!(applied.outcome, Outcome::Applied);
    assert!(stage(&desk, target).auto_deploy);
    let differs: Vec<_> = applied.unplanned.iter().map(|change| change.setting.as_str()).collect();
    assert_eq!(differs, ["/deploymentId"], "what AutoDeploy deployed is told");
}

#[test]
fn a_stage_is_read_by_the_names_of_its_members() {
    let desk = desk();
    alter(&desk, "orders-01", |api| {
        let stage = api.stage_mut("prod").unwrap();
        own(stage, "GET /orders/{orderId}", |setting| setting.throttle = Throttle { rate: 0.5, burst: 2 });
        stage.variables.insert("gone".to_owned(), String::new());
    });
    let kept = stage(&desk, "orders-01/prod");
    let (_, api, target) = desk.stage("orders-01/prod");
    let settings = desk.settings_of(&Target::stage_of(api.kind, target));
    let default = kept.settings.default.unwrap();
    for (setting, value) in [
        ("/deploymentId", kept.deployment_id.as_str()),
        ("/autoDeploy", "false"),
        ("/defaultRouteSettings/throttlingBurstLimit", &default.throttle.burst.to_string()),
        ("/routeSettings/GET ~1orders~1{orderId}/throttlingRateLimit", "0.5"),
        ("/accessLogSettings/destinationArn", &kept.access_log.unwrap().destination_arn),
        ("status/apiGatewayManaged", "false"),
    ] {
        assert_eq!(settings.get(setting), Some(value), "{setting}");
    }
    // HTTP APIs have no execution logs, and an empty variable is none.
    for absent in ["/defaultRouteSettings/loggingLevel", "/stageVariables/gone"] {
        assert_eq!(settings.get(absent), None, "{absent}");
    }
    let (_, api, target) = desk.stage("live-01/prod");
    let settings = desk.settings_of(&Target::stage_of(api.kind, target));
    assert_eq!(settings.get("/defaultRouteSettings/loggingLevel"), Some("ERROR"));
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_sent() {
    let desk = desk();
    let managed = desk.plan("status/$default", &throttle(MethodKey::All, 5.0)).unwrap_err();
    assert!(matches!(managed, ChangeError::Refused(Refusal::Forbidden { .. })), "{managed}");
    let unknown = desk.plan("orders-01/prod", &throttle(route("GET /order"), 5.0)).unwrap_err();
    assert!(unknown.to_string().contains("did you mean GET /orders?"), "{unknown}");
    for (target, wanted) in [
        ("orders-01/prod", logging(MethodKey::All, None, Some("INFO"))),
        ("orders-01/prod", Wanted::Canary(CanaryWanted::Promote)),
        ("live-01/prod", Wanted::FlushAuthorizersCache),
        ("live-01/prod", Wanted::FlushStageCache),
    ] {
        let error = desk.plan(target, &wanted).unwrap_err();
        assert!(matches!(error, ChangeError::Refused(Refusal::NotOnThisKind { .. })), "{wanted:?}: {error}");
    }
    assert_eq!(desk.region.count("UpdateStage"), 0);
    assert_eq!(desk.region.count("ResetAuthorizersCache"), 0);
}
