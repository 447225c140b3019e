//! How a request ended. Each ends in exactly one of these.

/// The end of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// Blocked by WAF.
    WafBlocked,
    /// No identity, or one that the authorizer doesn't know.
    Unauthorized,
    /// The authorizer said no.
    AccessDenied,
    /// The authorizer failed or did not answer.
    AuthorizerFailure,
    /// No API key, a disabled one, or one of no plan for this stage.
    InvalidApiKey,
    /// The deployment has no such method.
    MissingMethod,
    /// Over the usage plan's throttle.
    PlanThrottled,
    /// Over the usage plan's quota.
    OverQuota,
    /// Over the throttle of the method, its own or the stage's default.
    StageThrottled,
    /// Over the account's throttle.
    AccountThrottled,
    /// Refused by the request validator.
    Invalid,
    /// Answered from the stage's cache.
    CacheHit,
    /// The router turned the customer away, since the cell is full; with `Retry-After`.
    CellFull,
    /// Answered well by the backend.
    Succeeded,
    /// 4xx from the backend.
    ClientError,
    /// 5xx from the backend.
    ServerError,
    /// No answer from the backend in time.
    TimedOut,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 17] = [
        Self::WafBlocked,
        Self::Unauthorized,
        Self::AccessDenied,
        Self::AuthorizerFailure,
        Self::InvalidApiKey,
        Self::MissingMethod,
        Self::PlanThrottled,
        Self::OverQuota,
        Self::StageThrottled,
        Self::AccountThrottled,
        Self::Invalid,
        Self::CacheHit,
        Self::CellFull,
        Self::Succeeded,
        Self::ClientError,
        Self::ServerError,
        Self::TimedOut,
    ];

    /// The status that the client gets.
    pub fn status(self) -> u16 {
        match self {
            Self::CacheHit | Self::Succeeded => 200,
            Self::Invalid => 400,
            Self::Unauthorized => 401,
            Self::WafBlocked | Self::AccessDenied | Self::InvalidApiKey | Self::MissingMethod => 403,
            Self::ClientError => 404,
            Self::PlanThrottled
            | Self::OverQuota
            | Self::StageThrottled
            | Self::AccountThrottled
            | Self::CellFull => 429,
            Self::AuthorizerFailure => 500,
            Self::ServerError => 502,
            Self::TimedOut => 504,
        }
    }

    /// AWS's gateway response type, where the gateway itself answered with an error.
    pub fn response_type(self) -> Option<&'static str> {
        match self {
            Self::WafBlocked => Some("WAF_FILTERED"),
            Self::Unauthorized => Some("UNAUTHORIZED"),
            Self::AccessDenied => Some("ACCESS_DENIED"),
            Self::AuthorizerFailure => Some("AUTHORIZER_FAILURE"),
            Self::InvalidApiKey => Some("INVALID_API_KEY"),
            Self::MissingMethod => Some("MISSING_AUTHENTICATION_TOKEN"),
            Self::PlanThrottled | Self::StageThrottled | Self::AccountThrottled => Some("THROTTLED"),
            Self::OverQuota => Some("QUOTA_EXCEEDED"),
            Self::Invalid => Some("BAD_REQUEST_BODY"),
            Self::TimedOut => Some("INTEGRATION_TIMEOUT"),
            Self::CacheHit | Self::CellFull | Self::Succeeded | Self::ClientError | Self::ServerError => None,
        }
    }

    /// Whether the request went on to the integration.
    pub fn reached_backend(self) -> bool {
        matches!(
            self,
            Self::CellFull | Self::Succeeded | Self::ClientError | Self::ServerError | Self::TimedOut
        )
    }

    /// Whether the client got what it wanted.
    pub fn is_served(self) -> bool {
        matches!(self, Self::CacheHit | Self::Succeeded)
    }
}
