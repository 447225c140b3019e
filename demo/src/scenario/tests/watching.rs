//! What the requests tell of the player.

use axum::http::Method;

use super::super::Phase;
use super::player::Player;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn looking_at_the_target_is_detection_and_routine_is_not() {
    let player = Player::start("bad-deploy", 5).await;
    for _ in 0..3 {
        player.get(&player.prod("api")).await;
    }
    assert!(player.reaches(Phase::Raging, 200).await);
    assert!(player.region.hint().is_some());
    let detected = || player.report().score.seconds_to_detect;
    player.get(&player.prod("api")).await;
    player.get("/restapis?limit=500").await;
    assert_eq!(detected(), None, "what was read all the time, and what names nothing");
    player.wait(7).await;
    player.get(&format!("/restapis/{}/deployments", player.name("api-id"))).await;
    let first = detected().unwrap();
    assert!(first >= 7, "{first}");
    player.wait(5).await;
    player.get(&format!("/restapis/{}/authorizers", player.name("api-id"))).await;
    assert_eq!(detected(), Some(first));
    let report = player.report();
    assert_eq!((report.score.hints, report.hints.len(), report.hints_left), (1, 1, 2));
    assert!(report.story.unwrap().contains(player.name("api")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_something_else_is_needless_and_a_refused_one_is_none() {
    let player = Player::start("bad-deploy", 5).await;
    assert!(player.reaches(Phase::Raging, 200).await);
    player.set("router", [("/description", "changed in vain")]).await;
    player.set("api", [("/canarySettings/percentTraffic", "0.0")]).await;
    let client_sees = player.region.requests().len();
    assert!(client_sees > 0);
    let report = player.report();
    assert_eq!(report.score.needless_changes.len(), 1, "{report}");
    assert_eq!(report.score.needless_changes[0].operation, "UpdateStage");
    assert!(report.score.needless_changes[0].path.contains(player.name("router-id")));
    let text = report.to_string();
    assert!(text.contains("needless changes   1") && text.contains("not cured"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&report.to_json().unwrap()).unwrap();
    assert_eq!(json["phase"], "raging");
    assert_eq!(json["score"]["needless_changes"][0]["operation"], "UpdateStage");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_endpoint_beside_those_of_aws_tells_the_same() {
    let player = Player::start("bad-deploy", 5).await;
    assert!(player.reaches(Phase::Raging, 200).await);
    let report = player.get("/_demo/scenario").await;
    assert_eq!(report["name"], "bad-deploy");
    assert_eq!(report["phase"], "raging");
    let hint = player.rest(Method::POST, "/_demo/scenario/hint".to_owned(), serde_json::Value::Null).await;
    assert_eq!(hint["left"], 2);
    assert!(hint["hint"].is_string());
    assert_eq!(player.get("/_demo/scenario/cast").await["cell"], player.name("cell"));
}
