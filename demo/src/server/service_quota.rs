//! The request quotas of the services beside API Gateway: of each operation its own, per account and region.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::fault::{Fault, Protocol};
use super::quota::Bucket;

/// The services whose quotas hold, with requests a second by operation, and of those that are not named.
/// AWS: CloudWatch's, CloudWatch Logs' and WAF's pages of service quotas.
const QUOTAS: [ServiceQuota; 3] = [
    ServiceQuota {
        service: "cloudwatch",
        named: &[
            ("DescribeAlarmHistory", 3.0),
            ("DescribeAlarms", 9.0),
            ("GetMetricData", 50.0),
            ("GetMetricStatistics", 400.0),
            ("ListMetrics", 25.0),
            ("PutMetricData", 500.0),
        ],
        others: 3.0,
    },
    ServiceQuota {
        service: "logs",
        named: &[
            ("DescribeLogGroups", 10.0),
            ("DescribeLogStreams", 25.0),
            ("FilterLogEvents", 5.0),
            ("GetLogEvents", 10.0),
            ("GetQueryResults", 5.0),
            ("StartQuery", 5.0),
        ],
        others: 5.0,
    },
    ServiceQuota {
        service: "wafv2",
        named: &[
            ("AssociateWebACL", 0.5),
            ("DisassociateWebACL", 0.5),
            ("GetWebACLForResource", 1.0),
            ("ListResourcesForWebACL", 1.0),
        ],
        others: 5.0,
    },
];

/// AWS does not tell how much may come at once; whoever works by hand, or opens a console, shall not meet a quota.
const BURST_SECONDS: f64 = 10.0;
const SMALLEST_BURST: f64 = 60.0;

#[derive(Debug)]
struct ServiceQuota {
    service: &'static str,
    named: &'static [(&'static str, f64)],
    others: f64,
}

/// The buckets of one account.
#[derive(Debug, Default)]
pub struct ServiceQuotas {
    buckets: Mutex<HashMap<(&'static str, String), Bucket>>,
}

impl ServiceQuotas {
    /// Takes a token for the operation.
    ///
    /// # Errors
    /// The service's own throttling error. A refused request costs nothing.
    pub fn take(
        &self,
        service: &str,
        operation: &str,
        protocol: Protocol,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let Some(quota) = QUOTAS.iter().find(|quota| quota.service == service) else { return Ok(()) };
        let named = quota.named.iter().find(|(name, _)| *name == operation);
        // All that have no quota of their own share a bucket, so that made-up names make no new ones.
        let (name, rate) = named.map_or(("", quota.others), |(name, rate)| (*name, *rate));
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets
            .entry((quota.service, name.to_owned()))
            .or_insert_with(|| Bucket::full(rate, (rate * BURST_SECONDS).max(SMALLEST_BURST), now));
        if bucket.take(now) { Ok(()) } else { Err(Fault::throttled(protocol)) }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn each_operation_has_its_own_rate() {
        let quotas = ServiceQuotas::default();
        let start = Timestamp::UNIX_EPOCH;
        let granted = |service: &str, operation: &str, now| {
            (0..2_000).filter(|_| quotas.take(service, operation, Protocol::AwsJson, now).is_ok()).count()
        };
        assert_eq!(granted("logs", "FilterLogEvents", start), 60);
        assert_eq!(granted("logs", "FilterLogEvents", start + SignedDuration::from_secs(2)), 10);
        assert_eq!(granted("cloudwatch", "GetMetricData", start), 500);
        assert_eq!(granted("dynamodb", "GetItem", start), 2_000);
    }

    #[test]
    fn each_protocol_has_its_own_words() {
        let quotas = ServiceQuotas::default();
        let code = |protocol| {
            let refused = (0..100)
                .find_map(|_| quotas.take("wafv2", "GetWebACL", protocol, Timestamp::UNIX_EPOCH).err());
            refused.unwrap().code.into_owned()
        };
        assert_eq!(code(Protocol::AwsJson), "ThrottlingException");
        assert_eq!(code(Protocol::Query), "Throttling");
    }
}
