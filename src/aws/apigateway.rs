//! Amazon API Gateway, first control plane: REST APIs, usage plans, the account's throttle.

mod change;
mod keys;
mod private_access;
mod settings;
mod translation;

use std::collections::BTreeSet;

use super::mode::Mode;
use super::operations::{
    GET_ACCOUNT, GET_AUTHORIZERS, GET_DEPLOYMENT, GET_DEPLOYMENTS, GET_RESOURCES, GET_REST_APIS, GET_STAGE,
    GET_STAGES, GET_USAGE_PLAN, GET_USAGE_PLANS,
};
use super::paging::Pages;
use super::session::Session;
use super::translate::text;
use crate::domain::api::{Api, ApiOperation, Authorizer};
use crate::domain::change::Settings;
use crate::domain::deployment::Deployment;
use crate::domain::failure::Failure;
use crate::domain::id::{ApiId, DeploymentId, StageName, UsagePlanId};
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

    /// Reads what can be patched of one stage (`GetStage`).
    pub async fn rest_stage_settings(&self, api: &ApiId, stage: &StageName) -> Result<Settings, Failure> {
        let answer = self
            .send(&GET_STAGE, &format!("{api}/{stage}"), || {
                self.clients.v1.get_stage().rest_api_id(api.as_str()).stage_name(stage.as_str()).send()
            })
            .await?;
        Ok(settings::of_stage(&answer))
    }

    /// Reads the methods that a deployment froze, such as `GET /users` (`GetDeployment` with its summary).
    pub async fn rest_deployment_methods(
        &self,
        api: &ApiId,
        deployment: &DeploymentId,
    ) -> Result<BTreeSet<String>, Failure> {
        let answer = self
            .send(&GET_DEPLOYMENT, &format!("{api}/{deployment}"), || {
                let request = self.clients.v1.get_deployment().rest_api_id(api.as_str());
                request.deployment_id(deployment.as_str()).embed("apisummary").send()
            })
            .await?;
        let paths = answer.api_summary().into_iter().flatten();
        Ok(paths
            .flat_map(|(path, methods)| methods.keys().map(move |verb| format!("{verb} {path}")))
            .map(|name| text(Some(&name)))
            .collect())
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

    /// Reads one usage plan (`GetUsagePlan`), without its keys.
    pub async fn usage_plan(&self, plan: &UsagePlanId) -> Result<UsagePlan, Failure> {
        let answer = self
            .send(&GET_USAGE_PLAN, plan.as_str(), || {
                self.clients.v1.get_usage_plan().usage_plan_id(plan.as_str()).send()
            })
            .await?;
        Ok(translation::usage_plan_answer(&answer))
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
