//! Taking a change back: a plan like any other, made from what the journal says was done.

use super::planning::{Grounds, address};
use super::reading::settings_of;
use super::{ChangeError, quota_extension, recovery};
use crate::aws::{Mode, Session};
use crate::domain::change::{Lever, Outcome, Plan, Refusal, Risk, SettingChange, Step, Undo};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::history::ChangeHistory;
use crate::domain::levers::{self, Draft};

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
        return Ok(address(session, plan.lever, &plan.target, draft, Some(change.id.clone()), grounds).await);
    }
    let back = way_back(&plan.steps[..done]);
    let difference: Vec<String> = back
        .iter()
        .filter(|change| settings.get(&change.setting) != change.before.as_deref())
        .map(|change| {
            let shown = |value: Option<&str>| value.unwrap_or("not set").to_owned();
            format!(
                "{} was set to {}, now it is {}",
                plan.label(&change.setting),
                shown(change.before.as_deref()),
                shown(settings.get(&change.setting))
            )
        })
        .collect();
    if !difference.is_empty() {
        let (target, change) = (plan.target.to_string(), change.id.clone());
        return Err(Refusal::ChangedSince { target, change, difference: difference.join("; ") }.into());
    }
    let mut back = back;
    back.extend(levers::forgotten(plan, &settings));
    let steps = levers::steps(&plan.target, &back, &settings)?;
    let draft = Draft::of_settings(&plan.target, steps);
    let draft = levers::weigh_undo(draft, plan).with_risk(if plan.risk == Risk::Low {
        Risk::Low
    } else {
        Risk::High
    });
    Ok(address(session, plan.lever, &plan.target, draft, Some(change.id.clone()), grounds).await)
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
