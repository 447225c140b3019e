//! What a lever needs to know beside its target's settings: read only where the lever asks for it.

use tokio::sync::OnceCell;

use super::keys_and_plans;
use super::planning::Grounds;
use super::v2_surroundings::account_throttle;
use super::waf;
use crate::aws::{Mode, Session};
use crate::domain::change::{Outcome, Settings, Target};
use crate::domain::failure::Failure;
use crate::domain::id::DeploymentId;
use crate::domain::levers::{Facts, Wanted, http_stage, rest_stage, rollback};
use crate::domain::stage::Throttle;

/// What is the same for all targets of an account and region, so that several plans read it once.
#[derive(Debug, Default)]
pub struct Shared {
    account_throttle: OnceCell<Option<Throttle>>,
}

impl Shared {
    /// What limits all APIs of the account; none where it can't be read.
    pub async fn account_throttle<M: Mode>(&self, session: &Session<M>) -> Option<Throttle> {
        let read = || async { session.account_throttle().await.ok() };
        *self.account_throttle.get_or_init(read).await
    }
}

/// Reads what `wanted` asks for.
///
/// # Errors
/// Where the list of deployments can't be read; what only adds to a plan may be missing.
pub async fn gather<M: Mode>(
    session: &Session<M>,
    target: &Target,
    wanted: &Wanted,
    settings: &Settings,
    grounds: &Grounds<'_>,
    shared: &Shared,
) -> Result<Facts, Failure> {
    match (wanted, target) {
        (Wanted::SetThrottle { .. }, Target::HttpStage(_) | Target::WebSocketStage(_)) => {
            Ok(Facts { account_throttle: account_throttle(settings), ..Facts::default() })
        }
        (Wanted::SetThrottle { .. }, _) => {
            Ok(Facts { account_throttle: shared.account_throttle(session).await, ..Facts::default() })
        }
        (Wanted::Rollback { to }, Target::RestStage(stage)) => {
            let deployments = session.rest_deployments(&stage.api).await?;
            let present = settings.get(rest_stage::DEPLOYMENT);
            let previous = present.and_then(|present| before(present, target, grounds));
            let mut facts = Facts { deployments, previous, ..Facts::default() };
            let chosen = rollback::choose(target, to, present, &facts);
            if let (Ok((chosen, _)), Some(present)) = (chosen, present.map(DeploymentId::new)) {
                facts.present_methods = session.rest_deployment_methods(&stage.api, &present).await.ok();
                facts.wanted_methods = session.rest_deployment_methods(&stage.api, &chosen).await.ok();
            }
            Ok(facts)
        }
        (Wanted::Rollback { .. }, Target::HttpStage(stage) | Target::WebSocketStage(stage)) => {
            let deployments = session.v2_deployments(&stage.api).await?;
            let present = settings.get(http_stage::DEPLOYMENT);
            let previous = present.and_then(|present| before(present, target, grounds));
            Ok(Facts { deployments, previous, ..Facts::default() })
        }
        (Wanted::SwitchRule { rule, group_rule: Some(_), .. }, Target::WebAcl(acl)) => {
            let group_rules = waf::group_rules(session, acl, rule, settings).await?;
            Ok(Facts { group_rules, ..Facts::default() })
        }
        (Wanted::AttachWebAcl { acl }, Target::RestStage(_)) => {
            let web_acl = Some(crate::ops::waf::web_acl(session, acl).await?);
            Ok(Facts { web_acl, present_web_acl: waf::present(session, settings).await, ..Facts::default() })
        }
        (Wanted::DetachWebAcl, Target::RestStage(_)) => {
            Ok(Facts { present_web_acl: waf::present(session, settings).await, ..Facts::default() })
        }
        (_, Target::UsagePlan(_)) => keys_and_plans::plan_facts(session, wanted).await,
        (_, Target::ApiKey(key)) => {
            keys_and_plans::key_facts(session, target, &key.id, wanted, settings).await
        }
        _ => Ok(Facts::default()),
    }
}

/// What the stage pointed at before it pointed at `present`, by the newest change that the journal has of it.
fn before(present: &str, target: &Target, grounds: &Grounds<'_>) -> Option<DeploymentId> {
    let changes = grounds.history.iter().rev().filter(|change| {
        change.plan.target == *target
            && change.end.as_ref().is_some_and(|end| end.outcome == Outcome::Applied)
    });
    let mut moves = changes.flat_map(|change| change.plan.changes());
    let found = moves.find(|change| {
        change.setting == rest_stage::DEPLOYMENT && change.after.as_deref() == Some(present)
    })?;
    found.before.map(DeploymentId::new)
}
