//! Taking a change back: a plan like any other, made from what the journal says was done.

use super::facts::Shared;
use super::planning::{Asked, Grounds, address};
use super::reading::settings_of;
use super::{ChangeError, quota_extension, recovery, v2_surroundings, weighing};
use crate::aws::{Mode, Session};
use crate::domain::change::{Lever, Outcome, Plan, Refusal, Risk, SettingChange, Step, Undo};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::history::ChangeHistory;
use crate::domain::levers::{self, Draft, http_stage};

/// The plan that takes `change` back.
///
/// # Errors
/// `Refused` where it can't be, where nothing of it was done, or where somebody has changed the same
/// settings since: the difference is in the refusal.
pub async fn plan_undo<M: Mode>(
    session: &Session<M>,
    change: &ChangeHistory,
    grounds: &Grounds<'_>,
) -> Result<Plan, ChangeError> {
    plan_undo_with(session, change, WayBack::default(), grounds).await
}

/// What goes back only where it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WayBack {
    /// Turn `AutoDeploy` on again, which may deploy today's routes.
    pub auto_deploy: bool,
}

/// The plan that takes `change` back, this way.
///
/// # Errors
/// As [`plan_undo`]; also where `way` asks for what the change didn't alter.
pub async fn plan_undo_with<M: Mode>(
    session: &Session<M>,
    change: &ChangeHistory,
    way: WayBack,
    grounds: &Grounds<'_>,
) -> Result<Plan, ChangeError> {
    let plan = &change.plan;
    let (account, region) = (session.account(), session.region());
    if plan.region.account != *account || plan.region.region != *region {
        let message = format!("the change was made in {}, the session is in {account} {region}", plan.region);
        return Err(Failure::new("undo", change.id.as_str(), FailureKind::Conflict, &message)
            .with_hint("choose that account and region with --profile and --region")
            .into());
    }
    let no_undo = |why: String| ChangeError::from(Refusal::NoUndo { change: change.id.clone(), why });
    if let Undo::Impossible { why } = &plan.undo {
        return Err(no_undo(why.clone()));
    }
    let settings = settings_of(session, &plan.target).await?;
    let done = match change.end.as_ref().map(|end| &end.outcome) {
        Some(Outcome::NotApplied { why }) => return Err(no_undo(format!("nothing was changed: {why}"))),
        Some(Outcome::Applied) => plan.steps.len(),
        Some(Outcome::Partly { done, .. }) => done.len(),
        // Nobody knows, or its process ended: the target tells.
        Some(Outcome::Unknown { .. }) | None => match recovery::verdict(plan, &settings) {
            recovery::Verdict::Applied => plan.steps.len(),
            recovery::Verdict::Partly { done } => done,
            recovery::Verdict::NotApplied => return Err(no_undo("nothing was changed".to_owned())),
            recovery::Verdict::CannotBeTold { why } => return Err(no_undo(why)),
        },
    };
    if plan.lever == Lever::ExtendQuota {
        let draft = quota_extension::take_back(session, plan, &settings).await.map_err(no_undo)?;
        let back = address(session, plan.lever, &plan.target, draft, Some(change.id.clone()), grounds).await;
        return Ok(weighing::weighed(
            session,
            back,
            &settings,
            Asked::default(),
            grounds,
            &Shared::default(),
        )
        .await);
    }
    let mut back = way_back(&plan.steps[..done]);
    let switches = |change: &SettingChange| {
        change.setting == http_stage::AUTO_DEPLOY && change.after.as_deref() == Some("true")
    };
    if way.auto_deploy && !back.iter().any(switches) {
        return Err(no_undo("it didn't turn AutoDeploy off, so there is no --auto-deploy for it".to_owned()));
    }
    back.retain(|change| way.auto_deploy || !switches(change));
    if back.is_empty() {
        return Err(no_undo("it only turned AutoDeploy off; --auto-deploy turns it on again".to_owned()));
    }
    let difference: Vec<String> = back
        .iter()
        .filter(|change| settings.get(&change.setting) != change.before.as_deref())
        .flat_map(|change| plan.difference(&change.setting, change.before.as_ref(), &settings))
        .map(|differs| {
            format!("{} was set to {}, now it is {}", differs.field, differs.before, differs.after)
        })
        .collect();
    if !difference.is_empty() {
        let (target, change) = (plan.target.to_string(), change.id.clone());
        return Err(Refusal::ChangedSince { target, change, difference: difference.join("; ") }.into());
    }
    back.extend(levers::forgotten(plan, &settings));
    let settings = v2_surroundings::around_changes(session, &plan.target, &back, settings).await;
    let steps = levers::steps(&plan.target, &back, &settings)?;
    let draft = levers::named_as_in(plan, Draft::of_settings(&plan.target, steps));
    let draft = levers::weigh_undo(draft, plan).with_risk(if plan.risk == Risk::Low {
        Risk::Low
    } else {
        Risk::High
    });
    let back = address(session, plan.lever, &plan.target, draft, Some(change.id.clone()), grounds).await;
    Ok(weighing::weighed(session, back, &settings, Asked::default(), grounds, &Shared::default()).await)
}

/// All settings that these steps altered, back to what they were before the first of them.
fn way_back(steps: &[Step]) -> Vec<SettingChange> {
    let mut back: Vec<SettingChange> = Vec::new();
    for change in steps.iter().flat_map(|step| &step.changes) {
        match back.iter_mut().find(|known| known.setting == change.setting) {
            // The last value is what is there now, the first what was there before.
            Some(known) => known.before.clone_from(&change.after),
            None => back.push(change.reversed()),
        }
    }
    back.retain(|change| change.before != change.after);
    back
}
