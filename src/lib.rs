//! cellgate: an operations console for Amazon API Gateway in a cell-based architecture.

pub mod domain;
pub mod tui;
