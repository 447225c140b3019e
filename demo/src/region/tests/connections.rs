//! `@connections`: what a backend says to those who are connected.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::caller::{Caller, small};

async fn start() -> Caller {
    // The thirteenth API is the first of the WebSocket APIs.
    Caller::start(crate::RegionOptions { apis: 13, ..small() }).await
}

async fn rows(caller: &Caller) -> Vec<Value> {
    let scan = json!({ "TableName": "WebSocketConnections" }).to_string();
    let reply = caller.target("dynamodb", "DynamoDB_20120810.Scan", &scan).await;
    reply.json()["Items"].as_array().unwrap().clone()
}

fn endpoint(row: &Value) -> String {
    let text = |name: &str| row[name]["S"].as_str().unwrap();
    format!("/_execute-api/{}/{}/@connections/", text("ApiId"), text("Stage"))
}

fn id(row: &Value) -> String {
    row["ConnectionId"]["S"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_connection_is_described_spoken_to_and_closed() {
    let caller = start().await;
    let row = rows(&caller).await.swap_remove(0);
    let (endpoint, id) = (endpoint(&row), id(&row));
    let path = format!("{endpoint}{}", id.replace('=', "%3D"));

    let described = caller.execute(Method::GET, &path, "").await;
    assert_eq!(described.status, 200, "{:?}", described.body);
    let described = described.json();
    assert!(described["connectedAt"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    assert!(described["identity"]["sourceIp"].as_str().unwrap().parse::<std::net::IpAddr>().is_ok());

    caller.region.advance(SignedDuration::from_secs(1)).await;
    assert_eq!(caller.execute(Method::POST, &path, "hello").await.status, 200);
    let active = caller.execute(Method::GET, &path, "").await.json()["lastActiveAt"].clone();
    assert_eq!(active.as_str().unwrap().parse::<jiff::Timestamp>().unwrap(), caller.region.now());
    let too_long = caller.execute(Method::POST, &path, &"x".repeat(128 * 1024 + 1)).await;
    assert_eq!(
        (too_long.status.as_u16(), too_long.rest_error().0.as_str()),
        (413, "PayloadTooLargeException")
    );

    assert_eq!(caller.execute(Method::DELETE, &path, "").await.status, 204);
    assert!(rows(&caller).await.iter().all(|row| self::id(row) != id), "the row is gone at once");
    for verb in [Method::GET, Method::POST, Method::DELETE] {
        let gone = caller.execute(verb, &path, "").await;
        assert_eq!((gone.status.as_u16(), gone.rest_error().0.as_str()), (410, "GoneException"));
    }
    let customer = row["CustomerId"]["S"].clone();
    caller.region.advance(SignedDuration::from_secs(60)).await;
    let back = rows(&caller).await;
    assert!(back.iter().any(|row| row["CustomerId"]["S"] == customer && self::id(row) != id));
}

#[tokio::test]
async fn what_is_not_there_is_refused_in_the_words_of_aws() {
    let caller = start().await;
    let row = rows(&caller).await.swap_remove(0);
    let refused = async |path: String| {
        let reply = caller.execute(Method::GET, &path, "").await;
        (reply.status.as_u16(), reply.rest_error().0)
    };
    let endpoint = endpoint(&row);
    assert_eq!(refused(format!("{endpoint}bm8tc3VjaA%3D%3D")).await, (410, "GoneException".to_owned()));
    assert_eq!(refused(format!("{endpoint}no%20such")).await, (400, "BadRequestException".to_owned()));
    let id = id(&row);
    let elsewhere = format!("/_execute-api/nosuchapi0/prod/@connections/{id}");
    assert_eq!(refused(elsewhere).await, (403, "ForbiddenException".to_owned()));
    assert_eq!(refused(format!("/@connections/{id}")).await, (403, "ForbiddenException".to_owned()));
    let path = format!("{endpoint}{id}");
    let unsigned = caller.rest(Method::GET, &path, "").await;
    assert_eq!(unsigned.status, 403, "it is signed for another service");
}
