//! Queries by cases against results that were computed by hand.

use std::rc::Rc;
use std::sync::Arc;

use proptest::prelude::*;

use super::super::event::{Event, EventKey};
use super::*;

/// Six events, one a minute from 12:00, oldest first.
const MESSAGES: [&str; 6] = [
    r#"{"status":200,"latency":10,"path":"/orders","identity":{"sourceIp":"203.0.113.1"},"tags":["a","b"]}"#,
    r#"{"status":200,"latency":30,"path":"/orders","identity":{"sourceIp":"203.0.113.2"}}"#,
    r#"{"status":502,"latency":50,"path":"/carts","identity":{"sourceIp":"203.0.113.1"},"error":"boom"}"#,
    r#"{"status":"503","latency":70,"path":"/orders","identity":{"sourceIp":"203.0.113.3"},"error":" "}"#,
    "user=frank, method=GET, took 45 ms",
    r#"{"status":429,"latency":20,"path":"/orders","odd-name":1,"flag":true}"#,
];

/// 2026-11-20 12:00:00 UTC.
const NOON: i64 = 1_795_176_000_000;

fn answer(query: &str) -> Answer {
    let query = Query::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    let mut pipeline = Pipeline::new(&query, true, None);
    for (minute, message) in (0..).zip(MESSAGES).collect::<Vec<(i64, &str)>>().into_iter().rev() {
        let key = EventKey { millis: NOON + minute * 60_000, id: 7 };
        let event = Event {
            key,
            ingested: key.millis + 2_000,
            stream: Arc::from("stream"),
            message: message.to_owned(),
        };
        pipeline.add(RowEvent::new(event, Rc::from("123456789012"), Rc::from("group")));
    }
    pipeline.finish()
}

/// The rows without their pointers, as `name=value` in the order of the columns.
fn rows(query: &str) -> Vec<String> {
    let line = |row: &Vec<(String, String)>| {
        let cells = row.iter().filter(|(name, _)| name != "@ptr");
        cells.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    };
    answer(query).rows.iter().map(line).collect()
}

#[test]
fn commands_by_cases() {
    let table: [(&str, &[&str]); 18] = [
        ("fields @timestamp, status | limit 1", &["@timestamp=2026-11-20 12:05:00.000 status=429"]),
        ("fields status | sort @timestamp asc | limit 2", &["status=200", "status=200"]),
        ("fields path | filter status >= 500", &["path=/orders", "path=/carts"]),
        ("fields path as p, latency * 2 + 1 as double | filter status = 502", &["p=/carts double=101"]),
        (
            "filter status = 200 | display identity.sourceIp",
            &["identity.sourceIp=203.0.113.2", "identity.sourceIp=203.0.113.1"],
        ),
        ("filter tags.1 = 'b' | display tags.0", &["tags.0=a"]),
        ("filter `odd-name` = 1 | display `odd-name`, flag", &["odd-name=1 flag=1"]),
        ("stats count(*) as n by path | sort n desc, path", &["path=/orders n=4", "path=/carts n=1", "n=1"]),
        (
            "stats count(*), sum(latency), avg(latency), min(latency), max(latency)",
            &["count(*)=6 sum(latency)=180 avg(latency)=36 min(latency)=10 max(latency)=70"],
        ),
        (
            "stats pct(latency, 50) as p50, pct(latency,99) as p99, median(latency) as m, count_distinct(path) as d",
            &["p50=30 p99=70 m=30 d=2"],
        ),
        (
            "stats count(*) as n by bin(5m) | sort n",
            &["bin(5m)=2026-11-20 12:05:00.000 n=1", "bin(5m)=2026-11-20 12:00:00.000 n=5"],
        ),
        (
            "stats earliest(status) as first, latest(status) as last, max(@timestamp) as t",
            &["first=200 last=429 t=2026-11-20 12:05:00.000"],
        ),
        ("stats sum(latency) / count(latency) as mean, count(*) * 10 as many", &["mean=36 many=60"]),
        ("stats count(*) as n by path | filter n > 1 | stats sum(n) as total", &["total=4"]),
        (
            r#"parse "user=*, method=*, took * ms" as user, method, ms | filter ispresent(user) | display user, method, ms + 1 as more"#,
            &["user=frank method=GET more=46"],
        ),
        (r"parse @message /took (?<ms>\d+) ms/ | filter ms > 40 | display ms", &["ms=45"]),
        ("dedup path | display path | sort path", &["path=/carts", "path=/orders", ""]),
        ("stats stddev(latency) as s", &["s=21.5407"]),
    ];
    for (query, expected) in table {
        assert_eq!(rows(query), expected, "{query}");
    }
}

#[test]
fn conditions_by_cases() {
    let table = [
        ("status = 200", 2),
        ("status != 200", 3),
        ("status in [200, 429]", 3),
        ("status not in [200, 429]", 3),
        ("path like 'ord'", 4),
        ("path like /^.ord/", 4),
        ("path =~ /carts$/", 1),
        ("path not like /ord/ and ispresent(path)", 1),
        ("not (status = 200 or status = 429)", 3),
        ("status = 200 or status = 429 and latency > 100", 2),
        ("isblank(error)", 5),
        ("isempty(error)", 4),
        ("ispresent(error)", 2),
        ("strcontains(path, 'cart') = 1", 1),
        ("strlen(path) = 7", 4),
        ("toupper(path) = '/CARTS' or tolower('X') = 'y'", 1),
        ("replace(path, 'orders', 'o') = '/o'", 4),
        ("concat(path, '-', status) = '/carts-502'", 1),
        ("coalesce(error, path) = '/orders'", 3),
        ("if(status >= 500, 1, 0) = 1", 2),
        ("substr(path, 1, 2) = 'or'", 4),
        ("abs(0 - latency) >= 50", 2),
        ("latency % 20 = 10", 4),
        ("-latency < -60", 1),
        ("greatest(latency, 25) = 25", 3),
        ("datefloor(@timestamp, 2m) = fromMillis(1795176120000)", 2),
        ("toMillis(@timestamp) > 1795176240000", 1),
        ("@logStream = \"stream\" and @log = \"123456789012:group\"", 6),
        ("flag = true", 1),
        ("nowhere != 'x'", 0),
        ("@message like \"frank\" # who is it", 1),
    ];
    for (condition, expected) in table {
        let found = answer(&format!("filter {condition}"));
        assert_eq!((found.rows.len(), found.matched), (expected, expected as u64), "{condition}");
    }
}

#[test]
fn a_row_of_an_event_names_it() {
    let all = answer("");
    assert_eq!(all.rows.len(), 6);
    let names: Vec<&str> = all.rows[0].iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["@timestamp", "@message", "@ptr"]);
    let (group, key) = pointed(&all.rows[0][2].1).unwrap();
    assert_eq!((group.as_str(), key), ("group", EventKey { millis: NOON + 300_000, id: 7 }));
    assert_eq!(pointed("zz"), None);
    assert!(answer("stats count(*)").rows[0].iter().all(|(name, _)| name != "@ptr"));
}

#[test]
fn what_is_malformed_is_refused_where_it_is() {
    let error = Query::parse("fields @timestamp, x | count()").unwrap_err();
    assert_eq!((error.start, error.end), (23, 28));
    assert_eq!(error.message, "unexpected symbol found count at line 1 and position 24");
    for query in [
        "fields",
        "fields a b",
        "filter",
        "filter a =",
        "filter (a = 1",
        "filter a like /(/",
        "filter a like /open",
        "filter a = 'open",
        "stats a by b",
        "stats pct(a, 101)",
        "stats sum()",
        "limit 0",
        "limit 100001",
        "limit x",
        "sort",
        "parse 'a*' as x, y",
        "parse /a/",
        "fields nonsense(a)",
        "fields strlen()",
        "stats count(*) by bin(5q5)",
        "filter a = 1 || b = 2",
        "pattern @message",
    ] {
        assert!(Query::parse(query).is_err(), "{query}");
    }
    assert!(Query::parse(&format!("filter {}a{}", "(".repeat(2_000), ")".repeat(2_000))).is_err());
    assert!(Query::parse(&"x".repeat(10_001)).is_err());
}

#[test]
fn a_limit_keeps_what_a_sort_puts_first() {
    let query = Query::parse("fields n | sort n desc | limit 3").unwrap();
    let mut pipeline = Pipeline::new(&query, true, None);
    for n in 0..5_000_i64 {
        // 2,501 and 5,000 have no common divisor: each number comes once, in no order.
        let message = format!(r#"{{"n":{}}}"#, n * 2_501 % 5_000);
        let key = EventKey { millis: NOON - n, id: 1 };
        let event = Event { key, ingested: NOON, stream: Arc::from("s"), message };
        pipeline.add(RowEvent::new(event, Rc::from("1"), Rc::from("g")));
    }
    let answer = pipeline.finish();
    let numbers: Vec<&str> = answer.rows.iter().map(|row| row[0].1.as_str()).collect();
    assert_eq!(numbers, ["4999", "4998", "4997"]);
    assert_eq!(answer.matched, 5_000);
}

proptest! {
    #[test]
    fn any_text_is_a_query_or_refused(text in ".{0,80}") {
        let _ = Query::parse(&text).map(|query| Pipeline::new(&query, true, None).finish());
    }

    #[test]
    fn pieces_of_queries_never_break_it(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "fields", "filter", "stats", "parse", "sort", "limit", "dedup", "display", "|", "(", ")", "[", "]", ",",
                "count", "sum", "pct", "bin", "5m", "*", "a", "status", "@message", "=", "!=", "like", "not", "in", "and",
                "/x/", "/", "'t'", "\"", "`f`", "1", "-", "as", "by", "desc", "é", "#", "if", "substr", "datefloor",
            ]),
            0..20,
        ),
    ) {
        let text = pieces.join(" ");
        if Query::parse(&text).is_ok() {
            answer(&text);
        }
    }
}
