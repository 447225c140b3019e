//! Changes whose process ended before their outcome was recorded: the target is read to find out.
//!
//! Nothing is sent again by itself. What can't be told stays so, and a person decides.

use super::apply::{Recording, lock, pinned_identity};
use super::connections;
use super::open::still_open;
use super::reading::state_of;
use super::steps::{self, Ended};
use super::{ChangeError, ChangeStore, Progress};
use crate::aws::{Operate, Priority, Session};
use crate::domain::change::{Lever, Outcome, Plan, Settings, Standing};
use crate::domain::history::{ChangeHistory, End};
use crate::ops::clock::Clock;

/// How far an unfinished change has come, by what its target says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Applied,
    NotApplied,
    /// The first `done` steps are done, and the others aren't.
    Partly {
        done: usize,
    },
    CannotBeTold {
        why: String,
    },
}

/// Compares a plan with what its target says now.
pub fn verdict(plan: &Plan, settings: &Settings) -> Verdict {
    if plan.lever == Lever::CloseConnections {
        return connections::verdict(plan, settings);
    }
    if plan.steps.iter().any(|step| !step.can_be_told()) {
        let why = format!("nothing that can be read tells whether it was done: {}", plan.lever.title());
        return Verdict::CannotBeTold { why };
    }
    // What later steps leave behind counts, and they come one after the other: so there are as many
    // standings as steps, and one more.
    let start = plan.rests_on();
    let mut state = Settings::default();
    for known in &start {
        if let Some(value) = &known.value {
            state.set(&known.setting, value);
        }
    }
    let names: Vec<&str> =
        plan.steps.iter().flat_map(|step| &step.changes).map(|change| change.setting.as_str()).collect();
    let same = |state: &Settings| names.iter().all(|name| state.get(name) == settings.get(name));
    let mut reached = same(&state).then_some(0);
    for (place, step) in plan.steps.iter().enumerate() {
        state = state.after(&step.changes);
        if same(&state) {
            reached = Some(place + 1);
        }
    }
    match reached {
        Some(0) => Verdict::NotApplied,
        Some(done) if done == plan.steps.len() => Verdict::Applied,
        Some(done) => Verdict::Partly { done },
        None => {
            let changes = plan.changes();
            let other = changes
                .iter()
                .find(|change| Standing::of(std::slice::from_ref(change), settings) == Standing::Neither);
            let why = other.map_or_else(
                || "its settings are partly as before and partly as after".to_owned(),
                |change| {
                    let differs = plan.difference(&change.setting, change.before.as_ref(), settings);
                    let found =
                        differs.into_iter().map(|field| format!("{} is {}", field.field, field.after));
                    format!("{}, which is neither before nor after", found.collect::<Vec<_>>().join(", "))
                },
            );
            Verdict::CannotBeTold { why }
        }
    }
}

/// What was done about an unfinished change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    pub outcome: Outcome,
    pub request_ids: Vec<String>,
    pub unrecorded: Option<String>,
}

/// Records what became of an unfinished change and, where `finish` says so, sends what it hasn't sent.
///
/// # Errors
/// As [`super::apply`]; also where somebody else has finished it meanwhile.
pub async fn recover(
    session: &Session<Operate>,
    change: &ChangeHistory,
    finish: bool,
    store: &ChangeStore,
    clock: &Clock,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Recovered, ChangeError> {
    let session = &session.with_priority(Priority::Change);
    let plan = &change.plan;
    progress(Progress::Checking);
    let identity = pinned_identity(session, &plan.region).await?;
    let held = lock(session, store, plan, clock).await?;
    let ended = match still_open(session, change, store).await {
        Ok(None) => find_out(session, plan, finish, progress).await,
        // This machine's journal knows it, and the team's doesn't yet.
        Ok(Some(End { outcome, request_ids, .. })) => Ok(Ended { outcome, request_ids }),
        Err(error) => Err(error),
    };
    let ended = match ended {
        Ok(ended) => ended,
        Err(error) => {
            held.release().await;
            return Err(error);
        }
    };
    let record =
        Recording { session, store, clock, identity: &identity, fence: held.fence(), change: &change.id };
    let unrecorded = record.end(&ended).await;
    held.release().await;
    progress(Progress::Done);
    Ok(Recovered { outcome: ended.outcome, request_ids: ended.request_ids, unrecorded })
}

/// What the target says became of it, and of the rest of it where `finish` has it sent.
async fn find_out(
    session: &Session<Operate>,
    plan: &Plan,
    finish: bool,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Ended, ChangeError> {
    let settings = state_of(session, plan).await?;
    let why = "its process ended before the outcome was recorded".to_owned();
    let ended = |outcome| Ended { outcome, request_ids: Vec::new() };
    Ok(match verdict(plan, &settings) {
        Verdict::Applied => ended(Outcome::Applied),
        Verdict::CannotBeTold { why: cause } => ended(Outcome::Unknown { why: format!("{why}; {cause}") }),
        Verdict::NotApplied if finish => steps::carry_out(session, plan, 0, progress).await,
        Verdict::NotApplied => ended(Outcome::NotApplied { why }),
        Verdict::Partly { done } if finish => steps::carry_out(session, plan, done, progress).await,
        Verdict::Partly { .. } if plan.lever == Lever::CloseConnections => {
            ended(connections::outcome(plan, &settings, why))
        }
        Verdict::Partly { done } => ended(steps::partly(plan, done, why)),
    })
}
