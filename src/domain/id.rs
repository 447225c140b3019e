//! Identifiers as types of their own, so that an API id can't be passed where a stage name belongs.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::sanitise;

macro_rules! identifiers {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", from = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes the text as AWS or the operator wrote it, sanitised.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(sanitise(text.as_ref()).into_owned())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    )+};
}

identifiers! {
    /// An AWS account, twelve digits.
    AccountId
    /// An AWS region's code, such as `eu-west-1`.
    RegionName
    /// An API's id, ten characters that AWS made. Unique within an account and region.
    ApiId
    /// A stage's name, unique within its API.
    StageName
    DeploymentId
    UsagePlanId
    /// An API key's id, which is no secret; its value is.
    ApiKeyId
    /// A cell, as configured or discovered.
    CellId
    /// A change in the journal.
    ChangeId
    /// Changes of several targets that one plan made.
    BulkId
}
