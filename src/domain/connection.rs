//! The table of WebSocket connections, as the functions behind `$connect` and `$disconnect` keep it.

use serde::Serialize;

/// Where connections are kept, and what the attributes are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionSettings {
    /// `WebSocketConnections` unless configured otherwise.
    pub table: String,
    pub id_attribute: String,
    pub customer_attribute: String,
    pub cell_attribute: String,
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

/// Which connections are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    All,
    OfCustomer(String),
    OfCell(String),
}
