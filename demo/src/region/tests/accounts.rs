//! Several accounts behind one port, told apart by access key.

use axum::body::Body;
use axum::http::{Method, Request};
use jiff::SignedDuration;
use serde_json::Value;

use super::caller::{Caller, Reply, small};
use crate::RegionOptions;
use crate::region::account_names::access_key;

const FIRST: &str = "AKIAIOSFODNN7EXAMPLE";
const SECOND: &str = "AKIAI44QH8DHBEXAMPLE";

async fn with_three() -> Caller {
    Caller::start(RegionOptions { accounts: Some(3), ..small() }).await
}

/// Sends a request that is signed with this key for a service.
async fn signed(
    caller: &Caller,
    (key, token): (&str, Option<&str>),
    service: &str,
    (verb, path, body): (Method, &str, String),
    headers: &[(&str, &str)],
) -> Reply {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={key}/20261120/eu-west-1/{service}/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=0123456789abcdef"
    );
    let mut request = Request::builder()
        .method(verb)
        .uri(format!("{}{path}", caller.region.endpoint_url()))
        .header("authorization", authorization)
        .header("x-amz-date", "20261120T120000Z");
    if let Some(token) = token {
        request = request.header("x-amz-security-token", token);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    caller.send(request.body(Body::from(body)).unwrap()).await
}

async fn rest(caller: &Caller, key: &str, path: &str) -> Reply {
    signed(caller, (key, None), "apigateway", (Method::GET, path, String::new()), &[]).await
}

async fn sts(caller: &Caller, credentials: (&str, Option<&str>), form: &str) -> (u16, String) {
    let reply = signed(caller, credentials, "sts", (Method::POST, "/", form.to_owned()), &[]).await;
    (reply.status.as_u16(), String::from_utf8(reply.body.to_vec()).unwrap())
}

fn element<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name}: {xml}"));
    rest.split_once(&format!("</{name}>")).unwrap().0
}

fn ids(listing: &Value) -> Vec<String> {
    let rows = listing["item"].as_array().unwrap().iter();
    rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn each_key_sees_its_own_account() {
    let caller = with_three().await;
    let keys = caller.region.accounts();
    let names: Vec<(&str, &str)> = keys.iter().map(|(id, key)| (id.as_str(), key.id.as_str())).collect();
    assert_eq!(names[..2], [("123456789012", FIRST), ("111122223333", SECOND)]);
    assert_eq!(names[2].0, "444455556666");

    let mut seen: Vec<String> = Vec::new();
    for (_, key) in &keys {
        let reply = rest(&caller, &key.id, "/restapis?limit=500").await;
        assert_eq!(reply.status, 200);
        let found = ids(&reply.json());
        assert!(found.iter().all(|id| !seen.contains(id)), "an API is in two accounts");
        seen.extend(found);
    }
    let held: usize = caller
        .region
        .estates()
        .iter()
        .map(|estate| estate.read().unwrap().apis_of(crate::estate::ApiKind::Rest).count())
        .sum();
    assert_eq!(seen.len(), held);

    let (_, who) = sts(&caller, (SECOND, None), "Action=GetCallerIdentity&Version=2011-06-15").await;
    assert_eq!(element(&who, "Account"), "111122223333");
    assert_eq!(element(&who, "Arn"), "arn:aws:iam::111122223333:user/operator");
}

#[tokio::test]
async fn nobodys_key_is_refused_in_each_protocols_words() {
    let caller = with_three().await;
    let unknown = access_key(3).id;
    let reply = rest(&caller, &unknown, "/restapis").await;
    assert_eq!((reply.status.as_u16(), reply.rest_error().0.as_str()), (403, "UnrecognizedClientException"));
    let (status, xml) = sts(&caller, (&unknown, None), "Action=GetCallerIdentity").await;
    assert_eq!((status, element(&xml, "Code")), (403, "InvalidClientTokenId"));
}

#[tokio::test]
async fn a_role_of_another_account_is_assumed_until_its_keys_expire() {
    let caller = with_three().await;
    let form = "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FOnCall\
                &RoleSessionName=operator&DurationSeconds=900";
    let (status, xml) = sts(&caller, (FIRST, None), form).await;
    assert_eq!(status, 200, "{xml}");
    assert_eq!(element(&xml, "Arn"), "arn:aws:sts::111122223333:assumed-role/OnCall/operator");
    assert_eq!(element(&xml, "Expiration"), "2026-11-20T12:15:00Z");
    let key = element(&xml, "AccessKeyId");
    assert!(key.starts_with("ASIA"), "{key}");
    let token = Some(element(&xml, "SessionToken"));

    let (_, who) = sts(&caller, (key, token), "Action=GetCallerIdentity").await;
    assert_eq!(element(&who, "Account"), "111122223333");
    let (_, info) = sts(&caller, (FIRST, None), &format!("Action=GetAccessKeyInfo&AccessKeyId={key}")).await;
    assert_eq!(element(&info, "Account"), "111122223333");
    let without_token = sts(&caller, (key, None), "Action=GetCallerIdentity").await;
    assert_eq!(element(&without_token.1, "Code"), "InvalidClientTokenId");

    caller.region.advance(SignedDuration::from_mins(15)).await;
    let expired = sts(&caller, (key, token), "Action=GetCallerIdentity").await;
    assert_eq!((expired.0, element(&expired.1, "Code")), (403, "ExpiredToken"));
    let listing = (Method::GET, "/restapis", String::new());
    let reply = signed(&caller, (key, token), "apigateway", listing, &[]).await;
    assert_eq!(reply.rest_error().0, "ExpiredTokenException");
}

#[tokio::test]
async fn what_is_wrong_with_a_role_is_said() {
    let caller = with_three().await;
    let code = async |form: &str| {
        let (status, xml) = sts(&caller, (FIRST, None), &format!("Action=AssumeRole&{form}")).await;
        (status, element(&xml, "Code").to_owned())
    };
    let invalid = (400, "ValidationError".to_owned());
    assert_eq!(code("").await, invalid);
    assert_eq!(code("RoleArn=nonsense&RoleSessionName=ab").await, invalid);
    assert_eq!(code("RoleArn=arn:aws:iam::111122223333:role/a&RoleSessionName=a").await, invalid);
    let short = "RoleArn=arn:aws:iam::111122223333:role/a&RoleSessionName=ab&DurationSeconds=1";
    assert_eq!(code(short).await, invalid);
    let foreign = "RoleArn=arn:aws:iam::999999999999:role/a&RoleSessionName=ab";
    assert_eq!(code(foreign).await, (403, "AccessDenied".to_owned()));
}

#[tokio::test]
async fn session_tokens_are_for_users_alone() {
    let caller = with_three().await;
    let (_, xml) = sts(&caller, (SECOND, None), "Action=GetSessionToken").await;
    let (key, token) = (element(&xml, "AccessKeyId"), Some(element(&xml, "SessionToken")));
    let (_, who) = sts(&caller, (key, token), "Action=GetCallerIdentity").await;
    assert_eq!(element(&who, "Arn"), "arn:aws:iam::111122223333:user/operator");
    let (_, role) = sts(
        &caller,
        (FIRST, None),
        "Action=AssumeRole&RoleArn=arn:aws:iam::123456789012:role/a&RoleSessionName=ab",
    )
    .await;
    let temporary = (element(&role, "AccessKeyId"), Some(element(&role, "SessionToken")));
    let (status, refused) = sts(&caller, temporary, "Action=GetSessionToken").await;
    assert_eq!((status, element(&refused, "Code")), (403, "AccessDenied"));
}

#[tokio::test]
async fn tables_and_quotas_are_each_accounts_own() {
    let caller =
        Caller::start(RegionOptions { accounts: Some(2), control_plane_limits: true, ..small() }).await;
    let tables = async |key: &str| {
        let headers = [
            ("x-amz-target", "DynamoDB_20120810.ListTables"),
            ("content-type", "application/x-amz-json-1.0"),
        ];
        let request = (Method::POST, "/", "{}".to_owned());
        signed(&caller, (key, None), "dynamodb", request, &headers).await.json()["TableNames"].clone()
    };
    assert!(tables(FIRST).await.as_array().unwrap().contains(&"CellMappings".into()));
    assert_eq!(tables(SECOND).await, serde_json::json!([]));

    for _ in 0..40 {
        assert_eq!(rest(&caller, FIRST, "/account").await.status, 200);
    }
    assert_eq!(rest(&caller, FIRST, "/account").await.status, 429);
    assert_eq!(rest(&caller, SECOND, "/account").await.status, 200);
}
