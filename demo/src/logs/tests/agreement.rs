//! Logs agree with the ledger, to the request.

use proptest::prelude::*;

use super::*;

const JSON: &str = r#"{"id":"$context.requestId","status":$context.status,"text":"$context.status","latency":$context.responseLatency,"type":"$context.error.responseType"}"#;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn the_lines_with_5xx_are_the_requests_with_5xx(
        seconds in prop::collection::vec(prop::collection::vec((0usize..Outcome::ALL.len(), 1u32..9), 0..6), 1..40),
    ) {
        let world = World::new(JSON);
        let (mut failed, mut all) = (0, 0);
        for (second, counts) in (0..).zip(&seconds) {
            let counts: Vec<(Outcome, u32)> =
                counts.iter().map(|(outcome, count)| (Outcome::ALL[*outcome], *count)).collect();
            for (outcome, count) in &counts {
                all += *count as usize;
                failed += if outcome.status() >= 500 { *count as usize } else { 0 };
            }
            world.record(second, &counts);
        }
        world.clock.advance(SignedDuration::from_secs(60));
        prop_assert_eq!(world.events("").len(), all);
        prop_assert_eq!(world.events(r#","filterPattern":"{ $.status >= 500 }""#).len(), failed);
        prop_assert_eq!(world.events(r#","filterPattern":"{ $.text = \"5*\" }""#).len(), failed);
        prop_assert_eq!(world.events(r#","filterPattern":"{ $.status < 500 }""#).len(), all - failed);
    }
}

#[test]
fn formats_are_templates_and_absent_is_a_hyphen() {
    for (format, expected) in [
        ("$context.httpMethod $context.resourcePath $context.status", "POST /orders 502"),
        ("<request><status>$context.status</status></request>", "<request><status>502</status></request>"),
        ("$context.apiId,$context.nonsense,$context.identity.apiKeyId", "API,-,-"),
        ("$context.error.messageString.", "\"Internal server error\"."),
        (r#"[$context.requestTime] "$context.protocol""#, r#"[20/Nov/2026:12:00:00 +0000] "HTTP/1.1""#),
    ] {
        let world = World::new(format);
        world.fill(0..=0, &[(Outcome::ServerError, 1)]);
        let events = world.events("");
        assert_eq!(events.len(), 1);
        assert_eq!(events[0]["message"].as_str().unwrap(), expected.replace("API", &world.api_id));
    }
}

#[test]
fn a_line_is_readable_some_seconds_after_its_request() {
    let world = World::new(JSON);
    world.record(0, &[(Outcome::Succeeded, 50)]);
    world.clock.advance(SignedDuration::from_millis(1_400));
    assert_eq!(world.events("").len(), 0);
    world.clock.advance(SignedDuration::from_millis(3_700));
    let events = world.events("");
    assert_eq!(events.len(), 50);
    for event in events {
        let lag = event["ingestionTime"].as_i64().unwrap() - event["timestamp"].as_i64().unwrap();
        assert!((1_500..4_000).contains(&lag), "{lag}");
    }
}

#[test]
fn what_was_written_stays_as_it_was_written() {
    let world = World::new("old $context.status");
    world.fill(0..=0, &[(Outcome::Succeeded, 3)]);
    world.alter_stage(|stage| {
        stage.access_log.as_mut().unwrap().format = "new $context.status".to_owned();
    });
    world.fill(20..=20, &[(Outcome::Succeeded, 2)]);
    let messages: Vec<String> =
        world.events("").iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect();
    assert_eq!(messages, ["old 200", "old 200", "old 200", "new 200", "new 200"]);
}

#[test]
fn execution_logs_come_with_their_level() {
    let world = World::new(JSON);
    let group = format!("API-Gateway-Execution-Logs_{}/prod", world.api_id);
    let lines = |world: &World| {
        let body = format!(r#"{{"logGroupName":"{group}"}}"#);
        let page = world.call("FilterLogEvents", &body).unwrap();
        let events = page["events"].as_array().unwrap().clone();
        events.iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    world.fill(0..=0, &[(Outcome::Succeeded, 1), (Outcome::TimedOut, 1), (Outcome::PlanThrottled, 1)]);
    let errors = lines(&world);
    assert!(
        errors.iter().any(|line| line.ends_with("Execution failed due to a timeout error")),
        "{errors:#?}"
    );
    assert!(errors.iter().any(|line| line.ends_with("Method completed with status: 429")), "{errors:#?}");
    assert!(!errors.iter().any(|line| line.contains("Method completed with status: 200")), "{errors:#?}");
    world.alter_stage(|stage| {
        let setting = stage.settings.default.as_mut().unwrap();
        setting.logging_level = "INFO".to_owned();
        setting.data_trace_enabled = true;
    });
    world.fill(20..=20, &[(Outcome::Succeeded, 1)]);
    let all = lines(&world);
    assert!(all.iter().any(|line| line.contains("Method request path: {")), "{all:#?}");
    assert!(all.iter().any(|line| line.ends_with("Method completed with status: 200")), "{all:#?}");
    world.alter_stage(|stage| {
        stage.settings.default = None;
        stage.settings.overrides.clear();
    });
    world.fill(40..=40, &[(Outcome::TimedOut, 1)]);
    assert_eq!(lines(&world), all, "nothing is written at the level OFF, and nothing is lost");
}
