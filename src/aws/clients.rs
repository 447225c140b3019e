//! The SDK clients of one session, each behind the guard of the session's mode.

use aws_config::SdkConfig;

use super::guard::Guard;
use super::region_clock::RegionClock;

/// One client per service.
#[derive(Clone, Debug)]
pub struct Clients {
    pub v1: aws_sdk_apigateway::Client,
    pub v2: aws_sdk_apigatewayv2::Client,
    /// Of connections; each call names the endpoint of its stage.
    pub management: aws_sdk_apigatewaymanagement::Client,
    pub cloudwatch: aws_sdk_cloudwatch::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub sts: aws_sdk_sts::Client,
    pub waf: aws_sdk_wafv2::Client,
}

impl Clients {
    /// Builds them; nothing is sent. There is no way to build one without a guard. The answers keep `clock`
    /// right.
    pub fn new(config: &SdkConfig, guard: Guard, clock: &RegionClock) -> Self {
        macro_rules! guarded {
            ($sdk:ident) => {
                $sdk::Client::from_conf(
                    $sdk::config::Builder::from(config).interceptor(guard).interceptor(clock.clone()).build(),
                )
            };
        }
        Self {
            v1: guarded!(aws_sdk_apigateway),
            v2: guarded!(aws_sdk_apigatewayv2),
            management: guarded!(aws_sdk_apigatewaymanagement),
            cloudwatch: guarded!(aws_sdk_cloudwatch),
            logs: guarded!(aws_sdk_cloudwatchlogs),
            dynamodb: guarded!(aws_sdk_dynamodb),
            sts: guarded!(aws_sdk_sts),
            waf: guarded!(aws_sdk_wafv2),
        }
    }
}
