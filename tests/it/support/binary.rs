//! Runs the built `cellgate` as a child process in a hermetic home.

use std::ffi::OsStr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::child_output::{Lines, TimedOut};
use super::home::Home;

/// How long a command may take. Far more than any needs, so that only a hang meets it.
const LIMIT: Duration = Duration::from_mins(5);

/// The path of the program under test.
pub const CELLGATE: &str = env!("CARGO_BIN_EXE_cellgate");

/// What a command printed and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Outcome {
    pub stdout: String,
    pub stderr: String,
    /// `None` where a signal ended it.
    pub code: Option<i32>,
}

impl Outcome {
    /// The JSON document on stdout of a command that must have succeeded.
    pub fn json(&self) -> serde_json::Value {
        assert_eq!(self.code, Some(0), "the command failed: {self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }
}

/// Runs `cellgate` with `arguments` until it ends.
pub fn cellgate<I: IntoIterator<Item: AsRef<OsStr>>>(home: &Home, arguments: I) -> Outcome {
    RunningCellgate::start(home, arguments).finish()
}

/// A `cellgate` that has been started. It is ended when this is dropped.
#[derive(Debug)]
pub struct RunningCellgate {
    child: Child,
    stdout: Lines,
    stderr: Lines,
    /// What came on stdout so far.
    printed: String,
    /// What was passed over on stderr.
    noted: String,
    deadline: Instant,
    home: String,
}

impl RunningCellgate {
    pub fn start<I: IntoIterator<Item: AsRef<OsStr>>>(home: &Home, arguments: I) -> Self {
        let mut command = Command::new(CELLGATE);
        command.args(arguments).env_clear().envs(home.variables()).current_dir(home.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("{CELLGATE} can't be started: {error}"));
        let stdout = Lines::of(child.stdout.take().expect("stdout is piped"));
        let stderr = Lines::of(child.stderr.take().expect("stderr is piped"));
        let home = home.path().display().to_string();
        let (printed, noted) = (String::new(), String::new());
        Self { child, stdout, stderr, printed, noted, deadline: Instant::now() + LIMIT, home }
    }

    /// Waits for a line on stdout that contains `text`.
    pub fn wait_for_line(&mut self, text: &str) -> String {
        loop {
            match self.next_line(self.deadline.saturating_duration_since(Instant::now())) {
                Ok(Some(line)) if line.contains(text) => return line,
                Ok(Some(_)) => {}
                Ok(None) => panic!("cellgate ended its output before {text:?}: {:?}", self.rest()),
                Err(TimedOut) => {
                    panic!("cellgate did not print {text:?} within {LIMIT:?}: {:?}", self.printed)
                }
            }
        }
    }

    /// Waits for a line on stderr that contains `text`.
    pub fn wait_for_note(&mut self, text: &str) {
        loop {
            match self.stderr.next_within(self.deadline.saturating_duration_since(Instant::now())) {
                Ok(Some(line)) if line.contains(text) => return,
                Ok(Some(line)) => self.noted.extend([line.as_str(), "\n"]),
                Ok(None) => panic!("cellgate ended before it said {text:?}: {:?}", self.noted),
                Err(TimedOut) => panic!("cellgate did not say {text:?} within {LIMIT:?}: {:?}", self.noted),
            }
        }
    }

    /// Whether it has ended its output within `limit`.
    pub fn ends_within(&mut self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        loop {
            match self.next_line(until.saturating_duration_since(Instant::now())) {
                Ok(Some(_)) => {}
                Ok(None) => return true,
                Err(TimedOut) => return false,
            }
        }
    }

    fn next_line(&mut self, limit: Duration) -> Result<Option<String>, TimedOut> {
        let line = self.stdout.next_within(limit)?;
        if let Some(line) = &line {
            self.printed.push_str(line);
            self.printed.push('\n');
        }
        Ok(line)
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "cellgate can't be signalled: it has ended");
    }

    /// Ends it at once, without asking.
    pub fn kill(mut self) -> Outcome {
        self.child.kill().expect("cellgate can be ended");
        self.rest()
    }

    /// Waits for its end. A command that hangs fails the test with what it printed so far.
    pub fn finish(mut self) -> Outcome {
        self.rest()
    }

    fn rest(&mut self) -> Outcome {
        while let Ok(Some(_)) = self.next_line(self.deadline.saturating_duration_since(Instant::now())) {}
        let Ok(stderr) = self.stderr.rest_until(self.deadline) else {
            panic!("cellgate did not end within {LIMIT:?}, after it had printed {:?}", self.printed);
        };
        let code = self.child.wait().expect("the child can be awaited").code();
        let normalise = |text: &str| text.replace(&self.home, "[HOME]");
        Outcome { stdout: normalise(&self.printed), stderr: normalise(&stderr), code }
    }
}

impl Drop for RunningCellgate {
    fn drop(&mut self) {
        // It is ours by id; that it has ended already is no failure.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
