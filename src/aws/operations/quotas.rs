//! AWS's request quotas, per account and region, as token buckets.
//!
//! An operation draws on the pool of its service and, where AWS gives it one,
//! on a quota of its own; both must have a token.
//!
//! AWS: "Amazon API Gateway quotas": all operations of the control plane
//! together 10/s with a burst of 40, not raisable, shared with everybody's
//! deploys. The v2 control plane is taken to draw on the same pool, since its
//! VPC link calls stand in the same table.

use std::time::Duration;

use super::{Operation, Service};
use crate::domain::token_bucket::TokenBucket;

/// One quota: a bucket with a name that processes agree on.
#[derive(Debug, PartialEq, Eq)]
pub struct Quota {
    /// The bucket's name in the shared state file.
    pub name: &'static str,
    requests: u32,
    period_seconds: u64,
    burst: u32,
    share: Share,
}

/// How much of a quota cellgate uses: others live on it too, all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    /// As configured for API Gateway's control plane.
    ControlPlane,
    /// [`OTHER_SERVICES`].
    Fixed,
}

/// The share of the quotas of services other than API Gateway. Not configurable: a console comes
/// nowhere near them.
const OTHER_SERVICES: f64 = 0.5;

impl Quota {
    /// A quota of API Gateway's control plane.
    const fn control_plane(name: &'static str, requests: u32, period_seconds: u64, burst: u32) -> Self {
        Self { name, requests, period_seconds, burst, share: Share::ControlPlane }
    }

    /// Requests in a second, of a service other than API Gateway.
    const fn other(name: &'static str, requests: u32) -> Self {
        Self { name, requests, period_seconds: 1, burst: requests, share: Share::Fixed }
    }

    /// The same quota over so many seconds.
    const fn over(mut self, period_seconds: u64) -> Self {
        self.period_seconds = period_seconds;
        self
    }

    /// The bucket, cut to our share: `control_plane_share` (0.01 to 1) of what is API Gateway's.
    pub fn bucket(&self, control_plane_share: f64) -> TokenBucket {
        let bucket = TokenBucket::new(self.requests, Duration::from_secs(self.period_seconds), self.burst);
        bucket.at_share(match self.share {
            Share::ControlPlane => control_plane_share,
            Share::Fixed => OTHER_SERVICES,
        })
    }
}

/// The pool of API Gateway's control plane, v1 and v2 together.
pub const API_GATEWAY: Quota = Quota::control_plane("api-gateway", 10, 1, 40);
/// AWS counts calls of `@connections` with those of the account's clients (10,000/s): what is asked here is nothing
/// beside that. This only bounds a loop that went wrong.
const CONNECTIONS: Quota = Quota::other("connections", 200);
/// AWS gives CloudWatch no common quota; this only bounds what has no own one.
const CLOUDWATCH: Quota = Quota::other("cloudwatch", 50);
/// AWS gives CloudWatch Logs no common quota; this only bounds what has no own one.
const CLOUDWATCH_LOGS: Quota = Quota::other("logs", 20);
/// AWS: DynamoDB's control plane takes up to 500/s; a console needs far less.
const DYNAMODB: Quota = Quota::other("dynamodb", 20);
/// AWS gives single items no common quota, but what the table's capacity bears. Leases and the
/// journal of a change wait for nothing else; this only bounds a loop that went wrong.
const TEAM_TABLE: Quota = Quota::other("team-table", 200);
/// Reads of items are paced by the read units that they take; this only bounds a loop that went wrong.
const ITEM_READS: Quota = Quota::other("item-reads", 400);
/// Neither have the items of the mapping table: a move keeps its own pace, and slows down where the table throttles
/// it. This only bounds a loop that went wrong.
const MAPPING_ITEMS: Quota = Quota::other("mapping-items", 20_000);
/// AWS documents no fixed rate for STS reads; a console asks rarely.
const STS: Quota = Quota::other("sts", 20);
/// AWS limits each of WAF's actions by itself; this only bounds their sum.
const WAFV2: Quota = Quota::other("wafv2", 20);

/// Quotas of single operations, for what cellgate sends and for what a later
/// plan may send: they are facts of AWS, and none of them can be raised for
/// API Gateway.
const OWN: &[(Service, &str, Quota)] = &[
    (Service::ApiGateway, "GetResources", Quota::control_plane("GetResources", 5, 2, 5)),
    (Service::ApiGateway, "CreateDeployment", Quota::control_plane("CreateDeployment", 1, 5, 1)),
    (Service::ApiGateway, "UpdateUsagePlan", Quota::control_plane("UpdateUsagePlan", 1, 20, 1)),
    (Service::ApiGateway, "UpdateAccount", Quota::control_plane("UpdateAccount", 1, 20, 1)),
    // AWS: "CloudWatch service quotas"; GetMetricData 50/s, 10/s with Metrics
    // Insights.
    (Service::CloudWatch, "GetMetricData", Quota::other("GetMetricData", 50)),
    (Service::CloudWatch, "ListMetrics", Quota::other("ListMetrics", 25)),
    (Service::CloudWatch, "DescribeAlarms", Quota::other("DescribeAlarms", 9)),
    // AWS: "CloudWatch Logs quotas"; some regions take more.
    (Service::CloudWatchLogs, "FilterLogEvents", Quota::other("FilterLogEvents", 5)),
    // AWS: "AWS WAF quotas": 5/s for any single Get or List action and 1/s for any other, but for these four.
    (Service::WafV2, "AssociateWebACL", Quota::other("AssociateWebACL", 1).over(2)),
    (Service::WafV2, "DisassociateWebACL", Quota::other("DisassociateWebACL", 1).over(2)),
    (Service::WafV2, "GetWebACLForResource", Quota::other("GetWebACLForResource", 1)),
    (Service::WafV2, "ListResourcesForWebACL", Quota::other("ListResourcesForWebACL", 1)),
    (Service::WafV2, "DescribeManagedRuleGroup", Quota::other("DescribeManagedRuleGroup", 5)),
    (Service::WafV2, "GetIPSet", Quota::other("GetIPSet", 5)),
    (Service::WafV2, "GetRuleGroup", Quota::other("GetRuleGroup", 5)),
    (Service::WafV2, "GetWebACL", Quota::other("GetWebACL", 5)),
    (Service::WafV2, "ListIPSets", Quota::other("ListIPSets", 5)),
    (Service::WafV2, "ListRuleGroups", Quota::other("ListRuleGroups", 5)),
    (Service::WafV2, "ListWebACLs", Quota::other("ListWebACLs", 5)),
    (Service::WafV2, "UpdateIPSet", Quota::other("UpdateIPSet", 1)),
    (Service::WafV2, "UpdateWebACL", Quota::other("UpdateWebACL", 1)),
];

/// The pool that all operations of a service draw on, but for those on items of tables.
pub const fn pool(service: Service) -> &'static Quota {
    match service {
        Service::ApiGateway | Service::ApiGatewayV2 => &API_GATEWAY,
        Service::ApiGatewayManagement => &CONNECTIONS,
        Service::CloudWatch => &CLOUDWATCH,
        Service::CloudWatchLogs => &CLOUDWATCH_LOGS,
        Service::DynamoDb => &DYNAMODB,
        Service::Sts => &STS,
        Service::WafV2 => &WAFV2,
    }
}

/// Every quota that an operation draws on, its pool first.
pub fn of(operation: &'static Operation) -> impl Iterator<Item = &'static Quota> {
    let (service, name) = (operation.service, operation.name);
    let pool = if super::TEAM_TABLE.contains(&operation) {
        &TEAM_TABLE
    } else if super::ITEM_READS.contains(&operation) {
        &ITEM_READS
    } else if super::MAPPING_ITEMS.contains(&operation) {
        &MAPPING_ITEMS
    } else {
        pool(service)
    };
    let own =
        OWN.iter().find(move |(of, named, _)| *of == service && *named == name).map(|(_, _, quota)| quota);
    std::iter::once(pool).chain(own)
}

#[cfg(test)]
mod tests {
    use super::super::{
        ASSOCIATE_WEB_ACL, DESCRIBE_TABLE, GET_RESOURCES, GET_STAGES, QUERY, SENT, TEAM_PUT_ITEM, TEAM_QUERY,
        V2_GET_APIS, judge,
    };
    use super::*;

    #[test]
    fn every_quota_is_of_an_operation_that_exists() {
        for (service, name, _) in OWN {
            assert!(judge(service.sdk_id(), name).is_some(), "{service} {name}");
        }
    }

    #[test]
    fn bucket_names_are_unique() {
        let mut names: Vec<_> = OWN.iter().map(|(_, _, quota)| quota.name).collect();
        let pools = [
            &API_GATEWAY,
            &CONNECTIONS,
            &CLOUDWATCH,
            &DYNAMODB,
            &ITEM_READS,
            &MAPPING_ITEMS,
            &TEAM_TABLE,
            &STS,
            &WAFV2,
        ];
        names.extend(pools.map(|pool| pool.name));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn every_operation_of_waf_that_is_sent_has_a_quota_of_its_own() {
        for operation in SENT.iter().filter(|operation| operation.service == Service::WafV2) {
            assert_eq!(of(operation).count(), 2, "{}", operation.name);
        }
        let associate = of(&ASSOCIATE_WEB_ACL).last().unwrap().bucket(1.0);
        assert!((associate.pace() - 0.25).abs() < 1e-6, "half of one in two seconds: {}", associate.pace());
    }

    #[test]
    fn both_control_planes_draw_on_one_pool() {
        assert_eq!(of(&GET_STAGES).next(), of(&V2_GET_APIS).next());
        let names: Vec<_> = of(&GET_RESOURCES).map(|quota| quota.name).collect();
        assert_eq!(names, ["api-gateway", "GetResources"]);
    }

    #[test]
    fn the_team_table_waits_neither_for_api_gateway_nor_for_the_mapping_table() {
        let pools = [&TEAM_PUT_ITEM, &TEAM_QUERY].map(|operation| of(operation).next().unwrap().name);
        assert_eq!(pools, [TEAM_TABLE.name; 2]);
        assert_eq!(of(&QUERY).next().unwrap().name, ITEM_READS.name);
        assert_eq!(of(&DESCRIBE_TABLE).next().unwrap().name, DYNAMODB.name);
    }

    #[test]
    fn half_a_share_of_the_control_plane_is_five_a_second() {
        let bucket = API_GATEWAY.bucket(0.5);
        assert!((bucket.pace() - 5.0).abs() < 1e-6);
        assert_eq!(bucket.burst(), 20);
        let resources = OWN[0].2.bucket(0.5);
        assert!((resources.pace() - 1.25).abs() < 1e-6);
        assert_eq!(resources.burst(), 2);
    }

    #[test]
    fn the_share_of_the_control_plane_is_of_api_gateway_alone() {
        let own = OWN.iter().map(|(service, _, quota)| (*service, quota));
        for (service, quota) in Service::ALL.map(|service| (service, pool(service))).into_iter().chain(own) {
            let follows = quota.bucket(0.1) != quota.bucket(1.0);
            let is_control_plane = matches!(service, Service::ApiGateway | Service::ApiGatewayV2);
            assert_eq!(follows, is_control_plane, "{}", quota.name);
        }
    }
}
