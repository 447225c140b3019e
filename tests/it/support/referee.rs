//! Clients that nobody here wrote: boto3 and the AWS CLI, both pinned, as judges of a server.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use super::child_output::json_of;
use super::home::Home;
use super::python::{PythonEnvironment, fixture};

/// Runs a script of `tests/fixtures/python` with boto3, and reads the JSON that it prints.
pub fn boto3(script: &str, arguments: &[&str], standard_input: &Value) -> Value {
    let home = Home::new();
    let mut command = PythonEnvironment::clients().command("python", &home);
    command.arg(fixture(script)).args(arguments);
    // A file, because a pipe would have to be fed while the output is read.
    let mut input = tempfile::tempfile().expect("a temporary file can be made");
    write!(input, "{standard_input}").expect("a temporary file can be written");
    std::io::Seek::rewind(&mut input).expect("a temporary file can be read from its start");
    command.stdin(Stdio::from(input));
    json_of(&mut command)
}

/// Runs the AWS CLI against an endpoint, and reads the JSON that it prints.
pub fn aws_cli(endpoint_url: &str, arguments: &[&str]) -> Value {
    let home = Home::new();
    let mut command = PythonEnvironment::clients().command("aws", &home);
    command.args(["--endpoint-url", endpoint_url, "--output", "json"]).args(arguments);
    json_of(&mut command)
}
