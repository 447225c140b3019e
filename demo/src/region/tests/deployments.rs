//! Deployments and stages come and go.

use axum::http::Method;
use serde_json::json;

use super::caller::{Caller, small};

#[tokio::test]
async fn a_deployment_freezes_what_the_api_is_and_goes_live_where_it_is_told() {
    let caller = Caller::start(small()).await;
    let api = format!("/restapis/{}", caller.api_id("cell-01-api"));
    let path = format!("{api}/deployments");
    let made = caller.rest(Method::POST, &path, r#"{"stageName":"prod","description":"build 9"}"#).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert!(made.json()["apiSummary"].is_null());
    let read = caller.rest(Method::GET, &format!("{path}/{id}?embed=apisummary"), "").await;
    assert!(read.json()["apiSummary"]["/orders/{orderId}"]["GET"].is_object());
    assert_eq!(caller.stage("cell-01-api", "prod").deployment_id, id);

    let in_use = caller.rest(Method::DELETE, &format!("{path}/{id}"), "").await;
    assert_eq!(in_use.rest_error().0, "BadRequestException", "a stage points at it");

    let aside = caller.rest(Method::POST, &path, "").await;
    let aside = aside.json()["id"].as_str().unwrap().to_owned();
    assert_ne!(caller.stage("cell-01-api", "prod").deployment_id, aside, "without a stage it isn't live");
    let stage = json!({ "stageName": "trial", "deploymentId": aside, "variables": { "colour": "red" } });
    let trial = caller.rest(Method::POST, &format!("{api}/stages"), &stage.to_string()).await;
    assert_eq!((trial.status.as_u16(), &trial.json()["variables"]["colour"]), (201, &json!("red")));
    let twice = caller.rest(Method::POST, &format!("{api}/stages"), &stage.to_string()).await;
    assert_eq!((twice.status.as_u16(), twice.rest_error().0.as_str()), (409, "ConflictException"));

    assert_eq!(caller.rest(Method::DELETE, &format!("{api}/stages/trial"), "").await.status, 202);
    assert_eq!(caller.rest(Method::DELETE, &format!("{path}/{aside}"), "").await.status, 202);
    assert_eq!(caller.rest(Method::GET, &format!("{path}/{aside}"), "").await.status, 404);
}

#[tokio::test]
async fn a_stage_of_a_usage_plan_stays() {
    let caller = Caller::start(small()).await;
    let path = format!("/restapis/{}/stages/prod", caller.api_id("cell-01-api"));
    let refused = caller.rest(Method::DELETE, &path, "").await;
    assert_eq!((refused.status.as_u16(), refused.rest_error().0.as_str()), (400, "BadRequestException"));
}

#[tokio::test]
async fn tags_are_added_and_taken_away() {
    let caller = Caller::start(small()).await;
    let arn = format!("arn:aws:apigateway:eu-west-1::/restapis/{}/stages/prod", caller.api_id("cell-01-api"));
    let path = format!("/tags/{}", arn.replace('/', "%2F").replace(':', "%3A"));
    let tagged = caller.rest(Method::PUT, &path, r#"{"tags":{"change":"42"}}"#).await;
    assert_eq!(tagged.status, 204, "{:?}", tagged.body);
    let tags = caller.get(&path).await;
    assert_eq!((&tags["tags"]["change"], tags["tags"]["team"].is_string()), (&json!("42"), true));
    assert_eq!(caller.rest(Method::DELETE, &format!("{path}?tagKeys=change"), "").await.status, 204);
    assert!(caller.get(&path).await["tags"].get("change").is_none());
    assert_eq!(caller.rest(Method::PUT, &path, r#"{"tags":{"aws:x":"1"}}"#).await.status, 400);
}
