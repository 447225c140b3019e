//! What is refused before a service sees it, in the shape of each protocol.

use axum::body::Body;
use axum::http::{Method, Request};

use super::caller::{Caller, Reply, authorization, small};

async fn post(caller: &Caller, path: &str, headers: &[(&str, &str)], body: &'static str) -> Reply {
    let mut request =
        Request::builder().method(Method::POST).uri(format!("{}{path}", caller.region.endpoint_url()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    caller.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn an_unsigned_call_is_told_so_in_its_own_protocol() {
    let caller = Caller::start(small()).await;

    let rest = post(&caller, "/restapis", &[], "").await;
    assert_eq!(rest.status, 403);
    assert_eq!(
        rest.rest_error(),
        ("MissingAuthenticationTokenException".to_owned(), "Missing Authentication Token".to_owned())
    );

    let json = post(&caller, "/", &[("x-amz-target", "DynamoDB_20120810.ListTables")], "{}").await;
    assert_eq!(json.status, 400);
    assert_eq!(json.json()["__type"], "com.amazon.coral.service#MissingAuthenticationTokenException");

    let sts = post(&caller, "/", &[], "Action=GetCallerIdentity&Version=2011-06-15").await;
    assert_eq!(sts.status, 403);
    let xml = String::from_utf8(sts.body.to_vec()).unwrap();
    assert!(
        xml.starts_with("<ErrorResponse") && xml.contains("<Code>MissingAuthenticationToken</Code>"),
        "{xml}"
    );

    let cbor = post(&caller, "/service/GraniteServiceVersion20100801/operation/ListMetrics", &[], "").await;
    assert_eq!(cbor.headers["smithy-protocol"], "rpc-v2-cbor");
    let value: ciborium::Value = ciborium::from_reader(cbor.body.as_ref()).unwrap();
    let code = value.as_map().unwrap().iter().find(|(key, _)| key.as_text() == Some("__type")).unwrap();
    assert!(code.1.as_text().unwrap().ends_with("#MissingAuthenticationTokenException"));
}

#[tokio::test]
async fn a_call_for_another_region_is_refused() {
    let caller = Caller::start(small()).await;
    let signed = authorization("us-east-1", "sts");
    let reply = post(&caller, "/", &[("authorization", &signed)], "Action=GetCallerIdentity").await;
    assert_eq!(reply.status, 403);
    assert!(String::from_utf8(reply.body.to_vec()).unwrap().contains("<Code>SignatureDoesNotMatch</Code>"));
}

#[tokio::test]
async fn what_the_region_does_not_serve_is_unknown() {
    let caller = Caller::start(small()).await;
    let rest = caller.rest(Method::PUT, "/restapis/abc", "").await;
    assert_eq!((rest.status.as_u16(), rest.rest_error().0.as_str()), (404, "UnknownOperationException"));
    let other = caller.target("kinesis", "Kinesis_20131202.ListStreams", "{}").await;
    assert_eq!(other.json()["__type"], "com.amazon.coral.service#UnknownOperationException");
    let signed = authorization("eu-west-1", "sts");
    let sts = post(&caller, "/", &[("authorization", &signed)], "Action=AssumeRoleWithSAML").await;
    assert_eq!(sts.status, 400);
    assert!(String::from_utf8(sts.body.to_vec()).unwrap().contains("<Code>InvalidAction</Code>"));
}

#[tokio::test]
async fn the_caller_is_told_who_it_is() {
    let caller = Caller::start(small()).await;
    let signed = authorization("eu-west-1", "sts");
    let reply =
        post(&caller, "/", &[("authorization", &signed)], "Action=GetCallerIdentity&Version=2011-06-15")
            .await;
    assert_eq!(reply.status, 200);
    let xml = String::from_utf8(reply.body.to_vec()).unwrap();
    assert!(xml.contains("<Account>123456789012</Account>"), "{xml}");
}
