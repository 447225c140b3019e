//! Where the access log of a stage goes and what a line of it holds.

use super::Draft;
use crate::apigateway::patch::Patch;
use crate::estate::AccessLog;
use crate::server::fault::Fault;

/// AWS: bytes of a format, documented for HTTP APIs.
const LONGEST_FORMAT: usize = 3 * 1_024;
/// AWS: one of these must be in the format.
const IDS: [&str; 2] = ["$context.requestId", "$context.extendedRequestId"];

#[expect(clippy::unnecessary_wraps, reason = "an entry of the patch table")]
pub fn remove(draft: &mut Draft, _: &Patch<'_>) -> Result<(), Fault> {
    draft.stage.access_log = None;
    Ok(())
}

pub fn set_destination(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let arn = match patch.op {
        "remove" => String::new(),
        _ => patch.text()?.strip_suffix(":*").unwrap_or(patch.text()?).to_owned(),
    };
    if !arn.is_empty() && !is_destination(&arn) {
        return Err(patch.invalid(
            "the ARN of a log group, or of a Firehose stream whose name starts with amazon-apigateway-",
        ));
    }
    change(draft, |log| log.destination_arn = arn);
    Ok(())
}

pub fn set_format(draft: &mut Draft, patch: &Patch<'_>) -> Result<(), Fault> {
    let format = if patch.op == "remove" { String::new() } else { patch.text()?.trim_end().to_owned() };
    if !format.is_empty() {
        check_format(&format).map_err(|expected| patch.invalid(expected))?;
    }
    change(draft, |log| log.format = format);
    Ok(())
}

/// What is wrong with a format, as what it must be.
pub fn check_format(format: &str) -> Result<(), &'static str> {
    if format.contains('\n') || format.contains('\r') {
        return Err("a single line");
    }
    if format.len() > LONGEST_FORMAT {
        return Err("at most 3 KB");
    }
    let names = |id: &str| {
        format.match_indices(id).any(|(at, _)| {
            let next = format[at + id.len()..].chars().next();
            !next.is_some_and(|next| next.is_ascii_alphanumeric())
        })
    };
    if IDS.iter().any(|id| names(id)) {
        Ok(())
    } else {
        Err("a format with $context.requestId or $context.extendedRequestId")
    }
}

fn is_destination(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, "logs", region, account, resource] => {
            let name = resource.strip_prefix("log-group:").unwrap_or_default();
            !region.is_empty() && !account.is_empty() && !name.is_empty()
        }
        ["arn", _, "firehose", region, account, resource] => {
            let name = resource.strip_prefix("deliverystream/").unwrap_or_default();
            !region.is_empty() && !account.is_empty() && name.starts_with("amazon-apigateway-")
        }
        _ => false,
    }
}

/// Settings that have neither a destination nor a format are none.
fn change(draft: &mut Draft, alter: impl FnOnce(&mut AccessLog)) {
    let empty = AccessLog { destination_arn: String::new(), format: String::new() };
    let mut log = draft.stage.access_log.take().unwrap_or(empty);
    alter(&mut log);
    draft.stage.access_log =
        Some(log).filter(|log| !log.destination_arn.is_empty() || !log.format.is_empty());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_log_groups_and_streams_of_the_right_name() {
        for arn in [
            "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/apigateway/a",
            "arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-a",
        ] {
            assert!(is_destination(arn), "{arn}");
        }
        for arn in [
            "",
            "arn:aws:logs:eu-west-1:123456789012:log-group:",
            "arn:aws:logs::123456789012:log-group:a",
            "arn:aws:firehose:eu-west-1:123456789012:deliverystream/a",
            "arn:aws:s3:::bucket",
        ] {
            assert!(!is_destination(arn), "{arn}");
        }
    }

    #[test]
    fn a_format_is_one_line_with_an_id() {
        assert_eq!(check_format("$context.requestId $context.status"), Ok(()));
        assert_eq!(check_format("$context.extendedRequestId"), Ok(()));
        for format in ["$context.status", "$context.requestIdentity", "$context.requestId\n"] {
            assert!(check_format(format).is_err(), "{format}");
        }
        assert!(check_format(&format!("$context.requestId{}", "x".repeat(3_072))).is_err());
    }
}
