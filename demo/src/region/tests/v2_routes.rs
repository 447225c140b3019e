//! Routes of HTTP APIs, and what is shown of their surroundings.

use axum::http::Method;
use serde_json::{Value, json};

use super::caller::{Caller, small};

async fn route(caller: &Caller, verb: Method, path: &str, body: Value) -> (u16, Value) {
    let reply = caller.rest(verb, path, &body.to_string()).await;
    (reply.status.as_u16(), reply.json())
}

#[tokio::test]
async fn a_route_is_made_altered_and_deleted() {
    let caller = Caller::start(small()).await;
    let routes = format!("/v2/apis/{}/routes", caller.api_id("orders-01"));
    let integrations = routes.replace("/routes", "/integrations");
    let target = format!(
        "integrations/{}",
        caller.get(&integrations).await["items"][0]["integrationId"].as_str().unwrap()
    );
    let before = caller.get(&integrations).await;
    let wanted = json!({ "routeKey": "GET /returns/{id}", "target": target, "operationName": "getReturn" });
    let (status, made) = route(&caller, Method::POST, &routes, wanted.clone()).await;
    assert_eq!((status, &made["target"], &made["authorizationType"]), (201, &json!(target), &json!("NONE")));
    assert_eq!(caller.get(&integrations).await, before, "routes share an integration");
    assert_eq!(route(&caller, Method::POST, &routes, wanted).await.0, 409);

    let path = format!("{routes}/{}", made["routeId"].as_str().unwrap());
    let (_, altered) = route(&caller, Method::PATCH, &path, json!({ "authorizationType": "AWS_IAM" })).await;
    assert_eq!((&altered["authorizationType"], &altered["routeKey"]), (&json!("AWS_IAM"), &made["routeKey"]));
    for bad in [
        json!({ "routeKey": "FETCH /x" }),
        json!({ "routeKey": "sendMessage" }),
        json!({ "target": "integrations/nosuch" }),
        json!({ "authorizationType": "JWT", "authorizerId": "nosuch" }),
        json!({ "apiKeyRequired": true }),
    ] {
        assert_eq!(route(&caller, Method::PATCH, &path, bad.clone()).await.0, 400, "{bad}");
    }
    assert_eq!(caller.get(&path).await, altered, "what was refused has altered nothing");
    assert_eq!(caller.rest(Method::DELETE, &path, "").await.status, 204);
    assert_eq!(caller.rest(Method::GET, &path, "").await.status, 404);
}

#[tokio::test]
async fn a_change_is_deployed_where_that_happens_by_itself() {
    // The shared APIs come after those of the cells.
    let caller = Caller::start(crate::RegionOptions { apis: 30, cells: 12, ..small() }).await;
    let api = caller.api_id("partner");
    let deployed = || caller.stage("partner", "$default").deployment_id;
    let before = deployed();
    let path = format!("/v2/apis/{api}");
    let (status, altered) = route(&caller, Method::PATCH, &path, json!({ "description": "altered" })).await;
    assert_eq!((status, &altered["description"]), (200, &json!("altered")));
    assert_ne!(deployed(), before);
    let cors = json!({ "corsConfiguration": { "allowOrigins": ["https://shop.example.com"] } });
    let (_, altered) = route(&caller, Method::PATCH, &path, cors.clone()).await;
    assert_eq!(altered["corsConfiguration"], cors["corsConfiguration"]);
    let (_, altered) = route(&caller, Method::PATCH, &path, json!({ "corsConfiguration": {} })).await;
    assert!(altered.get("corsConfiguration").is_none());
    let refused = json!({ "routeSelectionExpression": "$request.body.action" });
    assert_eq!(route(&caller, Method::PATCH, &path, refused).await.0, 400);
}
