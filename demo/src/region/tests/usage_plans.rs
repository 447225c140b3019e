//! Usage plans, their keys, and what remains of a quota.

use axum::http::Method;
use serde_json::{Value, json};

use super::caller::{Caller, Reply, small};

fn plan_named(caller: &Caller, name: &str) -> (String, Vec<String>) {
    let estate = caller.region.estate();
    let estate = estate.read().unwrap();
    let plan = estate.usage_plans.iter().find(|plan| plan.name == name).unwrap();
    (plan.id.clone(), plan.key_ids.clone())
}

async fn patch(caller: &Caller, plan: &str, operations: Value) -> Reply {
    let body = json!({ "patchOperations": operations }).to_string();
    caller.rest(Method::PATCH, &format!("/usageplans/{plan}"), &body).await
}

#[tokio::test]
async fn a_plan_is_patched_in_one_call() {
    let caller = Caller::start(small()).await;
    let (plan, _) = plan_named(&caller, "Basic");
    let stage = format!("{}:prod", caller.api_id("cell-01-api"));
    let reply = patch(
        &caller,
        &plan,
        json!([
            { "op": "replace", "path": "/throttle/rateLimit", "value": "12.5" },
            { "op": "replace", "path": "/quota/limit", "value": "777" },
            { "op": "replace", "path": "/quota/period", "value": "DAY" },
            { "op": "replace", "path": format!("/apiStages/{stage}/throttle/~1orders/POST/rateLimit"), "value": "3" },
            { "op": "replace", "path": format!("/apiStages/{stage}/throttle/~1orders/POST/burstLimit"), "value": "4" },
        ]),
    )
    .await;
    assert_eq!(reply.status, 200, "{:?}", reply.body);
    let document = reply.json();
    assert_eq!(document["throttle"]["rateLimit"], 12.5);
    assert_eq!(document["quota"], json!({ "limit": 777, "offset": 0, "period": "DAY" }));
    let stages = document["apiStages"].as_array().unwrap();
    let of_cell = stages.iter().find(|open| stage.starts_with(open["apiId"].as_str().unwrap())).unwrap();
    assert_eq!(of_cell["throttle"]["/orders/POST"], json!({ "burstLimit": 4, "rateLimit": 3.0 }));

    let without =
        patch(&caller, &plan, json!([{ "op": "remove", "path": "/apiStages", "value": stage }])).await;
    assert_eq!(without.json()["apiStages"].as_array().unwrap().len(), stages.len() - 1);
    let back = patch(&caller, &plan, json!([{ "op": "add", "path": "/apiStages", "value": stage }])).await;
    assert_eq!(back.json()["apiStages"].as_array().unwrap().len(), stages.len());
}

#[tokio::test]
async fn illegal_patches_of_a_plan_leave_it_as_it_was() {
    let caller = Caller::start(small()).await;
    let (plan, _) = plan_named(&caller, "Basic");
    let before = caller.get(&format!("/usageplans/{plan}")).await;
    let stage = format!("{}:prod", caller.api_id("cell-01-api"));
    for operation in [
        json!({ "op": "add", "path": "/apiStages", "value": "{\"apiId\":\"a\",\"stage\":\"prod\"}" }),
        json!({ "op": "add", "path": "/apiStages", "value": "nosuch:prod" }),
        json!({ "op": "add", "path": "/apiStages", "value": stage }),
        json!({ "op": "replace", "path": "/apiStages", "value": stage }),
        json!({ "op": "replace", "path": "/quota/period", "value": "YEAR" }),
        json!({ "op": "replace", "path": "/quota/limit", "value": "0" }),
        json!({ "op": "replace", "path": "/quota/offset", "value": "40" }),
        json!({ "op": "replace", "path": "/throttle/rateLimit", "value": "-1" }),
        json!({ "op": "replace", "path": "/throttle", "value": "{}" }),
        json!({ "op": "remove", "path": format!("/apiStages/{stage}/throttle/~1none/GET") }),
        json!({ "op": "replace", "path": format!("/apiStages/{stage}/throttle/*/*/rateLimit"), "value": "1" }),
    ] {
        let reply = patch(&caller, &plan, json!([operation])).await;
        assert!(reply.status.is_client_error(), "{operation}: {:?}", reply.body);
        assert_eq!(caller.get(&format!("/usageplans/{plan}")).await, before, "{operation}");
    }
}

#[tokio::test]
async fn a_key_has_one_plan_for_a_stage_and_moves_by_leaving_first() {
    let caller = Caller::start(small()).await;
    let (free, keys) = plan_named(&caller, "Free");
    let (basic, _) = plan_named(&caller, "Basic");
    let body = json!({ "keyId": keys[0], "keyType": "API_KEY" }).to_string();
    let path = format!("/usageplans/{basic}/keys");
    let refused = caller.rest(Method::POST, &path, &body).await;
    assert_eq!((refused.status.as_u16(), refused.rest_error().0.as_str()), (409, "ConflictException"));
    let left = caller.rest(Method::DELETE, &format!("/usageplans/{free}/keys/{}", keys[0]), "").await;
    assert_eq!(left.status, 202);
    assert_eq!(caller.rest(Method::POST, &path, &body).await.status, 201);
    assert_eq!(caller.get(&format!("{path}/{}", keys[0])).await["id"], json!(keys[0]));
}

#[tokio::test]
async fn keys_are_made_disabled_switched_and_deleted() {
    let caller = Caller::start(small()).await;
    let made = caller.rest(Method::POST, "/apikeys", r#"{"name":"new-shop"}"#).await;
    assert_eq!((made.status.as_u16(), &made.json()["enabled"]), (201, &json!(false)));
    let path = format!("/apikeys/{}", made.json()["id"].as_str().unwrap());
    let on = json!({ "patchOperations": [{ "op": "replace", "path": "/enabled", "value": "true" }] });
    let switched = caller.rest(Method::PATCH, &path, &on.to_string()).await;
    assert_eq!(switched.json()["enabled"], true);
    assert!(switched.json().get("value").is_none(), "the secret is told only when asked for");
    assert!(caller.get(&format!("{path}?includeValue=true")).await["value"].is_string());
    assert_eq!(caller.rest(Method::DELETE, &path, "").await.status, 202);
    assert_eq!(caller.rest(Method::GET, &path, "").await.status, 404);
}

#[tokio::test]
async fn what_remains_of_a_quota_is_told_and_extended() {
    let caller = Caller::start(small()).await;
    let (plan, keys) = plan_named(&caller, "Free");
    let quota = caller.get(&format!("/usageplans/{plan}")).await["quota"]["limit"].as_i64().unwrap();
    let today = jiff::civil::date(2026, 11, 20);
    {
        let estate = caller.region.estate();
        let usage = std::sync::Arc::clone(&estate.read().unwrap().usage);
        usage.lock().unwrap().add(&plan, &keys[1], today, quota);
    }
    let days = format!("/usageplans/{plan}/usage?startDate=2026-11-19&endDate=2026-11-20");
    let used = caller.get(&days).await;
    assert_eq!(used["values"][&keys[1]][1][1], 0, "{used}");
    let remaining = json!({ "patchOperations": [{ "op": "replace", "path": "/remaining", "value": "250" }] });
    let path = format!("/usageplans/{plan}/keys/{}/usage", keys[1]);
    let extended = caller.rest(Method::PATCH, &path, &remaining.to_string()).await;
    assert_eq!(extended.status, 200, "{:?}", extended.body);
    assert_eq!(caller.get(&days).await["values"][&keys[1]][1][1], 250);
    for query in ["startDate=2026-11-20&endDate=2026-11-19", "startDate=20261119&endDate=2026-11-20", ""] {
        let refused = caller.rest(Method::GET, &format!("/usageplans/{plan}/usage?{query}"), "").await;
        assert_eq!(refused.rest_error().0, "BadRequestException", "{query}");
    }
}
