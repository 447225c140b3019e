//! CloudWatch's errors: the code that old clients know, the shape that new ones do, and AWS's words.

use axum::http::StatusCode;

/// An error as AWS answers it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Fault {
    /// The code of the query protocol, which newer protocols repeat in `x-amzn-query-error`.
    pub code: &'static str,
    /// The error's shape in the service model, which newer protocols put in `__type`.
    pub shape: &'static str,
    pub status: StatusCode,
    pub message: String,
}

impl Fault {
    fn new(code: &'static str, shape: &'static str, status: StatusCode, message: impl Into<String>) -> Self {
        Self { code, shape, status, message: message.into() }
    }

    fn refused(code: &'static str, shape: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, shape, StatusCode::BAD_REQUEST, message)
    }

    /// The request breaks a constraint of the model, or of GetMetricData.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::refused("ValidationError", "com.amazon.coral.validate#ValidationException", message)
    }

    /// One parameter has an illegal value.
    pub fn invalid_value(message: impl Into<String>) -> Self {
        Self::refused(
            "InvalidParameterValue",
            "com.amazonaws.cloudwatch#InvalidParameterValueException",
            message,
        )
    }

    /// Parameters that don't go together.
    pub fn invalid_combination(message: impl Into<String>) -> Self {
        let shape = "com.amazonaws.cloudwatch#InvalidParameterCombinationException";
        Self::refused("InvalidParameterCombination", shape, message)
    }

    /// A required parameter is absent; `name` is its path.
    pub fn missing(name: &str) -> Self {
        let shape = "com.amazonaws.cloudwatch#MissingRequiredParameterException";
        Self::refused("MissingParameter", shape, format!("The parameter {name} is required."))
    }

    /// There is no such alarm.
    pub fn not_found(message: impl Into<String>) -> Self {
        let shape = "com.amazonaws.cloudwatch#ResourceNotFound";
        Self::new("ResourceNotFound", shape, StatusCode::NOT_FOUND, message)
    }

    /// There is no such dashboard.
    pub fn dashboard_not_found(message: impl Into<String>) -> Self {
        let shape = "com.amazonaws.cloudwatch#DashboardNotFoundError";
        Self::new("ResourceNotFound", shape, StatusCode::NOT_FOUND, message)
    }

    /// A dashboard can't have this name or body.
    pub fn invalid_dashboard(message: impl Into<String>) -> Self {
        Self::refused("InvalidParameterInput", "com.amazonaws.cloudwatch#DashboardInvalidInputError", message)
    }

    /// There is no resource with this ARN.
    pub fn resource_not_found(message: impl Into<String>) -> Self {
        let shape = "com.amazonaws.cloudwatch#ResourceNotFoundException";
        Self::new("ResourceNotFoundException", shape, StatusCode::NOT_FOUND, message)
    }

    /// A text is not in the format that it should be in.
    pub fn invalid_format(message: impl Into<String>) -> Self {
        Self::refused("InvalidFormat", "com.amazonaws.cloudwatch#InvalidFormatFault", message)
    }

    /// There are as many already as AWS allows.
    pub fn limit_exceeded(message: impl Into<String>) -> Self {
        Self::refused("LimitExceeded", "com.amazonaws.cloudwatch#LimitExceededFault", message)
    }

    /// The token was not given out for this request.
    pub fn invalid_token() -> Self {
        let message = "The NextToken is not one that was given out for this request.";
        Self::refused("InvalidNextToken", "com.amazonaws.cloudwatch#InvalidNextToken", message)
    }

    /// The body can't be read, or a member has the wrong type.
    pub fn serialization(message: impl Into<String>) -> Self {
        Self::refused("SerializationException", "com.amazon.coral.service#SerializationException", message)
    }

    /// The operation is none that this region offers.
    pub fn unknown_operation(operation: &str) -> Self {
        let message =
            format!("The operation {operation:?} is not one that CloudWatch offers in the demo region.");
        let shape = "com.amazon.coral.service#UnknownOperationException";
        Self::new("UnknownOperationException", shape, StatusCode::NOT_FOUND, message)
    }
}
