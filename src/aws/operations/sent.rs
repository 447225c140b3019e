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
    GET_API_KEYS = ApiGateway, "GetApiKeys", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/apikeys"];
    GET_USAGE = ApiGateway, "GetUsage", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/usageplans/*/usage"];
    GET_ACCOUNT = ApiGateway, "GetAccount", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/account"];
    GET_DOMAIN_NAMES = ApiGateway, "GetDomainNames", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/domainnames"];
    GET_BASE_PATH_MAPPINGS = ApiGateway, "GetBasePathMappings", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/domainnames/*/basepathmappings"];
    GET_VPC_LINKS = ApiGateway, "GetVpcLinks", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/vpclinks"];
    FLUSH_STAGE_CACHE = ApiGateway, "FlushStageCache", Change,
        ["apigateway:DELETE" on "arn:aws:apigateway:*::/restapis/*/stages/*/cache/data"];
    GET_DEPLOYMENT = ApiGateway, "GetDeployment", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/restapis/*/deployments/*"];
    GET_USAGE_PLAN = ApiGateway, "GetUsagePlan", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/usageplans/*"];
    FLUSH_STAGE_AUTHORIZERS_CACHE = ApiGateway, "FlushStageAuthorizersCache", Change,
        ["apigateway:DELETE" on "arn:aws:apigateway:*::/restapis/*/stages/*/cache/authorizers"];
    UPDATE_STAGE = ApiGateway, "UpdateStage", Change,
        ["apigateway:PATCH" on "arn:aws:apigateway:*::/restapis/*/stages/*"];
    UPDATE_USAGE_PLAN = ApiGateway, "UpdateUsagePlan", Change,
        ["apigateway:PATCH" on "arn:aws:apigateway:*::/usageplans/*"];
    UPDATE_USAGE = ApiGateway, "UpdateUsage", Change,
        ["apigateway:PATCH" on "arn:aws:apigateway:*::/usageplans/*/keys/*/usage"];
    UPDATE_API_KEY = ApiGateway, "UpdateApiKey", Change,
        ["apigateway:PATCH" on "arn:aws:apigateway:*::/apikeys/*"];
    CREATE_USAGE_PLAN_KEY = ApiGateway, "CreateUsagePlanKey", Change,
        ["apigateway:POST" on "arn:aws:apigateway:*::/usageplans/*/keys"];
    DELETE_USAGE_PLAN_KEY = ApiGateway, "DeleteUsagePlanKey", Change,
        ["apigateway:DELETE" on "arn:aws:apigateway:*::/usageplans/*/keys/*"];
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
    V2_GET_STAGE = ApiGatewayV2, "GetStage", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/apis/*/stages/*"];
    // AWS: the paths of `/v2/domainnames` and `/v2/vpclinks` appear in IAM as those of v1.
    V2_GET_DOMAIN_NAMES = ApiGatewayV2, "GetDomainNames", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/domainnames"];
    V2_GET_API_MAPPINGS = ApiGatewayV2, "GetApiMappings", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/domainnames/*/apimappings"];
    V2_GET_VPC_LINKS = ApiGatewayV2, "GetVpcLinks", Read,
        ["apigateway:GET" on "arn:aws:apigateway:*::/vpclinks"];
    V2_UPDATE_STAGE = ApiGatewayV2, "UpdateStage", Change,
        ["apigateway:PATCH" on "arn:aws:apigateway:*::/apis/*/stages/*"];
    V2_DELETE_ROUTE_SETTINGS = ApiGatewayV2, "DeleteRouteSettings", Change,
        ["apigateway:DELETE" on "arn:aws:apigateway:*::/apis/*/stages/*/routesettings/*"];
    V2_DELETE_ACCESS_LOG_SETTINGS = ApiGatewayV2, "DeleteAccessLogSettings", Change,
        ["apigateway:DELETE" on "arn:aws:apigateway:*::/apis/*/stages/*/accesslogsettings"];
    V2_RESET_AUTHORIZERS_CACHE = ApiGatewayV2, "ResetAuthorizersCache", Change,
        ["apigateway:DELETE" on "arn:aws:apigateway:*::/apis/*/stages/*/cache/authorizers"];
    GET_CONNECTION = ApiGatewayManagement, "GetConnection", Read,
        ["execute-api:ManageConnections" on "arn:aws:execute-api:*:*:*/*/GET/@connections/*"];
    DELETE_CONNECTION = ApiGatewayManagement, "DeleteConnection", Change,
        ["execute-api:ManageConnections" on "arn:aws:execute-api:*:*:*/*/DELETE/@connections/*"];
    GET_METRIC_DATA = CloudWatch, "GetMetricData", Read,
        ["cloudwatch:GetMetricData" on "*"];
    LIST_METRICS = CloudWatch, "ListMetrics", Read,
        ["cloudwatch:ListMetrics" on "*"];
    DESCRIBE_ALARMS = CloudWatch, "DescribeAlarms", Read,
        ["cloudwatch:DescribeAlarms" on "*"];
    FILTER_LOG_EVENTS = CloudWatchLogs, "FilterLogEvents", Read,
        ["logs:FilterLogEvents" on "arn:aws:logs:*:*:log-group:*"];
    DESCRIBE_TABLE = DynamoDb, "DescribeTable", Read,
        ["dynamodb:DescribeTable" on "arn:aws:dynamodb:*:*:table/CellMappings"];
    QUERY = DynamoDb, "Query", Read,
        ["dynamodb:Query" on "arn:aws:dynamodb:*:*:table/CellMappings/index/*"];
    SCAN = DynamoDb, "Scan", Read,
        ["dynamodb:Scan" on "arn:aws:dynamodb:*:*:table/CellMappings"];
    MAPPING_GET_ITEM = DynamoDb, "GetItem", Read,
        ["dynamodb:GetItem" on "arn:aws:dynamodb:*:*:table/CellMappings"];
    CONNECTIONS_DESCRIBE_TABLE = DynamoDb, "DescribeTable", Read,
        ["dynamodb:DescribeTable" on "arn:aws:dynamodb:*:*:table/WebSocketConnections"];
    CONNECTIONS_SCAN = DynamoDb, "Scan", Read,
        ["dynamodb:Scan" on "arn:aws:dynamodb:*:*:table/WebSocketConnections"];
    CONNECTIONS_QUERY = DynamoDb, "Query", Read,
        ["dynamodb:Query" on "arn:aws:dynamodb:*:*:table/WebSocketConnections/index/*"];
    MAPPING_BATCH_GET_ITEM = DynamoDb, "BatchGetItem", Read,
        ["dynamodb:BatchGetItem" on "arn:aws:dynamodb:*:*:table/CellMappings"];
    MAPPING_UPDATE_ITEM = DynamoDb, "UpdateItem", Change,
        ["dynamodb:UpdateItem" on "arn:aws:dynamodb:*:*:table/CellMappings"];
    MAPPING_DELETE_ITEM = DynamoDb, "DeleteItem", Change,
        ["dynamodb:DeleteItem" on "arn:aws:dynamodb:*:*:table/CellMappings"];
    PLACEMENT_SCAN = DynamoDb, "Scan", Read,
        ["dynamodb:Scan" on "arn:aws:dynamodb:*:*:table/CellPlacement"];
    PLACEMENT_GET_ITEM = DynamoDb, "GetItem", Read,
        ["dynamodb:GetItem" on "arn:aws:dynamodb:*:*:table/CellPlacement"];
    PLACEMENT_UPDATE_ITEM = DynamoDb, "UpdateItem", Change,
        ["dynamodb:UpdateItem" on "arn:aws:dynamodb:*:*:table/CellPlacement"];
    TEAM_GET_ITEM = DynamoDb, "GetItem", Read,
        ["dynamodb:GetItem" on "arn:aws:dynamodb:*:*:table/cellgate-team"];
    TEAM_QUERY = DynamoDb, "Query", Read,
        ["dynamodb:Query" on "arn:aws:dynamodb:*:*:table/cellgate-team"];
    TEAM_PUT_ITEM = DynamoDb, "PutItem", Change,
        ["dynamodb:PutItem" on "arn:aws:dynamodb:*:*:table/cellgate-team"];
    TEAM_UPDATE_ITEM = DynamoDb, "UpdateItem", Change,
        ["dynamodb:UpdateItem" on "arn:aws:dynamodb:*:*:table/cellgate-team"];
    GET_CALLER_IDENTITY = Sts, "GetCallerIdentity", Read, [];
    LIST_WEB_ACLS = WafV2, "ListWebACLs", Read,
        ["wafv2:ListWebACLs" on "*"];
    GET_WEB_ACL = WafV2, "GetWebACL", Read,
        ["wafv2:GetWebACL" on "arn:aws:wafv2:*:*:regional/webacl/*/*"];
    GET_WEB_ACL_FOR_RESOURCE = WafV2, "GetWebACLForResource", Read,
        ["wafv2:GetWebACLForResource" on "*"];
    LIST_RESOURCES_FOR_WEB_ACL = WafV2, "ListResourcesForWebACL", Read,
        ["wafv2:ListResourcesForWebACL" on "arn:aws:wafv2:*:*:regional/webacl/*/*"];
    LIST_IP_SETS = WafV2, "ListIPSets", Read,
        ["wafv2:ListIPSets" on "*"];
    GET_IP_SET = WafV2, "GetIPSet", Read,
        ["wafv2:GetIPSet" on "arn:aws:wafv2:*:*:regional/ipset/*/*"];
    LIST_RULE_GROUPS = WafV2, "ListRuleGroups", Read,
        ["wafv2:ListRuleGroups" on "*"];
    GET_RULE_GROUP = WafV2, "GetRuleGroup", Read,
        ["wafv2:GetRuleGroup" on "arn:aws:wafv2:*:*:regional/rulegroup/*/*"];
    DESCRIBE_MANAGED_RULE_GROUP = WafV2, "DescribeManagedRuleGroup", Read,
        ["wafv2:DescribeManagedRuleGroup" on "*"];
    // AWS: an update also names what the rules refer to.
    UPDATE_WEB_ACL = WafV2, "UpdateWebACL", Change,
        ["wafv2:UpdateWebACL" on "arn:aws:wafv2:*:*:regional/webacl/*/*",
         "wafv2:UpdateWebACL" on "arn:aws:wafv2:*:*:regional/ipset/*/*",
         "wafv2:UpdateWebACL" on "arn:aws:wafv2:*:*:regional/rulegroup/*/*",
         "wafv2:UpdateWebACL" on "arn:aws:wafv2:*:*:regional/regexpatternset/*/*",
         "wafv2:UpdateWebACL" on "arn:aws:wafv2:*:*:regional/managedruleset/*/*"];
    UPDATE_IP_SET = WafV2, "UpdateIPSet", Change,
        ["wafv2:UpdateIPSet" on "arn:aws:wafv2:*:*:regional/ipset/*/*"];
    ASSOCIATE_WEB_ACL = WafV2, "AssociateWebACL", Change,
        ["wafv2:AssociateWebACL" on "arn:aws:wafv2:*:*:regional/webacl/*/*",
         "wafv2:AssociateWebACL" on "arn:aws:apigateway:*::/restapis/*/stages/*",
         "apigateway:SetWebACL" on "arn:aws:apigateway:*::/restapis/*/stages/*"];
    DISASSOCIATE_WEB_ACL = WafV2, "DisassociateWebACL", Change,
        ["wafv2:DisassociateWebACL" on "arn:aws:apigateway:*::/restapis/*/stages/*",
         "apigateway:SetWebACL" on "arn:aws:apigateway:*::/restapis/*/stages/*"];
}

/// What single items of the mapping table are read and written with.
pub const MAPPING_ITEMS: [&Operation; 4] =
    [&MAPPING_GET_ITEM, &MAPPING_BATCH_GET_ITEM, &MAPPING_UPDATE_ITEM, &MAPPING_DELETE_ITEM];

/// What the team's table is read and written with.
pub const TEAM_TABLE: [&Operation; 4] = [&TEAM_GET_ITEM, &TEAM_QUERY, &TEAM_PUT_ITEM, &TEAM_UPDATE_ITEM];

/// What items of the mapping table and of the table of connections are read with, many in a row.
pub const ITEM_READS: [&Operation; 5] =
    [&MAPPING_GET_ITEM, &QUERY, &SCAN, &CONNECTIONS_SCAN, &CONNECTIONS_QUERY];
