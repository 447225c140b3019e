//! The demo region: an AWS region in miniature that speaks AWS's wire protocols on one loopback port.

pub mod apigateway;
pub mod apigatewaymanagementapi;
pub mod apigatewayv2;
pub mod clock;
pub mod cloudwatch;
pub mod dynamodb;
pub mod estate;
pub mod ledger;
pub mod logs;
pub mod metrics;
pub mod openapi;
pub mod operations;
pub mod page;
pub mod region;
pub mod scenario;
pub mod server;
pub mod sts;
pub mod traffic;
pub mod wafv2;

pub use operations::operations;
pub use region::{RegionOptions, RunningRegion, StartError, start};
pub use server::log::RequestRecord;
