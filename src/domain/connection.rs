//! The table of WebSocket connections, as the functions behind `$connect` and `$disconnect` keep it, and where a
//! connection is managed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::{ApiId, StageName};

/// Where connections are kept, and what the attributes are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionSettings {
    /// `WebSocketConnections` unless configured otherwise.
    pub table: String,
    pub id_attribute: String,
    pub customer_attribute: String,
    pub cell_attribute: String,
}

/// How the stage of a connection is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionAccess {
    /// A URL with `{api}`, `{stage}` and `{region}` in it; none for AWS's own.
    pub endpoint: Option<String>,
    /// The attributes of a connection's item with the id of its API and the name of its stage.
    pub api_attribute: String,
    pub stage_attribute: String,
}

/// The stage of a WebSocket API that clients are connected to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConnectionStage {
    pub api: ApiId,
    pub stage: StageName,
}

/// An open connection, as its item tells. Texts are as stored: a face sanitises what it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connection {
    pub id: String,
    pub customer: Option<String>,
    pub cell: Option<String>,
    /// Other attributes that are text, by name.
    pub attributes: std::collections::BTreeMap<String, String>,
}

/// An index of that table on the cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionIndex {
    pub name: String,
    /// Whether it has all attributes of a connection; one that hasn't counts them and can't tell them.
    pub whole: bool,
}

/// Which connections are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    All,
    OfCustomer(String),
    OfCell(String),
    /// Those of a cell, by the index of this name: nothing else is read then.
    ByIndex {
        index: String,
        cell: String,
    },
}

impl ConnectionStage {
    /// By the names that an item has for them; none where they can't be such names. They become part of a URL.
    pub fn checked(api: &str, stage: &str) -> Option<Self> {
        // AWS: an API's id is letters and digits, a stage's name has hyphens and underscores as well, and $default.
        let is_api = !api.is_empty() && api.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let of_stage = |byte: u8| byte.is_ascii_alphanumeric() || b"-_$".contains(&byte);
        let is_stage = !stage.is_empty() && stage.bytes().all(of_stage);
        (is_api && is_stage).then(|| Self { api: ApiId::new(api), stage: StageName::new(stage) })
    }
}

impl Connection {
    /// Whether its id can stand in a URL for this connection and no other. An item of another shape has none.
    pub fn can_be_named(&self) -> bool {
        // AWS: an id is base64.
        let of_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
        !self.id.is_empty() && self.id.bytes().all(of_base64)
    }

    /// The stage that its item names, where it does.
    pub fn stage(&self, access: &ConnectionAccess) -> Option<ConnectionStage> {
        let text = |name: &String| self.attributes.get(name).map(String::as_str);
        ConnectionStage::checked(text(&access.api_attribute)?, text(&access.stage_attribute)?)
    }
}

impl fmt::Display for ConnectionStage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.api, self.stage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_id_names_no_connection() {
        let named = |id: &str| {
            let attributes = std::collections::BTreeMap::new();
            Connection { id: id.to_owned(), customer: None, cell: None, attributes }.can_be_named()
        };
        assert!(named("L0SM9cOFvHcCIhw=") && named("a+b/c-d_e"));
        for id in ["", ".", "..", "../../other", "a b", "a?b", "a%2fb", "\u{1f600}"] {
            assert!(!named(id), "{id}");
        }
    }

    #[test]
    fn what_would_lead_elsewhere_names_no_stage() {
        assert!(ConnectionStage::checked("a1b2c3", "prod-2_x").is_some());
        assert!(ConnectionStage::checked("a1b2c3", "$default").is_some());
        for (api, stage) in
            [("", "prod"), ("a1", ""), ("evil.example/", "prod"), ("a1", "../x"), ("a@b", "prod")]
        {
            assert_eq!(ConnectionStage::checked(api, stage), None, "{api} {stage}");
        }
    }
}
