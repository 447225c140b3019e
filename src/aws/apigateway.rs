//! Amazon API Gateway, first control plane: REST APIs, usage plans, the account's throttle.

mod keys;
mod translation;

use aws_sdk_apigateway::operation::RequestId as _;

use super::mode::{Mode, Operate};
use super::operations::{
    FLUSH_STAGE_CACHE, GET_ACCOUNT, GET_AUTHORIZERS, GET_DEPLOYMENTS, GET_RESOURCES, GET_REST_APIS,
    GET_STAGE, GET_STAGES, GET_USAGE_PLANS,
};
use super::paging::Pages;
use super::session::Session;
use super::translate::optional;
use crate::domain::api::{Api, ApiOperation, Authorizer};
use crate::domain::deployment::Deployment;
use crate::domain::failure::Failure;
use crate::domain::id::{ApiId, StageName};
use crate::domain::stage::{Stage, Throttle};
use crate::domain::usage_plan::UsagePlan;

/// AWS: the most items that a page of the v1 control plane holds.
const PAGE: i32 = 500;

impl<M: Mode> Session<M> {
    /// Reads all REST APIs, a page at a time (`GetRestApis`).
    pub async fn rest_apis(&self, mut on_page: impl FnMut(Vec<Api>) + Send) -> Result<(), Failure> {
        let mut pages = Pages::default();
        loop {
            let answer = self
                .send(&GET_REST_APIS, "", || {
                    self.clients.v1.get_rest_apis().limit(PAGE).set_position(pages.token()).send()
                })
                .await?;
            on_page(answer.items().iter().map(translation::api).collect());
            if !pages.advance(answer.position, &GET_REST_APIS, "")? {
                return Ok(());
            }
        }
    }

    /// Reads an API's stages (`GetStages`, which AWS doesn't page).
    pub async fn rest_stages(&self, api: &ApiId) -> Result<Vec<Stage>, Failure> {
        let answer = self
            .send(&GET_STAGES, api.as_str(), || self.clients.v1.get_stages().rest_api_id(api.as_str()).send())
            .await?;
        Ok(answer.item().iter().map(|stage| translation::stage(api, stage)).collect())
    }

    /// Reads one stage (`GetStage`).
    pub async fn rest_stage(&self, api: &ApiId, stage: &StageName) -> Result<Stage, Failure> {
        let answer = self
            .send(&GET_STAGE, &format!("{api}/{stage}"), || {
                self.clients.v1.get_stage().rest_api_id(api.as_str()).stage_name(stage.as_str()).send()
            })
            .await?;
        Ok(translation::stage_answer(api, &answer))
    }

    /// Reads all deployments of an API, the newest first (`GetDeployments`).
    pub async fn rest_deployments(&self, api: &ApiId) -> Result<Vec<Deployment>, Failure> {
        let mut pages = Pages::default();
        let mut deployments = Vec::new();
        loop {
            let answer = self
                .send(&GET_DEPLOYMENTS, api.as_str(), || {
                    let request = self.clients.v1.get_deployments().rest_api_id(api.as_str());
                    request.limit(PAGE).set_position(pages.token()).send()
                })
                .await?;
            deployments.extend(answer.items().iter().map(|item| translation::deployment(api, item)));
            if !pages.advance(answer.position, &GET_DEPLOYMENTS, api.as_str())? {
                deployments.sort_by_key(|deployment| std::cmp::Reverse(deployment.created));
                return Ok(deployments);
            }
        }
    }

    /// Reads all methods of an API, by path and verb (`GetResources` with methods embedded).
    pub async fn rest_operations(&self, api: &ApiId) -> Result<Vec<ApiOperation>, Failure> {
        let mut pages = Pages::default();
        let mut operations = Vec::new();
        loop {
            let answer = self
                .send(&GET_RESOURCES, api.as_str(), || {
                    let request = self.clients.v1.get_resources().rest_api_id(api.as_str()).embed("methods");
                    request.limit(PAGE).set_position(pages.token()).send()
                })
                .await?;
            operations.extend(answer.items().iter().flat_map(translation::operations));
            if !pages.advance(answer.position, &GET_RESOURCES, api.as_str())? {
                operations.sort_by(|one, other| path_first(&one.name).cmp(&path_first(&other.name)));
                return Ok(operations);
            }
        }
    }

    /// Reads all authorizers of an API (`GetAuthorizers`).
    pub async fn rest_authorizers(&self, api: &ApiId) -> Result<Vec<Authorizer>, Failure> {
        let mut pages = Pages::default();
        let mut authorizers = Vec::new();
        loop {
            let answer = self
                .send(&GET_AUTHORIZERS, api.as_str(), || {
                    let request = self.clients.v1.get_authorizers().rest_api_id(api.as_str());
                    request.limit(PAGE).set_position(pages.token()).send()
                })
                .await?;
            authorizers.extend(answer.items().iter().map(translation::authorizer));
            if !pages.advance(answer.position, &GET_AUTHORIZERS, api.as_str())? {
                return Ok(authorizers);
            }
        }
    }

    /// Reads all usage plans, a page at a time (`GetUsagePlans`). Their keys are secrets, and not
    /// read.
    pub async fn usage_plans(&self, mut on_page: impl FnMut(Vec<UsagePlan>) + Send) -> Result<(), Failure> {
        let mut pages = Pages::default();
        loop {
            let answer = self
                .send(&GET_USAGE_PLANS, "", || {
                    self.clients.v1.get_usage_plans().limit(PAGE).set_position(pages.token()).send()
                })
                .await?;
            on_page(answer.items().iter().map(translation::usage_plan).collect());
            if !pages.advance(answer.position, &GET_USAGE_PLANS, "")? {
                return Ok(());
            }
        }
    }

    /// Reads the throttle that all APIs of the account share in the region (`GetAccount`).
    pub async fn account_throttle(&self) -> Result<Throttle, Failure> {
        let answer = self.send(&GET_ACCOUNT, "", || self.clients.v1.get_account().send()).await?;
        Ok(translation::throttle(answer.throttle_settings()))
    }
}

/// Orders `GET /users` by its path, then by its verb.
fn path_first(name: &str) -> (&str, &str) {
    name.split_once(' ').map_or((name, ""), |(verb, path)| (path, verb))
}

impl Session<Operate> {
    /// Empties the response cache of a REST stage (`FlushStageCache`) and returns AWS's request id.
    ///
    /// Sent once: after a failure that isn't a refusal by AWS nobody knows whether it arrived.
    /// It can't be undone; use it through a plan.
    pub async fn flush_stage_cache(&self, api: &ApiId, stage: &StageName) -> Result<Option<String>, Failure> {
        let answer = self
            .change(&FLUSH_STAGE_CACHE, &format!("{api}/{stage}"), || {
                self.clients
                    .v1
                    .flush_stage_cache()
                    .rest_api_id(api.as_str())
                    .stage_name(stage.as_str())
                    .send()
            })
            .await?;
        Ok(optional(answer.request_id()))
    }
}
