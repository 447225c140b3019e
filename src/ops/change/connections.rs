//! Closing connections: one by one at a rate, each seen to be gone.
//!
//! A connection that is closed twice is closed: what was cut off in the middle is gone on with by reading which are
//! open, and clients that left by themselves are no reason to stop.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt as _};

use super::sending::{grants, never_took_effect, planned_call};
use super::steps::Ended;
use super::{Progress, Verdict, fault_point};
use crate::aws::{Mode, Operate, Session};
use crate::domain::change::{
    BlastRadius, ConnectionsTarget, FieldChange, Lever, Outcome, Plan, Request, Risk, Settings, Step, Target,
    Undo,
};
use crate::domain::count::Pace;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::identity::RegionKey;
use crate::ops::clock::Clock;

/// Connections that one change closes at most: their ids stand in its record, and an item of the team's table holds
/// 400 KB.
pub const MOST_CLOSED: usize = 10_000;
/// Requests under way at once.
const AT_ONCE: usize = 8;
/// Looks at a connection until it is gone, or an answer that was lost is given up.
const LOOKS: u32 = 5;
const LOOK_AGAIN: Duration = Duration::from_millis(400);
/// What a connection reads while it is there.
const OPEN: &str = "open";

/// The connections of one plan, by where each is managed.
#[derive(Clone, Debug, PartialEq)]
pub struct Closing {
    pub target: ConnectionsTarget,
    /// Each a [`Request::CloseConnections`].
    pub requests: Vec<Request>,
    pub warnings: Vec<String>,
}

/// Plans to close them.
pub fn plan_closing<M: Mode>(session: &Session<M>, closing: Closing, clock: &Clock) -> Plan {
    let Closing { target, requests, mut warnings } = closing;
    let count = target.connections;
    warnings.push("each client is cut off, and connects anew by itself where it is built to".to_owned());
    let mut iam: Vec<String> =
        requests.iter().flat_map(|request| grants(request, session.region().as_str())).collect();
    iam.dedup();
    let fields = vec![FieldChange {
        field: "open connections".to_owned(),
        before: count.to_string(),
        after: "0".to_owned(),
    }];
    let step = |request: Request| Step {
        call: planned_call(&request),
        request,
        changes: Vec::new(),
        settled: Vec::new(),
    };
    Plan {
        lever: Lever::CloseConnections,
        region: RegionKey { account: session.account().clone(), region: session.region().clone() },
        target: Target::Connections(target),
        risk: if count > 100 { Risk::High } else { Risk::Low },
        steps: requests.into_iter().map(step).collect(),
        fields,
        iam,
        blast_radius: BlastRadius::default(),
        cost: None,
        undo: Undo::Impossible { why: "a connection that is closed can't be opened from here".to_owned() },
        preconditions: Vec::new(),
        warnings,
        what_if: None,
        quota: None,
        guard: None,
        undoes: None,
        bulk: None,
        planned_at: clock.now(),
    }
}

/// Every connection of a plan with the endpoint that manages it.
fn connections(plan: &Plan) -> Vec<(&str, &str)> {
    let groups = plan.steps.iter().filter_map(|step| match &step.request {
        Request::CloseConnections { endpoint, ids, .. } => Some((endpoint.as_str(), ids)),
        _ => None,
    });
    groups.flat_map(|(endpoint, ids)| ids.iter().map(move |id| (endpoint, id.as_str()))).collect()
}

/// Which of a plan's connections are open, by id.
///
/// # Errors
/// Where that can't be told of all.
pub async fn state_of<M: Mode>(session: &Session<M>, plan: &Plan) -> Result<Settings, Failure> {
    let all = &connections(plan);
    // By their places: a closure over borrowed texts could not go to another thread.
    let look = |place: usize| async move {
        let Some((endpoint, id)) = all.get(place) else { return Ok(None) };
        let open = session.is_connected(endpoint, id).await?;
        Ok::<_, Failure>(open.then(|| ((*id).to_owned(), OPEN.to_owned())))
    };
    let mut looks = stream::iter(0..all.len()).map(look).buffer_unordered(AT_ONCE);
    let mut settings = Settings::default();
    while let Some(look) = looks.next().await {
        if let Some((id, state)) = look? {
            settings.set(id, state);
        }
    }
    Ok(settings)
}

/// How far a plan has come, by which of its connections are open.
pub fn verdict(plan: &Plan, settings: &Settings) -> Verdict {
    let all = connections(plan);
    let open = all.iter().filter(|(_, id)| settings.get(id).is_some()).count();
    if open == 0 {
        Verdict::Applied
    } else if open == all.len() {
        Verdict::NotApplied
    } else {
        let is_done = |step: &&Step| match &step.request {
            Request::CloseConnections { ids, .. } => ids.iter().all(|id| settings.get(id).is_none()),
            _ => true,
        };
        Verdict::Partly { done: plan.steps.iter().take_while(is_done).count() }
    }
}

/// What a change that was cut off came to, in numbers.
pub fn outcome(plan: &Plan, settings: &Settings, why: String) -> Outcome {
    let all = connections(plan);
    let open = all.iter().filter(|(_, id)| settings.get(id).is_some()).count();
    told(all.len() - open, open, why)
}

fn told(closed: usize, open: usize, why: String) -> Outcome {
    match (closed, open) {
        (_, 0) => Outcome::Applied,
        (0, _) => Outcome::NotApplied { why },
        _ => Outcome::Partly {
            done: vec![format!("{closed} connections closed")],
            not_done: vec![format!("{open} connections open")],
            why,
        },
    }
}

/// Closes every connection of a plan that is open.
pub async fn carry_out(
    session: &Session<Operate>,
    plan: &Plan,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Ended {
    let rate = plan.steps.iter().find_map(|step| match step.request {
        Request::CloseConnections { per_second, .. } => Some(per_second),
        _ => None,
    });
    for step in &plan.steps {
        progress(Progress::Sending(step.call.clone()));
    }
    let all = &connections(plan);
    let (pace, begun) = (std::sync::Mutex::new(Pace::new(rate.unwrap_or(1.0))), Instant::now());
    let (stopped, closed) = (AtomicBool::new(false), AtomicUsize::new(0));
    let closing = |place: usize| {
        let (pace, stopped, closed, total) = (&pace, &stopped, &closed, all.len());
        async move {
            let (endpoint, id) = all.get(place).filter(|_| !stopped.load(Ordering::Relaxed))?;
            let wait = {
                let mut pace = pace.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let wait = pace.wait(begun.elapsed());
                pace.spend(1.0);
                wait
            };
            tokio::time::sleep(wait).await;
            let done = close(session, endpoint, id, place + 1).await;
            match &done {
                Ok(_) => {
                    let closed = closed.fetch_add(1, Ordering::Relaxed) + 1;
                    progress(Progress::Waiting { seen: format!("{closed} of {total} closed") });
                }
                // What one may not do, none may.
                Err(NotClosed { failure: Some(kind), .. })
                    if matches!(
                        kind,
                        FailureKind::AccessDenied
                            | FailureKind::Credentials
                            | FailureKind::Cancelled
                            | FailureKind::Refused
                            | FailureKind::Configuration
                    ) =>
                {
                    stopped.store(true, Ordering::Relaxed);
                }
                Err(_) => {}
            }
            Some(done)
        }
    };
    let mut closings = stream::iter(0..all.len()).map(closing).buffered(AT_ONCE);
    let (mut request_ids, mut first, mut open) = (Vec::new(), None, 0);
    while let Some(closing) = closings.next().await {
        match closing {
            // An id for each of thousands of requests would tell nobody anything.
            Some(Ok(request_id)) if request_ids.len() < 20 => request_ids.extend(request_id),
            Some(Ok(_)) => {}
            Some(Err(not_closed)) => {
                open += 1;
                first.get_or_insert(not_closed);
            }
            None => open += 1,
        }
    }
    let outcome = match first {
        // Nothing is closed for certain, and what was sent may arrive yet.
        Some(NotClosed { why, failure: Some(kind) }) if open == all.len() && !never_took_effect(kind) => {
            Outcome::Unknown { why }
        }
        Some(NotClosed { why, .. }) => told(all.len() - open, open, why),
        None => Outcome::Applied,
    };
    Ended { outcome, request_ids }
}

/// Why a connection is not known to be closed.
#[derive(Debug)]
struct NotClosed {
    why: String,
    failure: Option<FailureKind>,
}

/// Closes one, and looks until it is gone. Where an answer is lost it is closed once more only if it is still open.
async fn close(
    session: &Session<Operate>,
    endpoint: &str,
    id: &str,
    place: usize,
) -> Result<Option<String>, NotClosed> {
    fault_point::pass("before-request", place);
    let mut sent = session.close_connection(endpoint, id).await;
    fault_point::pass("after-request", place);
    let mut seen = NotClosed { why: format!("{id} is still open after it was closed"), failure: None };
    for look in 0..LOOKS {
        if let Err(failure) = &sent
            && (never_took_effect(failure.kind) && !failure.kind.may_pass())
        {
            return Err(NotClosed { why: failure.to_string(), failure: Some(failure.kind) });
        }
        match session.is_connected(endpoint, id).await {
            Ok(false) => return Ok(sent.ok().flatten()),
            Ok(true) if sent.is_err() => {
                tokio::time::sleep(LOOK_AGAIN * (look + 1)).await;
                sent = session.close_connection(endpoint, id).await;
                if let Err(failure) = &sent {
                    seen = NotClosed { why: failure.to_string(), failure: Some(failure.kind) };
                }
            }
            Ok(true) => tokio::time::sleep(LOOK_AGAIN).await,
            Err(failure) => {
                seen = NotClosed { why: failure.to_string(), failure: Some(failure.kind) };
                if !failure.kind.may_pass() {
                    return Err(seen);
                }
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
    }
    Err(seen)
}
