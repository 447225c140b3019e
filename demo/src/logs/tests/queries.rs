//! Insights queries, records, fields and Live Tail through the service.

use axum::body::Bytes;
use futures_util::StreamExt;
use serde_json::json;

use super::*;
use crate::logs::event_stream::tests::take;

const JSON: &str =
    r#"{"status":$context.status,"path":"$context.resourcePath","requestId":"$context.requestId"}"#;

impl World {
    /// The results of a query over all that was recorded.
    fn query(&self, text: &str) -> Value {
        let body = json!({
            "logGroupName": GROUP,
            "startTime": self.start.as_second() - 60,
            "endTime": self.clock.now().as_second(),
            "queryString": text,
        });
        let id = self.call("StartQuery", &body.to_string()).unwrap()["queryId"].as_str().unwrap().to_owned();
        self.call("GetQueryResults", &format!(r#"{{"queryId":"{id}"}}"#)).unwrap()
    }

    /// A field of a row.
    fn cell(results: &Value, row: usize, field: &str) -> String {
        let cells = results["results"][row].as_array().unwrap();
        cells.iter().find(|cell| cell["field"] == field).unwrap()["value"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_query_counts_what_the_ledger_counted() {
    let world = World::new(JSON);
    world.fill(0..=130, &[(Outcome::Succeeded, 5), (Outcome::ServerError, 2), (Outcome::PlanThrottled, 1)]);
    let results = world.query("filter status >= 500 | stats count(*) as n by path");
    assert_eq!(results["status"], "Complete");
    assert_eq!(
        (World::cell(&results, 0, "n"), World::cell(&results, 0, "path")),
        ("262".into(), "/orders".into())
    );
    assert_eq!(results["statistics"]["recordsScanned"], 131 * 8);
    assert_eq!(results["statistics"]["recordsMatched"], 262);
    let by_minute = world.query("stats count(*) as n by bin(1m) as minute | sort minute asc");
    let counts: Vec<String> = (0..3).map(|row| World::cell(&by_minute, row, "n")).collect();
    assert_eq!(counts, ["480", "480", "88"]);
}

#[test]
fn a_record_is_found_by_its_pointer() {
    let world = World::new(JSON);
    world.fill(0..=3, &[(Outcome::Succeeded, 2)]);
    let results = world.query("fields requestId | limit 1");
    let pointer = World::cell(&results, 0, "@ptr");
    let record = world.call("GetLogRecord", &format!(r#"{{"logRecordPointer":"{pointer}"}}"#)).unwrap();
    assert_eq!(record["logRecord"]["requestId"], World::cell(&results, 0, "requestId").as_str());
    assert_eq!(record["logRecord"]["status"], "200");
    assert!(world.call("GetLogRecord", r#"{"logRecordPointer":"x"}"#).is_err());
    let fields = world.call("GetLogGroupFields", &format!(r#"{{"logGroupName":"{GROUP}"}}"#)).unwrap();
    let status =
        fields["logGroupFields"].as_array().unwrap().iter().find(|field| field["name"] == "status").unwrap();
    assert_eq!(status["percent"], 100);
}

#[test]
fn queries_are_refused_listed_and_stopped_as_by_aws() {
    let world = World::new(JSON);
    let start = |more: &str| {
        let body = format!(r#"{{"startTime":0,"endTime":10,"queryString":"fields @message"{more}}}"#);
        world.call("StartQuery", &body)
    };
    assert_eq!(start("").unwrap_err().code, "InvalidParameterException");
    assert_eq!(start(r#","logGroupName":"/nowhere""#).unwrap_err().code, "ResourceNotFoundException");
    let malformed =
        format!(r#"{{"startTime":0,"endTime":10,"queryString":"fields | x","logGroupName":"{GROUP}"}}"#);
    let response = world.logs.handle("StartQuery", &Bytes::from(malformed.clone())).unwrap();
    assert_eq!(response.status(), 400);
    let body = world.call("StartQuery", &malformed).unwrap();
    assert_eq!(body["__type"], "MalformedQueryException");
    assert_eq!(body["queryCompileError"]["location"]["startCharOffset"], 7);
    let id = start(&format!(r#","logGroupName":"{GROUP}""#)).unwrap()["queryId"].as_str().unwrap().to_owned();
    let listed = world.call("DescribeQueries", r#"{"status":"Complete"}"#).unwrap();
    assert_eq!(listed["queries"][0]["queryId"], id.as_str());
    let stop = world.call("StopQuery", &format!(r#"{{"queryId":"{id}"}}"#)).unwrap_err();
    assert_eq!(stop.code, "InvalidParameterException");
    assert_eq!(
        world.call("GetQueryResults", r#"{"queryId":"x"}"#).unwrap_err().code,
        "ResourceNotFoundException"
    );
}

#[test]
fn a_tail_sends_what_is_taken_in_and_nothing_twice() {
    let world = World::new(JSON);
    let arn = format!("arn:aws:logs:eu-west-1:123456789012:log-group:{GROUP}");
    let body = json!({ "logGroupIdentifiers": [arn], "logEventFilterPattern": "{ $.status >= 500 }" });
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let response = world.logs.handle("StartLiveTail", &Bytes::from(body.to_string())).unwrap();
        assert_eq!(response.headers()["content-type"], "application/vnd.amazon.eventstream");
        let mut stream = response.into_body().into_data_stream();
        let mut bytes = stream.next().await.unwrap().unwrap().to_vec();
        assert_eq!(take(&mut bytes).unwrap().0[":event-type"], "initial-response");
        let (headers, start) = take(&mut bytes).unwrap();
        assert_eq!(headers[":event-type"], "sessionStart");
        let start: Value = serde_json::from_slice(&start).unwrap();
        assert_eq!(start["logGroupIdentifiers"][0], arn);
        world.record(0, &[(Outcome::ServerError, 3), (Outcome::Succeeded, 9)]);
        let mut seen = std::collections::HashSet::new();
        let mut update = async || {
            let mut bytes = stream.next().await.unwrap().unwrap().to_vec();
            let (headers, payload) = take(&mut bytes).unwrap();
            (headers, serde_json::from_slice::<Value>(&payload).unwrap())
        };
        for _ in 0..12 {
            world.clock.advance(SignedDuration::from_millis(500));
            let (headers, update) = update().await;
            assert_eq!(headers[":event-type"], "sessionUpdate");
            assert_eq!(update["sessionMetadata"]["sampled"], false);
            for event in update["sessionResults"].as_array().unwrap() {
                assert!(seen.insert(event["message"].as_str().unwrap().to_owned()), "{event}");
            }
        }
        assert_eq!(seen.len(), 3);
        world.record(6, &[(Outcome::TimedOut, 900)]);
        world.clock.advance(SignedDuration::from_secs(10));
        let (_, sampled) = update().await;
        assert_eq!(sampled["sessionMetadata"]["sampled"], true);
        assert_eq!(sampled["sessionResults"].as_array().unwrap().len(), 500);
        world.clock.advance(SignedDuration::from_hours(3));
        let (headers, _) = update().await;
        assert_eq!(headers[":exception-type"], "SessionTimeoutException");
        assert!(stream.next().await.is_none());
    });
}

#[test]
fn a_tail_is_refused_beyond_its_limits() {
    let world = World::new(JSON);
    let arn = format!("arn:aws:logs:eu-west-1:123456789012:log-group:{GROUP}");
    for body in [
        json!({ "logGroupIdentifiers": [GROUP] }),
        json!({ "logGroupIdentifiers": [format!("{arn}:*")] }),
        json!({ "logGroupIdentifiers": vec![&arn; 11] }),
        json!({ "logGroupIdentifiers": [arn, arn], "logStreamNames": ["a"] }),
        json!({ "logGroupIdentifiers": [arn], "logEventFilterPattern": "{ $.a" }),
    ] {
        let fault = world.call("StartLiveTail", &body.to_string()).unwrap_err();
        assert_eq!(fault.code, "InvalidParameterException", "{body}");
    }
    let open = || {
        world.logs.handle("StartLiveTail", &Bytes::from(json!({ "logGroupIdentifiers": [arn] }).to_string()))
    };
    let sessions: Vec<_> = (0..15).map(|_| open().unwrap()).collect();
    assert_eq!(open().unwrap_err().code, "LimitExceededException");
    drop(sessions);
    assert!(open().is_ok());
}
