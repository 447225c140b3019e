//! What is production: beside whole accounts and regions, which the configuration marks, each API that bears
//! a tag.

use std::collections::BTreeMap;
use std::str::FromStr;

/// A tag that marks an API as production, such as `environment=production`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductionTag {
    pub name: String,
    pub value: String,
}

impl ProductionTag {
    /// Whether it is among these. AWS: names and values of tags differ by case, too.
    pub fn is_among(&self, tags: &BTreeMap<String, String>) -> bool {
        tags.get(&self.name).is_some_and(|value| *value == self.value)
    }
}

impl FromStr for ProductionTag {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => {
                Ok(Self { name: name.to_owned(), value: value.to_owned() })
            }
            _ => Err(format!("`{text}` is no tag: write it as name=value, such as environment=production")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_marks_what_bears_it_with_this_value() {
        let tag: ProductionTag = "environment = production".parse().unwrap();
        let tags = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        assert!(tag.is_among(&tags("environment", "production")));
        for (name, value) in
            [("environment", "staging"), ("Environment", "production"), ("team", "production")]
        {
            assert!(!tag.is_among(&tags(name, value)), "{name}={value}");
        }
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for text in ["", "production", "=production", "environment="] {
            assert!(text.parse::<ProductionTag>().is_err(), "{text:?}");
        }
    }
}
