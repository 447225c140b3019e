//! What signals are made of: CloudWatch's series by namespace, metric and statistic.

use serde::{Deserialize, Serialize};

use crate::domain::api::ApiKind;

/// A series that a signal is made of, a point a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    Requests,
    Errors4xx,
    Errors5xx,
    CacheHits,
    CacheMisses,
    LatencyP50,
    LatencyP90,
    LatencyP95,
    LatencyP99,
    IntegrationP99,
    WafAllowed,
    WafBlocked,
    CellRequests,
    CellErrors,
    CellLatencyP99,
    MappingReads,
    MappingThrottled,
    MappingLatencyP99,
}

/// Whose dimensions a reading is asked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The API, or one stage of it.
    Stage,
    /// The web ACL in front of the stage, rule `ALL`.
    WebAcl,
    /// The cell that reports of itself.
    Cell,
    /// The mapping table, operation `GetItem`.
    MappingTable,
}

/// Where CloudWatch keeps a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    pub owner: Owner,
    pub namespace: &'static str,
    pub metric: &'static str,
    pub statistic: &'static str,
}

/// Times of a metric by kind of API: AWS names the whole time only where there is a whole request.
const LATENCY: [Option<&str>; 3] = [Some("Latency"), Some("Latency"), Some("IntegrationLatency")];

impl Reading {
    pub const ALL: [Self; 18] = [
        Self::Requests,
        Self::Errors4xx,
        Self::Errors5xx,
        Self::CacheHits,
        Self::CacheMisses,
        Self::LatencyP50,
        Self::LatencyP90,
        Self::LatencyP95,
        Self::LatencyP99,
        Self::IntegrationP99,
        Self::WafAllowed,
        Self::WafBlocked,
        Self::CellRequests,
        Self::CellErrors,
        Self::CellLatencyP99,
        Self::MappingReads,
        Self::MappingThrottled,
        Self::MappingLatencyP99,
    ];

    /// Where an API of this kind has it; none where it has no such metric. AWS: "API Gateway
    /// dimensions and metrics"; names differ in case and in word between the kinds.
    pub fn source(self, kind: ApiKind) -> Option<Source> {
        let stage = |[rest, http, websocket]: [Option<&'static str>; 3], statistic| {
            let metric = match kind {
                ApiKind::Rest => rest,
                ApiKind::Http => http,
                ApiKind::WebSocket => websocket,
            }?;
            Some(Source { owner: Owner::Stage, namespace: "AWS/ApiGateway", metric, statistic })
        };
        let of = |owner, namespace, metric, statistic| Some(Source { owner, namespace, metric, statistic });
        let waf = |metric| of(Owner::WebAcl, "AWS/WAFV2", metric, "Sum");
        let cell = |metric, statistic| of(Owner::Cell, "CellBasedArchitecture/ApiGateway", metric, statistic);
        let mapping = |metric, statistic| of(Owner::MappingTable, "AWS/DynamoDB", metric, statistic);
        match self {
            Self::Requests => stage([Some("Count"), Some("Count"), Some("MessageCount")], "Sum"),
            Self::Errors4xx => stage([Some("4XXError"), Some("4xx"), Some("ClientError")], "Sum"),
            Self::Errors5xx => stage([Some("5XXError"), Some("5xx"), Some("ExecutionError")], "Sum"),
            Self::CacheHits => stage([Some("CacheHitCount"), None, None], "Sum"),
            Self::CacheMisses => stage([Some("CacheMissCount"), None, None], "Sum"),
            Self::LatencyP50 => stage(LATENCY, "p50"),
            Self::LatencyP90 => stage(LATENCY, "p90"),
            Self::LatencyP95 => stage(LATENCY, "p95"),
            Self::LatencyP99 => stage(LATENCY, "p99"),
            Self::IntegrationP99 => stage([Some("IntegrationLatency"); 3], "p99"),
            Self::WafAllowed => waf("AllowedRequests"),
            Self::WafBlocked => waf("BlockedRequests"),
            Self::CellRequests => cell("RequestCount", "Sum"),
            Self::CellErrors => cell("ErrorCount", "Sum"),
            Self::CellLatencyP99 => cell("Latency", "p99"),
            Self::MappingReads => mapping("SuccessfulRequestLatency", "SampleCount"),
            Self::MappingThrottled => mapping("ThrottledRequests", "Sum"),
            Self::MappingLatencyP99 => mapping("SuccessfulRequestLatency", "p99"),
        }
    }

    /// Whether AWS leaves a point out where it would be zero. AWS: WAF and DynamoDB publish what
    /// is not zero only; the cache counts hits and misses as they come. A point that is missing
    /// from any other series is missing, and proves nothing.
    pub fn left_out_if_zero(self) -> bool {
        matches!(
            self,
            Self::CacheHits
                | Self::CacheMisses
                | Self::WafAllowed
                | Self::WafBlocked
                | Self::MappingThrottled
        )
    }

    /// Its name in messages, where the kind of API is of no concern.
    pub fn title(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Errors4xx => "4xx answers",
            Self::Errors5xx => "5xx answers",
            Self::CacheHits => "cache hits",
            Self::CacheMisses => "cache misses",
            Self::LatencyP50 => "latency p50",
            Self::LatencyP90 => "latency p90",
            Self::LatencyP95 => "latency p95",
            Self::LatencyP99 => "latency p99",
            Self::IntegrationP99 => "integration latency p99",
            Self::WafAllowed => "requests allowed by the web ACL",
            Self::WafBlocked => "requests blocked by the web ACL",
            Self::CellRequests => "requests of the cell",
            Self::CellErrors => "errors of the cell",
            Self::CellLatencyP99 => "latency p99 of the cell",
            Self::MappingReads => "reads of the mapping table",
            Self::MappingThrottled => "throttled reads of the mapping table",
            Self::MappingLatencyP99 => "latency p99 of the mapping table",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reading_is_somewhere_and_the_cache_on_rest_apis_only() {
        for reading in Reading::ALL {
            assert!(reading.source(ApiKind::Rest).is_some(), "{reading:?}");
            let cache = matches!(reading, Reading::CacheHits | Reading::CacheMisses);
            assert_eq!(reading.source(ApiKind::Http).is_none(), cache, "{reading:?}");
            assert_eq!(reading.source(ApiKind::WebSocket).is_none(), cache, "{reading:?}");
        }
    }
}
