//! Where a list of DynamoDB items goes on: the key of the last item that was read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The attributes of the last item's key, that of an index included. As stored, not sanitised: it is sent back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageKey(pub BTreeMap<String, KeyPart>);

/// One attribute of a key. AWS: a key is a text, a number or bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyPart {
    #[serde(rename = "S")]
    Text(String),
    /// As AWS writes it.
    #[serde(rename = "N")]
    Number(String),
    #[serde(rename = "B")]
    Bytes(Vec<u8>),
}
