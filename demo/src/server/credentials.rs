//! The credentials of a request, as far as the region looks at them: they must be there, well formed, of an account
//! of the region, and scoped to this region and service. The signature itself is not recomputed.

use axum::http::HeaderMap;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::accounts::Refusal;
use super::fault::{Fault, Protocol};

/// The scope of a SigV4 signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope<'a> {
    pub access_key_id: &'a str,
    pub region: &'a str,
    /// The service's signing name: `apigateway`, `monitoring`, `dynamodb`, `sts`.
    pub service: &'a str,
}

/// The scope in the `Authorization` header, if there is a well-formed one.
pub fn scope(headers: &HeaderMap) -> Option<Scope<'_>> {
    let header = headers.get("authorization")?.to_str().ok()?;
    let parameters = header.strip_prefix("AWS4-HMAC-SHA256")?;
    let parameter = |name: &str| {
        parameters
            .split(',')
            .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
            .map(str::trim)
    };
    let (credential, _, _) = (parameter("Credential")?, parameter("SignedHeaders")?, parameter("Signature")?);
    let mut parts = credential.split('/');
    let (access_key_id, date) = (parts.next()?, parts.next()?);
    let (region, service, terminator) = (parts.next()?, parts.next()?, parts.next()?);
    let well_formed = date.len() == 8
        && date.bytes().all(|byte| byte.is_ascii_digit())
        && terminator == "aws4_request"
        && parts.next().is_none();
    well_formed.then_some(Scope { access_key_id, region, service })
}

/// Who signed a request. `signing_name` is `None` where the service is unknown; `whose` knows the owners of access key
/// ids, the token of temporary ones beside.
///
/// # Errors
/// Where the credentials don't fit, in AWS's words.
pub fn check<T>(
    headers: &HeaderMap,
    region: &str,
    signing_name: Option<&str>,
    protocol: Protocol,
    whose: impl FnOnce(&str, Option<&str>) -> Result<T, Refusal>,
) -> Result<T, Fault> {
    // AWS: the JSON services say 400 where API Gateway and STS say 403.
    let status = match protocol {
        Protocol::RestJson | Protocol::Query => 403,
        Protocol::AwsJson | Protocol::Cbor => 400,
    };
    let query = protocol == Protocol::Query;
    let code = |plain: &'static str, exception: &'static str| if query { plain } else { exception };
    if !headers.contains_key("authorization") {
        let code = code("MissingAuthenticationToken", "MissingAuthenticationTokenException");
        let message = match protocol {
            Protocol::RestJson => "Missing Authentication Token",
            _ => "Request is missing Authentication Token",
        };
        return Err(Fault::new(status, code, message));
    }
    let Some(scope) = scope(headers) else {
        let code = code("IncompleteSignature", "IncompleteSignatureException");
        let message = "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters \
                       after the algorithm AWS4-HMAC-SHA256.";
        return Err(Fault::new(400, code, message));
    };
    let token = headers.get("x-amz-security-token").and_then(|token| token.to_str().ok());
    let caller = whose(scope.access_key_id, token).map_err(|refusal| match refusal {
        Refusal::Unknown => {
            let code = code("InvalidClientTokenId", "UnrecognizedClientException");
            Fault::new(status, code, "The security token included in the request is invalid.")
        }
        Refusal::Expired => {
            let code = code("ExpiredToken", "ExpiredTokenException");
            Fault::new(status, code, "The security token included in the request is expired")
        }
    })?;
    let code = code("SignatureDoesNotMatch", "InvalidSignatureException");
    if scope.region != region {
        let message = format!("Credential should be scoped to a valid region, not '{}'. ", scope.region);
        return Err(Fault::new(status, code, message));
    }
    match signing_name {
        Some(name) if name != scope.service => Err(Fault::new(
            status,
            code,
            format!("Credential should be scoped to correct service: '{name}'. "),
        )),
        _ => Ok(caller),
    }
}

/// AWS: how far the time of a signature may be from the service's.
const SKEW_LIMIT: SignedDuration = SignedDuration::from_mins(5);

/// Refuses a request that was signed for another time, where the region's clock is told to be off by so many
/// seconds. Without a skew the time of a signature is not looked at: clients sign by the machine's clock, and the
/// region's may run at another pace.
pub fn check_time(
    headers: &HeaderMap,
    skew_seconds: i64,
    now: Timestamp,
    protocol: Protocol,
) -> Result<(), Fault> {
    if skew_seconds == 0 {
        return Ok(());
    }
    let date = headers.get("x-amz-date").and_then(|date| date.to_str().ok());
    let signed = date.and_then(|date| strtime::parse("%Y%m%dT%H%M%SZ", date).ok()?.to_datetime().ok());
    let signed = signed.and_then(|date| date.to_zoned(TimeZone::UTC).ok()).map(|zoned| zoned.timestamp());
    let skewed = now.saturating_add(SignedDuration::from_secs(skew_seconds)).unwrap_or(Timestamp::MAX);
    if signed.is_some_and(|signed| skewed.duration_since(signed).abs() <= SKEW_LIMIT) {
        return Ok(());
    }
    let (status, code) = match protocol {
        Protocol::Query => (403, "SignatureDoesNotMatch"),
        Protocol::RestJson => (403, "InvalidSignatureException"),
        Protocol::AwsJson | Protocol::Cbor => (400, "InvalidSignatureException"),
    };
    let shown = |at: Timestamp| at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let (date, now) = (date.unwrap_or("no date"), shown(skewed));
    // AWS's words for both directions.
    let message = if signed.is_some_and(|signed| signed > skewed) {
        let latest = shown(skewed.saturating_add(SKEW_LIMIT).unwrap_or(Timestamp::MAX));
        format!("Signature not yet current: {date} is still later than {latest} ({now} + 5 min.)")
    } else {
        let earliest = shown(skewed.saturating_sub(SKEW_LIMIT).unwrap_or(Timestamp::MIN));
        format!("Signature expired: {date} is now earlier than {earliest} ({now} - 5 min.)")
    };
    Err(Fault::new(status, code, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(authorization: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", authorization.parse().unwrap());
        headers
    }

    fn signed(region: &str, service: &str, key: &str) -> HeaderMap {
        headers(&format!(
            "AWS4-HMAC-SHA256 Credential={key}/20261120/{region}/{service}/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=abc"
        ))
    }

    /// By a region that knows one key, and one that has expired.
    fn checked(headers: &HeaderMap, protocol: Protocol) -> Result<&'static str, Fault> {
        check(headers, "eu-west-1", Some("apigateway"), protocol, |key, _| match key {
            "AKIAIOSFODNN7EXAMPLE" => Ok("123456789012"),
            "ASIAEXPIREDEXAMPLE" => Err(Refusal::Expired),
            _ => Err(Refusal::Unknown),
        })
    }

    #[test]
    fn each_flaw_has_aws_own_error() {
        let key = "AKIAIOSFODNN7EXAMPLE";
        let cases = [
            (HeaderMap::new(), "MissingAuthenticationTokenException"),
            (headers("Basic dXNlcjpwYXNz"), "IncompleteSignatureException"),
            (headers("AWS4-HMAC-SHA256 Credential=AKIA/x"), "IncompleteSignatureException"),
            (signed("eu-west-1", "apigateway", "AKIAI44QH8DHBEXAMPLE"), "UnrecognizedClientException"),
            (signed("us-east-1", "apigateway", key), "InvalidSignatureException"),
            (signed("eu-west-1", "dynamodb", key), "InvalidSignatureException"),
        ];
        for (headers, code) in cases {
            let fault = checked(&headers, Protocol::RestJson).unwrap_err();
            assert_eq!(fault.code, code, "{headers:?}");
        }
        let fitting = signed("eu-west-1", "apigateway", key);
        assert_eq!(checked(&fitting, Protocol::RestJson), Ok("123456789012"));
    }

    #[test]
    fn an_expired_key_is_told_so() {
        let headers = signed("eu-west-1", "apigateway", "ASIAEXPIREDEXAMPLE");
        assert_eq!(checked(&headers, Protocol::RestJson).unwrap_err().code, "ExpiredTokenException");
        let query = checked(&headers, Protocol::Query).unwrap_err();
        assert_eq!((query.status, &*query.code), (403, "ExpiredToken"));
    }

    #[test]
    fn sts_names_errors_in_the_query_protocols_way() {
        let fault = checked(&HeaderMap::new(), Protocol::Query).unwrap_err();
        assert_eq!((fault.status, &*fault.code), (403, "MissingAuthenticationToken"));
    }
}
