//! Log groups of CloudWatch Logs. What is in them follows from the traffic and is not kept here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    pub name: String,
    pub class: LogClass,
    pub created: Timestamp,
    /// Days; `None`: for ever.
    pub retention_days: Option<u32>,
    pub tags: BTreeMap<String, String>,
}

/// AWS's log classes. Filtering, reading and live tail work on the standard class only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogClass {
    Standard,
    InfrequentAccess,
}

impl LogClass {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::InfrequentAccess => "INFREQUENT_ACCESS",
        }
    }
}
