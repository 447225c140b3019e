//! cellgate: an operations console for Amazon API Gateway in a cell-based architecture.

pub mod config;
pub mod domain;
