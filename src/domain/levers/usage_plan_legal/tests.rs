//! The table of `UpdateUsagePlan`, value by value and verb by verb, and the plans that patches lead to.

use super::super::legal::matches;
use super::*;

const METHOD: &str = "/apiStages/a1b2c3:prod/throttle/~1orders/POST";

/// Legal and illegal values of every row that takes one.
const VALUES: &[(&str, &[&str], &[&str])] = &[
    (
        "/apiStages",
        &["a1b2c3:prod", "a1b2c3:v1_2-x"],
        &[
            "",
            "a1b2c3",
            "a1b2c3/prod",
            ":prod",
            "a1b2c3:",
            "{\"apiId\":\"a1b2c3\",\"stage\":\"prod\"}",
            "a:b:c",
        ],
    ),
    (
        "/apiStages/a1b2c3:prod/throttle/~1orders/POST/rateLimit",
        &["0", "0.5", "100"],
        &["", "-1", "-0.5", "NaN", "inf", "ten"],
    ),
    (
        "/apiStages/a1b2c3:prod/throttle/~1orders/POST/burstLimit",
        &["0", "5000"],
        &["", "-1", "1.5", "2147483648"],
    ),
    ("/throttle/rateLimit", &["0", "0.5", "10000"], &["", "-1", "-0.5", "NaN", "inf", "5/s"]),
    ("/throttle/burstLimit", &["0", "5000"], &["", "-1", "-2", "1.5", "99999999999"]),
    ("/quota/limit", &["1", "2147483647"], &["", "0", "-1", "1.5", "2147483648", "1e6"]),
    ("/quota/offset", &["0", "27"], &["", "-1", "0.5"]),
    ("/quota/period", &["DAY", "WEEK", "MONTH"], &["", "day", "HOUR", "YEAR"]),
    ("/name", &["Basic"], &[""]),
];

fn patched(verb: PatchVerb, path: &str, value: Option<&str>) -> PatchOperation {
    PatchOperation { op: verb, path: path.to_owned(), value: value.map(str::to_owned), from: None }
}

#[test]
fn each_value_of_the_table_is_judged() {
    for (path, legal, illegal) in VALUES {
        let row = PLAN_PATHS.iter().find(|row| matches(row.pattern, path)).expect("a row");
        for verb in row.verbs {
            for value in *legal {
                assert_eq!(judge(&patched(*verb, path, Some(value))), Ok(()), "{verb} {path} = {value}");
            }
            for value in *illegal {
                let said = judge(&patched(*verb, path, Some(value))).unwrap_err().to_string();
                assert!(said.contains(path), "{said}");
            }
            assert!(row.legal == Legal::Text || judge(&patched(*verb, path, None)).is_err(), "{verb} {path}");
        }
    }
    let judged = |row: &PatchPath| {
        row.legal == Legal::Text || VALUES.iter().any(|(path, ..)| matches(row.pattern, path))
    };
    assert!(PLAN_PATHS.iter().all(judged));
}

#[test]
fn each_verb_of_the_table_is_judged() {
    for row in PLAN_PATHS {
        let known = VALUES.iter().find(|(path, ..)| matches(row.pattern, path));
        let path = known.map_or_else(
            || row.pattern.replace("/*/throttle/*/*", "/a1b2c3:prod/throttle/~1orders/GET"),
            |(path, ..)| (*path).to_owned(),
        );
        let value = known.map_or("text", |(_, legal, _)| legal[0]);
        for verb in [Add, Remove, Replace, PatchVerb::Copy] {
            let operation = patched(verb, &path, Some(value));
            assert_eq!(judge(&operation).is_ok(), row.verbs.contains(&verb), "{operation}");
        }
    }
}

#[test]
fn unknown_paths_and_stages_that_are_none_are_refused() {
    for path in [
        "",
        "/throttle",
        "/quota",
        "/quota/unit",
        "/apiStages/a1b2c3:prod",
        "/apiStages/a1b2c3:prod/throttle",
        "/apiStages/{\"apiId\":\"a1b2c3\"}/throttle/~1orders/POST/rateLimit",
        "/apiStages/a1b2c3/throttle/~1orders/POST/rateLimit",
        "/tags/team",
    ] {
        assert!(judge(&PatchOperation::replace(path, "1")).is_err(), "{path}");
    }
    assert!(judge(&PatchOperation::remove("/apiStages")).is_err(), "which stage?");
}

fn settings(pairs: &[(&str, &str)]) -> Settings {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn an_offset_stays_within_its_period() {
    for (period, offset, legal) in [
        ("DAY", "0", true),
        ("DAY", "1", false),
        ("WEEK", "6", true),
        ("WEEK", "7", false),
        ("MONTH", "27", true),
        ("MONTH", "28", false),
    ] {
        let after = settings(&[(QUOTA_LIMIT, "100"), (QUOTA_PERIOD, period), (QUOTA_OFFSET, offset)]);
        assert_eq!(judge_whole(&after).is_ok(), legal, "{period} {offset}");
    }
}

#[test]
fn halves_are_refused() {
    let method = |field: &str| format!("{METHOD}/{field}");
    for (pairs, says) in [
        (vec![(RATE.to_owned(), "5")], "a rate without a burst"),
        (vec![(BURST.to_owned(), "5")], "a burst without a rate"),
        (vec![(method(METHOD_RATE), "5")], "POST /orders at a1b2c3:prod: a rate without a burst"),
        (vec![(method(METHOD_BURST), "5")], "a burst without a rate"),
        (vec![(QUOTA_LIMIT.to_owned(), "5")], "a limit alone"),
        (vec![(QUOTA_PERIOD.to_owned(), "DAY")], "no limit"),
    ] {
        let after: Settings = pairs.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        let said = judge_whole(&after).unwrap_err().to_string();
        assert!(said.contains(says), "{said}");
    }
    assert_eq!(judge_whole(&settings(&[])), Ok(()));
    assert_eq!(judge_whole(&settings(&[(RATE, "5"), (BURST, "5")])), Ok(()));
}

#[test]
fn a_stage_takes_twenty_throttles_of_methods() {
    let after = |count: usize| -> Settings {
        let fields = [METHOD_RATE, METHOD_BURST];
        let methods = (0..count).flat_map(|number| {
            fields.map(|field| {
                (format!("/apiStages/a1b2c3:prod/throttle/~1r{number}/GET/{field}"), "1".to_owned())
            })
        });
        methods.collect()
    };
    assert_eq!(judge_whole(&after(MOST_METHODS)), Ok(()));
    let said = judge_whole(&after(MOST_METHODS + 1)).unwrap_err().to_string();
    assert!(said.contains("21") && said.contains("a1b2c3:prod"), "{said}");
}
