//! CloudWatch's dashboards. The region keeps them; clients draw them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dashboard {
    /// Unique in the account, in all regions.
    pub name: String,
    /// JSON, as it was sent.
    pub body: String,
    pub last_modified: Timestamp,
}
