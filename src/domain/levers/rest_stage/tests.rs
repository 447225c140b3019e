//! How settings become patches, there and back.

use super::*;

fn target() -> StageTarget {
    StageTarget { api: "a1b2c3".into(), api_name: "orders-api".into(), stage: "prod".into() }
}

fn settings(pairs: &[(&str, &str)]) -> Settings {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn patch_of(changes: &[SettingChange], settings: &Settings) -> Vec<String> {
    let steps = steps(&target(), changes, settings).unwrap();
    let [DraftStep { request: Request::UpdateStage { patch, .. }, .. }] = steps.as_slice() else {
        panic!("{steps:?}")
    };
    patch.iter().map(PatchOperation::to_string).collect()
}

#[test]
fn a_new_entry_takes_over_what_holds_for_the_method() {
    let now = settings(&[("/*/*/logging/loglevel", "INFO"), ("/*/*/throttling/rateLimit", "200")]);
    let changes = method_changes(&now, "/~1users/GET/", &[(RATE, "50".to_owned())]);
    assert_eq!(changes.len(), METHOD_SETTINGS.len());
    let after = now.after(&changes);
    assert_eq!(after.get("/~1users/GET/throttling/rateLimit"), Some("50"));
    assert_eq!(after.get("/~1users/GET/logging/loglevel"), Some("INFO"));
    assert_eq!(after.get("/~1users/GET/caching/ttlInSeconds"), Some("300"));

    // The way back takes the whole entry away, in one operation.
    let back: Vec<_> = changes.iter().map(SettingChange::reversed).collect();
    assert_eq!(patch_of(&back, &after), ["remove /~1users/GET"]);
    // An entry that is there loses nothing but what is wanted.
    assert_eq!(
        patch_of(&method_changes(&after, "/~1users/GET/", &[(RATE, "60".to_owned())]), &after),
        ["replace /~1users/GET/throttling/rateLimit = 60"]
    );
}

#[test]
fn a_canary_goes_before_the_deployment_and_comes_after_it() {
    let with = settings(&[
        (DEPLOYMENT, "old"),
        (CANARY_DEPLOYMENT, "new"),
        (CANARY_PERCENT, "10"),
        ("/canarySettings/useStageCache", "false"),
    ]);
    let without = settings(&[(DEPLOYMENT, "new")]);
    assert_eq!(
        patch_of(&with.difference(&without), &with),
        ["remove /canarySettings", "replace /deploymentId = new"]
    );
    assert_eq!(
        patch_of(&without.difference(&with), &without),
        [
            "replace /deploymentId = old",
            "replace /canarySettings/deploymentId = new",
            "replace /canarySettings/percentTraffic = 10",
            "replace /canarySettings/useStageCache = false"
        ]
    );
}

#[test]
fn variables_and_logs_are_removed_by_their_own_paths() {
    let from = settings(&[("/variables/a", "1"), (LOG_DESTINATION, "x"), (LOG_FORMAT, "$context.requestId")]);
    assert_eq!(
        patch_of(&from.difference(&settings(&[])), &from),
        ["remove /accessLogSettings", "remove /variables/a"]
    );
}

#[test]
fn an_illegal_value_is_refused_before_anything_is_sent() {
    let now = settings(&[("/*/*/caching/ttlInSeconds", "300")]);
    let changes = method_changes(&now, "/*/*/", &[(TIME_TO_LIVE, "3601".to_owned())]);
    assert!(matches!(steps(&target(), &changes, &now), Err(Refusal::Illegal { .. })));
}

#[test]
fn the_web_acl_is_waf_s_to_change() {
    let (without, with) = (settings(&[]), settings(&[(WEB_ACL, "arn:acl")]));
    let attached = steps(&target(), &without.difference(&with), &without).unwrap();
    assert!(matches!(&attached[0].request, Request::AssociateWebACL { acl_arn, .. } if acl_arn == "arn:acl"));
    let detached = steps(&target(), &with.difference(&without), &with).unwrap();
    assert!(matches!(&detached[0].request, Request::DisassociateWebACL { .. }));
}

#[test]
fn settings_have_words() {
    assert_eq!(label("/*/*/throttling/rateLimit"), "rate (requests/s) of each method (*/*)");
    assert_eq!(label("/~1users~1{id}/GET/caching/ttlInSeconds"), "cache TTL (s) of GET /users/{id}");
    assert_eq!(label("/variables/cellId"), "stage variable cellId");
    assert_eq!(label(DEPLOYMENT), "deployment");
}
