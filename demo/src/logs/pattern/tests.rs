//! The examples of AWS's documentation, and texts that nobody would write.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn matches(pattern: &str, message: &str) -> bool {
    Pattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")).matches(message)
}

const JSON: &str = r#"{
  "eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111",
  "arrayKey": ["value", "another value"],
  "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
  "SomeObject": null, "ThisFlag": true, "OffFlag": false,
  "user": {"id": 1, "email": "John.Stiles@example.com"},
  "users": [{"id": 2, "email": "John.Doe@example.com"}],
  "actions": ["GET", "PUT", "DELETE"], "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
  "bandwidth": 80, "latency": 40, "refreshRate": 60, "responseTime": 5, "errorCode": 400,
  "number": [0.001, 1000], "status": "503", "resource.name": "orders"
}"#;

#[test]
fn terms_as_documented() {
    let lines =
        ["[ERROR 400] BAD REQUEST", "[ERROR 401] UNAUTHORIZED REQUEST", "[ERROR 419] MISSING ARGUMENTS"];
    let table: [(&str, [bool; 3]); 10] = [
        ("ERROR", [true; 3]),
        ("ERROR ARGUMENTS", [false, false, true]),
        ("?UNAUTHORIZED ?ARGUMENTS", [false, true, true]),
        ("ERROR -ARGUMENTS", [true, true, false]),
        ("\"BAD REQUEST\"", [true, false, false]),
        ("%4[01]{2}%", [true, true, false]),
        ("?BAD REQUEST", [true, true, false]),
        ("-%MISSING|BAD%", [false, true, false]),
        ("error", [false; 3]),
        ("\"\"", [true; 3]),
    ];
    for (pattern, expected) in table {
        assert_eq!(lines.map(|line| matches(pattern, line)), expected, "{pattern}");
    }
}

#[test]
fn json_as_documented() {
    let table = [
        (r#"{ $.eventType = "UpdateTrail" }"#, true),
        (r#"{ $.eventType = "Update*" }"#, true),
        ("{ $.eventType = Update* }", true),
        ("{ $.eventType = %Trail% }", true),
        ("{ $.sourceIPAddress != 123.123.* }", true),
        ("{ $.sourceIPAddress = 111.111.* }", true),
        (r#"{ $.arrayKey[0] = "value" }"#, true),
        (r#"{ $.arrayKey[1] = "value" }"#, false),
        ("{ $.arrayKey[0] = %val.{2}% }", true),
        (r#"{ $.actions[*] = "P*T" }"#, true),
        ("{ $.objectList[1].id = 2 }", true),
        ("{ $.SomeObject IS NULL }", true),
        ("{ $.user IS NULL }", false),
        ("{ $.SomeOtherObject NOT EXISTS }", true),
        ("{ $.SomeObject NOT EXISTS }", false),
        ("{ $.ThisFlag IS TRUE }", true),
        ("{ $.OffFlag is false }", true),
        (r#"{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }"#, true),
        (r#"{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }"#, false),
        (
            r#"{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch") && $.actions[2] = "nonmatch" }"#,
            false,
        ),
        (r#"{ $.user.id = 9 && $.user.id = 9 || $.actions[2] = "DELETE" }"#, true),
        ("{ $.coordinates[2][0] = 7 }", true),
        ("{ $.bandwidth > 75 }", true),
        ("{ $.latency < 50 }", true),
        ("{ $.refreshRate >= 60 }", true),
        ("{ $.responseTime <= 5 }", true),
        ("{ $.errorCode = 400}", true),
        ("{ $.errorCode != 500 }", true),
        ("{ $.errorCode = 4* }", true),
        ("{ $.number[0] = 1e-3 }", true),
        ("{ $.number[0] != 1e+3 }", true),
        // A quoted number is a text, in the event as in the pattern.
        ("{ $.status = 503 }", false),
        (r#"{ $.status = "503" }"#, true),
        (r#"{ $.status = "5*" }"#, true),
        (r#"{ $.errorCode = "400" }"#, false),
        (r#"{ $.['resource.name'] = "orders" }"#, true),
        (r#"{ $["resource.name"] = "ord*rs" }"#, true),
        // What isn't there compares with nothing.
        (r#"{ $.nowhere != "x" }"#, false),
    ];
    for (pattern, expected) in table {
        assert_eq!(matches(pattern, JSON), expected, "{pattern}");
    }
    assert!(!matches("{ $.a NOT EXISTS }", "not JSON"));
}

#[test]
fn space_delimited_as_documented() {
    let line = r#"127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;
    let table = [
        ("[ip, id, user, timestamp, request, status_code = 404, bytes]", true),
        ("[ip, id, user, timestamp, request =*.html*, status_code = 4*, bytes]", true),
        ("[..., status_code = 4*, bytes]", true),
        ("[ip, ..., status_code=404 || status_code = 410, bytes]", true),
        ("[ip, ..., status_code=403 || status_code = 410, bytes]", false),
        ("[..., bytes > 1000]", true),
        ("[..., bytes > 1000 && bytes < 1500]", false),
        ("[ip != 127.*, ...]", false),
        ("[ip = %127\\.0\\.0\\.[0-9]{1,3}%, ...]", true),
        ("[ip, id, user=\"fr*\", ...]", true),
        ("[ip, id, user, timestamp = \"10/Oct*\", ...]", true),
        ("[(ip = 1* || ip = 2*) && ip != 10*, ...]", true),
        ("[a, b, c, d, e, f, g, h]", false),
    ];
    for (pattern, expected) in table {
        assert_eq!(matches(pattern, line), expected, "{pattern}");
    }
}

#[test]
fn what_is_malformed_is_refused() {
    for pattern in [
        "{ $.a }",
        "{ $.a = }",
        "{ $.a = 1",
        "{ a = 1 }",
        "{ $.a = 1 } x",
        "{ ($.a = 1 }",
        "{ $.a > \"x\" }",
        "{ $.a IS 3 }",
        "[a, ",
        "[..., a, ...]",
        "\"open",
        "%open",
        "%(group)%",
        "-",
    ] {
        assert!(Pattern::parse(pattern).is_err(), "{pattern}");
    }
    assert_eq!(Pattern::parse("a:b").unwrap_err().to_string(), "Invalid character(s) in term 'a:b'");
    assert_eq!(
        Pattern::parse("{ $.a = %a% || $.b = %b% || $.c = %c% }").unwrap_err(),
        PatternError::TooManyRegexes
    );
}

#[test]
fn a_status_that_cannot_match_is_known_before() {
    let pattern = Pattern::parse(r#"{ $.status >= 500 && $.path = "/x" }"#).unwrap();
    assert!(pattern.rules_out("status", &json!(200)));
    assert!(!pattern.rules_out("status", &json!(502)));
    let either = Pattern::parse(r#"{ $.status >= 500 || $.path = "/x" }"#).unwrap();
    assert!(!either.rules_out("status", &json!(200)));
}

proptest! {
    #[test]
    fn any_text_is_a_pattern_or_refused(pattern in ".{0,60}", line in ".{0,60}") {
        if let Ok(pattern) = Pattern::parse(&pattern) {
            pattern.matches(&line);
        }
    }

    #[test]
    fn pieces_of_patterns_never_break_it(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "{", "}", "[", "]", "(", ")", "$.", "a", "=", "!=", "&&", "||", "\"", "%", "...", ",", " ", "*", "5",
                "IS", "NOT", "EXISTS", "NULL", "?", "-", "\\", "é",
            ]),
            0..24,
        ),
    ) {
        let text = pieces.concat();
        if let Ok(pattern) = Pattern::parse(&text) {
            pattern.matches(JSON);
            pattern.matches("a 5 [é] \"x");
        }
    }
}
