//! Amazon API Gateway, second control plane: HTTP and WebSocket APIs.
//!
//! Paged by hand, since the SDK crate has no paginators for these lists. AWS documents no upper
//! bound of `MaxResults`, so its own page size is left alone.

mod change;
mod private_access;
mod settings;
mod translation;

use super::mode::Mode;
use super::operations::{
    V2_GET_APIS, V2_GET_AUTHORIZERS, V2_GET_DEPLOYMENTS, V2_GET_ROUTES, V2_GET_STAGE, V2_GET_STAGES,
};
use super::paging::Pages;
use super::session::Session;
use crate::domain::api::{Api, ApiKind, ApiOperation, Authorizer};
use crate::domain::change::Settings;
use crate::domain::deployment::Deployment;
use crate::domain::failure::Failure;
use crate::domain::id::{ApiId, StageName};
use crate::domain::stage::Stage;

/// Reads all pages of a list that belongs to one API.
macro_rules! all_of {
    ($session:ident, $operation:ident, $api:ident, $call:ident, $item:expr) => {{
        let mut pages = Pages::default();
        let mut all = Vec::new();
        loop {
            let answer = $session
                .send(&$operation, $api.as_str(), || {
                    $session.clients.v2.$call().api_id($api.as_str()).set_next_token(pages.token()).send()
                })
                .await?;
            all.extend(answer.items().iter().map($item));
            if !pages.advance(answer.next_token, &$operation, $api.as_str())? {
                break all;
            }
        }
    }};
}

impl<M: Mode> Session<M> {
    /// Reads all HTTP and WebSocket APIs, a page at a time (`GetApis`).
    pub async fn v2_apis(&self, mut on_page: impl FnMut(Vec<Api>) + Send) -> Result<(), Failure> {
        let mut pages = Pages::default();
        loop {
            let answer = self
                .send(&V2_GET_APIS, "", || self.clients.v2.get_apis().set_next_token(pages.token()).send())
                .await?;
            on_page(answer.items().iter().map(translation::api).collect());
            if !pages.advance(answer.next_token, &V2_GET_APIS, "")? {
                return Ok(());
            }
        }
    }

    /// Reads all stages of an API (`GetStages`).
    pub async fn v2_stages(&self, api: &ApiId) -> Result<Vec<Stage>, Failure> {
        Ok(all_of!(self, V2_GET_STAGES, api, get_stages, |stage| translation::stage(api, stage)))
    }

    /// Reads what can be changed of one stage of an API of this kind (`GetStage`).
    pub async fn v2_stage_settings(
        &self,
        api: &ApiId,
        stage: &StageName,
        kind: ApiKind,
    ) -> Result<Settings, Failure> {
        let answer = self
            .send(&V2_GET_STAGE, &format!("{api}/{stage}"), || {
                self.clients.v2.get_stage().api_id(api.as_str()).stage_name(stage.as_str()).send()
            })
            .await?;
        Ok(settings::of_stage(&answer, kind))
    }

    /// Reads all deployments of an API, the newest first (`GetDeployments`).
    pub async fn v2_deployments(&self, api: &ApiId) -> Result<Vec<Deployment>, Failure> {
        let mut deployments: Vec<Deployment> =
            all_of!(self, V2_GET_DEPLOYMENTS, api, get_deployments, |item| translation::deployment(
                api, item
            ));
        deployments.sort_by_key(|deployment| std::cmp::Reverse(deployment.created));
        Ok(deployments)
    }

    /// Reads all routes of an API (`GetRoutes`).
    pub async fn v2_operations(&self, api: &ApiId) -> Result<Vec<ApiOperation>, Failure> {
        let mut routes: Vec<ApiOperation> =
            all_of!(self, V2_GET_ROUTES, api, get_routes, translation::operation);
        routes.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(routes)
    }

    /// Reads all authorizers of an API (`GetAuthorizers`).
    pub async fn v2_authorizers(&self, api: &ApiId) -> Result<Vec<Authorizer>, Failure> {
        Ok(all_of!(self, V2_GET_AUTHORIZERS, api, get_authorizers, translation::authorizer))
    }
}
