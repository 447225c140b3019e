//! The moto server: an emulator of AWS by others, on a free loopback port.

use std::process::{Child, ChildStdin, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::child_output::{Lines, json_of};
use super::home::Home;
use super::python::{PythonEnvironment, fixture};

const START_LIMIT: Duration = Duration::from_mins(2);

/// A running moto server, which ends when this is dropped.
#[derive(Debug)]
pub struct MotoServer {
    endpoint_url: String,
    child: Child,
    // The server ends when this closes, so it also ends where the test process is killed.
    _stdin: Option<ChildStdin>,
    // Its log is read to the end, or the server would stand still before a full pipe.
    _stderr: Lines,
}

impl MotoServer {
    pub fn start() -> Self {
        let home = Home::new();
        let mut command = PythonEnvironment::moto().command("python", &home);
        let mut child = command
            .arg(fixture("serve_moto.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("moto's Python can be started");
        let stdin = child.stdin.take();
        let stdout = Lines::of(child.stdout.take().expect("stdout is piped"));
        let stderr = Lines::of(child.stderr.take().expect("stderr is piped"));
        if let Ok(Some(line)) = stdout.next_within(START_LIMIT) {
            let address: Value = serde_json::from_str(&line)
                .unwrap_or_else(|error| panic!("moto printed {line:?} in place of its address: {error}"));
            let endpoint_url = address["endpoint_url"].as_str().expect("an address").to_owned();
            return Self { endpoint_url, child, _stdin: stdin, _stderr: stderr };
        }
        // A server that is merely slow has an open stderr: end it first, so that it can be read.
        child.kill().and_then(|()| child.wait()).expect("moto can be ended");
        let said = stderr.rest_until(Instant::now() + Duration::from_secs(5));
        panic!("moto gave no address within {START_LIMIT:?}: {said:?}");
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

impl Drop for MotoServer {
    fn drop(&mut self) {
        // It is ours by id; that it has ended already is no failure.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
