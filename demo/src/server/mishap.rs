//! What can be made to go wrong with the answers of the region, on demand.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One thing that goes wrong, and with which requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mishap {
    #[serde(flatten)]
    pub kind: Kind,
    #[serde(flatten)]
    pub scope: Scope,
}

/// Which requests a mishap meets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// `*`, an operation (`GetMetricData`), its beginning (`Get*`), or either behind a service
    /// (`apigateway:*`, `cloudwatch:GetMetricData`).
    #[serde(default = "every_operation")]
    pub operation: String,
    /// The share of these requests that it meets, 0 to 1.
    #[serde(default = "all")]
    pub share: f64,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Kind {
    /// The answer comes later by `milliseconds`, and by up to `spread` more.
    Latency {
        milliseconds: u64,
        #[serde(default)]
        spread: u64,
    },
    /// The service answers with an error of its own.
    Error {
        #[serde(default = "internal_status")]
        status: u16,
        #[serde(default = "internal_code")]
        code: String,
    },
    /// The service says that there are too many requests, in its own words.
    Throttle,
    /// The connection closes before an answer.
    Drop,
    /// The connection closes in the middle of the body.
    Cut,
    /// The answer says that it is a web page, and is one.
    ContentType,
    /// The region's clock is ahead of the client's by so many seconds (behind where negative): requests that
    /// are signed for another time are refused, and `Date` says the other time.
    Skew { seconds: i64 },
    /// The session's token has expired.
    Expired,
    /// The whole region is gone: no request gets an answer.
    Gone,
}

/// The words that [`Mishap::parse`] knows, each with its arguments.
pub const FORMS: &str = "latency:milliseconds=N[,spread=N], error[:status=N,code=NAME], throttle, drop, cut, \
                         content-type, skew:seconds=N, expired, gone; each also with operation=PATTERN and share=0..1";

/// A text that describes no mishap.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no fault: {why}; use one of {FORMS}")]
pub struct UnknownMishap {
    text: String,
    why: String,
}

impl Mishap {
    /// Reads `KIND[:NAME=VALUE,...]`, as in `latency:milliseconds=500,operation=GetMetricData`.
    ///
    /// # Errors
    /// Names what is unknown, missing or impossible.
    pub fn parse(text: &str) -> Result<Self, UnknownMishap> {
        let unknown = |why: String| UnknownMishap { text: text.to_owned(), why };
        let (kind, arguments) = text.split_once(':').unwrap_or((text, ""));
        let mut document = Map::from_iter([("kind".to_owned(), Value::from(kind))]);
        for argument in arguments.split(',').filter(|argument| !argument.is_empty()) {
            let (name, value) =
                argument.split_once('=').ok_or_else(|| unknown(format!("`{argument}` has no value")))?;
            let value = match value.parse::<i64>() {
                Ok(whole) => Value::from(whole),
                Err(_) => value.parse::<f64>().map_or_else(|_| Value::from(value), Value::from),
            };
            document.insert(name.to_owned(), value);
        }
        Self::from_document(Value::Object(document)).map_err(unknown)
    }

    /// Reads the JSON form: an object with `kind`, its arguments, `operation` and `share`.
    ///
    /// # Errors
    /// Says what is wrong, in words that follow a colon.
    pub fn from_document(document: Value) -> Result<Self, String> {
        let names: Vec<String> =
            document.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default();
        let mishap: Self = serde_json::from_value(document).map_err(|error| error.to_string())?;
        // `flatten` can't refuse what nobody reads: what isn't written back was not known.
        let written = serde_json::to_value(&mishap).map_err(|error| error.to_string())?;
        if let Some(name) = names.iter().find(|name| written.get(name.as_str()).is_none()) {
            return Err(format!("`{name}` is not an argument of it"));
        }
        if !(0.0..=1.0).contains(&mishap.scope.share) {
            return Err("share must be from 0 to 1".to_owned());
        }
        match mishap.kind {
            Kind::Error { status, .. } if !(400..=599).contains(&status) => {
                Err("status must be from 400 to 599".to_owned())
            }
            Kind::Latency { milliseconds, spread } if milliseconds.max(spread) > 600_000 => {
                Err("ten minutes are the longest latency".to_owned())
            }
            _ => Ok(mishap),
        }
    }

    /// Whether requests for this operation are met; how many of them stands in `scope.share`.
    pub fn meets(&self, service: &str, operation: &str) -> bool {
        let pattern = self.scope.operation.as_str();
        let pattern = match pattern.split_once(':') {
            Some((wanted, pattern)) if wanted == "*" || wanted == service => pattern,
            Some(_) => return false,
            None => pattern,
        };
        match pattern.strip_suffix('*') {
            Some(beginning) => operation.starts_with(beginning),
            None => operation == pattern,
        }
    }
}

fn every_operation() -> String {
    "*".to_owned()
}

fn all() -> f64 {
    1.0
}

fn internal_status() -> u16 {
    500
}

fn internal_code() -> String {
    "InternalFailure".to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_kind_is_read_from_its_text() {
        let latency = Mishap::parse("latency:milliseconds=500,spread=20,operation=Get*,share=0.5").unwrap();
        assert_eq!(latency.kind, Kind::Latency { milliseconds: 500, spread: 20 });
        assert_eq!((latency.scope.operation.as_str(), latency.scope.share), ("Get*", 0.5));
        for text in
            ["error", "throttle", "drop", "cut", "content-type", "skew:seconds=-900", "expired", "gone"]
        {
            assert!(Mishap::parse(text).is_ok(), "{text}");
        }
        let written = serde_json::to_value(&latency).unwrap();
        assert_eq!(Mishap::from_document(written), Ok(latency));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let why = |text: &str| Mishap::parse(text).unwrap_err().to_string();
        assert!(why("flood").contains("unknown variant `flood`"), "{}", why("flood"));
        assert!(why("latency").contains("missing field `milliseconds`"), "{}", why("latency"));
        assert!(why("drop:speed=3").contains("`speed` is not an argument"), "{}", why("drop:speed=3"));
        assert!(why("drop:share=2").contains("from 0 to 1"));
        assert!(why("drop:share").contains("`share` has no value"));
        assert!(why("error:status=200").contains("400 to 599"));
    }

    #[test]
    fn patterns_name_services_and_operations() {
        let meets = |pattern: &str, service: &str, operation: &str| {
            Mishap::parse(&format!("drop:operation={pattern}")).unwrap().meets(service, operation)
        };
        assert!(meets("*", "sts", "GetCallerIdentity"));
        assert!(meets("apigateway:*", "apigateway", "GetStage") && !meets("apigateway:*", "sts", "GetStage"));
        assert!(meets("Get*", "logs", "GetLogEvents") && !meets("Get*", "logs", "FilterLogEvents"));
        assert!(meets("UpdateStage", "apigateway", "UpdateStage"));
    }

    proptest! {
        #[test]
        fn any_text_is_a_mishap_or_an_error(text in ".{0,60}") {
            let _ = Mishap::parse(&text);
        }
    }
}
