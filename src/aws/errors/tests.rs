//! Each way a call can fail, as the SDK reports it, and what becomes of it.

use aws_sdk_apigateway::operation::get_stages::GetStagesError;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;

use super::*;
use crate::aws::operations::{GET_CALLER_IDENTITY, GET_STAGES, QUERY};

fn around() -> Surroundings {
    Surroundings {
        profile: Some("ops".into()),
        sso_profile: None,
        endpoint: None,
        region: "eu-west-1".into(),
        attempt_timeout: Duration::from_secs(20),
        connect_timeout: Duration::from_secs(3),
    }
}

fn described(error: &SdkError<GetStagesError, HttpResponse>) -> Failure {
    failure(&GET_STAGES, "a1b2c3d4e5", error, &around())
}

/// An error answer with a code, a message and headers.
fn answered(
    status: u16,
    code: Option<&str>,
    message: &str,
    headers: &[(&'static str, &'static str)],
) -> Failure {
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = code {
        metadata = metadata.code(code).message(message);
    }
    let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::empty());
    for (name, value) in headers {
        response.headers_mut().insert(*name, *value);
    }
    described(&SdkError::service_error(GetStagesError::generic(metadata.build()), response))
}

#[test]
fn codes_and_statuses_become_kinds() {
    let throttled = FailureKind::Throttled { retry_after: None };
    for (status, code, kind) in [
        (429, "TooManyRequestsException", throttled),
        (400, "ThrottlingException", throttled),
        (429, "LimitExceededException", throttled),
        (403, "AccessDeniedException", FailureKind::AccessDenied),
        (403, "SomethingNew", FailureKind::AccessDenied),
        (403, "ExpiredTokenException", FailureKind::Credentials),
        (403, "InvalidSignatureException", FailureKind::Credentials),
        (403, "UnrecognizedClientException", FailureKind::Credentials),
        (404, "NotFoundException", FailureKind::NotFound),
        (400, "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", FailureKind::NotFound),
        (409, "ConflictException", FailureKind::Conflict),
        (400, "BadRequestException", FailureKind::Invalid),
        (400, "ValidationException:http://internal.amazon.com/coral/", FailureKind::Invalid),
        (500, "InternalFailure", FailureKind::Service),
        (503, "ServiceUnavailableException", FailureKind::Service),
    ] {
        assert_eq!(answered(status, Some(code), "why", &[]).kind, kind, "{status} {code}");
    }
}

#[test]
fn an_answer_that_is_not_awss_is_malformed_unless_its_status_says_more() {
    for (status, kind) in [
        (200, FailureKind::Malformed),
        (403, FailureKind::Malformed),
        (429, FailureKind::Throttled { retry_after: None }),
        (502, FailureKind::Service),
    ] {
        let failure = answered(status, None, "", &[]);
        assert_eq!(failure.kind, kind, "{status}");
        assert!(failure.message.contains(&format!("HTTP {status}")), "{failure}");
    }
}

#[test]
fn the_message_is_awss_own_and_cannot_repaint_the_terminal() {
    let headers = [("x-amzn-requestid", "5f1c-77")];
    let failure = answered(400, Some("BadRequestException"), "no \u{1b}[2J stage", &headers);
    assert_eq!(
        failure.to_string(),
        "GetStages of a1b2c3d4e5 failed: BadRequestException: no \u{fffd}[2J stage"
    );
    assert_eq!(failure.request_id.as_deref(), Some("5f1c-77"));
}

#[test]
fn a_429_tells_when_to_come_back_within_reason() {
    for (header, seconds) in [("7", Some(7)), ("100000", Some(300)), ("soon", None)] {
        let failure = answered(429, Some("TooManyRequestsException"), "rate", &[("retry-after", header)]);
        let retry_after = seconds.map(Duration::from_secs);
        assert_eq!(failure.kind, FailureKind::Throttled { retry_after }, "{header}");
    }
}

#[test]
fn what_can_be_mended_has_a_hint() {
    let denied = answered(403, Some("AccessDeniedException"), "not authorized", &[]);
    assert_eq!(
        denied.hint.as_deref(),
        Some("the caller needs apigateway:GET on arn:aws:apigateway:*::/restapis/*/stages")
    );
    let expired = answered(403, Some("ExpiredTokenException"), "expired", &[]);
    assert_eq!(expired.hint.as_deref(), Some("renew the credentials of profile ops"));
    let skewed = answered(
        403,
        Some("InvalidSignatureException"),
        "Signature expired: 20261120T000000Z is now earlier than 20261120T003000Z",
        &[],
    );
    assert!(skewed.hint.unwrap().contains("clock"));
}

#[test]
fn a_denial_names_the_table_that_was_asked_for_and_its_partition() {
    let metadata = ErrorMetadata::builder().code("AccessDeniedException").message("not authorized").build();
    let response = HttpResponse::new(StatusCode::try_from(400).unwrap(), SdkBody::empty());
    let error = SdkError::service_error(GetStagesError::generic(metadata), response);
    for (region, partition) in
        [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
    {
        let around = Surroundings { region: region.into(), ..around() };
        let failure = failure(&QUERY, "ShopCells for cell-01", &error, &around);
        let expected = format!(
            "the caller needs dynamodb:Query on arn:{partition}:dynamodb:*:*:table/ShopCells/index/*"
        );
        assert_eq!(failure.hint, Some(expected));
    }
}

#[test]
fn a_missing_answer_is_a_timeout_and_a_missing_connection_is_not() {
    let late = described(&SdkError::timeout_error("late"));
    assert_eq!((late.kind, late.message.as_str()), (FailureKind::Timeout, "no answer within 20 s"));

    let slow = described(&SdkError::dispatch_failure(ConnectorError::timeout("slow".into())));
    assert_eq!(slow.kind, FailureKind::Unreachable);
    assert_eq!(slow.message, "can't connect to the API Gateway endpoint of eu-west-1 within 3 s");

    let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    let refused = described(&SdkError::dispatch_failure(ConnectorError::io(refused.into())));
    assert_eq!(refused.kind, FailureKind::Unreachable);
    assert!(refused.hint.unwrap().contains("--endpoint-url"));

    let untrusted = "invalid peer certificate: UnknownIssuer";
    let untrusted = described(&SdkError::dispatch_failure(ConnectorError::io(untrusted.into())));
    assert_eq!(untrusted.kind, FailureKind::Configuration);
    assert!(untrusted.hint.unwrap().contains("AWS_CA_BUNDLE"));
}

#[test]
fn a_cut_answer_differs_from_one_that_cannot_be_read() {
    let response = || HttpResponse::new(StatusCode::try_from(200).unwrap(), SdkBody::empty());
    let cut = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    assert_eq!(described(&SdkError::response_error(cut, response())).kind, FailureKind::Unreachable);
    let garbage = described(&SdkError::response_error("expected a map", response()));
    assert_eq!(garbage.kind, FailureKind::Malformed);
    assert_eq!(garbage.message, "the answer (HTTP 200) can't be read: expected a map");
}

/// What an operator reads when the credential providers fail with `error`.
fn without_credentials(error: CredentialsError, profile: Option<&str>, sso_profile: Option<&str>) -> Failure {
    let around = Surroundings {
        profile: profile.map(str::to_owned),
        sso_profile: sso_profile.map(str::to_owned),
        ..around()
    };
    let error: SdkError<GetStagesError, HttpResponse> = SdkError::construction_failure(error);
    failure(&GET_CALLER_IDENTITY, "", &error, &around)
}

#[test]
fn an_expired_login_names_the_command_that_renews_it() {
    let expired = CredentialsError::provider_error("the SSO token has expired");
    let failure = without_credentials(expired, Some("ops"), Some("corp"));
    assert_eq!(failure.kind, FailureKind::Credentials);
    assert_eq!(failure.message, "the IAM Identity Center login of profile corp is missing or has expired");
    assert_eq!(failure.hint.as_deref(), Some("aws sso login --profile corp"));
}

#[test]
fn a_login_that_cannot_be_reached_is_no_expired_login() {
    let offline = CredentialsError::provider_error(ConnectorError::io("no route to host".into()));
    let failure = without_credentials(offline, Some("ops"), Some("corp"));
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert!(failure.message.contains("no route to host"));
}

#[test]
fn no_credentials_at_all_says_where_to_give_them() {
    let none = without_credentials(CredentialsError::not_loaded_no_source(), None, None);
    assert!(none.hint.unwrap().contains("--profile"));
    let empty = without_credentials(CredentialsError::not_loaded_no_source(), Some("ops"), None);
    assert_eq!(empty.message, "no credentials: profile ops has none");
    let outside = CredentialsError::provider_error("failed to load IMDS session token");
    assert!(without_credentials(outside, None, None).message.starts_with("no credentials"));
}

#[test]
fn a_role_that_may_not_be_assumed_is_explained_in_awss_words() {
    let said =
        ErrorMetadata::builder().code("AccessDenied").message("not authorized: sts:AssumeRole").build();
    let failure = without_credentials(CredentialsError::provider_error(said), Some("ops"), None);
    assert_eq!(failure.message, "credentials can't be loaded: AccessDenied: not authorized: sts:AssumeRole");
}
