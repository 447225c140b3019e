//! Emulators of AWS that nobody here wrote: each a process of its own on a free loopback port.

use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::child_output::{Lines, json_of};
use super::home::Home;
use super::python::{PythonEnvironment, fixture};

const START_LIMIT: Duration = Duration::from_mins(2);

/// A running emulator, which ends when this is dropped.
#[derive(Debug)]
pub struct Emulator {
    endpoint_url: String,
    child: Child,
    // The server ends when this closes, so it also ends where the test process is killed.
    _stdin: Option<ChildStdin>,
    // Its log is read to the end, or the server would stand still before a full pipe.
    _stderr: Lines,
    // It may write there for as long as it runs.
    _home: Home,
}

impl Emulator {
    pub fn moto() -> Self {
        Self::start(PythonEnvironment::moto(), "serve_moto.py")
    }

    pub fn ministack() -> Self {
        Self::start(PythonEnvironment::ministack(), "serve_ministack.py")
    }

    /// Runs a script that prints its address as one line of JSON.
    fn start(environment: &PythonEnvironment, script: &str) -> Self {
        let home = Home::new();
        let mut child = environment
            .command("python", &home)
            .arg(fixture(script))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{script} can't be started: {error}"));
        let stdin = child.stdin.take();
        let stdout = Lines::of(child.stdout.take().expect("stdout is piped"));
        let stderr = Lines::of(child.stderr.take().expect("stderr is piped"));
        if let Ok(Some(line)) = stdout.next_within(START_LIMIT) {
            let address: Value = serde_json::from_str(&line)
                .unwrap_or_else(|error| panic!("{script} printed {line:?} for its address: {error}"));
            let endpoint_url = address["endpoint_url"].as_str().expect("an address").to_owned();
            return Self { endpoint_url, child, _stdin: stdin, _stderr: stderr, _home: home };
        }
        // A server that is merely slow has an open stderr: end it first, so that it can be read.
        child.kill().and_then(|()| child.wait()).expect("the emulator can be ended");
        let said = stderr.rest_until(Instant::now() + Duration::from_secs(5));
        panic!("{script} gave no address within {START_LIMIT:?}: {said:?}");
    }

    pub fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }

    /// Makes `number` REST APIs by boto3, and says what was made.
    pub fn seed(&self, number: usize) -> Value {
        let home = Home::new();
        let mut command = PythonEnvironment::clients().command("python", &home);
        command.arg(fixture("seed_moto.py")).arg(self.endpoint_url()).arg(number.to_string());
        json_of(&mut command)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It is ours by id; that it has ended already is no failure.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
