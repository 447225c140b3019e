//! The value that all wire protocols are read into and written from.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// A request or answer, or a part of one, in no protocol.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A member that is there but has no value; the same as absent.
    Null,
    Boolean(bool),
    Integer(i64),
    Double(f64),
    Text(String),
    /// Text of a protocol that does not tell numbers and times from text (awsQuery).
    Untyped(String),
    Time(Timestamp),
    List(Vec<Value>),
    Structure(BTreeMap<String, Value>),
}

impl Value {
    /// A structure of these members.
    pub fn structure<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Structure(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// A list of what the iterator yields.
    pub fn list<V: Into<Self>>(values: impl IntoIterator<Item = V>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }

    /// The structure with one more member; anything else unchanged.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Self>) -> Self {
        if let Self::Structure(members) = &mut self {
            members.insert(name.to_owned(), value.into());
        }
        self
    }

    /// The structure with one more member if there is a value for it.
    #[must_use]
    pub fn with_optional(self, name: &str, value: Option<impl Into<Self>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Double(number)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Boolean(truth)
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

/// A time from seconds since the epoch, as both typed protocols carry it. AWS: to the millisecond.
pub fn time_from_seconds(seconds: f64) -> Option<Timestamp> {
    let milliseconds = (seconds * 1_000.0).round();
    // Checked before the cast, which would turn NaN into 1970.
    if milliseconds.is_nan() || milliseconds.abs() >= 1e15 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked to fit in 53 bits")]
    Timestamp::from_millisecond(milliseconds as i64).ok()
}
