//! The only code that names an AWS SDK crate: it turns the calls of one account and region into
//! domain types, and every way they can fail into a [`Failure`](crate::domain::failure::Failure).
//!
//! A request passes, in this order: the session's methods (one file per service), [`limits`]
//! (a token, or a wait), the SDK with its [`guard`] (an allow-list by session mode), and on the
//! way back `errors` and `retry` (reads only).

mod apigateway;
mod apigatewaymanagement;
mod apigatewayv2;
mod call;
mod clients;
mod cloudwatch;
mod connect;
mod dynamodb;
mod errors;
pub mod guard;
pub mod iam;
pub mod limits;
mod logs;
pub mod mode;
pub mod operations;
mod paging;
mod region_clock;
mod retry;
mod session;
mod sts;
mod translate;
mod wafv2;

pub use connect::{AccessKey, ConnectOptions, Connector, Timeouts};
pub use dynamodb::{
    Attribute, Condition, CustomerSource, Item, ItemKey, ItemTable, KeyRange, LARGEST_BATCH, LARGEST_ITEM,
    MappedCustomer, MappingWrite, MappingWritten, MoveTableFacts, Page, ScanPart, Written, item_size,
};
pub use limits::{Budget, LimitSettings, Limits, Priority, Waiting};
pub use mode::{ArmRefused, Mode, Operate, Read};
pub use session::Session;
pub use wafv2::LockedUpdate;
