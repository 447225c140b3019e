//! What a request of the query protocol says.

use std::ops::RangeInclusive;

use axum::body::Bytes;
use axum::http::request::Parts;
use jiff::SignedDuration;

use crate::server::fault::Fault;

/// The form of a request, from its body or its query.
#[derive(Debug)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads the form; what is none has no parameters.
    pub fn read(parts: &Parts, body: &Bytes) -> Self {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let forms = [body.as_ref(), query].into_iter();
        Self(
            forms.flat_map(form_urlencoded::parse).map(|(name, value)| (name.into(), value.into())).collect(),
        )
    }

    /// The first value of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A value that must be there.
    ///
    /// # Errors
    /// AWS's validation error.
    pub fn required(&self, name: &str) -> Result<&str, Fault> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| {
            let member = lower_first(name);
            invalid(format!("Value null at '{member}' failed to satisfy constraint: Member must not be null"))
        })
    }

    /// `DurationSeconds`.
    ///
    /// # Errors
    /// AWS's validation error, for what is no number within the bounds.
    pub fn duration(&self, possible: RangeInclusive<i64>, default: i64) -> Result<SignedDuration, Fault> {
        let Some(given) = self.get("DurationSeconds") else { return Ok(SignedDuration::from_secs(default)) };
        let seconds = given.parse().ok().filter(|seconds| possible.contains(seconds));
        seconds.map(SignedDuration::from_secs).ok_or_else(|| {
            let (least, most) = (possible.start(), possible.end());
            invalid(format!(
                "Value '{given}' at 'durationSeconds' failed to satisfy constraint: Member must have value from \
                 {least} to {most}"
            ))
        })
    }
}

/// AWS's words for a value that breaks a rule.
pub fn invalid(what: impl std::fmt::Display) -> Fault {
    Fault::new(400, "ValidationError", format!("1 validation error detected: {what}"))
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}
