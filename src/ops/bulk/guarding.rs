//! The guard of a bulk: after each wave the stages that it changed are watched, and a breach takes back all
//! that the bulk did, newest first.

use std::ops::Range;
use std::sync::Mutex;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt as _};

use super::applying::{Run, new_bulk_id};
use super::{BulkEnd, BulkGrounds, BulkProgress, Orders, undoing};
use crate::aws::{Mode, Session};
use crate::domain::bulk::Stop;
use crate::domain::condition::watch::{Verdict, Watch, Watched};
use crate::ops::change::{self, ChangeError};
use crate::ops::clock::Clock;
use crate::ops::guard::{self, Ended, Guard, Post};

/// Guards that are proven at once.
const AT_ONCE: usize = 4;

/// What is watched after each wave, and what a breach does.
#[derive(Clone, Debug, PartialEq)]
pub struct BulkGuard {
    pub guard: Guard,
    pub posts: Posts,
    /// A breach takes back what was done; else it only stops the bulk.
    pub undo: bool,
}

/// Whose figures are watched.
#[derive(Clone, Debug, PartialEq)]
pub enum Posts {
    /// The same after each wave.
    One(Box<Post>),
    /// Those of the stages that the wave changed; one for each part of the plan.
    OfParts(Vec<Post>),
}

/// What the guard came to: of the wave that ended the bulk, or of the last one.
#[derive(Clone, Debug, PartialEq)]
pub struct GuardEnd {
    pub condition: String,
    /// Counted from 1.
    pub wave: usize,
    /// `passed`, `breached`, `unproven`, or `pending` where it was broken off.
    pub verdict: &'static str,
    pub why: String,
    /// What became of taking the changes back, where that was tried: or why it could not be.
    pub undone: Option<Result<Box<BulkEnd>, String>>,
    /// Each target whose change could not be taken back, and why.
    pub not_undone: Vec<String>,
}

/// How a watch between two waves ended.
pub(super) enum Seen {
    Passed(GuardEnd),
    Stopped(GuardEnd, Stop),
}

/// Asks before the first change whether the guard can be proven on everything that it will watch.
///
/// # Errors
/// As [`guard::prove`].
pub async fn prove<M: Mode>(
    session: &Session<M>,
    guard: &BulkGuard,
    clock: &Clock,
) -> Result<(), ChangeError> {
    let posts: &[Post] = match &guard.posts {
        Posts::One(post) => std::slice::from_ref(post),
        Posts::OfParts(posts) => posts,
    };
    let asked: Vec<_> =
        posts.iter().map(|post| Box::pin(guard::prove(session, &guard.guard, post, clock))).collect();
    let proven: Vec<Result<(), ChangeError>> = stream::iter(asked).buffered(AT_ONCE).collect().await;
    proven.into_iter().collect()
}

/// Watches what a wave changed.
pub(super) async fn watch(run: &Run<'_>, guard: &BulkGuard, wave: usize, places: Range<usize>) -> Seen {
    let posts: &[Post] = match &guard.posts {
        Posts::One(post) => std::slice::from_ref(post),
        Posts::OfParts(posts) => posts.get(places).unwrap_or_default(),
    };
    let Orders { clock, stop, .. } = *run.orders;
    let session = run.session;
    let said = Mutex::new(String::new());
    let seen = |name: &str, watched: &Watched| {
        let now = format!("{name}: {}", watched.verdict);
        if let Ok(mut before) = said.lock()
            && *before != now
        {
            before.clone_from(&now);
            (run.progress)(BulkProgress::Watching { seen: now });
        }
    };
    let watches: Vec<_> = posts
        .iter()
        .map(|post| {
            let watch =
                Watch::new(guard.guard.condition.clone(), session.now(clock.now()), guard.guard.lasting);
            let seen = &seen;
            Box::pin(async move {
                let name = format!("{}/{}", post.api.name, post.stage);
                let tell = |watched: &Watched| seen(&name, watched);
                let ended = guard::watch(session, &watch, post, clock, stop, &tell).await;
                (name.clone(), ended)
            })
        })
        .collect();
    let ended = join_all(watches).await;
    judge(run, guard, wave, &ended).await
}

/// The worst of what was watched decides.
async fn judge(run: &Run<'_>, guard: &BulkGuard, wave: usize, ended: &[(String, Ended)]) -> Seen {
    let condition = guard.guard.condition.to_string();
    let end = |verdict: &'static str, why: String| GuardEnd {
        condition: condition.clone(),
        wave,
        verdict,
        why,
        undone: None,
        not_undone: Vec::new(),
    };
    let told = |wanted: fn(&Verdict) -> bool| {
        let all = ended.iter().filter(|(_, ended)| wanted(&ended.watched.verdict));
        let told: Vec<String> =
            all.map(|(name, ended)| format!("{name} {}", ended.watched.verdict)).collect();
        (!told.is_empty()).then(|| told.join("; "))
    };
    if let Some(why) = told(|verdict| matches!(verdict, Verdict::Breached(_))) {
        let mut end = end("breached", why.clone());
        if guard.undo {
            take_back(run, &mut end).await;
        }
        return Seen::Stopped(end, Stop::Guard { why });
    }
    if ended.iter().any(|(_, ended)| ended.broken_off) {
        return Seen::Stopped(end("pending", "it was broken off".to_owned()), Stop::Operator);
    }
    if let Some(why) = told(|verdict| !matches!(verdict, Verdict::Passed)) {
        return Seen::Stopped(end("unproven", why.clone()), Stop::Guard { why });
    }
    Seen::Passed(end("passed", "passed".to_owned()))
}

/// Takes back what the bulk did so far. Its own lock is held meanwhile, so nobody else does.
async fn take_back(run: &Run<'_>, end: &mut GuardEnd) {
    let Orders { store, clock, region, .. } = *run.orders;
    let made = match change::known_changes(run.session, store).await {
        Ok(made) => made,
        Err(error) => return end.undone = Some(Err(error.to_string())),
    };
    let grounds = BulkGrounds { region, history: &made, store, clock, production_tag: None };
    let plan = match undoing::plan_of_standing(run.session, &run.bulk, false, &grounds).await {
        Ok(plan) => plan,
        Err(error) => return end.undone = Some(Err(error.to_string())),
    };
    end.not_undone = plan.refused.iter().map(|one| format!("{}: {}", one.target, one.why)).collect();
    if let Some(refusal) = plan.refusal() {
        return end.undone = Some(Err(refusal.to_string()));
    }
    let bulk = new_bulk_id(clock);
    (run.progress)(BulkProgress::TakingBack { bulk: bulk.clone() });
    // What was begun is finished, whatever the operator says.
    let never = tokio_util::sync::CancellationToken::new();
    let orders = Orders { stop: &never, guard: None, ..*run.orders };
    let silent = |_| {};
    let mut back = Run::new(run.session, &plan, bulk, &orders, &silent);
    Box::pin(back.wave(0..plan.parts.len())).await;
    let Run { bulk, parts, stop, .. } = back;
    end.undone = Some(Ok(Box::new(BulkEnd { bulk, parts, stop, guard: None })));
}
