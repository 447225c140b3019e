//! The test harness under test: it must notice what the product's tests rely on it to notice.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::home::Home;
use crate::support::terminal::{Changed, Terminal, keys};

/// A server that answers every request with the same JSON.
fn plain_server() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port is free");
    let address = listener.local_addr().expect("the listener has an address");
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut buffer = [0; 4096];
            drop(stream.read(&mut buffer));
            drop(stream.write_all(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 13\r\n\r\n{\"items\": []}",
            ));
        }
    });
    format!("http://{address}")
}

/// Sends one request and returns everything that came back.
fn ask(proxy: &FaultProxy, request_line: &str, headers: &str, body: &str) -> String {
    let address = proxy.endpoint_url().replace("http://", "");
    let mut stream = TcpStream::connect(address).expect("the proxy listens");
    let length = body.len();
    let request = format!(
        "{request_line} HTTP/1.1\r\nhost: localhost\r\n{headers}content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).expect("the proxy reads");
    let mut answer = Vec::new();
    // A connection that the proxy cuts may read as reset.
    drop(stream.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn the_fault_proxy_counts_operations_of_every_protocol() {
    let proxy = FaultProxy::before(&plain_server());
    for (line, headers, body) in [
        ("GET /restapis/a1/stages?limit=5", "", ""),
        ("GET /restapis/a1/stages", "", ""),
        ("GET /v2/apis/a2/stages", "", ""),
        ("DELETE /restapis/a1/stages/prod/cache/data", "", ""),
        ("POST /service/GraniteServiceVersion20100801/operation/GetMetricData", "", ""),
        ("POST /", "x-amz-target: DynamoDB_20120810.Query\r\n", "{}"),
        ("POST /", "", "Action=GetCallerIdentity&Version=2011-06-15"),
        ("PUT /restapis/a1", "", "{}"),
    ] {
        let answer = ask(&proxy, line, headers, body);
        assert!(answer.ends_with("{\"items\": []}"), "{line} was not forwarded: {answer}");
    }
    let counted: Vec<(String, usize)> = proxy.requests().into_iter().collect();
    let expected = [
        ("FlushStageCache", 1),
        ("GetCallerIdentity", 1),
        ("GetMetricData", 1),
        ("GetStages", 2),
        ("PUT /restapis/a1", 1),
        ("Query", 1),
        ("v2 GetStages", 1),
    ];
    assert_eq!(counted, expected.map(|(name, number)| (name.to_owned(), number)));
    assert_eq!(proxy.count("GetStages"), 2);
    assert_eq!(proxy.count("GetDeployments"), 0);
}

#[test]
fn the_fault_proxy_meets_only_the_requests_that_the_rule_names() {
    let proxy = FaultProxy::before(&plain_server());
    proxy.inject("GetStages", Occurrence::Nth(2), Fault::Throttle);
    proxy.inject("GetRestApis", Occurrence::First(1), Fault::InternalFailure);
    proxy.inject("/usageplans", Occurrence::Every, Fault::AccessDenied);
    let status = |line: &str| ask(&proxy, line, "", "")["HTTP/1.1 ".len()..][..3].to_owned();
    let stages: Vec<String> = (0..3).map(|_| status("GET /restapis/a1/stages")).collect();
    assert_eq!(stages, ["200", "429", "200"]);
    let apis: Vec<String> = (0..2).map(|_| status("GET /restapis")).collect();
    assert_eq!(apis, ["500", "200"]);
    let plans: Vec<String> = (0..2).map(|_| status("GET /usageplans?limit=1")).collect();
    assert_eq!(plans, ["403", "403"]);
    proxy.heal();
    assert_eq!(status("GET /usageplans"), "200");
}

#[test]
fn the_fault_proxy_breaks_answers() {
    let proxy = FaultProxy::before(&plain_server());
    let ask_with = |fault| {
        proxy.heal().inject("GetRestApis", Occurrence::Every, fault);
        ask(&proxy, "GET /restapis", "", "")
    };
    assert_eq!(ask_with(Fault::DropConnection), "");
    let cut = ask_with(Fault::CutBody);
    assert!(cut.contains("content-length: 13") && cut.ends_with("{\"item"), "{cut}");
    assert!(ask_with(Fault::MalformedBody).ends_with("{\"items\": [{\"id\": "));
    assert!(ask_with(Fault::ForeignContent).contains("text/html"));
    assert!(ask_with(Fault::ExpiredToken).contains("x-amzn-errortype: ExpiredTokenException"));
    let started = Instant::now();
    let delay = Duration::from_millis(300);
    assert!(ask_with(Fault::Delay(delay)).ends_with("{\"items\": []}"));
    assert!(started.elapsed() >= delay);
}

#[test]
fn the_terminal_shows_what_a_program_draws_and_passes_keys() {
    let home = Home::new();
    let script = "printf 'name? '; read name; printf 'hello %s' \"$name\"; read end; exit 7";
    let mut terminal = Terminal::start(&home, "sh", &["-c", script], 40, 5);
    terminal.wait_for("name? ");
    terminal.send("cell-07").send(keys::ENTER);
    let screen = terminal.wait_for("hello cell-07");
    assert!(screen.starts_with("name? cell-07"), "{screen}");
    terminal.send(keys::ENTER);
    let left = terminal.finish();
    assert_eq!(left.code, 7);
    left.assert_restored();
}

#[test]
fn the_terminal_notices_each_way_of_leaving_it_changed() {
    let home = Home::new();
    let left_by = |script: &str| Terminal::start(&home, "sh", &["-c", script], 40, 5).finish();
    left_by("before=$(stty -g); stty raw; stty $before").assert_restored();
    for (script, changed) in [
        ("stty raw", Changed::Modes),
        ("stty -echo", Changed::Modes),
        ("printf '\\033[?1049h'", Changed::AlternateScreen),
        ("printf '\\033[?25l'", Changed::CursorHidden),
        ("printf '\\033[?1002h'", Changed::MouseCaptured),
        ("printf '\\033[?2004h'", Changed::BracketedPaste),
    ] {
        assert_eq!(left_by(script).changed, [changed], "{script}");
    }
    let (on, off) = ("\\033[?1049h\\033[?25l\\033[?2004h", "\\033[?2004l\\033[?25h\\033[?1049l");
    left_by(&format!("printf '{on}'; printf '{off}'")).assert_restored();
}

#[test]
fn the_terminal_tells_the_program_its_size() {
    let home = Home::new();
    let script = "stty size; read line; stty size";
    let mut terminal = Terminal::start(&home, "sh", &["-c", script], 100, 30);
    terminal.wait_for("30 100");
    terminal.resize(120, 40);
    terminal.send(keys::ENTER);
    terminal.wait_for("40 120");
    assert!(!terminal.on_alternate_screen());
    terminal.finish().assert_restored();
}

#[test]
fn a_home_holds_nothing_of_this_machine() {
    let home = Home::without_credentials();
    for (name, value) in home.variables() {
        let outside = ["PATH", "LANG", "TZ", "AWS_EC2_METADATA_DISABLED"].contains(&name.as_str());
        let inside = value.starts_with(&home.path().display().to_string());
        assert!(inside != outside, "{name}={value} leads out of the test's folder");
    }
    let place = home.path().join("state");
    assert_eq!(home.normalise(&format!("in {}", place.display())), "in [HOME]/state");
}
