//! Items of a DynamoDB table as plain values: what they hold, how large they are, which are meant, and
//! under which condition one is written.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

/// The attributes of one item, by name. Those of a kind that no [`Attribute`] has are left out.
pub type Item = BTreeMap<String, Attribute>;

/// AWS: the largest item, in bytes, names and values together.
pub const LARGEST_ITEM: usize = 400 * 1024;

/// A value of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// `S`.
    Text(String),
    /// `N`; others than whole ones from 0 on are left out on reading.
    Number(u64),
}

/// The key of one item, in a table whose partition and sort key are the texts `pk` and `sk`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemKey {
    pub partition: String,
    pub sort: String,
}

/// Items of one partition, between two sort keys, both included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRange {
    pub partition: String,
    pub from: String,
    pub to: String,
    /// From the last to the first.
    pub descending: bool,
    /// At most so many.
    pub limit: Option<i32>,
}

/// What must hold of the stored item, in DynamoDB's expression language. Names of attributes are
/// written `#name`, since many words are reserved; values are written `:value`.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    pub expression: &'static str,
    /// The values that the expression, or an update beside it, refers to.
    pub values: Vec<(&'static str, Attribute)>,
}

/// What came of a conditional write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was written. An update gives the item as it is now.
    Done(Item),
    /// The condition did not hold, and nothing was written. The item as it was found, where there is one.
    Refused(Option<Item>),
}

impl Attribute {
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) => None,
        }
    }

    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
        }
    }

    pub(super) fn to_aws(&self) -> AttributeValue {
        match self {
            Self::Text(text) => AttributeValue::S(text.clone()),
            Self::Number(number) => AttributeValue::N(number.to_string()),
        }
    }

    fn from_aws(value: &AttributeValue) -> Option<Self> {
        match value {
            AttributeValue::S(text) => Some(Self::Text(text.clone())),
            AttributeValue::N(number) => number.parse().ok().map(Self::Number),
            _ => None,
        }
    }
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Attribute {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl ItemKey {
    pub fn new(partition: &str, sort: impl Into<String>) -> Self {
        Self { partition: partition.to_owned(), sort: sort.into() }
    }

    /// The key's own attributes.
    pub fn item(&self) -> Item {
        Item::from([
            ("pk".to_owned(), Attribute::Text(self.partition.clone())),
            ("sk".to_owned(), Attribute::Text(self.sort.clone())),
        ])
    }
}

/// How many bytes DynamoDB counts for an item, rounded up for numbers (AWS: "DynamoDB item sizes and
/// formats": names and texts in UTF-8, a number a byte for each two digits and one more).
pub fn item_size(item: &Item) -> usize {
    item.iter()
        .map(|(name, value)| {
            name.len()
                + match value {
                    Attribute::Text(text) => text.len(),
                    Attribute::Number(number) => number.to_string().len().div_ceil(2) + 2,
                }
        })
        .sum()
}

pub(super) fn to_aws(item: &Item) -> HashMap<String, AttributeValue> {
    item.iter().map(|(name, value)| (name.clone(), value.to_aws())).collect()
}

pub(super) fn from_aws(item: &HashMap<String, AttributeValue>) -> Item {
    item.iter().filter_map(|(name, value)| Some((name.clone(), Attribute::from_aws(value)?))).collect()
}

/// The `#names` of an expression with the attributes that they stand for.
pub(super) fn names(expressions: &[&str]) -> HashMap<String, String> {
    expressions
        .iter()
        .flat_map(|expression| expression.split('#').skip(1))
        .map(|rest| {
            let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
            (format!("#{}", &rest[..end]), rest[..end].to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_survive_the_way_to_aws_and_back() {
        let mut item = ItemKey::new("lease", "a/b").item();
        item.insert("fence".to_owned(), Attribute::Number(u64::MAX));
        assert_eq!(from_aws(&to_aws(&item)), item);
        let other = HashMap::from([("list".to_owned(), AttributeValue::L(vec![]))]);
        assert_eq!(from_aws(&other), Item::new(), "what has no counterpart is left out");
        let fraction = HashMap::from([("fence".to_owned(), AttributeValue::N("1.5".to_owned()))]);
        assert_eq!(from_aws(&fraction), Item::new());
    }

    #[test]
    fn names_are_taken_from_the_expressions() {
        let found = names(&["#holder = :holder AND attribute_exists(#pk)", "SET #until = :until"]);
        let expected = ["holder", "pk", "until"].map(|name| (format!("#{name}"), name.to_owned()));
        assert_eq!(found, HashMap::from(expected));
        assert!(names(&["attribute_exists(pk)"]).is_empty());
    }

    #[test]
    fn an_item_is_as_large_as_its_names_and_values() {
        let item = Item::from([("ab".to_owned(), Attribute::from("größe"))]);
        assert_eq!(item_size(&item), 2 + "größe".len());
        let number = Item::from([("n".to_owned(), Attribute::Number(12_345))]);
        assert_eq!(item_size(&number), 1 + 3 + 2);
    }
}
