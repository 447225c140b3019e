//! Altering a stage.

use axum::http::Method;
use serde_json::{Value, json};

use super::caller::{Caller, Reply, small};
use crate::estate::{CacheStatus, RouteKey};

async fn patch(caller: &Caller, operations: Value) -> Reply {
    let path = format!("/restapis/{}/stages/prod", caller.api_id("cell-01-api"));
    caller.rest(Method::PATCH, &path, &json!({ "patchOperations": operations }).to_string()).await
}

fn replace(path: &str, value: &str) -> Value {
    json!({ "op": "replace", "path": path, "value": value })
}

#[tokio::test]
async fn several_patches_are_one_change() {
    let caller = Caller::start(small()).await;
    let before = caller.stage("cell-01-api", "prod");
    let reply = patch(
        &caller,
        json!([
            replace("/*/*/throttling/rateLimit", "12.5"),
            replace("/~1orders~1{orderId}/GET/caching/ttlInSeconds", "0"),
            replace("/variables/colour", "blue"),
            replace("/cacheClusterSize", "1.6"),
        ]),
    )
    .await;
    assert_eq!(reply.status, 200, "{:?}", reply.body);
    let document = reply.json();
    assert_eq!(document["methodSettings"]["*/*"]["throttlingRateLimit"], 12.5);
    assert_eq!(document["methodSettings"]["~1orders~1{orderId}/GET"]["cacheTtlInSeconds"], 0);
    assert_eq!(document["variables"]["colour"], "blue");
    assert_eq!(document["cacheClusterStatus"], "CREATE_IN_PROGRESS");
    let after = caller.stage("cell-01-api", "prod");
    let order = RouteKey::Http { verb: "GET".to_owned(), path: "/orders/{orderId}".to_owned() };
    assert_eq!(after.settings.effective(&order).unwrap().cache_ttl_seconds, 0);
    assert!(after.last_updated > before.last_updated);
}

#[tokio::test]
async fn one_illegal_patch_stops_all_of_them() {
    let caller = Caller::start(small()).await;
    let before = caller.stage("cell-01-api", "prod");
    let illegal = [
        replace("/cacheClusterSize", "2.0"),
        replace("/deploymentId", "nosuch"),
        replace("/*/*/caching/ttlInSeconds", "3601"),
        replace("/*/*/logging/loglevel", "DEBUG"),
        replace("/*/*/throttling/burstLimit", "1.5"),
        replace("/*/*/throttling/rateLimit", "NaN"),
        replace("/*/GET/caching/enabled", "true"),
        replace("/variables/bad-name", "x"),
        replace("/variables/name", "has space"),
        json!({ "op": "replace", "path": "/description" }),
        json!({ "op": "add", "path": "/description", "value": "x" }),
        json!({ "op": "remove", "path": "/~1nothing/GET" }),
    ];
    for operation in illegal {
        let reply = patch(&caller, json!([replace("/description", "half done"), operation])).await;
        assert_eq!(
            (reply.status.as_u16(), reply.rest_error().0.as_str()),
            (400, "BadRequestException"),
            "{operation}"
        );
        let after = caller.stage("cell-01-api", "prod");
        assert_eq!(
            (after.description, after.last_updated),
            (before.description.clone(), before.last_updated)
        );
    }
}

#[tokio::test]
async fn an_illegal_path_is_answered_with_the_legal_ones() {
    let caller = Caller::start(small()).await;
    let message = patch(&caller, json!([replace("/throttling/rateLimit", "1")])).await.rest_error().1;
    for legal in ["/deploymentId", "/cacheClusterSize", "/{resource_path}/{http_method}/throttling/rateLimit"]
    {
        assert!(message.contains(legal), "{message}");
    }
}

#[tokio::test]
async fn a_cache_comes_and_goes_with_time() {
    let caller = Caller::start(small()).await;
    let status = || caller.stage("cell-01-api", "prod").cache.status(caller.region.now());
    assert_eq!(status(), CacheStatus::Available);
    assert_eq!(patch(&caller, json!([replace("/cacheClusterEnabled", "false")])).await.status, 200);
    assert_eq!(status(), CacheStatus::DeleteInProgress);
    caller.region.advance(crate::estate::stage::CACHE_BUILD_DURATION).await;
    assert_eq!(status(), CacheStatus::NotAvailable);
}
