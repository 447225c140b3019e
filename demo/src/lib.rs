//! The demo region: an AWS region in miniature that speaks AWS's wire protocols on one loopback port.

pub mod clock;
pub mod cloudwatch;
pub mod estate;
pub mod metrics;
pub mod traffic;
