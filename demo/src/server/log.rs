//! What the region was asked: counted at the server, as AWS would bill it.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// How many of the latest requests are kept.
pub const CAPACITY: usize = 65_536;

/// One request that reached the region, answered or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    pub at: Timestamp,
    /// The client's name of the service: `apigateway`, `apigatewayv2`, `cloudwatch`, `dynamodb`, `sts`.
    pub service: &'static str,
    pub operation: String,
    /// The HTTP status of the answer.
    pub status: u16,
}

/// The latest [`CAPACITY`] requests.
#[derive(Debug, Default)]
pub struct RequestLog {
    records: Mutex<VecDeque<RequestRecord>>,
}

impl RequestLog {
    /// Keeps one more, and forgets the oldest when there are too many.
    pub fn push(&self, at: Timestamp, service: &'static str, operation: String, status: u16) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() == CAPACITY {
            records.pop_front();
        }
        records.push_back(RequestRecord { at, service, operation, status });
    }

    /// All that is kept, oldest first.
    pub fn records(&self) -> Vec<RequestRecord> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first() {
        let log = RequestLog::default();
        for number in 0..CAPACITY + 2 {
            log.push(Timestamp::UNIX_EPOCH, "sts", number.to_string(), 200);
        }
        let records = log.records();
        assert_eq!(records.len(), CAPACITY);
        assert_eq!(records[0].operation, "2");
    }
}
