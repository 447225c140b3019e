//! Insights queries: started, run beside the service, and asked for their results.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::archive::{Archive, Source, Streams, Wish};
use super::fault;
use super::insights::{Answer, Pipeline, Query, RowEvent};
use super::pattern::Pattern;
use crate::server::fault::Fault;

/// How many queries are remembered. AWS keeps results for seven days.
const MOST_KEPT: usize = 200;
/// AWS: queries that run at the same time.
const MOST_RUNNING: usize = 30;
/// How long a query is scheduled, and how long it takes at least: clients shall meet each status.
const SCHEDULED: SignedDuration = SignedDuration::from_millis(150);
const SHORTEST: SignedDuration = SignedDuration::from_millis(700);

/// AWS's status of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Scheduled,
    Running,
    Complete,
    Cancelled,
}

impl Status {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "Scheduled",
            Self::Running => "Running",
            Self::Complete => "Complete",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// What a query has done so far.
#[derive(Clone, Debug)]
pub struct Progress {
    pub status: Status,
    /// Shared: it may hold 100,000 rows.
    pub answer: Arc<Answer>,
    pub scanned: usize,
    pub bytes: usize,
}

/// A query that was started.
#[derive(Debug)]
pub struct Run {
    pub id: String,
    pub text: String,
    pub groups: Vec<String>,
    pub created: Timestamp,
    is_cancelled: AtomicBool,
    progress: Mutex<Progress>,
}

/// What is to be asked of what.
#[derive(Debug)]
pub struct Job {
    pub query: Query,
    pub text: String,
    pub sources: Vec<Source>,
    /// Milliseconds since the epoch.
    pub range: std::ops::Range<i64>,
    pub limit: Option<usize>,
}

/// The queries of an account, newest first.
#[derive(Debug, Default)]
pub struct Queries {
    runs: Mutex<VecDeque<Arc<Run>>>,
}

impl Queries {
    /// Starts a query, and says its id.
    pub fn start(&self, archive: &Archive, job: Job) -> Result<String, Fault> {
        let bits: u128 = rand::random();
        let hex = format!("{bits:032x}");
        let id = format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..]);
        let run = Arc::new(Run {
            id: id.clone(),
            text: job.text.clone(),
            groups: job.sources.iter().map(|source| source.group.name.clone()).collect(),
            created: archive.clock.now(),
            is_cancelled: AtomicBool::new(false),
            progress: Mutex::new(Progress {
                status: Status::Scheduled,
                answer: Arc::default(),
                scanned: 0,
                bytes: 0,
            }),
        });
        {
            let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
            let is_busy =
                |run: &&Arc<Run>| matches!(run.progress().status, Status::Scheduled | Status::Running);
            if runs.iter().filter(is_busy).count() >= MOST_RUNNING {
                return Err(Fault::new(
                    400,
                    "LimitExceededException",
                    format!("Account maximum query concurrency limit of [{MOST_RUNNING}] reached."),
                ));
            }
            runs.push_front(Arc::clone(&run));
            runs.truncate(MOST_KEPT);
        }
        let archive = archive.clone();
        let work = move || run.work(&archive, &job);
        match tokio::runtime::Handle::try_current() {
            // Nobody waits for the task: it tells of itself in the run.
            Ok(runtime) => drop(runtime.spawn_blocking(work)),
            Err(_) => work(),
        }
        Ok(id)
    }

    /// The query with this id.
    pub fn find(&self, id: &str) -> Result<Arc<Run>, Fault> {
        self.all()
            .into_iter()
            .find(|run| run.id == id)
            .ok_or_else(|| fault::not_found("The specified query does not exist."))
    }

    /// Every query, newest first.
    pub fn all(&self) -> Vec<Arc<Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Run {
    /// What the query has done so far.
    fn progress(&self) -> Progress {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What clients are told of it at this instant.
    pub fn shown(&self, archive: &Archive) -> Progress {
        let mut progress = self.progress();
        let age = archive.clock.now().duration_since(self.created);
        // A clock that stands still would never let a query end.
        if progress.status != Status::Cancelled && !archive.clock.is_manual() && age < SHORTEST {
            progress.status = if age < SCHEDULED { Status::Scheduled } else { Status::Running };
            progress.answer = Arc::default();
        }
        progress
    }

    /// Stops the query; false if it had ended.
    pub fn cancel(&self, archive: &Archive) -> bool {
        let is_busy = matches!(self.shown(archive).status, Status::Scheduled | Status::Running);
        if is_busy {
            self.is_cancelled.store(true, Ordering::Release);
            self.update(|progress| progress.status = Status::Cancelled);
        }
        is_busy
    }

    fn update(&self, update: impl FnOnce(&mut Progress)) {
        update(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Acquire)
    }

    fn work(&self, archive: &Archive, job: &Job) {
        self.update(|progress| {
            if progress.status == Status::Scheduled {
                progress.status = Status::Running;
            }
        });
        let account_id: Rc<str> = Rc::from(archive.look(|estate, _| estate.account_id.clone()));
        let mut pipeline = Pipeline::new(&job.query, job.sources.len() == 1, job.limit);
        let (pattern, streams) = (Pattern::everything(), Streams::All);
        for source in &job.sources {
            let group: Rc<str> = Rc::from(source.group.name.as_str());
            let wish =
                Wish { range: job.range.clone(), pattern: &pattern, streams: &streams, newest_first: true };
            archive.read(
                source,
                &wish,
                |event| {
                    pipeline.add(RowEvent::new(event, Rc::clone(&account_id), Rc::clone(&group)));
                    ControlFlow::Continue(())
                },
                |window| {
                    self.update(|progress| {
                        progress.scanned += window.scanned;
                        progress.bytes += window.bytes;
                    });
                    if self.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                },
            );
        }
        let answer = Arc::new(pipeline.finish());
        self.update(|progress| {
            if progress.status != Status::Cancelled {
                progress.status = Status::Complete;
                progress.answer = answer;
            }
        });
    }
}
