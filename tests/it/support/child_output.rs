//! Reads what a child process prints, without ever waiting for longer than a deadline.

use std::io::{BufRead, BufReader, Read};
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Lines of a child's output, as they come.
#[derive(Debug)]
pub struct Lines {
    receiver: Receiver<String>,
}

impl Lines {
    pub fn of(output: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    break;
                }
            }
        });
        Self { receiver }
    }

    /// The next line, `Ok(None)` at the end of the output, and an error where neither came in time.
    pub fn next_within(&self, limit: Duration) -> Result<Option<String>, TimedOut> {
        match self.receiver.recv_timeout(limit) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(TimedOut),
        }
    }

    /// All that is left, once the output has ended.
    pub fn rest_until(&self, deadline: Instant) -> Result<String, TimedOut> {
        let mut text = String::new();
        while let Some(line) = self.next_within(deadline.saturating_duration_since(Instant::now()))? {
            text.push_str(&line);
            text.push('\n');
        }
        Ok(text)
    }
}

/// The output did not come in time.
#[derive(Debug)]
pub struct TimedOut;

/// Runs a command that prints one JSON document.
pub fn json_of(command: &mut Command) -> Value {
    let output = command.output();
    // Without its environment, which would bury the message.
    let words = [command.get_program()].into_iter().chain(command.get_args());
    let name = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let output = output.unwrap_or_else(|error| panic!("`{name}` can't be started: {error}"));
    assert!(
        output.status.success(),
        "`{name}` failed with {}:\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(&output.stdout)
    );
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("`{name}` printed no JSON ({error}):\n{}", String::from_utf8_lossy(&output.stdout))
    })
}
