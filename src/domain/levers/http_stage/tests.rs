use super::*;
use crate::domain::change::RouteSettings;

fn stage() -> StageTarget {
    StageTarget { api: "a1b2c3".into(), api_name: "orders-01".into(), stage: "prod".into() }
}

fn settings(pairs: &[(&str, &str)]) -> Settings {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A stage with a default throttle, one route of its own, and what stands around it.
fn with_throttles() -> Settings {
    settings(&[
        ("/autoDeploy", "false"),
        ("/defaultRouteSettings/throttlingRateLimit", "200"),
        ("/defaultRouteSettings/throttlingBurstLimit", "400"),
        ("/defaultRouteSettings/detailedMetricsEnabled", "true"),
        ("/routeSettings/POST ~1orders/throttlingRateLimit", "50"),
        ("/routeSettings/POST ~1orders/throttlingBurstLimit", "60"),
        ("/routeSettings/POST ~1orders/detailedMetricsEnabled", "false"),
        ("account/throttlingRateLimit", "10000"),
        ("account/throttlingBurstLimit", "5000"),
    ])
}

fn requests(changes: &[SettingChange], settings: &Settings) -> Vec<DraftStep> {
    steps(&Target::HttpStage(stage()), &stage(), changes, settings).unwrap()
}

fn update(step: &DraftStep) -> &StageUpdate {
    let Request::UpdateHttpStage { update, .. } = &step.request else { panic!("{step:?}") };
    update
}

fn back(steps: &[DraftStep]) -> Vec<SettingChange> {
    steps.iter().flat_map(|step| &step.changes).map(SettingChange::reversed).collect()
}

fn throttled(rate: f64, burst: i64, metrics: bool) -> RouteSettings {
    RouteSettings {
        rate: Some(rate),
        burst: Some(burst),
        detailed_metrics: Some(metrics),
        ..RouteSettings::default()
    }
}

#[test]
fn one_field_of_the_default_goes_with_both_throttles() {
    let now = with_throttles();
    let metrics = now.change_to("/defaultRouteSettings/detailedMetricsEnabled", Some("false".to_owned()));
    let steps = requests(&[metrics.clone().unwrap()], &now);
    let [step] = steps.as_slice() else { panic!("{steps:?}") };
    assert_eq!(update(step).default_route_settings, Some(throttled(200.0, 400, false)));
    assert_eq!(update(step).route_settings, None, "routes are not touched");
    assert_eq!(step.changes, [metrics.unwrap()]);
    // What is sent along is what the plan rests on.
    let rests_on: Vec<_> = unaltered(step).into_iter().map(|one| (one.setting, one.value.unwrap())).collect();
    let along = |name: &str, value: &str| (format!("/defaultRouteSettings/{name}"), value.to_owned());
    assert_eq!(rests_on, [along(RATE, "200"), along(BURST, "400")]);
}

#[test]
fn where_no_throttle_is_set_the_accounts_limits_are_sent() {
    let now = settings(&[
        ("/defaultRouteSettings/detailedMetricsEnabled", "false"),
        ("account/throttlingRateLimit", "10000"),
        ("account/throttlingBurstLimit", "5000"),
    ]);
    let metrics =
        now.change_to("/defaultRouteSettings/detailedMetricsEnabled", Some("true".to_owned())).unwrap();
    let steps = requests(std::slice::from_ref(&metrics), &now);
    assert_eq!(update(&steps[0]).default_route_settings, Some(throttled(10_000.0, 5_000, true)));
    assert_eq!(steps[0].changes.len(), 3, "the plan says so");

    // They can't be taken out again: the way back leaves them, and says that, too.
    let after = now.after(&steps[0].changes);
    let undone = requests(&back(&steps), &after);
    assert_eq!(update(&undone[0]).default_route_settings, Some(throttled(10_000.0, 5_000, false)));
    assert_eq!(undone[0].changes, [metrics.reversed()]);

    // Without the account's limits nothing is sent that could become 0.
    let unknown = settings(&[("/defaultRouteSettings/detailedMetricsEnabled", "false")]);
    let error = super::steps(&Target::HttpStage(stage()), &stage(), &[metrics], &unknown).unwrap_err();
    assert!(error.to_string().contains("give both a rate and a burst"), "{error}");
}

#[test]
fn a_throttle_that_was_not_set_goes_back_to_the_accounts_limit() {
    let without = settings(&[
        ("/defaultRouteSettings/detailedMetricsEnabled", "false"),
        ("account/throttlingRateLimit", "10000"),
        ("account/throttlingBurstLimit", "5000"),
    ]);
    let changes = entry_changes(
        &Target::HttpStage(stage()),
        &without,
        DEFAULT_ROUTE,
        &[(RATE, "7".to_owned()), (BURST, "8".to_owned())],
    );
    let steps = requests(&changes, &without);
    let undone = requests(&back(&steps), &without.after(&changes));
    assert_eq!(update(&undone[0]).default_route_settings, Some(throttled(10_000.0, 5_000, false)));
    let says: Vec<_> = undone[0].changes.iter().map(SettingChange::to_string).collect();
    assert!(says.contains(&"/defaultRouteSettings/throttlingRateLimit: 7 -> 10000".to_owned()), "{says:?}");
}

#[test]
fn a_new_route_takes_the_default_over_and_goes_by_a_request_of_its_own() {
    let now = with_throttles();
    let target = Target::HttpStage(stage());
    let route = entry(&MethodKey::Route("GET /users/{id}".to_owned()));
    let changes = entry_changes(&target, &now, &route, &[(RATE, "5".to_owned())]);
    let steps = requests(&changes, &now);
    let [step] = steps.as_slice() else { panic!("{steps:?}") };
    let sent = update(step).route_settings.clone().unwrap();
    assert_eq!(sent["GET /users/{id}"], throttled(5.0, 400, true), "the rest is as the default");
    assert_eq!(sent["POST /orders"], throttled(50.0, 60, false), "no other route is lost");
    assert_eq!(update(step).default_route_settings, None);

    let undone = requests(&back(&steps), &now.after(&changes));
    let [DraftStep { request: Request::DeleteRouteSettings { route, .. }, changes, .. }] = undone.as_slice()
    else {
        panic!("{undone:?}")
    };
    assert_eq!((route.as_str(), changes.len()), ("GET /users/{id}", 3));
}

#[test]
fn routes_that_the_api_has_no_more_are_not_sent() {
    let mut now = with_throttles();
    now.set(api_route("GET /orders"), "");
    let target = Target::HttpStage(stage());
    let route = entry(&MethodKey::Route("GET /orders".to_owned()));
    let changes = entry_changes(&target, &now, &route, &[(RATE, "5".to_owned())]);
    let sent = update(&requests(&changes, &now)[0]).route_settings.clone().unwrap();
    assert_eq!(sent.into_keys().collect::<Vec<_>>(), ["GET /orders"]);
}

#[test]
fn the_keys_of_routes_are_escaped_and_read_back() {
    for key in ["GET /users/{id}", "$default", "ANY /~a~1/b", "$connect", "GET /"] {
        let setting = format!("{}{RATE}", route_entry(key));
        assert_eq!(route_of(&setting), Some((key.to_owned(), RATE)), "{setting}");
    }
    assert_eq!(label("/routeSettings/GET ~1users/throttlingBurstLimit"), "burst of GET /users");
}

#[test]
fn a_websocket_route_has_logging_as_well() {
    let target = Target::WebSocketStage(stage());
    let changes = entry_changes(&target, &with_throttles(), DEFAULT_ROUTE, &[(LOG_LEVEL, "INFO".to_owned())]);
    let steps = super::steps(&target, &stage(), &changes, &with_throttles()).unwrap();
    let sent = update(&steps[0]).default_route_settings.clone().unwrap();
    assert_eq!((sent.logging_level.as_deref(), sent.data_trace), (Some("INFO"), Some(false)));
    assert_eq!((sent.rate, sent.burst), (Some(200.0), Some(400)));
}

#[test]
fn variables_go_whole_and_a_removed_one_is_empty() {
    let now = settings(&[("/stageVariables/a", "1"), ("/stageVariables/b", "2"), ("/autoDeploy", "false")]);
    let change = now.change_to("/stageVariables/a", None).unwrap();
    let steps = requests(&[change], &now);
    let sent = update(&steps[0]).variables.clone().unwrap();
    assert_eq!(sent.into_iter().collect::<Vec<_>>(), [("a".into(), String::new()), ("b".into(), "2".into())]);
    let rests_on: Vec<_> = unaltered(&steps[0]).into_iter().map(|one| one.setting).collect();
    assert_eq!(rests_on, ["/stageVariables/b"]);
}

#[test]
fn access_logs_need_both_and_go_by_a_request_of_their_own() {
    let arn = "arn:aws:logs:eu-west-1:123456789012:log-group:access";
    let now = settings(&[(LOG_DESTINATION, arn), (LOG_FORMAT, "$context.requestId")]);
    let none = settings(&[]);
    let off = requests(&now.difference(&none), &now);
    assert!(matches!(off.as_slice(), [DraftStep { request: Request::DeleteAccessLogSettings { .. }, .. }]));
    let on = requests(&none.difference(&now), &none);
    assert_eq!(update(&on[0]).access_log.clone().unwrap().destination_arn.as_deref(), Some(arn));
    let half = none.change_to(LOG_DESTINATION, Some(arn.to_owned())).unwrap();
    let error = steps(&Target::HttpStage(stage()), &stage(), &[half], &none).unwrap_err();
    assert!(error.to_string().contains("both a destination and a format"), "{error}");
}

#[test]
fn auto_deploy_goes_off_before_the_deployment_and_on_after_it() {
    let deploying = settings(&[(AUTO_DEPLOY, "true"), (DEPLOYMENT, "new")]);
    let still = settings(&[(AUTO_DEPLOY, "false"), (DEPLOYMENT, "old")]);
    let there = requests(&deploying.difference(&still), &deploying);
    let auto: Vec<_> = there.iter().map(|step| update(step).auto_deploy).collect();
    assert_eq!(auto, [Some(false), None]);
    let back = requests(&still.difference(&deploying), &still);
    let auto: Vec<_> = back.iter().map(|step| update(step).auto_deploy).collect();
    assert_eq!(auto, [None, Some(true)]);

    let point = deploying.change_to(DEPLOYMENT, Some("old".to_owned())).unwrap();
    let error = steps(&Target::HttpStage(stage()), &stage(), &[point], &deploying).unwrap_err();
    assert!(error.to_string().contains("AutoDeploy is on"), "{error}");
}

#[test]
fn nothing_of_a_managed_stage_is_written() {
    let managed = settings(&[(MANAGED, "true"), ("/stageVariables/a", "1")]);
    let change = managed.change_to("/stageVariables/a", Some("2".to_owned())).unwrap();
    let error = steps(&Target::HttpStage(stage()), &stage(), &[change], &managed).unwrap_err();
    assert!(matches!(error, Refusal::Forbidden { .. }), "{error}");
}
