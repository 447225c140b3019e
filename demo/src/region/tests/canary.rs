//! A canary from its first patch to its promotion.

use axum::http::Method;
use serde_json::{Value, json};

use super::caller::{Caller, Reply, small};

async fn patch(caller: &Caller, operations: Value) -> Reply {
    let path = format!("/restapis/{}/stages/prod", caller.api_id("cell-01-api"));
    caller.rest(Method::PATCH, &path, &json!({ "patchOperations": operations }).to_string()).await
}

fn deployments(caller: &Caller) -> (String, String) {
    let estate = caller.region.estate();
    let estate = estate.read().unwrap();
    let api = estate.api_named("cell-01-api").unwrap();
    let current = api.stage("prod").unwrap().deployment_id.clone();
    let other = api.deployments.iter().find(|deployment| deployment.id != current).unwrap();
    (current, other.id.clone())
}

#[tokio::test]
async fn a_canary_is_made_promoted_and_removed() {
    let caller = Caller::start(small()).await;
    let (current, other) = deployments(&caller);
    let made = patch(
        &caller,
        json!([
            { "op": "replace", "path": "/canarySettings/deploymentId", "value": other },
            { "op": "replace", "path": "/canarySettings/percentTraffic", "value": "12.5" },
            { "op": "replace", "path": "/canarySettings/stageVariableOverrides/colour", "value": "green" },
        ]),
    )
    .await;
    assert_eq!(made.status, 200, "{:?}", made.body);
    let canary = &made.json()["canarySettings"];
    assert_eq!((&canary["deploymentId"], &canary["percentTraffic"]), (&json!(other), &json!(12.5)));
    assert_eq!(made.json()["deploymentId"], json!(current));

    // AWS: with a canary the stage can't be pointed elsewhere.
    let refused = patch(&caller, json!([{ "op": "replace", "path": "/deploymentId", "value": other }])).await;
    assert_eq!(refused.rest_error().0, "BadRequestException");

    let promoted = patch(
        &caller,
        json!([
            { "op": "replace", "path": "/canarySettings/percentTraffic", "value": "0.0" },
            { "op": "copy", "path": "/variables", "from": "/canarySettings/stageVariableOverrides" },
            { "op": "copy", "path": "/deploymentId", "from": "/canarySettings/deploymentId" },
        ]),
    )
    .await;
    assert_eq!(promoted.status, 200, "{:?}", promoted.body);
    assert_eq!(promoted.json()["deploymentId"], json!(other));
    assert_eq!(promoted.json()["variables"]["colour"], "green");
    assert!(promoted.json()["canarySettings"].is_object(), "a promotion leaves the canary");

    let removed = patch(&caller, json!([{ "op": "remove", "path": "/canarySettings" }])).await;
    assert!(removed.json().get("canarySettings").is_none());
    let again = patch(&caller, json!([{ "op": "remove", "path": "/canarySettings" }])).await;
    assert_eq!(again.status, 400);
}

#[tokio::test]
async fn illegal_canaries_and_copies_are_refused() {
    let caller = Caller::start(small()).await;
    let (_, other) = deployments(&caller);
    for operation in [
        json!({ "op": "replace", "path": "/canarySettings/percentTraffic", "value": "100.5" }),
        json!({ "op": "replace", "path": "/canarySettings/deploymentId", "value": "nosuch" }),
        json!({ "op": "replace", "path": "/canarySettings/stageVariableOverrides", "value": "[]" }),
        json!({ "op": "copy", "path": "/deploymentId", "from": "/description" }),
        json!({ "op": "copy", "path": "/deploymentId", "from": "/canarySettings/deploymentId" }),
        json!({ "op": "add", "path": "/canarySettings/deploymentId", "value": other }),
        json!({ "op": "move", "path": "/deploymentId", "from": "/canarySettings/deploymentId" }),
        json!({ "op": "replace", "path": "/accessLogSettings/format", "value": "$context.status" }),
        json!({ "op": "replace", "path": "/accessLogSettings/destinationArn", "value": "a-group" }),
        json!({ "op": "replace", "path": "/methodSettings", "value": "{\"*/*\":{\"loggingLevel\":\"ALL\"}}" }),
        json!({ "op": "replace", "path": "/methodSettings", "value": "{\"orders\":{}}" }),
    ] {
        let reply = patch(&caller, json!([operation])).await;
        assert_eq!((reply.status.as_u16(), reply.rest_error().0.as_str()), (400, "BadRequestException"));
    }
}

#[tokio::test]
async fn the_whole_map_of_method_settings_is_replaced() {
    let caller = Caller::start(small()).await;
    let map = json!({
        "*/*": { "throttlingRateLimit": 7.5, "loggingLevel": "INFO" },
        "~1orders/POST": { "throttlingBurstLimit": 3 },
    });
    let reply = patch(
        &caller,
        json!([
            { "op": "replace", "path": "/methodSettings", "value": map.to_string() },
            { "op": "remove", "path": "/accessLogSettings" },
            { "op": "replace", "path": "/clientCertificateId", "value": "abc123" },
        ]),
    )
    .await;
    assert_eq!(reply.status, 200, "{:?}", reply.body);
    let document = reply.json();
    let settings = document["methodSettings"].as_object().unwrap();
    assert_eq!(settings.len(), 2);
    assert_eq!(
        (&settings["*/*"]["throttlingRateLimit"], &settings["*/*"]["throttlingBurstLimit"]),
        (&json!(7.5), &json!(5_000))
    );
    assert_eq!(settings["~1orders/POST"]["throttlingBurstLimit"], 3);
    assert!(document.get("accessLogSettings").is_none());
    assert_eq!(document["clientCertificateId"], "abc123");
}
