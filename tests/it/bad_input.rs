//! Bad input: one line that says what is wrong and how to mend it, and an exit code that isn't 0.

use std::fs;
use std::io::{BufRead, BufReader};

use crate::support::binary::{Outcome, cellgate};
use crate::support::fault_proxy::{Fault, FaultProxy, Occurrence};
use crate::support::home::Home;
use crate::support::region::Region;
use crate::support::terminal::Terminal;

/// SHA-1 of `corp`: AWS's tools name the cached token of an SSO session after it.
const CACHED_TOKEN: &str = "ee0bfd2552fbd840c02cc48b6e823320543c450f.json";

/// The longest line that has an error and its hint.
const LONGEST_LINE: usize = 200;

/// Nothing on stdout, and on stderr one line that has the error and how to mend it: two, where one
/// would be too long.
fn assert_says(outcome: &Outcome, code: i32, error: &str, hint: Option<&str>) {
    assert_eq!(outcome.code, Some(code), "{outcome:?}");
    assert_eq!(outcome.stdout, "", "{outcome:?}");
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    let (first, hints) = lines.split_first().expect("it says something");
    assert!(first.starts_with("error: ") && first.contains(error), "{error:?} is not in {first:?}");
    let (mends, hint) = match (hint, hints) {
        (None, []) => return,
        (Some(hint), []) => (*first, hint),
        (Some(hint), [said]) => {
            let said = said.strip_prefix("hint: ").expect("the second line is a hint");
            let length = first.chars().count() + "; ".len() + said.chars().count();
            assert!(length > LONGEST_LINE, "it fits a line: {outcome:?}");
            (said, hint)
        }
        _ => panic!("expected the hint {hint:?}: {outcome:?}"),
    };
    assert!(mends.contains(hint), "{hint:?} is not in {mends:?}");
}

fn write(home: &Home, path: &str, text: &str) {
    let path = home.path().join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("the home is writable");
    fs::write(path, text).expect("the home is writable");
}

#[test]
fn an_unknown_profile() {
    let home = Home::without_credentials();
    write(&home, "aws-config", "[profile shop-prod]\nregion = eu-west-1\n");
    for command in [&["get", "apis"][..], &["console"], &[]] {
        let outcome = cellgate(&home, command.iter().chain(&["--profile", "shop-prd"]));
        assert_says(&outcome, 1, "there is no AWS profile `shop-prd`", Some("shop-prod"));
    }
}

#[test]
fn no_region() {
    let home = Home::without_credentials();
    write(
        &home,
        "aws-credentials",
        "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
    );
    for command in [&["get", "apis"][..], &["console"], &[]] {
        assert_says(&cellgate(&home, command), 1, "no AWS region", Some("--region"));
    }
}

#[test]
fn no_credentials() {
    let home = Home::without_credentials();
    let outcome = cellgate(&home, ["get", "apis", "--region", "eu-west-1"]);
    assert_says(&outcome, 1, "credentials", Some("AWS_PROFILE"));
}

#[test]
fn an_expired_login() {
    let home = Home::without_credentials();
    write(
        &home,
        "aws-config",
        "[profile shop-prod]\nregion = eu-west-1\nsso_session = corp\nsso_account_id = 123456789012\n\
         sso_role_name = on-call\n\n[sso-session corp]\nsso_region = eu-west-1\n\
         sso_start_url = https://corp.awsapps.com/start\n",
    );
    write(
        &home,
        &format!(".aws/sso/cache/{CACHED_TOKEN}"),
        r#"{"accessToken": "expired", "expiresAt": "2020-01-01T00:00:00Z", "region": "eu-west-1",
            "startUrl": "https://corp.awsapps.com/start"}"#,
    );
    let outcome = cellgate(&home, ["get", "apis", "--profile", "shop-prod"]);
    assert_says(&outcome, 1, "has expired", Some("aws sso login --profile shop-prod"));
}

#[test]
fn a_token_that_aws_calls_expired() {
    let region = Region::on_the_wall_clock();
    let proxy = FaultProxy::before(&region.endpoint_url());
    proxy.inject("GetCallerIdentity", Occurrence::Every, Fault::ExpiredToken);
    let outcome = cellgate(&Home::new(), ["get", "apis", "--endpoint-url", &proxy.endpoint_url()]);
    assert_says(&outcome, 1, "expired", Some("choose a profile with --profile"));
}

#[test]
fn an_unreachable_endpoint() {
    let endpoint = format!("http://{}", dead_address());
    let outcome = cellgate(&Home::new(), ["get", "apis", "--endpoint-url", &endpoint]);
    assert_says(&outcome, 1, &format!("can't reach {endpoint}"), Some("--endpoint-url"));
}

#[test]
fn an_endpoint_that_is_no_url() {
    let outcome = cellgate(&Home::new(), ["get", "apis", "--endpoint-url", "127.0.0.1:4566"]);
    assert_says(&outcome, 2, "--endpoint-url: expected a URL", None);
}

#[test]
fn a_wrong_configuration_key() {
    let home = Home::new();
    write(&home, "config/cellgate/config.toml", "theme = \"dark\"\nregoin = \"eu-west-1\"\n");
    for command in [&["get", "apis"][..], &["console"], &["config", "show"], &["journal", "list"]] {
        let outcome = cellgate(&home, command);
        let says = "[HOME]/config/cellgate/config.toml:2: unknown key 'regoin', did you mean 'region'?";
        assert_says(&outcome, 2, says, None);
    }
}

#[test]
fn a_key_of_the_keyboard_that_is_none() {
    let home = Home::new();
    write(&home, "config/cellgate/config.toml", "[keys]\nrefresh = [\"hyper-x\"]\n");
    let outcome = cellgate(&home, ["console"]);
    assert_says(&outcome, 2, "[HOME]/config/cellgate/config.toml:2: keys: the key of 'refresh'", None);
}

#[test]
fn a_key_that_is_called_like_an_action() {
    let home = Home::new();
    write(&home, "config/cellgate/config.toml", "[keys]\nfilter = [\"f5\"]\nrefresh = [\"filter\"]\n");
    let outcome = cellgate(&home, ["console"]);
    assert_says(&outcome, 2, "[HOME]/config/cellgate/config.toml:3: keys: the key of 'refresh'", None);
}

#[test]
fn a_configuration_file_that_is_not_there() {
    let outcome = cellgate(&Home::new(), ["get", "apis", "--config", "nowhere.toml"]);
    assert_says(&outcome, 2, "nowhere.toml: can't be read", None);
}

#[test]
fn an_unknown_theme() {
    let home = Home::new();
    for command in
        [&["--theme", "drk"][..], &["console", "--theme", "drk"], &["get", "apis", "--theme", "drk"]]
    {
        let outcome = cellgate(&home, command);
        let says = "--theme: unknown theme 'drk', did you mean 'dark'?; themes: dark, light, mono";
        assert_says(&outcome, 2, says, None);
    }
}

#[test]
fn operate_where_changes_are_forbidden() {
    let mut home = Home::new();
    write(&home, "config/cellgate/config.toml", "[profiles.audit]\nread-only = true\n");
    home.set("AWS_PROFILE", "audit");
    let says = "this session is read-only: [HOME]/config/cellgate/config.toml:2 says so";
    for command in [&["--operate"][..], &["flush", "cell-01-api/prod", "--yes"]] {
        assert_says(&cellgate(&home, command), 3, says, Some("read-only"));
    }
}

#[test]
fn operate_and_read_only_exclude_each_other() {
    for command in
        [&["--operate", "--read-only", "get", "apis"][..], &["--operate", "get", "apis", "--read-only"]]
    {
        assert_eq!(cellgate(&Home::new(), command).code, Some(2), "{command:?}");
    }
}

#[test]
fn a_console_without_a_terminal() {
    let outcome = cellgate(&Home::new(), ["console"]);
    assert_says(&outcome, 2, "the console needs a terminal", None);
}

/// An on-call role that is assumed with the login of profile `corp-sso`.
const ROLE_OVER_SSO: &str = "\
[profile shop-prod]
region = eu-west-1
role_arn = arn:aws:iam::123456789012:role/on-call
source_profile = corp-hub

[profile corp-hub]
role_arn = arn:aws:iam::123456789012:role/hub
source_profile = corp-sso

[profile corp-sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = on-call

[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.awsapps.com/start
";

#[test]
fn an_expired_login_behind_a_role_names_the_profile_that_logs_in() {
    let home = Home::without_credentials();
    write(&home, "aws-config", ROLE_OVER_SSO);
    let outcome = cellgate(&home, ["get", "apis", "--profile", "shop-prod"]);
    assert_says(&outcome, 1, "login of profile corp-sso", Some("aws sso login --profile corp-sso"));
}

#[test]
fn profiles_that_are_each_others_source() {
    let home = Home::without_credentials();
    let config = ROLE_OVER_SSO.replace("source_profile = corp-sso", "source_profile = shop-prod");
    write(&home, "aws-config", &config);
    let outcome = cellgate(&home, ["get", "apis", "--profile", "shop-prod"]);
    assert_says(
        &outcome,
        1,
        "credentials can't be loaded",
        Some("renew the credentials of profile shop-prod"),
    );
}

/// An address at which nobody listens, nor any test that runs meanwhile.
fn dead_address() -> String {
    "127.0.0.1:1".to_owned()
}

#[test]
fn a_proxy_is_no_way_to_this_computer() {
    let region = Region::on_the_wall_clock();
    let mut home = Home::new();
    let proxy = format!("http://{}", dead_address());
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        home.set(name, &proxy);
    }
    let outcome = cellgate(&home, ["get", "apis", "--endpoint-url", &region.endpoint_url()]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[test]
fn a_proxy_is_the_way_to_everywhere_else() {
    let proxy = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let mut home = Home::new();
    home.set("HTTP_PROXY", &format!("http://{}", proxy.local_addr().expect("a bound address")));
    let first_line = std::thread::spawn(move || {
        let (stream, _) = proxy.accept().expect("cellgate connects to the proxy");
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).expect("cellgate asks the proxy");
        line
    });
    let outcome = cellgate(&home, ["get", "apis", "--endpoint-url", "http://sts.invalid"]);
    assert_says(&outcome, 1, "http://sts.invalid", Some("--endpoint-url"));
    let first_line = first_line.join().expect("the proxy was asked");
    assert!(first_line.contains("sts.invalid"), "{first_line:?}");
}

#[test]
fn the_demo_needs_no_sound_settings_of_aws() {
    let mut home = Home::without_credentials();
    write(&home, "aws-config", "[profile\nregion eu-west-1\n");
    home.set("AWS_PROFILE", "nobody")
        .set("AWS_CA_BUNDLE", "nowhere.pem")
        .set("HTTP_PROXY", &format!("http://{}", dead_address()))
        .set("AWS_ENDPOINT_URL_STS", &format!("http://{}", dead_address()));
    let mut terminal = Terminal::cellgate(&home, &["demo"], 120, 40);
    // The account is what STS told; the cells' names would be there without it.
    terminal.wait_for("123456789012");
    terminal.send("q");
    let left = terminal.finish();
    assert_eq!(left.code, 0, "{left:?}");
}
