//! What a command is as a process: help, signals, pipes, the demo region as a server.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{home, wait_until};
use crate::support::binary::{CELLGATE, RunningCellgate, cellgate};
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::home::Home;
use crate::support::region::Region;
use crate::support::terminal::Terminal;

#[test]
fn help() {
    let home = Home::new();
    insta::assert_snapshot!("help", cellgate(&home, ["-h"]).stdout);
    insta::assert_snapshot!("help_flush", cellgate(&home, ["flush", "-h"]).stdout);
    insta::assert_snapshot!("help_get_stages", cellgate(&home, ["get", "stages", "-h"]).stdout);
}

#[test]
fn what_a_shell_and_man_read_names_every_command() {
    let home = Home::new();
    let manual = cellgate(&home, ["man"]);
    let bash = cellgate(&home, ["completions", "bash"]);
    for command in ["get", "flush", "journal", "config", "iam", "demo"] {
        assert!(manual.stdout.contains(&format!("CELLGATE {}", command.to_uppercase())), "{command}");
        assert!(bash.stdout.contains(&format!("cellgate__subcmd__{command}")), "{command}");
    }
}

#[test]
fn a_policy_is_json_that_can_be_pasted() {
    for (policy, action) in [
        ("read-only", "wafv2:GetWebACL"),
        ("read-only-with-keys", "apigateway:GET"),
        ("flush-cache", "apigateway:DELETE"),
        ("team", "dynamodb:PutItem"),
    ] {
        let document = cellgate(&Home::new(), ["iam", policy]).json();
        assert_eq!(document["Version"], "2012-10-17");
        let statements = document["Statement"].as_array().unwrap();
        assert!(statements.iter().any(|statement| statement["Action"] == action), "{document}");
    }
}

#[test]
fn wrong_use_ends_with_2() {
    for arguments in
        [&["get"][..], &["get", "aps"], &["flush"], &["flush", "a/b", "--yes", "--dry-run"], &["-o", "xml"]]
    {
        let outcome = cellgate(&Home::new(), arguments);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{arguments:?}: {outcome:?}");
    }
}

#[test]
fn a_profile_that_does_not_exist_keeps_the_console_closed() {
    let home = Home::without_credentials();
    let terminal = Terminal::cellgate(&home, &["--profile", "nosuch", "--region", "eu-west-1"], 120, 40);
    let left = terminal.finish();
    assert_eq!(left.code, 1, "{left:?}");
    assert!(left.text.contains("there is no AWS profile `nosuch`"), "{left:?}");
    left.assert_restored();
}

#[test]
fn a_demo_without_a_terminal_is_refused_before_it_prepares_anything() {
    let mut home = Home::new();
    // Its state could not be made: whoever gets that far says so.
    home.set("TMPDIR", &home.path().join("nowhere").display().to_string());
    let outcome = cellgate(&home, ["demo"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{outcome:?}");
    assert!(outcome.stderr.starts_with("error: the console needs a terminal"), "{outcome:?}");
    let mistyped = cellgate(&home, ["demo", "--theme", "drk"]);
    assert!(mistyped.stderr.contains("unknown theme 'drk'"), "the first mistake is told first: {mistyped:?}");
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let home = Home::new();
    let mut child = Command::new(CELLGATE)
        .args(["completions", "bash"])
        .env_clear()
        .envs(home.variables())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::with_capacity(64, child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn ctrl_c_ends_a_read_at_once() {
    let region = Region::on_the_wall_clock();
    let proxy = FaultProxy::before(&region.endpoint_url());
    proxy.inject("GetRestApis", Occurrence::Every, Fault::Delay(Duration::from_mins(1)));
    let home = home();
    let running = RunningCellgate::start(&home, ["get", "apis", "--endpoint-url", &proxy.endpoint_url()]);
    wait_until("the list is asked for", || proxy.requests().contains_key("GetRestApis"));
    running.signal("INT");
    let outcome = running.finish();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(130), ""), "{outcome:?}");
    assert!(outcome.stderr.contains("error: interrupted: nothing was changed"), "{outcome:?}");
}

#[test]
fn the_demo_region_serves_until_it_is_told_to_end() {
    let home = Home::new();
    for signal in ["TERM", "INT"] {
        let mut region = RunningCellgate::start(&home, ["demo", "serve"]);
        let line = region.wait_for_line("export AWS_ENDPOINT_URL=");
        let endpoint = line.strip_prefix("export AWS_ENDPOINT_URL=").unwrap();
        // Its environment is the test's home already.
        let listed = cellgate(&home, ["get", "plans", "-o", "json", "--endpoint-url", endpoint]).json();
        assert_eq!(listed.as_array().unwrap().len(), 4);
        region.signal(signal);
        let outcome = region.finish();
        assert_eq!(outcome.code, Some(0), "{signal}: {outcome:?}");
    }
}

#[test]
fn a_port_in_use_is_one_line() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let outcome = cellgate(&Home::new(), ["demo", "serve", "--port", &port]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""), "{outcome:?}");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
    assert!(outcome.stderr.starts_with(&format!("error: port {port} on 127.0.0.1 is in use")), "{outcome:?}");
}
