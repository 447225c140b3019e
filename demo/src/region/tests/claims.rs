//! Every claimed operation is served.

use axum::http::Method;

use super::caller::{Caller, small};
use crate::server::rest::Operation;
use crate::{apigateway, apigatewayv2, operations};

/// The path of the operation with the names of things that exist.
fn path(caller: &Caller, operation: &Operation) -> String {
    let estate = caller.region.estate();
    let estate = estate.read().unwrap();
    let rest = estate.api_named("cell-01-api").unwrap();
    let http = estate.api_named("orders-01").unwrap();
    let (verb, method_path) = rest.methods[0].key.http().unwrap();
    let resource = rest.resources.iter().find(|resource| resource.path == method_path).unwrap();
    let arn =
        |path: &str| format!("arn:aws:apigateway:eu-west-1::{path}").replace('/', "%2F").replace(':', "%3A");
    [
        ("{restapi_id}", rest.id.clone()),
        ("{resource_id}", resource.id.clone()),
        ("{http_method}", verb.to_owned()),
        ("{authorizer_id}", rest.authorizers[0].id.clone()),
        ("{deployment_id}", rest.deployments[0].id.clone()),
        ("{stage_name}", "prod".to_owned()),
        ("{usageplanId}", estate.usage_plans[0].id.clone()),
        ("{keyId}", estate.usage_plans[0].key_ids[0].clone()),
        ("{api_Key}", estate.api_keys[0].id.clone()),
        ("{status_code}", "200".to_owned()),
        ("{model_name}", rest.models[0].name.clone()),
        ("{requestvalidator_id}", rest.request_validators[0].id.clone()),
        ("{response_type}", "THROTTLED".to_owned()),
        ("{export_type}", "oas30".to_owned()),
        ("{domain_name}", estate.domain_names[0].name.clone()),
        ("{base_path}", estate.domain_names[0].mappings[0].key.clone()),
        ("{vpclink_id}", estate.vpc_links[0].id.clone()),
        ("{clientcertificate_id}", estate.client_certificates[0].id.clone()),
        ("{domainName}", estate.domain_names[0].name.clone()),
        ("{apiMappingId}", estate.domain_names[0].mappings[0].id.clone()),
        ("{vpcLinkId}", estate.vpc_links[1].id.clone()),
        ("{specification}", "OAS30".to_owned()),
        ("{resource_arn}", arn(&format!("/restapis/{}", rest.id))),
        ("{apiId}", http.id.clone()),
        ("{deploymentId}", http.deployments[0].id.clone()),
        ("{routeId}", http.methods[0].id.clone()),
        ("{integrationId}", http.methods[0].id.clone()),
        ("{routeKey}", "GET%20%2Forders".to_owned()),
        ("{stageName}", "prod".to_owned()),
        ("{resource-arn}", arn(&format!("/apis/{}/stages/prod", http.id))),
    ]
    .into_iter()
    .fold(operation.path.to_owned(), |path, (name, value)| path.replace(name, &value))
}

#[tokio::test]
async fn each_rest_operation_answers_and_is_counted_by_its_name() {
    let caller = Caller::start(small()).await;
    for (service, table) in
        [("apigateway", apigateway::OPERATIONS), ("apigatewayv2", apigatewayv2::OPERATIONS)]
    {
        for operation in table {
            // What one operation deletes, the next one needs.
            let deletes_whole = operation.name.starts_with("Delete") && !operation.name.ends_with("Settings");
            if operation.verb == Method::DELETE && deletes_whole {
                continue;
            }
            let path = match operation.name {
                "GetUsage" => format!("{}?startDate=2026-11-19&endDate=2026-11-20", path(&caller, operation)),
                "ExportApi" => format!("{}?outputType=JSON", path(&caller, operation)),
                _ => path(&caller, operation),
            };
            assert!(!path.contains('{'), "{path}");
            let body = if operation.verb == Method::PATCH { r#"{"patchOperations":[]}"# } else { "{}" };
            let reply = caller.rest(operation.verb.clone(), &path, body).await;
            // A change may be refused for what the body lacks; a read has all that it needs.
            let answered = reply.status.is_success()
                || (operation.verb != Method::GET && reply.status.is_client_error());
            assert!(answered, "{}: {} {:?}", operation.name, reply.status, reply.body);
            let last = caller.region.requests().pop().unwrap();
            assert_eq!((last.service, last.operation.as_str()), (service, operation.name));
        }
    }
}

#[tokio::test]
async fn each_operation_that_is_called_by_target_is_known_and_others_are_not() {
    let caller = Caller::start(small()).await;
    let is_known = async |service: &str, operation: &str| {
        let (signing_name, prefix) = match service {
            "cloudwatch" => ("monitoring", "GraniteServiceVersion20100801"),
            _ => ("dynamodb", "DynamoDB_20120810"),
        };
        let reply = caller.target(signing_name, &format!("{prefix}.{operation}"), "{}").await;
        let answered = String::from_utf8(reply.body.to_vec()).unwrap();
        assert!(reply.status.as_u16() < 500, "{operation}: {answered}");
        !answered.contains("UnknownOperation")
    };
    let mut asked = 0;
    for (service, operation) in
        operations().into_iter().filter(|(service, _)| ["cloudwatch", "dynamodb"].contains(service))
    {
        assert!(is_known(service, operation).await, "{service} {operation}");
        asked += 1;
    }
    assert!(asked > 20, "{asked} operations");
    assert!(!is_known("cloudwatch", "DescribeNothing").await);
    assert!(!is_known("dynamodb", "DescribeNothing").await);
}
