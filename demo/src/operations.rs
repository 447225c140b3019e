//! All operations that the region serves, read from the tables that the front door dispatches by.

use crate::{apigateway, apigatewaymanagementapi, apigatewayv2, cloudwatch, dynamodb, logs, sts, wafv2};

/// A service, by its client's name (`apigateway`, `cloudwatch`, ...), and one of its operations.
pub type ClaimedOperation = (&'static str, &'static str);

/// Every operation of every service.
pub fn operations() -> Vec<ClaimedOperation> {
    let rest = |service, table: &'static [crate::server::rest::Operation]| {
        table.iter().map(move |operation| (service, operation.name))
    };
    let named = |service, table: &'static [&'static str]| table.iter().map(move |name| (service, *name));
    rest("apigateway", apigateway::OPERATIONS)
        .chain(rest("apigatewayv2", apigatewayv2::OPERATIONS))
        .chain(named("apigatewaymanagementapi", apigatewaymanagementapi::OPERATIONS))
        .chain(named("cloudwatch", cloudwatch::OPERATIONS))
        .chain(named("dynamodb", dynamodb::OPERATIONS))
        .chain(named("logs", logs::OPERATIONS))
        .chain(named("wafv2", wafv2::OPERATIONS))
        .chain(named("sts", sts::OPERATIONS))
        .collect()
}
