//! The reading operations: pages, tokens, directions, refusals.

use super::*;

const PLAIN: &str = "$context.requestId $context.status";

fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| event["eventId"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn pages_hold_each_event_once_in_both_directions() {
    let world = World::new(PLAIN);
    world.fill(0..=90, &[(Outcome::Succeeded, 3), (Outcome::ServerError, 1)]);
    let forward = ids(&world.events(r#","limit":7"#));
    assert_eq!(forward.len(), 91 * 4);
    let mut sorted = forward.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(forward, sorted);
    assert_eq!(forward[0].len(), 56);
    let since = world.start.as_millisecond();
    let mut backward =
        ids(&world.events(&format!(r#","limit":9,"startFromHead":false,"startTime":{since}"#)));
    backward.reverse();
    assert_eq!(backward, forward);
}

#[test]
fn the_end_of_a_filter_is_inclusive_and_that_of_a_stream_is_not() {
    let world = World::new(PLAIN);
    world.fill(0..=0, &[(Outcome::Succeeded, 1)]);
    let event = world.events("").remove(0);
    let at = event["timestamp"].as_i64().unwrap();
    assert_eq!(world.events(&format!(r#","startTime":{at},"endTime":{at}"#)).len(), 1);
    assert_eq!(world.events(&format!(r#","startTime":{}"#, at + 1)).len(), 0);
    let stream = event["logStreamName"].as_str().unwrap();
    let get = |end: i64| {
        let body = format!(
            r#"{{"logGroupName":"{GROUP}","logStreamName":"{stream}","startTime":{at},"endTime":{end}}}"#
        );
        world.call("GetLogEvents", &body).unwrap()["events"].as_array().unwrap().len()
    };
    assert_eq!((get(at), get(at + 1)), (0, 1));
}

#[test]
fn a_stream_is_read_to_its_end_and_back_with_tokens_that_never_are_null() {
    let world = World::new(PLAIN);
    world.fill(0..=60, &[(Outcome::Succeeded, 4)]);
    let streams = world.call("DescribeLogStreams", &format!(r#"{{"logGroupName":"{GROUP}"}}"#)).unwrap();
    let streams = streams["logStreams"].as_array().unwrap().clone();
    assert_eq!(streams.len(), 4);
    let mut total = 0;
    for stream in &streams {
        let name = stream["logStreamName"].as_str().unwrap();
        assert!(name.len() == 32 && name.chars().all(|character| character.is_ascii_hexdigit()), "{name}");
        let get = |token: Option<&str>| {
            let token = token.map(|token| format!(r#","nextToken":"{token}""#)).unwrap_or_default();
            let body = format!(
                r#"{{"logGroupName":"{GROUP}","logStreamName":"{name}","limit":10,"startFromHead":true{token}}}"#
            );
            world.call("GetLogEvents", &body).unwrap()
        };
        let mut page = get(None);
        let mut seen = 0;
        loop {
            seen += page["events"].as_array().unwrap().len();
            let token = page["nextForwardToken"].as_str().unwrap().to_owned();
            page = get(Some(&token));
            if page["nextForwardToken"] == token.as_str() {
                assert_eq!(page["events"].as_array().unwrap().len(), 0);
                break;
            }
        }
        let mut back = 0;
        loop {
            let token = page["nextBackwardToken"].as_str().unwrap().to_owned();
            page = get(Some(&token));
            back += page["events"].as_array().unwrap().len();
            if page["nextBackwardToken"] == token.as_str() {
                break;
            }
        }
        assert_eq!(back, seen);
        total += seen;
    }
    assert_eq!(total, 61 * 4);
}

#[test]
fn what_clients_put_is_read_back_among_the_rest() {
    let world = World::new(PLAIN);
    world.fill(0..=5, &[(Outcome::Succeeded, 1)]);
    let name = format!(r#""logGroupName":"{GROUP}","logStreamName":"mine""#);
    let now = world.clock.now().as_millisecond();
    let put = |events: &str| world.call("PutLogEvents", &format!(r#"{{{name},"logEvents":[{events}]}}"#));
    assert_eq!(put(r#"{"timestamp":1,"message":"x"}"#).unwrap_err().code, "ResourceNotFoundException");
    world.call("CreateLogStream", &format!("{{{name}}}")).unwrap();
    assert_eq!(
        world.call("CreateLogStream", &format!("{{{name}}}")).unwrap_err().code,
        "ResourceAlreadyExistsException"
    );
    let answer = put(&format!(
        r#"{{"timestamp":1,"message":"ancient"}},{{"timestamp":{now},"message":"mine"}},{{"timestamp":{},"message":"early"}}"#,
        now + 10_000_000
    ))
    .unwrap();
    assert_eq!(answer["rejectedLogEventsInfo"]["tooOldLogEventEndIndex"], 1);
    assert_eq!(answer["rejectedLogEventsInfo"]["tooNewLogEventStartIndex"], 2);
    assert_eq!(world.events("").len(), 7);
    assert_eq!(world.events(r#","logStreamNamePrefix":"mi""#).len(), 1);
    assert_eq!(world.events(r#","logStreamNames":["mine","other"],"filterPattern":"mine""#).len(), 1);
    assert!(put(r#"{"timestamp":2,"message":"b"},{"timestamp":1,"message":"a"}"#).is_err());
}

#[test]
fn refusals_have_aws_words() {
    let world = World::new(PLAIN);
    let refused = |operation: &str, body: &str| {
        let fault = world.call(operation, body).unwrap_err();
        (fault.code, fault.message)
    };
    let (code, message) = refused("FilterLogEvents", r#"{"logGroupName":"/nowhere"}"#);
    assert_eq!(
        (code.as_ref(), message.as_str()),
        ("ResourceNotFoundException", "The specified log group does not exist.")
    );
    for parameters in [
        r#""logStreamNames":["a"],"logStreamNamePrefix":"b""#,
        r#""nextToken":"nonsense""#,
        r#""limit":0"#,
        r#""limit":10001"#,
        r#""filterPattern":"{ $.a""#,
        r#""startTime":2,"endTime":1"#,
        r#""startTime":-1"#,
        r#""startFromHead":false"#,
        r#""logGroupIdentifier":"arn:aws:logs:eu-west-1:123456789012:log-group:x""#,
    ] {
        let (code, _) = refused("FilterLogEvents", &format!(r#"{{"logGroupName":"{GROUP}",{parameters}}}"#));
        assert_eq!(code, "InvalidParameterException", "{parameters}");
    }
    assert_eq!(refused("FilterLogEvents", r#"{"logGroupName":7}"#).0, "SerializationException");
    assert_eq!(refused("FilterLogEvents", "{").0, "SerializationException");
    assert_eq!(refused("Nonsense", "{}").0, "UnknownOperationException");
    world.call("CreateLogGroup", r#"{"logGroupName":"rare","logGroupClass":"INFREQUENT_ACCESS"}"#).unwrap();
    for (operation, more) in [("FilterLogEvents", ""), ("GetLogEvents", r#","logStreamName":"a""#)] {
        let (code, message) = refused(operation, &format!(r#"{{"logGroupName":"rare"{more}}}"#));
        assert_eq!(code, "InvalidParameterException");
        assert!(message.contains("Infrequent Access"), "{message}");
    }
}

#[test]
fn groups_are_listed_altered_and_deleted() {
    let world = World::new(PLAIN);
    let mut names = Vec::new();
    let mut token = String::new();
    loop {
        let page = world.call("DescribeLogGroups", &format!(r#"{{"limit":3{token}}}"#)).unwrap();
        names.extend(
            page["logGroups"]
                .as_array()
                .unwrap()
                .iter()
                .map(|group| group["logGroupName"].as_str().unwrap().to_owned()),
        );
        match page["nextToken"].as_str() {
            Some(next) => token = format!(r#","nextToken":"{next}""#),
            None => break,
        }
    }
    assert!(names.is_sorted() && names.len() > 10);
    let execution = format!("API-Gateway-Execution-Logs_{}/prod", world.api_id);
    assert!(names.contains(&execution), "{names:?}");
    let named = format!(r#""logGroupName":"{execution}""#);
    world.call("PutRetentionPolicy", &format!(r#"{{{named},"retentionInDays":30}}"#)).unwrap();
    assert!(world.call("PutRetentionPolicy", &format!(r#"{{{named},"retentionInDays":31}}"#)).is_err());
    let prefix = format!(r#"{{"logGroupNamePrefix":"{execution}"}}"#);
    let found = world.call("DescribeLogGroups", &prefix).unwrap();
    assert_eq!(found["logGroups"][0]["retentionInDays"], 30);
    let arn = found["logGroups"][0]["logGroupArn"].as_str().unwrap();
    world.call("TagResource", &format!(r#"{{"resourceArn":"{arn}","tags":{{"team":"checkout"}}}}"#)).unwrap();
    let tags = world.call("ListTagsLogGroup", &format!("{{{named}}}")).unwrap();
    assert_eq!(tags["tags"]["team"], "checkout");
    world.fill(0..=0, &[(Outcome::TimedOut, 1)]);
    assert_ne!(
        world.call("FilterLogEvents", &format!("{{{named}}}")).unwrap()["events"].as_array().unwrap().len(),
        0
    );
    world.call("DeleteLogGroup", &format!("{{{named}}}")).unwrap();
    // The service makes it anew, without what was in it.
    let events = world.call("FilterLogEvents", &format!("{{{named}}}")).unwrap();
    assert_eq!(events["events"].as_array().unwrap().len(), 0);
}
