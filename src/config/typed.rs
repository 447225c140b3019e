//! Reads layers as the types that they were judged to hold.

use std::time::Duration;

use super::document::Setting;
use super::layers::Layers;
use super::origin::{Origin, Sourced};
use super::value::Value;

impl Setting {
    pub(super) fn text(&self) -> Option<Sourced<String>> {
        match &self.value {
            Value::Text(value) => Some(Sourced { value: value.clone(), origin: self.origin.clone() }),
            _ => None,
        }
    }

    pub(super) fn texts(&self) -> Vec<String> {
        match &self.value {
            Value::Texts(texts) => texts.clone(),
            _ => Vec::new(),
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Where it comes from, if it says true.
    pub(super) fn when_true(&self) -> Option<Origin> {
        (self.value == Value::Boolean(true)).then(|| self.origin.clone())
    }
}

impl Layers {
    pub(super) fn text(&self, name: &str) -> Option<Sourced<String>> {
        self.get(name).and_then(Setting::text)
    }

    /// The text of a key that has a default.
    pub(super) fn plain(&self, name: &str) -> String {
        self.text(name).map(|text| text.value).unwrap_or_default()
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|setting| setting.value == Value::Boolean(true))
    }

    /// The share of a key that has a default, 0 to 1.
    pub(super) fn share(&self, name: &str) -> f64 {
        match self.get(name).map(|setting| &setting.value) {
            Some(Value::Share(share)) => *share,
            _ => 1.0,
        }
    }

    /// The duration of a key that has a default.
    pub(super) fn duration(&self, name: &str) -> Duration {
        match self.get(name).map(|setting| &setting.value) {
            Some(Value::Duration(duration)) => *duration,
            _ => Duration::from_mins(1),
        }
    }
}
