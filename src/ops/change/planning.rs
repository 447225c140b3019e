//! Plans: the target is read anew, the lever's rules say what to send, and the traffic says whom it concerns.

use super::facts::Shared;
use super::reading::settings_of;
use super::sending::{grants, planned_call};
use super::{ChangeError, facts, keys_and_plans, traffic, v2_surroundings, weighing};
use crate::aws::{Mode, Session};
use crate::domain::api::Api;
use crate::domain::change::{Lever, Plan, Refusal, Step, Target};
use crate::domain::estate::RegionEstate;
use crate::domain::history::ChangeHistory;
use crate::domain::id::ChangeId;
use crate::domain::identity::RegionKey;
use crate::domain::levers::{self, Draft, DraftStep, Wanted};
use crate::domain::production::ProductionTag;
use crate::ops::clock::Clock;

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
    /// What marks an API as production; none where no tag does.
    pub production_tag: Option<&'plan ProductionTag>,
}

impl Grounds<'_> {
    /// Whether an API is production by its tags.
    pub(super) fn is_production(&self, api: &Api) -> bool {
        self.production_tag.is_some_and(|tag| tag.is_among(&api.tags))
    }
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
    plan_with(session, target, wanted, Asked::default(), grounds).await
}

/// What is found out only where it is asked for, since it takes long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Whose requests a throttle would refuse, from access logs.
    pub by_whom: bool,
}

/// The same, with what is asked for beside it.
///
/// # Errors
/// As [`plan`].
pub async fn plan_with<M: Mode>(
    session: &Session<M>,
    target: &Target,
    wanted: &Wanted,
    asked: Asked,
    grounds: &Grounds<'_>,
) -> Result<Plan, ChangeError> {
    plan_of(session, target, wanted, asked, grounds, &Shared::default()).await
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
    plan_of(session, target, wanted, Asked::default(), grounds, shared).await
}

async fn plan_of<M: Mode>(
    session: &Session<M>,
    target: &Target,
    wanted: &Wanted,
    asked: Asked,
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
    let plan = address(session, wanted.lever(), target, draft, None, grounds).await;
    Ok(weighing::weighed(session, plan, &settings, asked, grounds, shared).await)
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
    let (blast_radius, unknown) = traffic::blast_radius(session, lever, target, &draft, grounds).await;
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
        risk: draft.risk,
        steps: draft.steps.into_iter().map(step).collect(),
        fields: draft.fields,
        iam,
        blast_radius,
        cost: draft.cost,
        undo: draft.undo,
        preconditions: draft.preconditions,
        warnings,
        what_if: None,
        guard: None,
        quota: None,
        undoes,
        bulk: None,
        planned_at: grounds.clock.now(),
    }
}

fn step(draft: DraftStep) -> Step {
    let DraftStep { request, changes, settled } = draft;
    Step { call: planned_call(&request), request, changes, settled }
}
