//! Emptying a stage's cache.

use axum::http::Method;
use jiff::SignedDuration;

use super::caller::{Caller, Reply, small};

async fn flush(caller: &Caller, api: &str, stage: &str) -> Reply {
    let path = format!("/restapis/{}/stages/{stage}/cache/data", caller.api_id(api));
    caller.rest(Method::DELETE, &path, "").await
}

async fn status(caller: &Caller, api: &str) -> String {
    let stage = caller.get(&format!("/restapis/{}/stages/prod", caller.api_id(api))).await;
    stage["cacheClusterStatus"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_flush_shows_for_eight_seconds() {
    let caller = Caller::start(small()).await;
    let started = caller.stage("cell-01-api", "prod");
    assert_eq!(started.cache.emptied_at, None);
    let reply = flush(&caller, "cell-01-api", "prod").await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (202, 0));
    assert!(caller.stage("cell-01-api", "prod").cache.emptied_at.is_some());
    assert_eq!(status(&caller, "cell-01-api").await, "FLUSH_IN_PROGRESS");
    caller.region.advance(SignedDuration::from_millis(7_900)).await;
    assert_eq!(status(&caller, "cell-01-api").await, "FLUSH_IN_PROGRESS");
    caller.region.advance(SignedDuration::from_millis(100)).await;
    assert_eq!(status(&caller, "cell-01-api").await, "AVAILABLE");
}

#[tokio::test]
async fn what_cannot_be_flushed_is_refused() {
    let caller = Caller::start(small()).await;
    let without_cache = flush(&caller, "cell-04-api", "prod").await;
    assert_eq!(
        (without_cache.status.as_u16(), without_cache.rest_error().0.as_str()),
        (400, "BadRequestException")
    );
    let unknown = flush(&caller, "cell-01-api", "nowhere").await;
    assert_eq!((unknown.status.as_u16(), unknown.rest_error().0.as_str()), (404, "NotFoundException"));
    let of_http_api = flush(&caller, "orders-01", "prod").await;
    assert_eq!(of_http_api.status, 404);
    assert_eq!(flush(&caller, "cell-01-api", "prod").await.status, 202);
    let again = flush(&caller, "cell-01-api", "prod").await;
    assert_eq!(again.status, 400);
    assert!(again.rest_error().1.contains("FLUSH_IN_PROGRESS"));
}

#[tokio::test]
async fn authorizers_forget_their_decisions() {
    let caller = Caller::start(small()).await;
    let path = format!("/restapis/{}/stages/prod/cache/authorizers", caller.api_id("cell-01-api"));
    assert_eq!(caller.rest(Method::DELETE, &path, "").await.status, 202);
    assert!(caller.stage("cell-01-api", "prod").authorizers_emptied_at.is_some());
}
