//! The metrics that AWS publishes, and what they are made out from: namespaces, names and units, and the counters
//! and quantities of the rows behind them.

use crate::metrics::layout::{Layout, Measure, Reading};

/// AWS's namespace for API Gateway.
const GATEWAY: &str = "AWS/ApiGateway";

/// Counters and quantities of a stage, or of one of its methods.
pub mod stage {
    pub const REQUESTS: usize = 0;
    pub const ERRORS_4XX: usize = 1;
    pub const ERRORS_5XX: usize = 2;
    pub const CACHE_HITS: usize = 3;
    pub const CACHE_MISSES: usize = 4;
    /// Requests while there was a cache.
    pub const BEFORE_CACHE: usize = 5;
    /// Quantities, in milliseconds.
    pub const LATENCY: usize = 0;
    pub const INTEGRATION_LATENCY: usize = 1;
}

/// Counters of a stage of a WebSocket API, or of one of its routes.
pub mod socket {
    pub const ALL: usize = 0;
    pub const CONNECTS: usize = 1;
    pub const MESSAGES: usize = 2;
    pub const CLIENT_ERRORS: usize = 3;
    pub const INTEGRATION_ERRORS: usize = 4;
    pub const EXECUTION_ERRORS: usize = 5;
}

/// Counters of a rule, or of a whole web ACL.
pub mod rule {
    pub const ALLOWED: usize = 0;
    pub const BLOCKED: usize = 1;
    pub const COUNTED: usize = 2;
    pub const CAPTCHA: usize = 3;
    pub const CHALLENGE: usize = 4;
}

/// Counters and quantities of a function.
pub mod function {
    pub const INVOCATIONS: usize = 0;
    pub const ERRORS: usize = 1;
    pub const THROTTLES: usize = 2;
    /// Calls that were made or refused.
    pub const CALLS: usize = 3;
    /// A quantity, in milliseconds.
    pub const DURATION: usize = 0;
}

/// Counters and quantities of the mapping table.
pub mod table {
    pub const READS: usize = 0;
    pub const THROTTLED: usize = 1;
    pub const WRITES: usize = 2;
    /// A quantity, in milliseconds.
    pub const LATENCY: usize = 0;
}

const fn count(name: &'static str, events: usize) -> Measure {
    Measure::new(name, "Count", Reading::Events(events))
}

const fn rate(name: &'static str, hits: usize, of: usize) -> Measure {
    Measure::new(name, "Count", Reading::Rate { hits, of })
}

const fn milliseconds(name: &'static str, quantity: usize) -> Measure {
    Measure::new(name, "Milliseconds", Reading::Values(quantity))
}

/// AWS: `4XXError` and the like are rates over the requests as an average, and counts as a sum.
pub static REST: Layout = Layout {
    namespace: GATEWAY,
    measures: &[
        rate("4XXError", stage::ERRORS_4XX, stage::REQUESTS),
        rate("5XXError", stage::ERRORS_5XX, stage::REQUESTS),
        rate("CacheHitCount", stage::CACHE_HITS, stage::BEFORE_CACHE),
        rate("CacheMissCount", stage::CACHE_MISSES, stage::BEFORE_CACHE),
        count("Count", stage::REQUESTS),
        milliseconds("IntegrationLatency", stage::INTEGRATION_LATENCY),
        milliseconds("Latency", stage::LATENCY),
    ],
};

/// AWS: the same by other names, which differ in case too.
pub static HTTP: Layout = Layout {
    namespace: GATEWAY,
    measures: &[
        rate("4xx", stage::ERRORS_4XX, stage::REQUESTS),
        rate("5xx", stage::ERRORS_5XX, stage::REQUESTS),
        count("Count", stage::REQUESTS),
        Measure::new("DataProcessed", "Bytes", Reading::Bytes { of: stage::REQUESTS }),
        milliseconds("IntegrationLatency", stage::INTEGRATION_LATENCY),
        milliseconds("Latency", stage::LATENCY),
    ],
};

pub static WEBSOCKET: Layout = Layout {
    namespace: GATEWAY,
    measures: &[
        rate("ClientError", socket::CLIENT_ERRORS, socket::ALL),
        count("ConnectCount", socket::CONNECTS),
        rate("ExecutionError", socket::EXECUTION_ERRORS, socket::ALL),
        rate("IntegrationError", socket::INTEGRATION_ERRORS, socket::ALL),
        milliseconds("IntegrationLatency", stage::INTEGRATION_LATENCY),
        count("MessageCount", socket::MESSAGES),
    ],
};

/// What the cells report of themselves, from the stages of their REST and HTTP APIs.
pub static CELL: Layout = Layout {
    namespace: "CellBasedArchitecture/ApiGateway",
    measures: &[
        rate("ErrorCount", stage::ERRORS_5XX, stage::REQUESTS),
        milliseconds("Latency", stage::LATENCY),
        count("RequestCount", stage::REQUESTS),
    ],
};

/// AWS: published where it is not zero only.
pub static WAF: Layout = Layout {
    namespace: "AWS/WAFV2",
    measures: &[
        count("AllowedRequests", rule::ALLOWED),
        count("BlockedRequests", rule::BLOCKED),
        count("CaptchaRequests", rule::CAPTCHA),
        count("ChallengeRequests", rule::CHALLENGE),
        count("CountedRequests", rule::COUNTED),
    ],
};

pub static FUNCTION: Layout = Layout {
    namespace: "AWS/Lambda",
    measures: &[
        Measure::new(
            "ConcurrentExecutions",
            "Count",
            Reading::Concurrency { events: function::INVOCATIONS, took: function::DURATION },
        ),
        milliseconds("Duration", function::DURATION),
        rate("Errors", function::ERRORS, function::INVOCATIONS),
        count("Invocations", function::INVOCATIONS),
        rate("Throttles", function::THROTTLES, function::CALLS),
    ],
};

/// AWS: a read of up to 4 KB that need not be consistent is half a unit, a write of up to 1 KB a whole one.
pub static TABLE: Layout = Layout {
    namespace: "AWS/DynamoDB",
    measures: &[
        Measure::new(
            "ConsumedReadCapacityUnits",
            "Count",
            Reading::Each { value: 0.5, events: table::READS },
        ),
        count("ConsumedWriteCapacityUnits", table::WRITES),
        count("ReadThrottleEvents", table::THROTTLED),
    ],
};

/// By table and operation.
pub static TABLE_OPERATION: Layout = Layout {
    namespace: "AWS/DynamoDB",
    measures: &[
        milliseconds("SuccessfulRequestLatency", table::LATENCY),
        count("ThrottledRequests", table::THROTTLED),
    ],
};
