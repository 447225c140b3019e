//! Stages of HTTP and WebSocket APIs: whole fields, automatic deployment, and the partial route settings.

use axum::http::Method;
use serde_json::{Value, json};

use super::caller::{Caller, Reply, small};
use crate::RegionOptions;

async fn update(caller: &Caller, api: &str, stage: &str, fields: Value) -> Reply {
    let path = format!("/v2/apis/{}/stages/{stage}", caller.api_id(api));
    caller.rest(Method::PATCH, &path, &fields.to_string()).await
}

#[tokio::test]
async fn partial_route_settings_set_the_throttle_to_zero_unless_told_to_keep_it() {
    let caller = Caller::start(small()).await;
    let before = caller.stage("orders-01", "prod").settings.default.unwrap().throttle;
    assert!(before.rate > 0.0);
    let partial = json!({ "defaultRouteSettings": { "detailedMetricsEnabled": true } });

    caller.region.estate().write().unwrap().zeroes_partial_route_settings = false;
    let kept = update(&caller, "orders-01", "prod", partial.clone()).await;
    assert_eq!(kept.json()["defaultRouteSettings"]["throttlingRateLimit"], before.rate);

    caller.region.estate().write().unwrap().zeroes_partial_route_settings = true;
    let zeroed = update(&caller, "orders-01", "prod", partial).await;
    assert_eq!(zeroed.status, 200, "{:?}", zeroed.body);
    let settings = &zeroed.json()["defaultRouteSettings"];
    assert_eq!(
        (&settings["throttlingRateLimit"], &settings["throttlingBurstLimit"]),
        (&json!(0.0), &json!(0))
    );

    let both =
        json!({ "defaultRouteSettings": { "throttlingRateLimit": 50.5, "throttlingBurstLimit": 100 } });
    let mended = update(&caller, "orders-01", "prod", both).await;
    let settings = &mended.json()["defaultRouteSettings"];
    assert_eq!(
        (&settings["throttlingRateLimit"], &settings["detailedMetricsEnabled"]),
        (&json!(50.5), &json!(true))
    );
}

#[tokio::test]
async fn a_deployment_is_chosen_only_where_automatic_deployment_is_off() {
    let caller = Caller::start(small()).await;
    let (api, stage) = ("partner", "$default");
    let older = caller.region.estate().read().unwrap().api_named(api).unwrap().deployments[1].id.clone();
    let refused = update(&caller, api, stage, json!({ "deploymentId": older })).await;
    assert_eq!(refused.rest_error().0, "BadRequestException");
    let both = update(&caller, api, stage, json!({ "autoDeploy": false, "deploymentId": older })).await;
    assert_eq!(both.status, 400, "two calls are needed");
    assert!(caller.stage(api, stage).auto_deploy, "a refused call changes nothing");
    assert_eq!(update(&caller, api, stage, json!({ "autoDeploy": false })).await.status, 200);
    let chosen = update(&caller, api, stage, json!({ "deploymentId": older })).await;
    assert_eq!(chosen.json()["deploymentId"], json!(older));
    let on = update(&caller, api, stage, json!({ "autoDeploy": true })).await;
    assert_ne!(on.json()["deploymentId"], json!(older), "turned on, it deploys what the API is now");
}

#[tokio::test]
async fn a_managed_stage_cannot_be_modified() {
    let caller = Caller::start(small()).await;
    let refused = update(&caller, "status", "$default", json!({ "description": "mine" })).await;
    assert_eq!(refused.rest_error().0, "BadRequestException");
    let path = format!("/v2/apis/{}/stages/$default", caller.api_id("status"));
    assert_eq!(caller.get(&path).await["apiGatewayManaged"], true);
}

#[tokio::test]
async fn route_settings_are_made_for_known_routes_and_deleted() {
    let caller = Caller::start(small()).await;
    let settings = json!({ "throttlingRateLimit": 3, "throttlingBurstLimit": 4 });
    let made =
        update(&caller, "orders-01", "prod", json!({ "routeSettings": { "GET /orders": settings } })).await;
    assert_eq!(made.json()["routeSettings"]["GET /orders"]["throttlingBurstLimit"], 4, "{:?}", made.body);
    let unknown =
        update(&caller, "orders-01", "prod", json!({ "routeSettings": { "GET /nothing": settings } })).await;
    assert_eq!(unknown.rest_error().0, "NotFoundException");
    let stage = format!("/v2/apis/{}/stages/prod", caller.api_id("orders-01"));
    let route = format!("{stage}/routesettings/GET%20%2Forders");
    assert_eq!(caller.rest(Method::DELETE, &route, "").await.status, 204);
    assert_eq!(caller.rest(Method::DELETE, &route, "").await.status, 404);
    assert_eq!(caller.rest(Method::DELETE, &format!("{stage}/accesslogsettings"), "").await.status, 204);
    assert!(caller.get(&stage).await.get("accessLogSettings").is_none());
}

#[tokio::test]
async fn what_one_kind_of_api_lacks_is_refused() {
    let caller = Caller::start(RegionOptions { apis: 14, ..small() }).await;
    let logs = json!({ "defaultRouteSettings": { "loggingLevel": "INFO" } });
    assert_eq!(update(&caller, "orders-01", "prod", logs.clone()).await.status, 400);
    let live = caller
        .region
        .estate()
        .read()
        .unwrap()
        .apis_of(crate::estate::ApiKind::WebSocket)
        .next()
        .unwrap()
        .name
        .clone();
    assert_eq!(update(&caller, &live, "prod", logs).await.status, 200);
    let reset = |api: String| {
        let path = format!("/v2/apis/{}/stages/prod/cache/authorizers", caller.api_id(&api));
        let caller = &caller;
        async move { caller.rest(Method::DELETE, &path, "").await.status.as_u16() }
    };
    assert_eq!((reset("orders-01".to_owned()).await, reset(live).await), (204, 400));
}

#[tokio::test]
async fn variables_that_are_not_given_stay_and_an_empty_value_removes_one() {
    let caller = Caller::start(small()).await;
    let set = async |variables: Value| {
        let reply = update(&caller, "orders-01", "prod", json!({ "stageVariables": variables })).await;
        reply.json()["stageVariables"].clone()
    };
    assert_eq!(set(json!({ "a": "1", "b": "2" })).await, json!({ "a": "1", "b": "2" }));
    assert_eq!(set(json!({ "b": "3" })).await, json!({ "a": "1", "b": "3" }));
    assert_eq!(set(json!({ "a": "" })).await, json!({ "b": "3" }));
}

#[tokio::test]
async fn stages_and_deployments_come_and_go() {
    let caller = Caller::start(small()).await;
    let api = format!("/v2/apis/{}", caller.api_id("orders-01"));
    let made = caller.rest(Method::POST, &format!("{api}/deployments"), r#"{"stageName":"prod"}"#).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    let id = made.json()["deploymentId"].as_str().unwrap().to_owned();
    assert_eq!(caller.stage("orders-01", "prod").deployment_id, id);
    let stage =
        json!({ "stageName": "trial", "deploymentId": id, "stageVariables": { "a": "b" } }).to_string();
    assert_eq!(caller.rest(Method::POST, &format!("{api}/stages"), &stage).await.status, 201);
    assert_eq!(caller.rest(Method::POST, &format!("{api}/stages"), &stage).await.status, 409);
    assert_eq!(caller.rest(Method::DELETE, &format!("{api}/stages/trial"), "").await.status, 204);
    assert_eq!(caller.rest(Method::DELETE, &format!("{api}/deployments/{id}"), "").await.status, 400);
}
