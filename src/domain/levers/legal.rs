//! Legal values of what `UpdateStage` of REST APIs patches. AWS: "Patch operations", the table of
//! `UpdateStage`. A value is judged here before anything is sent.

use crate::domain::change::{PatchOperation, PatchVerb, Refusal};

/// AWS: sizes of a stage's cache, in GB.
pub const CACHE_SIZES: [&str; 8] = ["0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"];
/// AWS: the longest time that an answer is cached, in seconds.
pub const LONGEST_TIME_TO_LIVE: u32 = 3_600;
/// AWS: bytes of an access log's format; documented for HTTP APIs.
const LONGEST_FORMAT: usize = 3_072;
/// AWS: stage variables, and the lengths of their names and values.
pub const MOST_VARIABLES: usize = 100;
const LONGEST_VARIABLE_NAME: usize = 64;
const LONGEST_VARIABLE: usize = 512;

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Legal {
    /// Any text.
    Text,
    NotEmpty,
    Bool,
    OneOf(&'static [&'static str]),
    /// A whole number in this range.
    Whole(i64, i64),
    /// A number that isn't negative, or -1 for none.
    Rate,
    /// A whole number that isn't negative, or -1 for none.
    Burst,
    Percent,
    LogDestination,
    LogFormat,
    VariableValue,
    /// A number that isn't negative: usage plans know no -1.
    PlanRate,
    /// `apiId:stage`, and no JSON.
    ApiStage,
}

/// One row of AWS's table.
#[derive(Clone, Copy, Debug)]
pub struct PatchPath {
    /// With `*` for a segment that is a name: of a variable, or resource and method.
    pub pattern: &'static str,
    pub verbs: &'static [PatchVerb],
    pub legal: Legal,
}

pub(super) const fn row(pattern: &'static str, verbs: &'static [PatchVerb], legal: Legal) -> PatchPath {
    PatchPath { pattern, verbs, legal }
}

use PatchVerb::{Add, Copy, Remove, Replace};

/// AWS's table, without the paths that replace a whole map: single entries are patched, so that nobody
/// else's are lost.
pub const STAGE_PATHS: &[PatchPath] = &[
    row("/deploymentId", &[Replace, Copy], Legal::NotEmpty),
    row("/description", &[Replace], Legal::Text),
    row("/variables", &[Copy], Legal::Text),
    row("/variables/*", &[Replace, Remove], Legal::VariableValue),
    row("/cacheClusterEnabled", &[Replace], Legal::Bool),
    row("/cacheClusterSize", &[Replace], Legal::OneOf(&CACHE_SIZES)),
    row("/clientCertificateId", &[Replace], Legal::Text),
    row("/documentationVersion", &[Replace], Legal::Text),
    row("/tracingEnabled", &[Replace], Legal::Bool),
    row("/accessLogSettings", &[Remove], Legal::Text),
    row("/accessLogSettings/destinationArn", &[Add, Replace, Remove], Legal::LogDestination),
    row("/accessLogSettings/format", &[Add, Replace, Remove], Legal::LogFormat),
    row("/canarySettings", &[Remove], Legal::Text),
    row("/canarySettings/deploymentId", &[Replace], Legal::NotEmpty),
    row("/canarySettings/percentTraffic", &[Replace], Legal::Percent),
    row("/canarySettings/useStageCache", &[Replace], Legal::Bool),
    row("/canarySettings/stageVariableOverrides/*", &[Replace, Remove], Legal::VariableValue),
    row("/*/*/metrics/enabled", &[Replace], Legal::Bool),
    row("/*/*/logging/loglevel", &[Replace], Legal::OneOf(&["OFF", "ERROR", "INFO"])),
    row("/*/*/logging/dataTrace", &[Replace], Legal::Bool),
    row("/*/*/throttling/burstLimit", &[Replace], Legal::Burst),
    row("/*/*/throttling/rateLimit", &[Replace], Legal::Rate),
    row("/*/*/caching/enabled", &[Replace], Legal::Bool),
    row("/*/*/caching/ttlInSeconds", &[Replace], Legal::Whole(0, LONGEST_TIME_TO_LIVE as i64)),
    row("/*/*/caching/dataEncrypted", &[Replace], Legal::Bool),
    row("/*/*/caching/requireAuthorizationForCacheControl", &[Replace], Legal::Bool),
    row(
        "/*/*/caching/unauthorizedCacheControlHeaderStrategy",
        &[Replace],
        Legal::OneOf(&["FAIL_WITH_403", "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER"]),
    ),
    // Not in AWS's table, and what Terraform sends: it deletes the override of a method.
    row("/*/*", &[Remove], Legal::Text),
];

/// Judges one operation on a stage.
///
/// # Errors
/// `Illegal`, with what would be legal.
pub fn judge(operation: &PatchOperation) -> Result<(), Refusal> {
    if let Some(name) = operation.path.strip_prefix("/variables/") {
        judge_variable_name(name)?;
    }
    judge_by(STAGE_PATHS, "a stage", operation)
}

/// Judges one operation by the table of what it patches.
///
/// # Errors
/// `Illegal`, with what would be legal.
pub fn judge_by(paths: &[PatchPath], of: &str, operation: &PatchOperation) -> Result<(), Refusal> {
    let illegal = |value: &str, legal: &str| {
        Err(Refusal::Illegal {
            what: operation.path.clone(),
            value: value.to_owned(),
            legal: legal.to_owned(),
        })
    };
    let Some(row) = paths.iter().find(|row| matches(row.pattern, &operation.path)) else {
        return illegal(&operation.path, &format!("AWS patches no such path of {of}"));
    };
    if !row.verbs.contains(&operation.op) {
        let verbs: Vec<_> = row.verbs.iter().map(PatchVerb::to_string).collect();
        return illegal(&operation.op.to_string(), &format!("AWS takes {} here", verbs.join(" and ")));
    }
    let Some(value) = &operation.value else {
        let needs = matches!(operation.op, Add | Replace);
        return if needs { illegal("none", "a value must be given") } else { Ok(()) };
    };
    match row.legal.refuses(value) {
        Some(legal) => illegal(value, &legal),
        None => Ok(()),
    }
}

/// AWS: names of stage variables are letters, digits and underscores.
///
/// # Errors
/// `Illegal`.
pub fn judge_variable_name(name: &str) -> Result<(), Refusal> {
    let legal = (1..=LONGEST_VARIABLE_NAME).contains(&name.len())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if legal {
        return Ok(());
    }
    Err(Refusal::Illegal {
        what: "the name of a stage variable".to_owned(),
        value: name.to_owned(),
        legal: format!("AWS takes 1 to {LONGEST_VARIABLE_NAME} letters, digits and underscores"),
    })
}

/// Whether a path has this pattern. A method's path has the resource escaped, so it has no slashes of its own.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/').skip(1), path.split('/').skip(1));
    path.starts_with('/')
        && loop {
            match (wanted.next(), given.next()) {
                (None, None) => break true,
                (Some("*"), Some(segment)) if !segment.is_empty() => {}
                (Some(one), Some(other)) if one == other => {}
                _ => break false,
            }
        }
}

impl Legal {
    /// What would be legal, where `value` isn't.
    pub fn refuses(self, value: &str) -> Option<String> {
        let number = || value.parse::<f64>().ok().filter(|number| number.is_finite());
        let (well, legal) = match self {
            Self::Text => (true, String::new()),
            Self::NotEmpty => (!value.is_empty(), "it must not be empty".to_owned()),
            Self::Bool => (matches!(value, "true" | "false"), "AWS takes true and false".to_owned()),
            Self::OneOf(values) => (values.contains(&value), format!("AWS takes {}", values.join(", "))),
            Self::Whole(least, most) => (
                value.parse::<i64>().is_ok_and(|number| (least..=most).contains(&number)),
                format!("AWS takes whole numbers from {least} to {most}"),
            ),
            Self::Rate => (
                value == "-1" || number().is_some_and(|rate| rate >= 0.0),
                "a rate is a number of requests per second, 0 or more".to_owned(),
            ),
            Self::Burst => (
                value.parse::<i32>().is_ok_and(|burst| burst >= -1),
                format!("a burst is a whole number of requests, 0 to {}", i32::MAX),
            ),
            Self::Percent => (
                number().is_some_and(|percent| (0.0..=100.0).contains(&percent)),
                "a percentage is a number from 0 to 100".to_owned(),
            ),
            Self::LogDestination => (
                is_log_destination(value),
                "AWS takes the ARN of a log group, or of a Firehose stream whose name begins with \
                 amazon-apigateway-"
                    .to_owned(),
            ),
            Self::LogFormat => (
                is_log_format(value),
                format!(
                    "AWS takes one line of up to {LONGEST_FORMAT} bytes with $context.requestId or \
                     $context.extendedRequestId in it"
                ),
            ),
            Self::VariableValue => (
                value.len() <= LONGEST_VARIABLE
                    && !value.is_empty()
                    && value
                        .chars()
                        .all(|letter| letter.is_ascii_alphanumeric() || "-._~:/?#&=,".contains(letter)),
                format!("AWS takes 1 to {LONGEST_VARIABLE} of A-Z a-z 0-9 - . _ ~ : / ? # & = ,"),
            ),
            Self::PlanRate => (
                number().is_some_and(|rate| rate >= 0.0),
                "a rate is a number of requests per second, 0 or more".to_owned(),
            ),
            Self::ApiStage => (
                is_api_stage(value),
                "AWS takes the API's id and the stage's name as apiId:stage, and no JSON".to_owned(),
            ),
        };
        (!well).then_some(legal)
    }
}

fn is_api_stage(text: &str) -> bool {
    let name = |text: &str| {
        !text.is_empty()
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
    };
    text.split_once(':').is_some_and(|(api, stage)| name(api) && name(stage))
}

fn is_log_destination(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [aws, partition, service, region, account, resource] = parts.as_slice() else { return false };
    let whole = *aws == "arn" && [partition, region, account].iter().all(|part| !part.is_empty());
    whole
        && match *service {
            "logs" => resource
                .strip_prefix("log-group:")
                .is_some_and(|group| !group.is_empty() && !group.ends_with(":*")),
            "firehose" => resource.starts_with("deliverystream/amazon-apigateway-"),
            _ => false,
        }
}

fn is_log_format(format: &str) -> bool {
    let names_the_request =
        format.contains("$context.requestId") || format.contains("$context.extendedRequestId");
    names_the_request && format.len() <= LONGEST_FORMAT && !format.contains(['\n', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Legal and illegal values of every row that takes one.
    const VALUES: &[(&str, &[&str], &[&str])] = &[
        ("/deploymentId", &["a1b2c3"], &[""]),
        ("/variables/cellId", &["cell-01", "a:b/c?d#e&f=g,h.~_"], &["", "with space", "ö", "a\"b", "{x}"]),
        ("/cacheClusterEnabled", &["true", "false"], &["", "True", "yes", "1"]),
        ("/cacheClusterSize", &CACHE_SIZES, &["", "0", "1", "0.50", "6", "118.0", "238"]),
        ("/tracingEnabled", &["true", "false"], &["on", ""]),
        (
            "/accessLogSettings/destinationArn",
            &[
                "arn:aws:logs:eu-west-1:123456789012:log-group:access",
                "arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-access",
            ],
            &[
                "",
                "access",
                "arn:aws:logs:eu-west-1:123456789012:log-group:access:*",
                "arn:aws:firehose:eu-west-1:123456789012:deliverystream/access",
                "arn:aws:s3:::access",
                "arn:aws:logs:eu-west-1::log-group:access",
            ],
        ),
        (
            "/accessLogSettings/format",
            &["$context.requestId", "{\"id\":\"$context.extendedRequestId\"}"],
            &["", "$context.status", "$context.requestId\nmore"],
        ),
        ("/canarySettings/deploymentId", &["a1b2c3"], &[""]),
        ("/canarySettings/percentTraffic", &["0", "0.5", "100.0"], &["", "-1", "100.1", "NaN", "inf", "10%"]),
        ("/canarySettings/useStageCache", &["true"], &["TRUE"]),
        ("/canarySettings/stageVariableOverrides/cellId", &["cell-02"], &["", "ü"]),
        ("/*/*/metrics/enabled", &["true"], &["", "on"]),
        ("/~1users/GET/logging/loglevel", &["OFF", "ERROR", "INFO"], &["", "info", "DEBUG", "WARN"]),
        ("/*/*/logging/dataTrace", &["false"], &["0"]),
        ("/*/*/throttling/burstLimit", &["0", "5000", "-1"], &["", "1.5", "-2", "NaN", "99999999999"]),
        ("/*/*/throttling/rateLimit", &["0", "0.5", "10000", "-1"], &["", "-0.5", "-2", "NaN", "inf", "ten"]),
        ("/*/*/caching/enabled", &["true"], &["yes"]),
        ("/*/*/caching/ttlInSeconds", &["0", "300", "3600"], &["", "-1", "3601", "1.5", "5m"]),
        ("/*/*/caching/dataEncrypted", &["true"], &[""]),
        ("/*/*/caching/requireAuthorizationForCacheControl", &["false"], &["no"]),
        (
            "/*/*/caching/unauthorizedCacheControlHeaderStrategy",
            &["FAIL_WITH_403"],
            &["", "fail_with_403", "FAIL"],
        ),
    ];

    #[test]
    fn each_value_of_the_table_is_judged() {
        for (path, legal, illegal) in VALUES {
            for value in *legal {
                assert_eq!(judge(&PatchOperation::replace(*path, *value)), Ok(()), "{path} = {value}");
            }
            for value in *illegal {
                let error = judge(&PatchOperation::replace(*path, *value)).unwrap_err();
                let said = error.to_string();
                assert!(said.contains(path), "{said}");
            }
        }
        let judged = |row: &PatchPath| {
            row.legal == Legal::Text || VALUES.iter().any(|(path, ..)| matches(row.pattern, path))
        };
        let missing: Vec<_> = STAGE_PATHS.iter().filter(|row| !judged(row)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn each_verb_of_the_table_is_judged() {
        for row in STAGE_PATHS {
            let path = row.pattern.replace("/variables/*", "/variables/name");
            for verb in [Add, Remove, Replace, Copy] {
                let value = matches!(verb, Add | Replace).then(|| {
                    let known = VALUES.iter().find(|(path, ..)| matches(row.pattern, path));
                    known.map_or("text", |(_, legal, _)| legal[0]).to_owned()
                });
                let operation = PatchOperation { op: verb, path: path.clone(), value, from: None };
                assert_eq!(judge(&operation).is_ok(), row.verbs.contains(&verb), "{operation}");
            }
        }
    }

    #[test]
    fn unknown_paths_and_names_are_refused() {
        for path in
            ["", "/", "deploymentId", "/throttling/rateLimit", "/*/*/throttling", "/variables/a-b", "/tags/x"]
        {
            assert!(judge(&PatchOperation::replace(path, "1")).is_err(), "{path}");
        }
        let long = "n".repeat(65);
        assert!(judge_variable_name(&long).is_err() && judge_variable_name("cellId_2").is_ok());
    }
}
