//! ARNs: the engine writes a region and an account of its own, clients see the region's.

use axum::body::Bytes;
use dynoxide::streams::{LOCAL_ACCOUNT, LOCAL_REGION};

/// The operations whose requests or answers hold ARNs. The others hold users' data, which is left alone.
pub const BEARING: &[&str] = &[
    "CreateTable",
    "DeleteTable",
    "DescribeTable",
    "ListTagsOfResource",
    "TagResource",
    "UntagResource",
    "UpdateTable",
];

/// What stands for what.
#[derive(Debug)]
pub struct Translation {
    inner: String,
    outer: String,
}

impl Translation {
    /// Between the engine's ARNs and those of this account and region.
    pub fn new(account_id: &str, region: &str) -> Self {
        Self {
            inner: format!("arn:aws:dynamodb:{LOCAL_REGION}:{LOCAL_ACCOUNT}:"),
            outer: format!("arn:aws:dynamodb:{region}:{account_id}:"),
        }
    }

    /// A request as the engine understands it.
    pub fn inward(&self, body: &Bytes) -> Bytes {
        replaced(body, &self.outer, &self.inner)
    }

    /// An answer as clients shall see it.
    pub fn outward(&self, body: &Bytes) -> Bytes {
        replaced(body, &self.inner, &self.outer)
    }
}

fn replaced(body: &Bytes, from: &str, to: &str) -> Bytes {
    match std::str::from_utf8(body) {
        Ok(text) if text.contains(from) => Bytes::from(text.replace(from, to)),
        _ => body.clone(),
    }
}
