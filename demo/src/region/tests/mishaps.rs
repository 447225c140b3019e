//! What goes wrong on demand, seen from the wire.

use std::time::Instant;

use axum::body::Body;
use axum::http::{Method, Request};

use super::caller::{Caller, Reply, authorization, small};
use crate::RegionOptions;
use crate::server::mishap::Mishap;

/// A region in which these go wrong.
async fn ailing(mishaps: &[&str]) -> Caller {
    let mishaps = mishaps.iter().map(|text| Mishap::parse(text).unwrap()).collect();
    Caller::start(RegionOptions { mishaps, ..small() }).await
}

async fn admin(caller: &Caller, verb: Method, path: &str, host: &str, body: &str) -> Reply {
    let request = Request::builder()
        .method(verb)
        .uri(format!("{}/_demo{path}", caller.region.endpoint_url()))
        .header("host", host)
        .body(Body::from(body.to_owned()))
        .unwrap();
    caller.send(request).await
}

/// Whether a request gets an answer that is whole.
async fn is_answered(caller: &Caller) -> bool {
    let request = Request::builder()
        .uri(format!("{}/restapis", caller.region.endpoint_url()))
        .header("authorization", authorization("eu-west-1", "apigateway"))
        .body(Body::empty())
        .unwrap();
    caller.try_send(request).await.is_some()
}

#[tokio::test]
async fn an_error_takes_the_place_of_the_answer_for_its_operation_alone() {
    let caller = ailing(&["error:operation=GetRestApis,status=503,code=ServiceUnavailableException"]).await;
    let reply = caller.rest(Method::GET, "/restapis", "").await;
    assert_eq!((reply.status.as_u16(), reply.rest_error().0.as_str()), (503, "ServiceUnavailableException"));
    assert_eq!(caller.rest(Method::GET, "/usageplans", "").await.status, 200);
}

#[tokio::test]
async fn a_share_of_the_requests_is_met() {
    let caller = ailing(&["throttle:operation=apigateway:*,share=0.5"]).await;
    let mut throttled = 0;
    for _ in 0..60 {
        throttled += usize::from(caller.rest(Method::GET, "/account", "").await.status == 429);
    }
    // 60 tosses of a coin: outside of this once in a million times.
    assert!((11..50).contains(&throttled), "{throttled}");
}

#[tokio::test]
async fn each_protocol_is_throttled_and_expires_in_its_own_words() {
    let caller = ailing(&["throttle:operation=ListTables", "expired:operation=GetRestApis"]).await;
    let throttled = caller.target("dynamodb", "DynamoDB_20120810.ListTables", "{}").await;
    assert_eq!(throttled.status, 400);
    assert_eq!(throttled.json()["__type"], "com.amazon.coral.service#ThrottlingException");
    let expired = caller.rest(Method::GET, "/restapis", "").await;
    assert_eq!((expired.status.as_u16(), expired.rest_error().0.as_str()), (403, "ExpiredTokenException"));
}

#[tokio::test]
async fn an_answer_comes_later() {
    let caller = ailing(&["latency:operation=GetAccount,milliseconds=120"]).await;
    let begun = Instant::now();
    assert_eq!(caller.rest(Method::GET, "/account", "").await.status, 200);
    assert!(begun.elapsed().as_millis() >= 120);
}

#[tokio::test]
async fn connections_break_off_before_and_within_an_answer() {
    for text in ["drop", "cut", "gone"] {
        let caller = ailing(&[text]).await;
        assert!(!is_answered(&caller).await, "{text}");
        let cleared = admin(&caller, Method::DELETE, "/faults", "127.0.0.1", "").await;
        assert_eq!(cleared.status, 200, "the region's own endpoint answers all the same");
        assert!(is_answered(&caller).await, "{text}");
    }
}

#[tokio::test]
async fn an_answer_may_be_a_web_page() {
    let caller = ailing(&["content-type"]).await;
    let reply = caller.rest(Method::GET, "/account", "").await;
    assert_eq!((reply.status.as_u16(), &reply.headers["content-type"]), (200, &"text/html".parse().unwrap()));
}

#[tokio::test]
async fn a_skewed_clock_refuses_what_is_signed_for_another_time() {
    let caller = ailing(&["skew:seconds=900"]).await;
    let reply = caller.rest(Method::GET, "/account", "").await;
    let (code, message) = reply.rest_error();
    assert_eq!((reply.status.as_u16(), code.as_str()), (403, "InvalidSignatureException"));
    let expected = "Signature expired: 20261120T120000Z is now earlier than 20261120T121000Z \
                    (20261120T121500Z - 5 min.)";
    assert_eq!(message, expected);
    assert_eq!(reply.headers["date"], "Fri, 20 Nov 2026 12:15:00 GMT");
    let behind = ailing(&["skew:seconds=-900"]).await.rest(Method::GET, "/account", "").await;
    assert!(behind.rest_error().1.starts_with("Signature not yet current"), "{:?}", behind.body);
}

#[tokio::test]
async fn faults_are_made_and_cleared_by_the_regions_own_endpoint() {
    let caller = ailing(&[]).await;
    let made =
        admin(&caller, Method::POST, "/faults", "localhost:1", r#"{"kind":"throttle","share":1.0}"#).await;
    assert_eq!((made.status.as_u16(), made.json()["faults"][0]["kind"].as_str()), (200, Some("throttle")));
    assert_eq!(caller.rest(Method::GET, "/account", "").await.status, 429);
    let text = admin(&caller, Method::POST, "/faults", "127.0.0.1", "latency:milliseconds=1").await;
    assert_eq!(text.json()["faults"].as_array().unwrap().len(), 2);
    admin(&caller, Method::DELETE, "/faults", "127.0.0.1", "").await;
    assert_eq!(caller.rest(Method::GET, "/account", "").await.status, 200);

    for broken in [r#"{"kind":"flood"}"#, "{", "latency", "drop:x=1", "\u{0}"] {
        let refused = admin(&caller, Method::POST, "/faults", "127.0.0.1", broken).await;
        assert_eq!(refused.status, 400, "{broken}");
        assert!(refused.json()["message"].as_str().is_some_and(|why| !why.is_empty()));
    }
    let foreign = admin(&caller, Method::GET, "/faults", "evil.example", "").await;
    assert_eq!(foreign.status, 403);
    assert_eq!(admin(&caller, Method::GET, "/nothing", "127.0.0.1", "").await.status, 404);
}
