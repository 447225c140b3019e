//! Changes whose process ended before their outcome was recorded: the target is read to find out.
//!
//! Nothing is sent again by itself. What can't be told stays so, and a person decides.

use super::apply::{Recording, lock, pinned_identity};
use super::reading::settings_of;
use super::steps::{self, Ended};
use super::{ChangeError, ChangeStore, Progress};
use crate::aws::{Mode, Operate, Priority, Session};
use crate::domain::change::{Outcome, Plan, Refusal, Settings, Standing};
use crate::domain::history::{ChangeHistory, changes};
use crate::domain::journal::Record;
use crate::ops::clock::Clock;
use crate::ops::journal::JournalError;
use crate::ops::journal_reader::JournalReader;
use crate::ops::team_journal::TeamJournal;

/// Records that are looked through for unfinished changes. What lies further back was finished or given up.
const LOOKED_BACK: u16 = 1_000;

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

/// The changes that the journal has as unfinished, oldest first.
///
/// # Errors
/// Where the journal can't be read.
pub async fn open_changes<M: Mode>(
    session: &Session<M>,
    store: &ChangeStore,
) -> Result<Vec<ChangeHistory>, JournalError> {
    let records = recent_records(session, store).await?;
    Ok(changes(&records).into_iter().filter(|change| change.end.is_none()).collect())
}

/// The newest records of the store that all operators share or, without one, of this machine's.
async fn recent_records<M: Mode>(
    session: &Session<M>,
    store: &ChangeStore,
) -> Result<Vec<Record>, JournalError> {
    match &store.team {
        Some(team) => TeamJournal::open(session, team).last_records(LOOKED_BACK).await,
        None => JournalReader::File(store.journal.clone()).last_records(LOOKED_BACK).await,
    }
}

/// A target with an unfinished change takes no other: what it would rest on isn't known.
pub(super) async fn refuse_over_open(
    session: &Session<Operate>,
    store: &ChangeStore,
    plan: &Plan,
) -> Result<(), ChangeError> {
    let name = plan.target.lock_name(&plan.region);
    let open = open_changes(session, store).await?;
    let open = open.into_iter().find(|change| change.plan.target.lock_name(&change.plan.region) == name);
    match open {
        Some(change) => {
            let (target, change) = (plan.target.to_string(), change.id);
            Err(Refusal::Open { target, change }.into())
        }
        None => Ok(()),
    }
}

/// Records what became of an unfinished change and, where `finish` says so, sends what it hasn't sent.
///
/// # Errors
/// As [`super::apply`].
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
    let settings = match settings_of(session, &plan.target).await {
        Ok(settings) => settings,
        Err(failure) => {
            held.release().await;
            return Err(failure.into());
        }
    };
    let why = "its process ended before the outcome was recorded".to_owned();
    let ended = |outcome| Ended { outcome, request_ids: Vec::new() };
    let ended = match verdict(plan, &settings) {
        Verdict::Applied => ended(Outcome::Applied),
        Verdict::CannotBeTold { why: cause } => ended(Outcome::Unknown { why: format!("{why}; {cause}") }),
        Verdict::NotApplied if finish => steps::carry_out(session, plan, 0, progress).await,
        Verdict::NotApplied => ended(Outcome::NotApplied { why }),
        Verdict::Partly { done } if finish => steps::carry_out(session, plan, done, progress).await,
        Verdict::Partly { done } => ended(steps::partly(plan, done, why)),
    };
    let record =
        Recording { session, store, clock, identity: &identity, fence: held.fence(), change: &change.id };
    let unrecorded = record.end(&ended).await;
    held.release().await;
    progress(Progress::Done);
    Ok(Recovered { outcome: ended.outcome, request_ids: ended.request_ids, unrecorded })
}
