//! The operations that cellgate sends, with the IAM grants each needs.
//!
//! AWS: API Gateway's control plane has HTTP verbs as IAM actions and an empty
//! account in its ARNs; the paths of `/v2/apis` appear there as `/apis`.
//!
//! DynamoDB's operations stand here once for each table that they are for: the same name needs
//! other grants there.

use super::{Access, IamGrant, Operation, Service};

macro_rules! sent {
    ($($constant:ident = $service:ident, $name:literal, $access:ident, [$($action:literal on $resource:literal),*];)+) => {
        $(
            #[doc = concat!("`", $name, "` of ", stringify!($service), ".")]
            pub const $constant: Operation = Operation {
                service: Service::$service,
                name: $name,
                access: Access::$access,
                iam: &[$(IamGrant { action: $action, resource: $resource }),*],
            };
        )+

        /// Every operation that cellgate sends.
        pub const SENT: &[&Operation] = &[$(&$constant),+];
    };
}

sent! {
    GET_REST_APIS = ApiGateway, "GetRestApis", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/restapis"];
    GET_STAGES = ApiGateway, "GetStages", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/restapis/*/stages"];
    GET_STAGE = ApiGateway, "GetStage", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/restapis/*/stages/*"];
    GET_DEPLOYMENTS = ApiGateway, "GetDeployments", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/restapis/*/deployments"];
    GET_RESOURCES = ApiGateway, "GetResources", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/restapis/*/resources"];
    GET_AUTHORIZERS = ApiGateway, "GetAuthorizers", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/restapis/*/authorizers"];
    GET_USAGE_PLANS = ApiGateway, "GetUsagePlans", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/usageplans"];
    GET_ACCOUNT = ApiGateway, "GetAccount", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/account"];
    FLUSH_STAGE_CACHE = ApiGateway, "FlushStageCache", Change,
        ["apigateway:DELETE" on "arn:aws:apigateway:*::/restapis/*/stages/*/cache/data"];
    V2_GET_APIS = ApiGatewayV2, "GetApis", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/apis"];
    V2_GET_STAGES = ApiGatewayV2, "GetStages", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/apis/*/stages"];
    V2_GET_DEPLOYMENTS = ApiGatewayV2, "GetDeployments", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/apis/*/deployments"];
    V2_GET_ROUTES = ApiGatewayV2, "GetRoutes", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/apis/*/routes"];
    V2_GET_AUTHORIZERS = ApiGatewayV2, "GetAuthorizers", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/apis/*/authorizers"];
    GET_METRIC_DATA = CloudWatch, "GetMetricData", Read,
        ["cloudwatch:GetMetricData" on "*"];
    LIST_METRICS = CloudWatch, "ListMetrics", Read,
        ["cloudwatch:ListMetrics" on "*"];
    DESCRIBE_TABLE = DynamoDb, "DescribeTable", Read,
        ["dynamodb:DescribeTable" on "arn:aws:dynamodb:*:*:table/CellMappings"];
    QUERY = DynamoDb, "Query", Read,
        ["dynamodb:Query" on "arn:aws:dynamodb:*:*:table/CellMappings/index/*"];
    SCAN = DynamoDb, "Scan", Read,
        ["dynamodb:Scan" on "arn:aws:dynamodb:*:*:table/CellMappings"];
    TEAM_GET_ITEM = DynamoDb, "GetItem", Read,
        ["dynamodb:GetItem" on "arn:aws:dynamodb:*:*:table/cellgate-team"];
    TEAM_QUERY = DynamoDb, "Query", Read,
        ["dynamodb:Query" on "arn:aws:dynamodb:*:*:table/cellgate-team"];
    TEAM_PUT_ITEM = DynamoDb, "PutItem", Change,
        ["dynamodb:PutItem" on "arn:aws:dynamodb:*:*:table/cellgate-team"];
    TEAM_UPDATE_ITEM = DynamoDb, "UpdateItem", Change,
        ["dynamodb:UpdateItem" on "arn:aws:dynamodb:*:*:table/cellgate-team"];
    GET_CALLER_IDENTITY = Sts, "GetCallerIdentity", Read, [];
}

/// What the team's table is read and written with.
pub const TEAM_TABLE: [&Operation; 4] = [&TEAM_GET_ITEM, &TEAM_QUERY, &TEAM_PUT_ITEM, &TEAM_UPDATE_ITEM];
