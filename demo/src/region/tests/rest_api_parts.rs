//! What a REST API is made of beside its stages.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use super::caller::{Caller, authorization, small};

async fn patch(caller: &Caller, path: &str, op: &str, field: &str, value: &str) -> (u16, Value) {
    let body = json!({ "patchOperations": [{ "op": op, "path": field, "value": value }] }).to_string();
    let reply = caller.rest(Method::PATCH, path, &body).await;
    (reply.status.as_u16(), reply.json())
}

#[tokio::test]
async fn an_api_is_altered_by_patches_and_only_by_legal_ones() {
    let caller = Caller::start(small()).await;
    let path = format!("/restapis/{}", caller.api_id("cell-01-api"));
    let before = caller.get(&path).await;
    let (status, after) = patch(&caller, &path, "add", "/binaryMediaTypes/image~1png", "").await;
    assert_eq!((status, &after["binaryMediaTypes"]), (200, &json!(["image/png"])));
    let (status, after) = patch(&caller, &path, "replace", "/minimumCompressionSize", "1024").await;
    assert_eq!((status, &after["minimumCompressionSize"]), (200, &json!(1024)));
    let (_, after) = patch(&caller, &path, "replace", "/minimumCompressionSize", "").await;
    assert!(after.get("minimumCompressionSize").is_none());
    for (field, value) in [
        ("/minimumCompressionSize", "10485761"),
        ("/apiKeySource", "COOKIE"),
        ("/name", ""),
        ("/endpointConfiguration/types/PRIVATE", "EDGE"),
        ("/no/such", "x"),
    ] {
        let (status, _) = patch(&caller, &path, "replace", field, value).await;
        assert_eq!(status, 400, "{field}");
    }
    patch(&caller, &path, "remove", "/binaryMediaTypes/image~1png", "").await;
    assert_eq!(caller.get(&path).await, before, "what was refused has altered nothing");
}

#[tokio::test]
async fn the_role_for_logs_is_one_or_none() {
    let caller = Caller::start(small()).await;
    let role = "arn:aws:iam::123456789012:role/other";
    let (status, account) = patch(&caller, "/account", "replace", "/cloudwatchRoleArn", role).await;
    assert_eq!((status, &account["cloudwatchRoleArn"]), (200, &json!(role)));
    assert_eq!(patch(&caller, "/account", "replace", "/cloudwatchRoleArn", "admin").await.0, 400);
    assert_eq!(caller.get("/account").await["cloudwatchRoleArn"], role);
    patch(&caller, "/account", "replace", "/cloudwatchRoleArn", "").await;
    assert!(caller.get("/account").await.get("cloudwatchRoleArn").is_none());
}

#[tokio::test]
async fn a_model_that_a_method_uses_stays() {
    let caller = Caller::start(small()).await;
    let path = format!("/restapis/{}/models", caller.api_id("cell-01-api"));
    let refused = caller.rest(Method::DELETE, &format!("{path}/CreateOrderRequest"), "").await;
    assert_eq!((refused.status.as_u16(), refused.rest_error().0.as_str()), (409, "ConflictException"));
    assert_eq!(caller.rest(Method::DELETE, &format!("{path}/Error"), "").await.status, 202);
    let names = caller.get(&path).await["item"].to_string();
    assert!(names.contains("CreateOrderRequest") && !names.contains("\"Error\""), "{names}");
}

#[tokio::test]
async fn a_stage_that_a_domain_name_leads_to_stays() {
    let caller = Caller::start(small()).await;
    let router = caller.api_id("router");
    caller.region.estate().write().unwrap().usage_plans.clear();
    let stage = format!("/restapis/{router}/stages/prod");
    let refused = caller.rest(Method::DELETE, &stage, "").await;
    assert_eq!(refused.status, 400);
    assert!(refused.rest_error().1.contains("router.shop.example.com"), "{:?}", refused.rest_error());
    let mapping = "/domainnames/router.shop.example.com/basepathmappings/%28none%29";
    assert_eq!(
        caller.get(mapping).await,
        json!({ "basePath": "(none)", "restApiId": router, "stage": "prod" })
    );
    assert_eq!(caller.rest(Method::DELETE, mapping, "").await.status, 202);
    assert_eq!(caller.rest(Method::DELETE, &stage, "").await.status, 202);
}

#[tokio::test]
async fn an_export_comes_as_a_file_in_the_wanted_format() {
    let caller = Caller::start(small()).await;
    let api = caller.api_id("cell-01-api");
    let export = async |kind: &str, accept: &str| {
        let url = format!("{}/restapis/{api}/stages/prod/exports/{kind}", caller.region.endpoint_url());
        let request = Request::builder()
            .uri(url)
            .header("authorization", authorization("eu-west-1", "apigateway"))
            .header("accept", accept);
        caller.send(request.body(Body::empty()).unwrap()).await
    };
    let json = export("oas30", "application/json").await;
    assert_eq!(json.json()["openapi"], "3.0.1");
    assert!(json.headers["content-disposition"].to_str().unwrap().contains("oas30_"));
    let yaml = export("swagger", "application/yaml").await;
    assert_eq!(yaml.headers["content-type"], "application/yaml");
    assert!(String::from_utf8(yaml.body.to_vec()).unwrap().contains("\nswagger: \"2.0\"\n"));
    assert_eq!(export("raml", "application/json").await.status, 400);
}

#[tokio::test]
async fn a_method_is_tried_out_on_its_backend_as_it_is() {
    let caller = Caller::start(small()).await;
    let (api, resource) = {
        let estate = caller.region.estate();
        let estate = estate.read().unwrap();
        let api = estate.api_named("cell-01-api").unwrap();
        let found = api.resources.iter().find(|resource| resource.path == "/orders/{orderId}").unwrap();
        (api.id.clone(), found.id.clone())
    };
    let path = format!("/restapis/{api}/resources/{resource}/methods/GET");
    let body = json!({ "pathWithQueryString": "/orders/17?full=yes" }).to_string();
    let try_out = async || caller.rest(Method::POST, &path, &body).await.json();
    let mut statuses = std::collections::BTreeMap::new();
    for _ in 0..40 {
        let trial = try_out().await;
        *statuses.entry(trial["status"].as_u64().unwrap()).or_insert(0) += 1;
        assert!(trial["log"].as_str().unwrap().contains("Method request path: {orderId=17}"));
        assert!(trial["latency"].as_u64().unwrap() > 0);
    }
    assert!(statuses[&200] > 30, "{statuses:?}");
    // The code that would be deployed next fails always.
    let estate = caller.region.estate();
    std::sync::Arc::make_mut(
        estate.write().unwrap().apis.iter_mut().find(|known| known.id == api).unwrap(),
    )
    .code
    .server_errors = 1.0;
    let failed = try_out().await;
    assert_eq!(failed["status"], 502);
    assert!(failed["log"].as_str().unwrap().contains("Lambda execution failed"));
}
