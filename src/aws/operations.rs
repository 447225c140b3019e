//! The one table of AWS operations: for each that the SDK clients offer, who
//! may send it, which quotas it draws on, and which IAM grants it needs.
//!
//! Guard, limits, IAM policy files and tests all read this table. The guard's
//! test walks the SDK crates' own sources, so an operation that an update
//! brings and nobody judged fails the build instead of slipping through.

pub mod quotas;
mod refused;
mod sent;

pub use sent::*;

use std::fmt;

/// The services whose clients cellgate builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    ApiGateway,
    ApiGatewayV2,
    ApiGatewayManagement,
    CloudWatch,
    CloudWatchLogs,
    DynamoDb,
    Sts,
    WafV2,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::ApiGateway,
        Self::ApiGatewayV2,
        Self::ApiGatewayManagement,
        Self::CloudWatch,
        Self::CloudWatchLogs,
        Self::DynamoDb,
        Self::Sts,
        Self::WafV2,
    ];

    /// The service id that the SDK puts beside the operation's name.
    pub const fn sdk_id(self) -> &'static str {
        match self {
            Self::ApiGateway => "API Gateway",
            Self::ApiGatewayV2 => "ApiGatewayV2",
            Self::ApiGatewayManagement => "ApiGatewayManagementApi",
            Self::CloudWatch => "CloudWatch",
            Self::CloudWatchLogs => "CloudWatch Logs",
            Self::DynamoDb => "DynamoDB",
            Self::Sts => "STS",
            Self::WafV2 => "WAFV2",
        }
    }

    /// The name of the crate that holds the client.
    pub const fn crate_name(self) -> &'static str {
        match self {
            Self::ApiGateway => "aws-sdk-apigateway",
            Self::ApiGatewayV2 => "aws-sdk-apigatewayv2",
            Self::ApiGatewayManagement => "aws-sdk-apigatewaymanagement",
            Self::CloudWatch => "aws-sdk-cloudwatch",
            Self::CloudWatchLogs => "aws-sdk-cloudwatchlogs",
            Self::DynamoDb => "aws-sdk-dynamodb",
            Self::Sts => "aws-sdk-sts",
            Self::WafV2 => "aws-sdk-wafv2",
        }
    }

    fn by_sdk_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.sdk_id() == id)
    }
}

impl fmt::Display for Service {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.sdk_id())
    }
}

/// Who may send an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Every session: it reveals no secret and runs no backend.
    Read,
    /// Operate sessions alone, through a plan.
    Change,
    /// No session.
    Never(Reason),
}

/// Why no session may send an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It only reads, but cellgate has no use for it: least privilege.
    Unused,
    /// It changes something that cellgate has no plan for.
    Changes,
    /// Its answer holds secrets: key values, credentials, whole definitions.
    RevealsSecrets,
    /// Its name says test, and it runs the real backend or authorizer.
    RunsBackend,
    /// It reads or writes, as its statement says: the name can't tell.
    MayWrite,
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unused => "cellgate has no use for it",
            Self::Changes => "it changes something that cellgate makes no plan for",
            Self::RevealsSecrets => "its answer holds secrets",
            Self::RunsBackend => "it runs the real backend",
            Self::MayWrite => "its statement may write",
        })
    }
}

/// One IAM grant that an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IamGrant {
    /// The action, as IAM spells it: API Gateway's are HTTP verbs.
    pub action: &'static str,
    /// The resource ARN, with `*` where a policy may be narrowed.
    pub resource: &'static str,
}

impl IamGrant {
    /// The resource for one request: in the region's partition and, for a table, under the name
    /// that the request's target begins with.
    pub fn resource_for(&self, target: &str, region: &str) -> String {
        let resource = self.resource.replacen("arn:aws:", &format!("arn:{}:", partition(region)), 1);
        // AWS: a table's name has no space.
        match target.split(' ').next() {
            Some(table) if !table.is_empty() => {
                let usual = USUAL_TABLES.into_iter().find(|usual| resource.contains(usual));
                usual.map(|usual| resource.replace(usual, &format!("table/{table}"))).unwrap_or(resource)
            }
            _ => resource,
        }
    }
}

/// The tables in the grants, under their usual names.
const USUAL_TABLES: [&str; 4] =
    ["table/CellMappings", "table/WebSocketConnections", "table/CellPlacement", "table/cellgate-team"];

/// AWS: the partition, a part of each ARN, as the region's code tells it.
pub fn partition(region: &str) -> &'static str {
    let partitions = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("eusc-", "aws-eusc"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
    ];
    partitions.iter().find(|(start, _)| region.starts_with(start)).map_or("aws", |(_, partition)| partition)
}

/// An operation that cellgate sends.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    pub service: Service,
    /// The name as the SDK and AWS's reference write it.
    pub name: &'static str,
    pub access: Access,
    pub iam: &'static [IamGrant],
}

/// What the table says about an operation, sent or not.
pub fn judge(service_id: &str, operation: &str) -> Option<Access> {
    let service = Service::by_sdk_id(service_id)?;
    find(service, operation)
        .map(|sent| sent.access)
        .or_else(|| refused::reason(service, operation).map(Access::Never))
}

/// The operation that cellgate sends under this name.
pub fn find(service: Service, operation: &str) -> Option<&'static Operation> {
    SENT.iter().copied().find(|sent| sent.service == service && sent.name == operation)
}

/// Every judged operation of every service, sent and refused. One that is sent to several tables comes
/// as often.
pub fn judged() -> impl Iterator<Item = (Service, &'static str, Access)> {
    let sent = SENT.iter().map(|operation| (operation.service, operation.name, operation.access));
    let refused = refused::all().map(|(service, name, reason)| (service, name, Access::Never(reason)));
    sent.chain(refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn no_operation_is_judged_in_two_ways() {
        let mut seen = BTreeMap::new();
        for (service, name, access) in judged() {
            assert_eq!(*seen.entry((service, name)).or_insert(access), access, "{service} {name}");
        }
        let refused = refused::all().count();
        let names: BTreeSet<_> = refused::all().map(|(service, name, _)| (service, name)).collect();
        assert_eq!(names.len(), refused, "a name is refused once");
    }

    #[test]
    fn a_grant_names_the_table_that_was_asked_for() {
        let resource = |operation: &Operation| operation.iam[0].resource_for("ops-team lease", "cn-north-1");
        assert_eq!(resource(&TEAM_GET_ITEM), "arn:aws-cn:dynamodb:*:*:table/ops-team");
        assert_eq!(resource(&QUERY), "arn:aws-cn:dynamodb:*:*:table/ops-team/index/*");
    }

    #[test]
    fn names_that_mislead_are_refused_for_what_they_do() {
        for (service, name, reason) in [
            (Service::DynamoDb, "ExecuteStatement", Reason::MayWrite),
            (Service::DynamoDb, "BatchExecuteStatement", Reason::MayWrite),
            (Service::ApiGateway, "TestInvokeMethod", Reason::RunsBackend),
            (Service::ApiGateway, "TestInvokeAuthorizer", Reason::RunsBackend),
            (Service::ApiGateway, "GetUsagePlanKeys", Reason::RevealsSecrets),
            (Service::ApiGateway, "GetApiKey", Reason::RevealsSecrets),
            (Service::ApiGateway, "GetExport", Reason::RevealsSecrets),
            (Service::Sts, "GetSessionToken", Reason::RevealsSecrets),
            (Service::WafV2, "ListAPIKeys", Reason::RevealsSecrets),
            (Service::DynamoDb, "ExportTableToPointInTime", Reason::Changes),
        ] {
            assert_eq!(judge(service.sdk_id(), name), Some(Access::Never(reason)), "{service} {name}");
        }
    }

    #[test]
    fn every_sent_operation_names_its_grants_but_the_one_that_needs_none() {
        for operation in SENT {
            // AWS: GetCallerIdentity needs no permission.
            let needs_none = operation.name == "GetCallerIdentity";
            assert_eq!(operation.iam.is_empty(), needs_none, "{}", operation.name);
        }
    }

    #[test]
    fn an_unknown_service_or_name_has_no_judgement() {
        assert_eq!(judge("API Gateway", "GetEverything"), None);
        assert_eq!(judge("S3", "GetObject"), None);
        assert_eq!(judge("", ""), None);
    }
}
