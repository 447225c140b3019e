//! Plans: the target is read anew, the lever's rules say what to send, and the traffic says whom it concerns.

use super::facts::Shared;
use super::reading::settings_of;
use super::sending::{grants, planned_call};
use super::{ChangeError, facts, keys_and_plans, traffic, v2_surroundings, what_if};
use crate::aws::{Mode, Session};
use crate::domain::api::Api;
use crate::domain::change::{BlastRadius, Lever, Plan, Refusal, Risk, Step, Target};
use crate::domain::estate::RegionEstate;
use crate::domain::history::ChangeHistory;
use crate::domain::id::ChangeId;
use crate::domain::identity::RegionKey;
use crate::domain::levers::{self, Draft, DraftStep, Wanted};
use crate::ops::clock::Clock;

/// From this many requests per second shifted to the backend on, the target's name must be typed.
const HIGH_RISK_PER_SECOND: f64 = 500.0;

/// What is known where a plan is made.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'plan> {
    /// Tells whether a stage's metrics are its own.
    pub region: &'plan RegionEstate,
    /// The API of a stage.
    pub api: Option<&'plan Api>,
    /// What the journal tells of earlier changes, oldest first.
    pub history: &'plan [ChangeHistory],
    pub clock: &'plan Clock,
}

/// Reads the target anew and says what `wanted` would do to it.
///
/// # Errors
/// `Refused` where there is nothing to do or it isn't legal, `Failed` where the target can't be read.
/// Without metrics there is still a plan; it says that the traffic is unknown.
pub async fn plan<M: Mode>(
    session: &Session<M>,
    target: &Target,
    wanted: &Wanted,
    grounds: &Grounds<'_>,
) -> Result<Plan, ChangeError> {
    plan_sharing(session, target, wanted, grounds, &Shared::default()).await
}

/// The same, beside other plans of the same session.
///
/// # Errors
/// As [`plan`].
pub async fn plan_sharing<M: Mode>(
    session: &Session<M>,
    target: &Target,
    wanted: &Wanted,
    grounds: &Grounds<'_>,
    shared: &Shared,
) -> Result<Plan, ChangeError> {
    // What no reading can mend is refused before any.
    if !wanted.lever().is_on(target) {
        let (target, kind, what) = (target.to_string(), target.kind(), wanted.lever().title());
        return Err(Refusal::NotOnThisKind { target, kind, what }.into());
    }
    let settings = settings_of(session, target).await?;
    let settings = v2_surroundings::around(session, target, wanted, settings).await;
    let facts = facts::gather(session, target, wanted, &settings, grounds, shared).await?;
    let draft = levers::draft(target, wanted, &settings, &facts)?;
    let mut plan = address(session, wanted.lever(), target, draft, None, grounds).await;
    if let Wanted::SetThrottle { method, .. } = wanted {
        match what_if::forecast(session, &plan, method, &settings, facts.account_throttle, grounds).await {
            Ok(forecast) => plan.what_if = forecast,
            Err(why) => {
                plan.warnings.push(format!("what the last hour's traffic would have met is unknown: {why}"));
            }
        }
    }
    Ok(plan)
}

/// Makes a draft a plan for this account and region.
pub(super) async fn address<M: Mode>(
    session: &Session<M>,
    lever: Lever,
    target: &Target,
    draft: Draft,
    undoes: Option<ChangeId>,
    grounds: &Grounds<'_>,
) -> Plan {
    let draft = keys_and_plans::with_turn(session, draft).await;
    let (blast_radius, unknown) = traffic::blast_radius(session, lever, target, grounds).await;
    let region = session.region().as_str();
    let mut iam: Vec<String> = Vec::new();
    for grant in draft.steps.iter().flat_map(|step| grants(&step.request, region)) {
        if !iam.contains(&grant) {
            iam.push(grant);
        }
    }
    let mut warnings = draft.warnings;
    warnings.extend(unknown);
    Plan {
        lever,
        region: RegionKey { account: session.identity().account.clone(), region: session.region().clone() },
        target: target.clone(),
        risk: draft.risk.max(risk_of(lever, &blast_radius)),
        steps: draft.steps.into_iter().map(step).collect(),
        fields: draft.fields,
        iam,
        blast_radius,
        cost: draft.cost,
        undo: draft.undo,
        preconditions: draft.preconditions,
        warnings,
        what_if: None,
        undoes,
        bulk: None,
        planned_at: grounds.clock.now(),
    }
}

fn step(draft: DraftStep) -> Step {
    let DraftStep { request, changes, settled } = draft;
    Step { call: planned_call(&request), request, changes, settled }
}

/// A flush weighs as much as what it shifts to the backend; an unknown load is treated as a large one.
fn risk_of(lever: Lever, radius: &BlastRadius) -> Risk {
    let shifted = radius.shifted_to_backend_per_second;
    match (lever, shifted) {
        (Lever::FlushStageCache, Some(shifted)) if shifted < HIGH_RISK_PER_SECOND => Risk::Low,
        (Lever::FlushStageCache, _) => Risk::High,
        _ => Risk::Low,
    }
}
