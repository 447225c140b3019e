//! A page of items: what it holds, what it took, and where the next one begins.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, ConsumedCapacity};

use crate::domain::page_key::{KeyPart, PageKey};

/// A page, and what it says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    pub items: T,
    /// Where the next one begins; none after the last.
    pub next: Option<PageKey>,
    /// Items that were read for it, those that a filter left out included.
    pub read: u64,
    /// Read units that it took; none where the server doesn't tell.
    pub read_units: Option<f64>,
}

impl<T> Page<T> {
    pub(super) fn new(
        items: T,
        last: Option<&HashMap<String, AttributeValue>>,
        read: i32,
        consumed: Option<&ConsumedCapacity>,
    ) -> Self {
        Self {
            items,
            next: last.and_then(from_aws),
            read: u64::try_from(read).unwrap_or_default(),
            read_units: consumed.and_then(ConsumedCapacity::capacity_units),
        }
    }
}

/// The key as it is sent back.
pub(super) fn to_aws(key: &PageKey) -> HashMap<String, AttributeValue> {
    let value = |part: &KeyPart| match part {
        KeyPart::Text(text) => AttributeValue::S(text.clone()),
        KeyPart::Number(number) => AttributeValue::N(number.clone()),
        KeyPart::Bytes(bytes) => AttributeValue::B(Blob::new(bytes.clone())),
    };
    key.0.iter().map(|(name, part)| (name.clone(), value(part))).collect()
}

/// None for an empty key, which some servers send where AWS sends none.
fn from_aws(key: &HashMap<String, AttributeValue>) -> Option<PageKey> {
    let part = |value: &AttributeValue| match value {
        AttributeValue::S(text) => Some(KeyPart::Text(text.clone())),
        AttributeValue::N(number) => Some(KeyPart::Number(number.clone())),
        AttributeValue::B(bytes) => Some(KeyPart::Bytes(bytes.as_ref().to_vec())),
        _ => None,
    };
    if key.is_empty() {
        return None;
    }
    Some(PageKey(key.iter().filter_map(|(name, value)| Some((name.clone(), part(value)?))).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_to_a_file_and_back_to_aws_unchanged() {
        let key = HashMap::from([
            ("CustomerId".to_owned(), AttributeValue::S("it's \u{1f680}\n\u{feff}".to_owned())),
            ("Shard".to_owned(), AttributeValue::N("-1.5E3".to_owned())),
            ("Raw".to_owned(), AttributeValue::B(Blob::new(vec![0, 255]))),
        ]);
        let kept = serde_json::to_string(&from_aws(&key).unwrap()).unwrap();
        assert_eq!(to_aws(&serde_json::from_str(&kept).unwrap()), key);
        assert_eq!(from_aws(&HashMap::new()), None);
    }
}
