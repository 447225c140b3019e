//! API Gateway's request quotas, counted at the server.

use axum::http::Method;
use jiff::SignedDuration;

use super::caller::{Caller, small};
use crate::RegionOptions;

#[tokio::test]
async fn both_versions_draw_on_one_pool_that_time_refills() {
    let caller = Caller::start(RegionOptions { control_plane_limits: true, ..small() }).await;
    let burst = async || {
        let mut granted = 0;
        for number in 0..50 {
            let path = if number % 2 == 0 { "/restapis" } else { "/v2/apis" };
            granted += usize::from(caller.rest(Method::GET, path, "").await.status == 200);
        }
        granted
    };
    assert_eq!(burst().await, 40);
    caller.region.advance(SignedDuration::from_secs(1)).await;
    assert_eq!(burst().await, 10);
    let refused = caller.region.requests().iter().filter(|request| request.status == 429).count();
    assert_eq!(refused, 50);
}

#[tokio::test]
async fn a_refusal_has_aws_shape() {
    let caller = Caller::start(RegionOptions { control_plane_limits: true, ..small() }).await;
    let path = format!("/restapis/{}/resources", caller.api_id("cell-01-api"));
    for _ in 0..5 {
        assert_eq!(caller.rest(Method::GET, &path, "").await.status, 200);
    }
    let reply = caller.rest(Method::GET, &path, "").await;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.rest_error().0, "TooManyRequestsException");
    assert_eq!(reply.headers["retry-after"], "1");
}

#[tokio::test]
async fn other_services_have_no_part_in_it() {
    let caller = Caller::start(RegionOptions { control_plane_limits: true, ..small() }).await;
    for _ in 0..60 {
        assert_eq!(caller.target("dynamodb", "DynamoDB_20120810.ListTables", "{}").await.status, 200);
    }
    assert_eq!(caller.rest(Method::GET, "/account", "").await.status, 200);
}
