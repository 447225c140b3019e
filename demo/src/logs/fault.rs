//! The refusals of CloudWatch Logs.

use crate::server::fault::Fault;

/// A parameter that is missing, out of its range or against another.
pub fn invalid_parameter(message: impl Into<String>) -> Fault {
    Fault::new(400, "InvalidParameterException", message)
}

/// AWS's words for a value that a shape doesn't admit.
pub fn validation(value: &str, member: &str, constraint: &str) -> Fault {
    invalid_parameter(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
    ))
}

/// There is no such group, stream or query.
pub fn not_found(message: impl Into<String>) -> Fault {
    Fault::new(400, "ResourceNotFoundException", message)
}

/// AWS's words for an unknown group.
pub fn no_such_group() -> Fault {
    not_found("The specified log group does not exist.")
}

/// AWS's words for an unknown stream.
pub fn no_such_stream() -> Fault {
    not_found("The specified log stream does not exist.")
}

/// A page token that nobody gave.
pub fn bad_token() -> Fault {
    invalid_parameter("The specified nextToken is invalid.")
}
