//! The operations that no session sends, each judged by name.
//!
//! What is read today and unused may move to the sent table with the feature
//! that uses it; the rest moves only together with a plan for the change.

use super::{
    Reason::{self, Changes, MayWrite, RevealsSecrets, RunsBackend, Unused},
    Service::{
        self, ApiGateway, ApiGatewayManagement, ApiGatewayV2, CloudWatch, CloudWatchLogs, DynamoDb, Sts,
        WafV2,
    },
};

/// Why the operation is refused, if it was judged at all.
pub(super) fn reason(service: Service, operation: &str) -> Option<Reason> {
    all().find(|(of, name, _)| *of == service && *name == operation).map(|(_, _, reason)| reason)
}

/// Every refused operation.
pub(super) fn all() -> impl Iterator<Item = (Service, &'static str, Reason)> {
    LISTS.iter().flat_map(|(service, reason, names)| {
        names.split_whitespace().map(move |name| (*service, name, *reason))
    })
}

const LISTS: &[(Service, Reason, &str)] = &[
    (
        ApiGateway,
        Unused,
        "GetAuthorizer GetBasePathMapping GetClientCertificate \
         GetClientCertificates GetDocumentationPart GetDocumentationParts \
         GetDocumentationVersion GetDocumentationVersions GetDomainName \
         GetDomainNameAccessAssociations GetGatewayResponse \
         GetGatewayResponses GetIntegration GetIntegrationResponse GetMethod \
         GetMethodResponse GetModel GetModelTemplate GetModels GetRequestValidator \
         GetRequestValidators GetResource GetRestApi GetSdkType GetSdkTypes GetTags \
         GetVpcLink",
    ),
    (
        ApiGateway,
        Changes,
        "CreateApiKey CreateAuthorizer CreateBasePathMapping CreateDeployment \
         CreateDocumentationPart CreateDocumentationVersion CreateDomainName \
         CreateDomainNameAccessAssociation CreateModel CreateRequestValidator CreateResource \
         CreateRestApi CreateStage CreateUsagePlan CreateVpcLink \
         DeleteApiKey DeleteAuthorizer DeleteBasePathMapping DeleteClientCertificate \
         DeleteDeployment DeleteDocumentationPart DeleteDocumentationVersion DeleteDomainName \
         DeleteDomainNameAccessAssociation DeleteGatewayResponse DeleteIntegration \
         DeleteIntegrationResponse DeleteMethod DeleteMethodResponse DeleteModel \
         DeleteRequestValidator DeleteResource DeleteRestApi DeleteStage DeleteUsagePlan \
         DeleteVpcLink \
         GenerateClientCertificate ImportApiKeys ImportDocumentationParts ImportRestApi \
         PutGatewayResponse PutIntegration PutIntegrationResponse PutMethod PutMethodResponse \
         PutRestApi RejectDomainNameAccessAssociation TagResource UntagResource UpdateAccount \
         UpdateAuthorizer UpdateBasePathMapping UpdateClientCertificate \
         UpdateDeployment UpdateDocumentationPart UpdateDocumentationVersion UpdateDomainName \
         UpdateGatewayResponse UpdateIntegration UpdateIntegrationResponse UpdateMethod \
         UpdateMethodResponse UpdateModel UpdateRequestValidator UpdateResource UpdateRestApi \
         UpdateVpcLink",
    ),
    (ApiGateway, RevealsSecrets, "GetApiKey GetExport GetSdk GetUsagePlanKey GetUsagePlanKeys"),
    (ApiGateway, RunsBackend, "TestInvokeAuthorizer TestInvokeMethod"),
    (
        ApiGatewayV2,
        Unused,
        "GetApi GetApiMapping GetAuthorizer GetDeployment GetDomainName \
         GetIntegration GetIntegrationResponse GetIntegrationResponses \
         GetIntegrations GetModel GetModelTemplate GetModels GetPortal GetPortalProduct \
         GetPortalProductSharingPolicy GetProductPage GetProductRestEndpointPage GetRoute \
         GetRouteResponse GetRouteResponses GetRoutingRule GetTags GetVpcLink \
         ListPortalProducts ListPortals ListProductPages \
         ListProductRestEndpointPages ListRoutingRules",
    ),
    (
        ApiGatewayV2,
        Changes,
        "CreateApi CreateApiMapping CreateAuthorizer CreateDeployment CreateDomainName \
         CreateIntegration CreateIntegrationResponse CreateModel CreatePortal \
         CreatePortalProduct CreateProductPage CreateProductRestEndpointPage CreateRoute \
         CreateRouteResponse CreateRoutingRule CreateStage CreateVpcLink \
         DeleteApi DeleteApiMapping DeleteAuthorizer \
         DeleteCorsConfiguration DeleteDeployment DeleteDomainName DeleteIntegration \
         DeleteIntegrationResponse DeleteModel DeletePortal DeletePortalProduct \
         DeletePortalProductSharingPolicy DeleteProductPage DeleteProductRestEndpointPage \
         DeleteRoute DeleteRouteRequestParameter DeleteRouteResponse \
         DeleteRoutingRule DeleteStage DeleteVpcLink DisablePortal ImportApi PreviewPortal \
         PublishPortal PutPortalProductSharingPolicy PutRoutingRule ReimportApi \
         TagResource UntagResource UpdateApi UpdateApiMapping \
         UpdateAuthorizer UpdateDeployment UpdateDomainName UpdateIntegration \
         UpdateIntegrationResponse UpdateModel UpdatePortal UpdatePortalProduct \
         UpdateProductPage UpdateProductRestEndpointPage UpdateRoute UpdateRouteResponse \
         UpdateVpcLink",
    ),
    (ApiGatewayV2, RevealsSecrets, "ExportApi"),
    (
        CloudWatch,
        Unused,
        "DescribeAlarmContributors DescribeAlarmHistory \
         DescribeAlarmsForMetric DescribeAnomalyDetectors DescribeInsightRules \
         GetAlarmMuteRule GetDashboard GetDataset GetInsightRuleReport GetMetricStatistics \
         GetMetricStream GetMetricWidgetImage GetOTelEnrichment \
         GetResourceMetricsConfiguration ListAlarmMuteRules ListDashboards \
         ListManagedInsightRules ListMetricStreams ListTagsForResource",
    ),
    (
        CloudWatch,
        Changes,
        "AssociateDatasetKmsKey CreateResourceMetricsConfiguration DeleteAlarmMuteRule \
         DeleteAlarms DeleteAnomalyDetector DeleteDashboards DeleteInsightRules \
         DeleteMetricStream DeleteResourceMetricsConfiguration DisableAlarmActions \
         DisableInsightRules DisassociateDatasetKmsKey EnableAlarmActions EnableInsightRules \
         PutAlarmMuteRule PutAnomalyDetector PutCompositeAlarm PutDashboard PutInsightRule \
         PutLogAlarm PutManagedInsightRules PutMetricAlarm PutMetricData PutMetricStream \
         SetAlarmState StartMetricStreams StartOTelEnrichment StopMetricStreams \
         StopOTelEnrichment TagResource UntagResource UpdateOTelEnrichment \
         UpdateResourceMetricsConfiguration",
    ),
    (
        CloudWatchLogs,
        Unused,
        "DescribeAccountPolicies DescribeConfigurationTemplates DescribeDeliveries \
         DescribeDeliveryDestinations DescribeDeliverySources DescribeDestinations \
         DescribeExportTasks DescribeFieldIndexes DescribeImportTaskBatches \
         DescribeImportTasks DescribeIndexPolicies DescribeLogGroups DescribeLogStreams \
         DescribeLookupTables DescribeMetricFilters DescribeQueries DescribeQueryDefinitions \
         DescribeResourcePolicies DescribeSubscriptionFilters GetDataProtectionPolicy \
         GetDelivery GetDeliveryDestination GetDeliveryDestinationPolicy GetDeliverySource \
         GetIntegration GetLogAnomalyDetector GetLogEvents GetLogFields GetLogGroupFields \
         GetLogObject GetLogRecord GetLookupTable GetQueryResults GetScheduledQuery \
         GetScheduledQueryHistory GetStorageTierPolicy GetTransformer \
         ListAggregateLogGroupSummaries ListAnomalies ListIntegrations \
         ListLogAnomalyDetectors ListLogGroups ListLogGroupsForQuery ListScheduledQueries \
         ListSourcesForS3TableIntegration ListSyslogConfigurations ListTagsForResource \
         ListTagsLogGroup StartLiveTail StartQuery StopQuery TestMetricFilter TestTransformer",
    ),
    (
        CloudWatchLogs,
        Changes,
        "AssociateKmsKey AssociateSourceToS3TableIntegration CancelExportTask \
         CancelImportTask CreateDelivery CreateExportTask CreateImportTask \
         CreateLogAnomalyDetector CreateLogGroup CreateLogStream CreateLookupTable \
         CreateScheduledQuery DeleteAccountPolicy DeleteDataProtectionPolicy DeleteDelivery \
         DeleteDeliveryDestination DeleteDeliveryDestinationPolicy DeleteDeliverySource \
         DeleteDestination DeleteIndexPolicy DeleteIntegration DeleteLogAnomalyDetector \
         DeleteLogGroup DeleteLogStream DeleteLookupTable DeleteMetricFilter \
         DeleteQueryDefinition DeleteResourcePolicy DeleteRetentionPolicy \
         DeleteScheduledQuery DeleteSubscriptionFilter DeleteSyslogConfiguration \
         DeleteTransformer DisassociateKmsKey DisassociateSourceFromS3TableIntegration \
         PutAccountPolicy PutBearerTokenAuthentication PutDataProtectionPolicy \
         PutDeliveryDestination PutDeliveryDestinationPolicy PutDeliverySource PutDestination \
         PutDestinationPolicy PutIndexPolicy PutIntegration PutLogEvents \
         PutLogGroupDeletionProtection PutMetricFilter PutQueryDefinition PutResourcePolicy \
         PutRetentionPolicy PutStorageTierPolicy PutSubscriptionFilter PutSyslogConfiguration \
         PutTransformer TagLogGroup TagResource UntagLogGroup UntagResource UpdateAnomaly \
         UpdateDeliveryConfiguration UpdateLogAnomalyDetector UpdateLookupTable \
         UpdateScheduledQuery",
    ),
    (
        DynamoDb,
        Unused,
        "DescribeBackup DescribeContinuousBackups DescribeContributorInsights \
         DescribeEndpoints DescribeExport DescribeGlobalTable DescribeGlobalTableSettings \
         DescribeImport DescribeKinesisStreamingDestination DescribeLimits \
         DescribeTableReplicaAutoScaling DescribeTimeToLive GetResourcePolicy \
         ListBackups ListContributorInsights ListExports ListGlobalTables ListImports \
         ListTables ListTagsOfResource SearchVectors TransactGetItems",
    ),
    (
        DynamoDb,
        Changes,
        "BatchWriteItem CreateBackup CreateGlobalTable CreateTable DeleteBackup \
         DeleteResourcePolicy DeleteTable DisableKinesisStreamingDestination \
         EnableKinesisStreamingDestination ExportTableToPointInTime ImportTable \
         PutResourcePolicy RestoreTableFromBackup RestoreTableToPointInTime TagResource \
         TransactWriteItems UntagResource UpdateContinuousBackups UpdateContributorInsights \
         UpdateGlobalTable UpdateGlobalTableSettings \
         UpdateKinesisStreamingDestination UpdateTable UpdateTableReplicaAutoScaling \
         UpdateTimeToLive",
    ),
    (DynamoDb, MayWrite, "BatchExecuteStatement ExecuteStatement ExecuteTransaction"),
    (Sts, Unused, "DecodeAuthorizationMessage GetAccessKeyInfo"),
    (
        Sts,
        RevealsSecrets,
        "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity AssumeRoot \
         GetDelegatedAccessToken GetFederationToken GetSessionToken GetWebIdentityToken",
    ),
    // It speaks to customers.
    (ApiGatewayManagement, Changes, "PostToConnection"),
    (
        WafV2,
        Unused,
        "CheckCapacity DescribeAllManagedProducts DescribeManagedProductsByVendor \
         GenerateMobileSdkReleaseUrl GetLoggingConfiguration GetManagedRuleSet \
         GetMobileSdkRelease GetPermissionPolicy GetRateBasedStatementManagedKeys \
         GetRegexPatternSet GetRevenueStatistics GetRevenueStatisticsSummary \
         GetRevenueStatisticsTimeSeries GetTopPathStatisticsByTraffic \
         ListAvailableManagedRuleGroupVersions ListAvailableManagedRuleGroups \
         ListLoggingConfigurations ListManagedRuleSets ListMobileSdkReleases \
         ListRegexPatternSets ListSettlementRecords ListTagsForResource",
    ),
    (
        WafV2,
        Changes,
        "CreateAPIKey CreateIPSet CreateRegexPatternSet CreateRuleGroup CreateWebACL \
         DeleteAPIKey DeleteFirewallManagerRuleGroups DeleteIPSet DeleteLoggingConfiguration \
         DeletePermissionPolicy DeleteRegexPatternSet DeleteRuleGroup DeleteWebACL \
         PutLoggingConfiguration PutManagedRuleSetVersions PutPermissionPolicy TagResource \
         UntagResource UpdateManagedRuleSetVersionExpiryDate UpdateRegexPatternSet \
         UpdateRuleGroup",
    ),
    // Samples carry headers: authorization, cookies, keys.
    (WafV2, RevealsSecrets, "GetDecryptedAPIKey GetSampledRequests ListAPIKeys"),
];
