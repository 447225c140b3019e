//! The kinds of value a key can hold, and how each is read and written.
//!
//! Shares are written as percentages and durations with their unit, because `0.01` and `60`
//! don't say what they mean.

use crate::domain::lookup::{HashFunction, Unmapped};
use crate::domain::production::ProductionTag;
use std::fmt;
use std::time::Duration;

use jiff::SignedDuration;
use toml::de::DeValue;

use crate::domain::endpoint::is_url;

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Boolean,
    /// A percentage above 0 and up to 100, kept as 0 to 1.
    Share,
    /// Longer than nothing.
    Duration,
    /// Above 0.
    Number,
    /// Whole and above 0.
    Count,
    /// A list of texts.
    Texts,
    /// A URL that starts with `http://` or `https://`.
    Url,
    /// A name with `{CellId}` in it.
    CellName,
    /// A name with `{CustomerId}` in it.
    CustomerName,
    /// What a router does with customers that have no mapping.
    Unmapped,
    /// A function that routers hash with.
    HashFunction,
    /// A tag as `name=value`.
    Tag,
    /// The name of a theme.
    Theme,
    /// The keys of an action, as a list.
    KeyList,
}

/// A value that was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Boolean(bool),
    /// 0 to 1.
    Share(f64),
    Duration(Duration),
    Number(f64),
    Texts(Vec<String>),
}

impl Kind {
    /// What belongs there, for an error.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Text => "a text in quotes",
            Self::Boolean => "true or false",
            Self::Share => "a percentage above 0 % and up to 100 %, such as \"1%\"",
            Self::Duration => "a duration with its unit, such as \"500ms\", \"1s\" or \"5m\"",
            Self::Number => "a number above 0",
            Self::Count => "a whole number above 0",
            Self::Texts => "a list of texts, such as [\"orders-api\"]",
            Self::Url => "a URL such as \"http://127.0.0.1:4566\"",
            Self::Tag => "a tag with its value, such as \"environment=production\"",
            Self::CellName => "a name with {CellId} in it, such as \"{CellId}-api\"",
            Self::CustomerName => "a name with {CustomerId} in it, such as \"{CustomerId}-key\"",
            Self::Unmapped => "\"hash\", \"assign\" or \"refuse\"",
            Self::HashFunction => "\"md5-modulo\", \"sha256-modulo\" or \"crc32-modulo\"",
            Self::Theme => "the name of a theme in quotes",
            Self::KeyList => "a list of keys, such as [\"ctrl-r\", \"f5\"]",
        }
    }

    /// The word for the kind in the list of keys.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text
            | Self::CellName
            | Self::CustomerName
            | Self::Unmapped
            | Self::HashFunction
            | Self::Tag => "text",
            Self::Boolean => "true or false",
            Self::Share => "percentage",
            Self::Duration => "duration",
            Self::Number => "number",
            Self::Count => "whole number",
            Self::Texts => "list of texts",
            Self::Url => "URL",
            Self::Theme => "theme",
            Self::KeyList => "list of keys",
        }
    }

    /// Reads a value of a TOML document. None where it isn't of this kind.
    pub(super) fn read_toml(self, value: &DeValue<'_>) -> Option<Value> {
        match (self, value) {
            (Self::Boolean, DeValue::Boolean(flag)) => Some(Value::Boolean(*flag)),
            (Self::Number | Self::Count, DeValue::Integer(number)) => {
                positive(number.as_str().replace('_', "").parse().ok()?)
            }
            (Self::Number, DeValue::Float(number)) => {
                positive(number.as_str().replace('_', "").parse().ok()?)
            }
            (Self::Texts | Self::KeyList, DeValue::Array(entries)) => entries
                .iter()
                .map(|entry| entry.get_ref().as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .map(Value::Texts),
            (Self::Boolean | Self::Number | Self::Count | Self::Texts | Self::KeyList, _) => None,
            (_, DeValue::String(text)) => self.read_text(text),
            _ => None,
        }
    }

    /// Reads a value of a flag or an environment variable. None where it isn't of this kind.
    pub(super) fn read_text(self, text: &str) -> Option<Value> {
        let text = text.trim();
        match self {
            Self::Text | Self::Theme => (!text.is_empty()).then(|| Value::Text(text.to_owned())),
            Self::Url => is_url(text).then(|| Value::Text(text.to_owned())),
            Self::Tag => text.parse::<ProductionTag>().is_ok().then(|| Value::Text(text.to_owned())),
            Self::CellName => text.contains("{CellId}").then(|| Value::Text(text.to_owned())),
            Self::CustomerName => text.contains("{CustomerId}").then(|| Value::Text(text.to_owned())),
            Self::Unmapped => text.parse::<Unmapped>().is_ok().then(|| Value::Text(text.to_owned())),
            Self::HashFunction => text.parse::<HashFunction>().is_ok().then(|| Value::Text(text.to_owned())),
            Self::Boolean => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Some(Value::Boolean(true)),
                "false" | "no" | "off" | "0" => Some(Value::Boolean(false)),
                _ => None,
            },
            Self::Share => share(text),
            Self::Duration => duration(text),
            Self::Number => positive(text.parse().ok()?),
            Self::Count => positive(text.parse::<u32>().ok()?.into()),
            Self::Texts | Self::KeyList => {
                Some(Value::Texts(text.split(',').map(|entry| entry.trim().to_owned()).collect()))
            }
        }
    }
}

fn positive(number: f64) -> Option<Value> {
    (number > 0.0 && number.is_finite()).then_some(Value::Number(number))
}

fn share(text: &str) -> Option<Value> {
    let percent: f64 = text.strip_suffix('%')?.trim_end().parse().ok()?;
    (percent > 0.0 && percent <= 100.0).then_some(Value::Share(percent / 100.0))
}

fn duration(text: &str) -> Option<Value> {
    let signed: SignedDuration = text.parse().ok()?;
    let duration = Duration::try_from(signed).ok()?;
    (!duration.is_zero()).then_some(Value::Duration(duration))
}

/// As a configuration file would spell it.
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(formatter, "{}", quoted(text)),
            Self::Boolean(flag) => write!(formatter, "{flag}"),
            // Rounded, since 0.29 * 100 is 28.999999999999996.
            Self::Share(share) => write!(formatter, "\"{}%\"", (share * 1e8).round() / 1e6),
            Self::Duration(duration) => write!(formatter, "\"{}\"", spell(*duration)),
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Texts(texts) => {
                let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
                write!(formatter, "[{}]", texts.join(", "))
            }
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// In the largest unit that keeps it whole.
fn spell(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    for (unit, length) in [("h", 3_600_000), ("m", 60_000), ("s", 1_000)] {
        // A minute reads better as 60s than as 1m beside other seconds.
        if milliseconds.is_multiple_of(length) && milliseconds > length {
            return format!("{}{unit}", milliseconds / length);
        }
    }
    if milliseconds == 1_000 { "1s".to_owned() } else { format!("{milliseconds}ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_durations_need_their_unit() {
        assert_eq!(Kind::Share.read_text("1%"), Some(Value::Share(0.01)));
        assert_eq!(Kind::Share.read_text("2.5 %"), Some(Value::Share(0.025)));
        for wrong in ["1", "0%", "101%", "-1%", "%", "one%", "NaN%"] {
            assert_eq!(Kind::Share.read_text(wrong), None, "{wrong}");
        }
        assert_eq!(Kind::Duration.read_text("500ms"), Some(Value::Duration(Duration::from_millis(500))));
        assert_eq!(Kind::Duration.read_text("1m 30s"), Some(Value::Duration(Duration::from_secs(90))));
        for wrong in ["1", "0s", "-1s", "fast", ""] {
            assert_eq!(Kind::Duration.read_text(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn values_are_spelt_as_they_are_read() {
        for (kind, text) in [
            (Kind::Share, "1%"),
            (Kind::Share, "29%"),
            (Kind::Share, "0.1%"),
            (Kind::Duration, "500ms"),
            (Kind::Duration, "1s"),
            (Kind::Duration, "60s"),
            (Kind::Duration, "5m"),
            (Kind::Duration, "90s"),
            (Kind::Duration, "2h"),
        ] {
            assert_eq!(kind.read_text(text).unwrap().to_string(), format!("\"{text}\""));
        }
    }
}
