//! Sending the requests of a change, each by the operation that it is.

use super::quota_extension;
use super::waf;
use crate::aws::operations::{
    ASSOCIATE_WEB_ACL, CREATE_USAGE_PLAN_KEY, DELETE_CONNECTION, DELETE_USAGE_PLAN_KEY, DISASSOCIATE_WEB_ACL,
    FLUSH_STAGE_AUTHORIZERS_CACHE, FLUSH_STAGE_CACHE, IamGrant, Operation, PLACEMENT_UPDATE_ITEM,
    UPDATE_API_KEY, UPDATE_IP_SET, UPDATE_STAGE, UPDATE_USAGE, UPDATE_USAGE_PLAN, UPDATE_WEB_ACL,
    V2_DELETE_ACCESS_LOG_SETTINGS, V2_DELETE_ROUTE_SETTINGS, V2_RESET_AUTHORIZERS_CACHE, V2_UPDATE_STAGE,
    partition,
};
use crate::aws::{Operate, Session};
use crate::domain::change::{PlannedCall, Request};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::web_acl::GuardedStage;

/// The operation that a request is.
pub fn operation(request: &Request) -> &'static Operation {
    match request {
        Request::FlushStageCache { .. } => &FLUSH_STAGE_CACHE,
        Request::FlushStageAuthorizersCache { .. } => &FLUSH_STAGE_AUTHORIZERS_CACHE,
        Request::UpdateStage { .. } => &UPDATE_STAGE,
        Request::UpdateUsagePlan { .. } => &UPDATE_USAGE_PLAN,
        Request::UpdateUsage { .. } => &UPDATE_USAGE,
        Request::UpdateApiKey { .. } => &UPDATE_API_KEY,
        Request::CreateUsagePlanKey { .. } => &CREATE_USAGE_PLAN_KEY,
        Request::DeleteUsagePlanKey { .. } => &DELETE_USAGE_PLAN_KEY,
        Request::UpdateHttpStage { .. } => &V2_UPDATE_STAGE,
        Request::DeleteRouteSettings { .. } => &V2_DELETE_ROUTE_SETTINGS,
        Request::DeleteAccessLogSettings { .. } => &V2_DELETE_ACCESS_LOG_SETTINGS,
        Request::ResetAuthorizersCache { .. } => &V2_RESET_AUTHORIZERS_CACHE,
        Request::UpdateWebACL { .. } => &UPDATE_WEB_ACL,
        Request::UpdateIPSet { .. } => &UPDATE_IP_SET,
        Request::AssociateWebACL { .. } => &ASSOCIATE_WEB_ACL,
        Request::DisassociateWebACL { .. } => &DISASSOCIATE_WEB_ACL,
        Request::CloseConnections { .. } => &DELETE_CONNECTION,
        Request::SetPlacement { .. } => &PLACEMENT_UPDATE_ITEM,
    }
}

/// The request as a plan shows it.
pub fn planned_call(request: &Request) -> PlannedCall {
    let operation = operation(request);
    PlannedCall {
        service: operation.service.to_string(),
        operation: operation.name.to_owned(),
        request: request.line(),
        body: request.body(),
    }
}

/// The grants that a request needs in a region, such as `apigateway:DELETE on arn:...`.
pub fn grants(request: &Request, region: &str) -> Vec<String> {
    let operation = operation(request);
    if let Request::CloseConnections { api, stage, .. } = request {
        let partition = partition(region);
        let of_stage =
            |verb| format!("arn:{partition}:execute-api:{region}:*:{api}/{stage}/{verb}/@connections/*");
        return ["DELETE", "GET"]
            .map(|verb| format!("execute-api:ManageConnections on {}", of_stage(verb)))
            .to_vec();
    }
    if let Request::SetPlacement { cell, .. } = request {
        let of_table = |grant: &IamGrant| grant.resource_for(&cell.settings.table, region);
        return operation
            .iam
            .iter()
            .map(|grant| format!("{} on {}", grant.action, of_table(grant)))
            .collect();
    }
    // API Gateway's IAM resources are paths, with an empty account (AWS: "Actions, resources, and
    // condition keys for Amazon API Gateway Management").
    let path = request.path();
    let path = path.strip_prefix("/v2").unwrap_or(&path);
    let grant = |action: &str, resource: &str| match resource.strip_prefix("arn:aws:apigateway:") {
        Some(_) => format!("{action} on arn:{}:apigateway:{region}::{path}", partition(region)),
        None => format!(
            "{action} on {}",
            resource.replacen("arn:aws:", &format!("arn:{}:", partition(region)), 1)
        ),
    };
    operation.iam.iter().map(|needed| grant(needed.action, needed.resource)).collect()
}

/// Sends one request, once, and returns AWS's request id.
///
/// # Errors
/// As the operation. After a failure that isn't a refusal by AWS nobody knows whether it arrived.
pub async fn send(session: &Session<Operate>, request: &Request) -> Result<Option<String>, Failure> {
    match request {
        Request::FlushStageCache { api, stage } => session.flush_stage_cache(api, stage).await,
        Request::FlushStageAuthorizersCache { api, stage } => {
            session.flush_stage_authorizers_cache(api, stage).await
        }
        Request::UpdateStage { api, stage, patch } => session.update_stage(api, stage, patch).await,
        Request::UpdateUsagePlan { plan, patch } => session.update_usage_plan(plan, patch).await,
        Request::UpdateUsage { plan, key, grant, .. } => {
            quota_extension::send(session, plan, key, *grant).await
        }
        Request::UpdateApiKey { key, patch } => session.update_api_key(key, patch).await,
        Request::CreateUsagePlanKey { plan, key } => session.create_usage_plan_key(plan, key).await,
        Request::DeleteUsagePlanKey { plan, key } => session.delete_usage_plan_key(plan, key).await,
        Request::UpdateHttpStage { api, stage, update } => {
            session.update_http_stage(api, stage, update).await
        }
        Request::DeleteRouteSettings { api, stage, route } => {
            session.delete_route_settings(api, stage, route).await
        }
        Request::DeleteAccessLogSettings { api, stage } => {
            session.delete_access_log_settings(api, stage).await
        }
        Request::ResetAuthorizersCache { api, stage } => session.reset_authorizers_cache(api, stage).await,
        Request::AssociateWebACL { acl_arn, api, stage } => {
            let stage = GuardedStage { api: api.clone(), stage: stage.clone() };
            session.associate_web_acl(acl_arn, &stage).await
        }
        Request::DisassociateWebACL { api, stage } => {
            let stage = GuardedStage { api: api.clone(), stage: stage.clone() };
            session.disassociate_web_acl(&stage).await
        }
        Request::UpdateWebACL { acl, rule, before, after } => {
            waf::replace_rule(session, acl, rule, (before, after)).await
        }
        Request::UpdateIPSet { set, add, remove } => {
            waf::replace_addresses(session, set, (add, remove)).await
        }
        Request::SetPlacement { cell, before, after } => {
            session.set_placement(cell, before.as_deref(), after.as_deref()).await
        }
        Request::CloseConnections { .. } => {
            let (name, target) = (DELETE_CONNECTION.name, request.path());
            Err(Failure::new(name, target, FailureKind::Refused, "connections are closed one by one"))
        }
    }
}

/// AWS said no, or nothing left this machine.
pub fn never_took_effect(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Refused
            | FailureKind::Credentials
            | FailureKind::AccessDenied
            | FailureKind::NotFound
            | FailureKind::Conflict
            | FailureKind::Throttled { .. }
            | FailureKind::Invalid
            | FailureKind::Configuration
            // A change is cancelled while it waits for its turn, and never once it is on its way.
            | FailureKind::Cancelled
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_answer_is_not_taken_for_a_refusal() {
        assert!(never_took_effect(FailureKind::AccessDenied));
        assert!(never_took_effect(FailureKind::Cancelled));
        for lost in
            [FailureKind::Timeout, FailureKind::Unreachable, FailureKind::Malformed, FailureKind::Service]
        {
            assert!(!never_took_effect(lost), "{lost:?}");
        }
    }

    #[test]
    fn a_grant_names_the_resource() {
        let (api, stage) = ("a1b2c3".into(), "prod".into());
        let request = Request::FlushStageCache { api, stage };
        assert_eq!(
            grants(&request, "eu-west-1"),
            ["apigateway:DELETE on arn:aws:apigateway:eu-west-1::/restapis/a1b2c3/stages/prod/cache/data"]
        );
        let request = Request::ResetAuthorizersCache { api: "a1b2c3".into(), stage: "prod".into() };
        assert_eq!(
            grants(&request, "cn-north-1"),
            [
                "apigateway:DELETE on arn:aws-cn:apigateway:cn-north-1::/apis/a1b2c3/stages/prod/cache/authorizers"
            ]
        );
    }
}
