//! What a command says of itself, on stderr: notes for everybody, a spinner for terminals.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::domain::failure::Failure;
use crate::domain::text::sanitise;

const FRAMES: [char; 4] = ['|', '/', '-', '\\'];
const FRAME: Duration = Duration::from_millis(120);

/// A line for people. That stderr is gone is no reason to stop.
pub fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", sanitise(text));
}

/// One failed call of several; the rest goes on.
pub fn warn(failure: &Failure) {
    let hint = failure.hint.as_deref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    note(&format!("warning: {failure}{hint}"));
}

/// A line that says what is being waited for. It is gone once this is dropped.
#[derive(Debug)]
pub struct Spinner {
    text: watch::Sender<String>,
    /// None where stderr is no terminal: a log would fill with frames.
    task: Option<JoinHandle<()>>,
}

impl Spinner {
    pub fn start(text: impl Into<String>) -> Self {
        let (sender, receiver) = watch::channel(text.into());
        let task = io::stderr().is_terminal().then(|| tokio::spawn(spin(receiver)));
        Self { text: sender, task }
    }

    /// Changes what it says.
    pub fn say(&self, text: impl Into<String>) {
        self.text.send_replace(text.into());
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            clear_line();
        }
    }
}

async fn spin(text: watch::Receiver<String>) {
    let mut ticks = tokio::time::interval(FRAME);
    for frame in FRAMES.into_iter().cycle() {
        ticks.tick().await;
        let line = sanitise(&text.borrow()).into_owned();
        let mut stderr = io::stderr().lock();
        let _ = write!(stderr, "\r\x1b[K{frame} {line}");
        let _ = stderr.flush();
    }
}

fn clear_line() {
    let mut stderr = io::stderr().lock();
    let _ = write!(stderr, "\r\x1b[K");
    let _ = stderr.flush();
}
