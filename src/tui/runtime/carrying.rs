//! The one piece of work of its kind that may run: carried out beside the tasks that only read, since it is not to be
//! torn off when the console is left.

use std::time::Duration;

use tokio::task::{JoinError, JoinHandle};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// A kind of work, as whoever leaves it hears of it.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// `the change to`: its name follows.
    pub what: &'static str,
    /// How long the console's end waits for its record.
    pub longest_end: Duration,
    /// What holds where that was too short, behind its name.
    pub cut_off: &'static str,
}

/// What is being carried out, where something is.
#[derive(Debug)]
pub struct Carrying {
    kind: Kind,
    running: Option<Running>,
}

/// How work that runs is told to come to its end.
#[derive(Clone, Debug, Default)]
pub struct Brakes {
    /// Begin nothing else; what was begun goes on to its end.
    pub stop: CancellationToken,
    /// Break off whatever is only waited for, since the console is left.
    pub leave: CancellationToken,
}

#[derive(Debug)]
struct Running {
    name: String,
    brakes: Brakes,
    /// What there is to say of its end to whoever left before.
    task: JoinHandle<String>,
}

impl Carrying {
    pub const fn new(kind: Kind) -> Self {
        Self { kind, running: None }
    }

    /// Begins work that gives what is to be said of its end. The model lets no second one begin while one runs.
    pub fn begin(
        &mut self,
        name: String,
        brakes: Brakes,
        work: impl Future<Output = String> + Send + 'static,
    ) {
        self.running = Some(Running { name, brakes, task: tokio::spawn(work) });
    }

    /// Has it begin nothing else.
    pub fn stop(&self) {
        if let Some(running) = &self.running {
            running.brakes.stop.cancel();
        }
    }

    /// Waits for it to end; pending for ever while nothing runs.
    pub async fn ended(&mut self) -> Result<(), JoinError> {
        match &mut self.running {
            Some(running) => {
                let ended = (&mut running.task).await;
                self.running = None;
                ended.map(drop)
            }
            None => std::future::pending().await,
        }
    }

    /// What runs, with its name, where something does.
    pub fn running(&self) -> Option<String> {
        let running = self.running.as_ref().filter(|running| !running.task.is_finished())?;
        Some(format!("{} {}", self.kind.what, running.name))
    }

    /// Has it end, and gives it the time to record that. Says what became of it, where it still ran.
    pub async fn leave(self) -> Option<String> {
        let Kind { what, longest_end, cut_off } = self.kind;
        let Running { name, brakes, task } = self.running?;
        brakes.leave.cancel();
        Some(match timeout(longest_end, task).await {
            Ok(Ok(said)) => said,
            Ok(Err(failed)) => format!("{what} {name} failed inside: {failed}"),
            Err(_) => format!("left {what} {name} {cut_off}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind {
        what: "the change to",
        longest_end: Duration::from_secs(5),
        cut_off: "before its outcome was known",
    };

    fn of(work: impl Future<Output = String> + Send + 'static, brakes: Brakes) -> Carrying {
        let mut carrying = Carrying::new(KIND);
        carrying.begin("orders-api/prod".to_owned(), brakes, work);
        carrying
    }

    #[tokio::test]
    async fn nothing_is_said_where_nothing_ran() {
        let carrying = Carrying::new(KIND);
        assert_eq!((carrying.running(), carrying.leave().await), (None, None));
    }

    #[tokio::test]
    async fn who_leaves_hears_what_the_work_says_of_its_end() {
        let brakes = Brakes::default();
        let told = brakes.clone();
        let work = async move {
            told.leave.cancelled().await;
            format!("recorded; stopped: {}", told.stop.is_cancelled())
        };
        let carrying = of(work, brakes);
        assert_eq!(carrying.running().as_deref(), Some("the change to orders-api/prod"));
        assert_eq!(carrying.leave().await.as_deref(), Some("recorded; stopped: false"));
    }

    #[tokio::test]
    async fn a_stop_is_heard_and_the_end_is_waited_for() {
        let brakes = Brakes::default();
        let stopped = brakes.stop.clone();
        let work = async move {
            stopped.cancelled().await;
            String::new()
        };
        let mut carrying = of(work, brakes);
        carrying.stop();
        assert!(carrying.ended().await.is_ok());
        assert_eq!(carrying.running(), None);
    }

    #[tokio::test]
    async fn who_leaves_waits_no_longer_than_that_kind_may_take() {
        let mut carrying = Carrying::new(Kind { longest_end: Duration::ZERO, ..KIND });
        carrying.begin("orders-api/prod".to_owned(), Brakes::default(), std::future::pending());
        let said = carrying.leave().await;
        assert_eq!(said.as_deref(), Some("left the change to orders-api/prod before its outcome was known"));
    }

    #[tokio::test]
    async fn work_that_fails_inside_is_told() {
        let said = of(async { panic!("on purpose") }, Brakes::default()).leave().await.unwrap();
        assert!(said.starts_with("the change to orders-api/prod failed inside"), "{said}");
    }
}
