//! The steps of a change, one after the other: each is sent once, and seen to have taken effect before the
//! next one goes.

use std::time::Duration;

use super::Progress;
use super::connections;
use super::fault_point;
use super::reading::settings_of;
use super::sending::{never_took_effect, send};
use crate::aws::{Mode, Operate, Session};
use crate::domain::change::{Lever, Outcome, Plan, Settings, Standing, Step};
use crate::domain::failure::{Failure, FailureKind};

/// Between two looks at the target.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// AWS answers with the new settings at once; reads may be behind for a moment.
const LOOKS_AT_SETTINGS: u32 = 30;
/// AWS: a flush takes seconds, and a cache that is made or resized takes minutes.
const LOOKS_AT_CACHE: u32 = 450;
/// After so many without a trace, a request whose answer was lost is taken for one that never arrived.
const LOOKS_FOR_ARRIVAL: u32 = 6;

/// How the steps ended.
pub struct Ended {
    pub outcome: Outcome,
    pub request_ids: Vec<String>,
}

/// What a step came to.
enum Fate {
    Done,
    /// It was not done, for certain.
    NotDone(String),
    Unknown(String),
}

/// Sends the steps of `plan` from the one with this place on.
pub async fn carry_out(
    session: &Session<Operate>,
    plan: &Plan,
    from: usize,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Ended {
    if plan.lever == Lever::CloseConnections {
        return connections::carry_out(session, plan, progress).await;
    }
    let mut request_ids = Vec::new();
    for (place, step) in plan.steps.iter().enumerate().skip(from) {
        progress(Progress::Sending(step.call.clone()));
        fault_point::pass("before-request", place + 1);
        let sent = send(session, &step.request).await;
        fault_point::pass("after-request", place + 1);
        let watch = Watch { session, plan, step, progress };
        let fate = match sent {
            Ok(request_id) => {
                request_ids.extend(request_id);
                watch.settle().await
            }
            Err(failure) => {
                request_ids.extend(failure.request_id.clone());
                if never_took_effect(failure.kind) {
                    Fate::NotDone(failure.to_string())
                } else {
                    watch.find_out(&failure).await
                }
            }
        };
        if let Some(outcome) = ended_by(plan, place, fate) {
            return Ended { outcome, request_ids };
        }
    }
    Ended { outcome: Outcome::Applied, request_ids }
}

/// The outcome of the whole where a step ends it.
fn ended_by(plan: &Plan, place: usize, fate: Fate) -> Option<Outcome> {
    match fate {
        Fate::Done => None,
        Fate::NotDone(why) if place == 0 => Some(Outcome::NotApplied { why }),
        Fate::NotDone(why) => Some(partly(plan, place, why)),
        Fate::Unknown(why) => Some(Outcome::Unknown { why }),
    }
}

/// The outcome where the first `done` steps are done and the others aren't.
pub fn partly(plan: &Plan, done: usize, why: String) -> Outcome {
    let names = |steps: &[Step]| steps.iter().map(|step| step.call.request.clone()).collect();
    let (done, not_done) = plan.steps.split_at(done);
    Outcome::Partly { done: names(done), not_done: names(not_done), why }
}

/// A look-out for one step's effect.
struct Watch<'change, M: Mode> {
    session: &'change Session<M>,
    plan: &'change Plan,
    step: &'change Step,
    progress: &'change (dyn Fn(Progress) + Send + Sync),
}

impl<M: Mode> Watch<'_, M> {
    /// AWS accepted it: waits until the target says so, and has settled.
    async fn settle(&self) -> Fate {
        let most = if self.step.settled.is_empty() { LOOKS_AT_SETTINGS } else { LOOKS_AT_CACHE };
        if !self.step.can_be_told() && self.step.settled.is_empty() {
            return Fate::Done;
        }
        let mut missing = String::new();
        for _ in 0..most {
            let read = settings_of(self.session, &self.plan.target).await;
            if read.as_ref().is_err_and(|failure| failure.kind == FailureKind::Cancelled) {
                return Fate::Unknown("AWS accepted it; the wait for its effect was broken off".to_owned());
            }
            // A failed look says nothing of the change: look again.
            missing = match &read {
                Ok(settings) => match self.missing(settings) {
                    Some(missing) => missing,
                    None => return Fate::Done,
                },
                Err(failure) => failure.to_string(),
            };
            (self.progress)(Progress::Waiting { seen: missing.clone() });
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        let seconds = (LOOK_AGAIN * most).as_secs();
        Fate::Unknown(format!("AWS accepted it, but after {seconds} s {missing}"))
    }

    /// What isn't as it should be in the end; none where all is.
    fn missing(&self, settings: &Settings) -> Option<String> {
        if self.step.can_be_told() && Standing::of(&self.step.changes, settings) != Standing::After {
            let wanted = self.step.changes.iter();
            let mut behind = wanted.filter(|change| settings.get(&change.setting) != change.after.as_deref());
            let differs = behind.next().map(|change| {
                let differs = self.plan.difference(&change.setting, change.after.as_ref(), settings);
                differs.into_iter().map(|field| format!("{} is {}", field.field, field.after)).collect()
            });
            return Some(differs.unwrap_or_else(Vec::new).join(", "));
        }
        let unsettled = self.step.settled.iter().find(|wanted| wanted.is_broken_by(settings))?;
        let now = settings.get(&unsettled.setting).unwrap_or("not set");
        Some(format!("{} is {now}", self.plan.label(&unsettled.setting)))
    }

    /// The answer was lost: the target tells whether it arrived. It isn't sent again.
    async fn find_out(&self, lost: &Failure) -> Fate {
        let mut seen_as_before = false;
        for _ in 0..LOOKS_FOR_ARRIVAL {
            match settings_of(self.session, &self.plan.target).await {
                Ok(settings) => match self.arrived(&settings) {
                    Some(true) => return self.settle().await,
                    Some(false) => seen_as_before = true,
                    None => return cannot_tell(lost),
                },
                Err(failure) if failure.kind == FailureKind::Cancelled => return cannot_tell(lost),
                // A failed look says nothing of the change: look again.
                Err(_) => seen_as_before = false,
            }
            (self.progress)(Progress::Waiting { seen: "no trace of it yet".to_owned() });
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        if seen_as_before {
            Fate::NotDone(format!("{lost}; {} is as it was", self.plan.target))
        } else {
            cannot_tell(lost)
        }
    }

    /// Whether the request has had an effect; none where nothing tells.
    fn arrived(&self, settings: &Settings) -> Option<bool> {
        if self.step.can_be_told() {
            return match Standing::of(&self.step.changes, settings) {
                Standing::After => Some(true),
                Standing::Before => Some(false),
                Standing::Neither => None,
            };
        }
        // A target that was settled and isn't any more is at it.
        let busy = self.step.settled.iter().any(|wanted| wanted.is_broken_by(settings));
        busy.then_some(true)
    }
}

fn cannot_tell(lost: &Failure) -> Fate {
    Fate::Unknown(format!("{lost}; whether it took effect can't be told"))
}
