//! Changes of the first control plane. Each is sent once: after a failure that isn't a refusal by AWS nobody
//! knows whether it arrived. Use them through a plan.
//!
//! Each returns AWS's request id. Answers may hold API keys' values, and are dropped.

use aws_sdk_apigateway::operation::RequestId as _;
use aws_sdk_apigateway::types;

use crate::aws::mode::Operate;
use crate::aws::operations::{
    CREATE_USAGE_PLAN_KEY, DELETE_USAGE_PLAN_KEY, FLUSH_STAGE_AUTHORIZERS_CACHE, FLUSH_STAGE_CACHE,
    UPDATE_API_KEY, UPDATE_STAGE, UPDATE_USAGE, UPDATE_USAGE_PLAN,
};
use crate::aws::session::Session;
use crate::aws::translate::optional;
use crate::domain::change::{PatchOperation, PatchVerb};
use crate::domain::failure::Failure;
use crate::domain::id::{ApiId, ApiKeyId, StageName, UsagePlanId};

/// AWS: the kind of key that usage plans take.
const KEY_TYPE: &str = "API_KEY";

impl Session<Operate> {
    /// Empties the response cache of a REST stage (`FlushStageCache`). It can't be undone.
    pub async fn flush_stage_cache(&self, api: &ApiId, stage: &StageName) -> Result<Option<String>, Failure> {
        let answer = self
            .change(&FLUSH_STAGE_CACHE, &format!("{api}/{stage}"), || {
                let request = self.clients.v1.flush_stage_cache();
                request.rest_api_id(api.as_str()).stage_name(stage.as_str()).send()
            })
            .await?;
        Ok(optional(answer.request_id()))
    }

    /// Empties what authorizers of a REST stage have answered (`FlushStageAuthorizersCache`).
    pub async fn flush_stage_authorizers_cache(
        &self,
        api: &ApiId,
        stage: &StageName,
    ) -> Result<Option<String>, Failure> {
        let answer = self
            .change(&FLUSH_STAGE_AUTHORIZERS_CACHE, &format!("{api}/{stage}"), || {
                let request = self.clients.v1.flush_stage_authorizers_cache();
                request.rest_api_id(api.as_str()).stage_name(stage.as_str()).send()
            })
            .await?;
        Ok(optional(answer.request_id()))
    }

    /// Patches a REST stage (`UpdateStage`).
    pub async fn update_stage(
        &self,
        api: &ApiId,
        stage: &StageName,
        patch: &[PatchOperation],
    ) -> Result<Option<String>, Failure> {
        let operations = operations(patch);
        let answer = self
            .change(&UPDATE_STAGE, &format!("{api}/{stage}"), || {
                let request = self.clients.v1.update_stage().rest_api_id(api.as_str());
                request.stage_name(stage.as_str()).set_patch_operations(Some(operations.clone())).send()
            })
            .await?;
        Ok(optional(answer.request_id()))
    }

    /// Patches a usage plan (`UpdateUsagePlan`). AWS takes one in 20 s.
    pub async fn update_usage_plan(
        &self,
        plan: &UsagePlanId,
        patch: &[PatchOperation],
    ) -> Result<Option<String>, Failure> {
        let operations = operations(patch);
        let answer = self
            .change(&UPDATE_USAGE_PLAN, plan.as_str(), || {
                let request = self.clients.v1.update_usage_plan().usage_plan_id(plan.as_str());
                request.set_patch_operations(Some(operations.clone())).send()
            })
            .await?;
        Ok(optional(answer.request_id()))
    }

    /// Sets what remains of a key's quota in the running period (`UpdateUsage`).
    pub async fn update_usage(
        &self,
        plan: &UsagePlanId,
        key: &ApiKeyId,
        remaining: i64,
    ) -> Result<Option<String>, Failure> {
        let operations = operations(&[PatchOperation::replace("/remaining", remaining.to_string())]);
        let answer = self
            .change(&UPDATE_USAGE, &format!("{plan}/{key}"), || {
                let request = self.clients.v1.update_usage().usage_plan_id(plan.as_str());
                request.key_id(key.as_str()).set_patch_operations(Some(operations.clone())).send()
            })
            .await?;
        Ok(optional(answer.request_id()))
    }

    /// Patches an API key (`UpdateApiKey`).
    pub async fn update_api_key(
        &self,
        key: &ApiKeyId,
        patch: &[PatchOperation],
    ) -> Result<Option<String>, Failure> {
        let operations = operations(patch);
        let answer = self
            .change(&UPDATE_API_KEY, key.as_str(), || {
                let request = self.clients.v1.update_api_key().api_key(key.as_str());
                request.set_patch_operations(Some(operations.clone())).send()
            })
            .await?;
        Ok(optional(answer.request_id()))
    }

    /// Puts an API key on a usage plan (`CreateUsagePlanKey`).
    pub async fn create_usage_plan_key(
        &self,
        plan: &UsagePlanId,
        key: &ApiKeyId,
    ) -> Result<Option<String>, Failure> {
        let answer = self
            .change(&CREATE_USAGE_PLAN_KEY, &format!("{plan}/{key}"), || {
                let request = self.clients.v1.create_usage_plan_key().usage_plan_id(plan.as_str());
                request.key_id(key.as_str()).key_type(KEY_TYPE).send()
            })
            .await?;
        Ok(optional(answer.request_id()))
    }

    /// Takes an API key off a usage plan (`DeleteUsagePlanKey`).
    pub async fn delete_usage_plan_key(
        &self,
        plan: &UsagePlanId,
        key: &ApiKeyId,
    ) -> Result<Option<String>, Failure> {
        let answer = self
            .change(&DELETE_USAGE_PLAN_KEY, &format!("{plan}/{key}"), || {
                let request = self.clients.v1.delete_usage_plan_key();
                request.usage_plan_id(plan.as_str()).key_id(key.as_str()).send()
            })
            .await?;
        Ok(optional(answer.request_id()))
    }
}

fn operations(patch: &[PatchOperation]) -> Vec<types::PatchOperation> {
    let verb = |verb| match verb {
        PatchVerb::Add => types::Op::Add,
        PatchVerb::Remove => types::Op::Remove,
        PatchVerb::Replace => types::Op::Replace,
        PatchVerb::Copy => types::Op::Copy,
    };
    patch
        .iter()
        .map(|operation| {
            types::PatchOperation::builder()
                .op(verb(operation.op))
                .path(&operation.path)
                .set_value(operation.value.clone())
                .set_from(operation.from.clone())
                .build()
        })
        .collect()
}
