//! The pipeline that takes the account's budget of calls.

use super::super::Phase;
use super::super::client::{CallError, ScenarioClient, ServiceCall};
use super::player::Player;
use axum::http::Method;
use jiff::SignedDuration;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_call_a_second_is_mostly_throttled_and_sometimes_gets_through() {
    let player = Player::start("control-plane-storm", 3).await;
    assert!(player.reaches(Phase::Raging, 200).await);
    player.wait(20).await;
    let address = player.region.endpoint_url().strip_prefix("http://").unwrap().parse().unwrap();
    let client = ScenarioClient::new(address, "aws-cli/2.31");
    let call = ServiceCall {
        method: Method::GET,
        path: player.prod("api"),
        service: "apigateway",
        target: None,
        body: Value::Null,
    };
    let (mut granted, mut throttled) = (0, 0);
    for _ in 0..120 {
        // The budget comes back at ten a second: who calls at the very tenth that a token falls due is always ahead of
        // the pipeline, and nobody's calls are so even.
        player.region.advance(SignedDuration::from_millis(1037)).await;
        match client.send(&call, "AKIAIOSFODNN7EXAMPLE", player.region.now()).await {
            Ok(_) => granted += 1,
            Err(CallError::Refused { status: 429, .. }) => throttled += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(granted > 6 && throttled > granted, "{granted} granted, {throttled} throttled");
}
