//! The one table of configuration keys: parsing, errors, `config show`, `config keys`, the built-in
//! configuration and the README read it.

use super::value::Kind;

/// One key of the configuration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Key {
    /// Its dotted name. `*` stands for a name of the operator's own, `[]` for each entry of a list.
    pub name: &'static str,
    pub kind: Kind,
    /// One sentence for the list of keys and the built-in configuration.
    pub doc: &'static str,
    /// As a configuration file would spell it.
    pub default: Option<&'static str>,
    /// A value to show where there is no default.
    pub example: &'static str,
    /// Environment variables that give it, the strongest first.
    pub environment: &'static [&'static str],
    /// The option of the command line that gives it.
    pub flag: Option<&'static str>,
}

/// Set to anything but an empty text, it switches colour off (<https://no-color.org>).
pub const NO_COLOR: &str = "NO_COLOR";

const fn key(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, doc, default: None, example: "", environment: &[], flag: None }
}

impl Key {
    const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    const fn such_as(mut self, example: &'static str) -> Self {
        self.example = example;
        self
    }

    const fn from(mut self, environment: &'static [&'static str]) -> Self {
        self.environment = environment;
        self
    }

    const fn flag(mut self, flag: &'static str) -> Self {
        self.flag = Some(flag);
        self
    }

    /// The section that it stands in: `thresholds` of `thresholds.p99`, empty at the top level.
    pub fn section(&self) -> &'static str {
        self.name.rsplit_once('.').map_or("", |(section, _)| section)
    }

    /// Its name within its section.
    pub fn short_name(&self) -> &'static str {
        self.name.rsplit_once('.').map_or(self.name, |(_, name)| name)
    }

    /// Whether it stands once at a fixed place, and not under a name or an entry of the operator's.
    pub fn is_fixed(&self) -> bool {
        !self.name.contains(['*', '['])
    }
}

/// Every key there is, in the order in which they are shown.
pub const KEYS: &[Key] = &[
    key("profile", Kind::Text, "The profile of the AWS configuration to connect with.")
        .such_as("\"shop-prod\"")
        .from(&["CELLGATE_PROFILE", "AWS_PROFILE"])
        .flag("--profile"),
    key("region", Kind::Text, "The AWS region; without it, the one that the profile names.")
        .such_as("\"eu-west-1\"")
        .from(&["CELLGATE_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"])
        .flag("--region"),
    key("endpoint-url", Kind::Url, "Where to reach AWS, for the demo region or an emulator.")
        .such_as("\"http://127.0.0.1:4566\"")
        .from(&["CELLGATE_ENDPOINT_URL", "AWS_ENDPOINT_URL"])
        .flag("--endpoint-url"),
    key("alias", Kind::Text, "A short name for the account, shown and accepted in place of its id.")
        .such_as("\"shop\""),
    key("production", Kind::Boolean, "Mark the account in a colour that can't be missed.").or("false"),
    key(
        "production-tag",
        Kind::Tag,
        "The tag of an API that marks it as production: changes that reach it ask for their target's name.",
    )
    .such_as("\"environment=production\""),
    key("read-only", Kind::Boolean, "Refuse every change; it can't be lifted from inside.")
        .or("false")
        .flag("--read-only"),
    key(
        "state-dir",
        Kind::Text,
        "Where journal, request budget and log are kept, in place of $XDG_STATE_HOME/cellgate.",
    )
    .such_as("\"/var/lib/cellgate\"")
    .from(&["CELLGATE_STATE_DIR"])
    .flag("--state-dir"),
    key("theme", Kind::Theme, "The console's colours.")
        .or("\"dark\"")
        .from(&["CELLGATE_THEME"])
        .flag("--theme"),
    key("no-color", Kind::Boolean, "Draw without colours.").or("false").from(&[NO_COLOR]).flag("--no-color"),
    key("ascii", Kind::Boolean, "Draw with ASCII characters alone.")
        .or("false")
        .from(&["CELLGATE_ASCII"])
        .flag("--ascii"),
    key("mouse", Kind::Boolean, "Let the console take clicks and the wheel.").or("true"),
    key(
        "keys.*",
        Kind::KeyList,
        "The keys of an action, in place of its own; `?` in the console lists the actions.",
    )
    .such_as("[\"ctrl-r\", \"f5\"]"),
    key(
        "thresholds.errors-5xx",
        Kind::Share,
        "From which share of 5xx answers on a cell is in state `errors`.",
    )
    .or("\"1%\""),
    key("thresholds.p99", Kind::Duration, "From which 99th percentile of latency on a cell is `slow`.")
        .or("\"1s\""),
    key("thresholds.load", Kind::Share, "From which share of its capacity on a cell is `full`.")
        .or("\"90%\""),
    key(
        "refresh.signals",
        Kind::Duration,
        "How often metrics are read; CloudWatch has a point a minute, so at least 60s.",
    )
    .or("\"60s\""),
    key("refresh.inventory", Kind::Duration, "How often APIs, stages and plans are listed anew.")
        .or("\"5m\""),
    key(
        "refresh.idle",
        Kind::Duration,
        "After how long without a key the console reads the fleet's metrics alone.",
    )
    .or("\"10m\""),
    key(
        "limits.control-plane-share",
        Kind::Share,
        "How much of the account's 10 requests a second to API Gateway's control plane cellgate may take.",
    )
    .or("\"50%\""),
    key("cells.tag", Kind::Text, "The tag of an API that names its cell.").or("\"CellId\""),
    key("cells.stage-variable", Kind::Text, "The stage variable that names the cell.").or("\"cellId\""),
    key("cells.api-name", Kind::CellName, "What the name of a cell's API looks like.").or("\"{CellId}-api\""),
    key(
        "cells.id-pattern",
        Kind::Text,
        "What a cell's id taken from an API's name must look like; `*` is any run of characters.",
    )
    .or("\"cell-*\""),
    key("cells.web-acl", Kind::CellName, "What the name of a cell's web ACL, and of its metrics, looks like.")
        .or("\"{CellId}-waf\""),
    key("cells.stateless", Kind::Boolean, "No cell keeps data of its customers, so that a move leaves none behind.")
        .or("false"),
    key("cells.configured[].id", Kind::Text, "A cell's id.").such_as("\"cell-01\""),
    key("cells.configured[].capacity", Kind::Number, "Requests per second that the cell is built for.")
        .such_as("150"),
    key("cells.configured[].customers", Kind::Count, "Customers that the cell is built for.").such_as("5000"),
    key("cells.configured[].connections", Kind::Count, "WebSocket connections that the cell is built for.")
        .such_as("2000"),
    key("cells.configured[].apis", Kind::Texts, "Names or ids of its APIs, where they don't tell.")
        .such_as("[\"orders-api\"]"),
    key("cells.configured[].stateless", Kind::Boolean, "As `cells.stateless`, for this cell.").such_as("true"),
    key("mapping.table", Kind::Text, "The DynamoDB table that says which cell serves a customer.")
        .or("\"CellMappings\""),
    key("mapping.customer-attribute", Kind::Text, "The attribute with the customer's id, its partition key.")
        .or("\"CustomerId\""),
    key("mapping.cell-attribute", Kind::Text, "The attribute with the cell's id.").or("\"CellId\""),
    key(
        "mapping.version-attribute",
        Kind::Text,
        "A number in each item that grows with each write; moves are fenced by it.",
    )
    .such_as("\"version\""),
    key(
        "mapping.epoch-attribute",
        Kind::Text,
        "A number in each item that grows with each change of the cell.",
    )
    .such_as("\"epoch\""),
    key("mapping.moved-by-change-attribute", Kind::Text, "Where a move leaves its id in an item.")
        .such_as("\"migrationId\""),
    key("mapping.moved-at-attribute", Kind::Text, "Where a move leaves the time in an item.")
        .such_as("\"updatedAt\""),
    key("mapping.moved-by-attribute", Kind::Text, "Where a move leaves the operator's ARN in an item.")
        .such_as("\"updatedBy\""),
    key(
        "router.cache-ttl",
        Kind::Duration,
        "For how long the router, or the cache in front of it, keeps a customer's cell.",
    )
    .such_as("\"300s\""),
    key(
        "router.unmapped",
        Kind::Unmapped,
        "What the router does with a customer without a mapping: \"hash\", \"assign\" or \"refuse\".",
    )
    .such_as("\"hash\""),
    key(
        "router.hash",
        Kind::HashFunction,
        "The function that it hashes with: \"md5-modulo\", \"sha256-modulo\" or \"crc32-modulo\".",
    )
    .such_as("\"md5-modulo\""),
    key("router.cells", Kind::Texts, "The ids of the cells that it hashes over, in its order.")
        .such_as("[\"cell-01\", \"cell-02\"]"),
    key("router.api", Kind::Text, "The REST API that the router is, by name or id: its stage's cache is flushed after moves.")
        .such_as("\"router\""),
    key("router.stage", Kind::Text, "The stage of the router's API.").such_as("\"prod\""),
    key(
        "customers.key-name",
        Kind::CustomerName,
        "What a customer's API key is called, where the key itself doesn't bear the customer's id.",
    )
    .such_as("\"{CustomerId}-key\""),
    key("connections.table", Kind::Text, "The DynamoDB table of open WebSocket connections.")
        .or("\"WebSocketConnections\""),
    key("connections.id-attribute", Kind::Text, "The attribute with the connection's id.")
        .or("\"ConnectionId\""),
    key("connections.customer-attribute", Kind::Text, "The attribute with the customer's id.")
        .or("\"CustomerId\""),
    key("connections.cell-attribute", Kind::Text, "The attribute with the cell's id.").or("\"CellId\""),
    key("connections.api-attribute", Kind::Text, "The attribute with the id of the WebSocket API, where there is one.")
        .or("\"ApiId\""),
    key("connections.stage-attribute", Kind::Text, "The attribute with the stage's name, where there is one.")
        .or("\"Stage\""),
    key(
        "connections.endpoint",
        Kind::Text,
        "Where connections are closed, with {api}, {stage} and {region} in it, where AWS is reached by another endpoint.",
    )
    .such_as("\"https://{api}.execute-api.{region}.amazonaws.com/{stage}\""),
    key(
        "prices.million-read-units",
        Kind::Number,
        "US dollars for a million DynamoDB read units on demand in your region, to show what a scan costs.",
    )
    .such_as("0.125"),
    key("moves.rate", Kind::Number, "Customers a second that a move takes on after its first waves.").or("100"),
    key("moves.range", Kind::Number, "Customers that a move announces in the journal at once, at most 1000; fewer where two seconds take fewer.")
        .or("500"),
    key("moves.at-once", Kind::Number, "Writes that a move has under way at the same time, at most 64.")
        .or("16"),
    key(
        "moves.gate",
        Kind::Text,
        "What must hold of every cell concerned between the waves of a move.",
    )
    .or("\"cell.errors < 2%\""),
    key("moves.gate-lasting", Kind::Duration, "For how long it must hold.").or("\"2m\""),
    key(
        "moves.before-wave",
        Kind::Texts,
        "A command with its arguments that is run before each wave, to copy data; its customers are on its stdin.",
    )
    .such_as("[\"copy-customers\", \"--quiet\"]"),
    key(
        "moves.after-wave",
        Kind::Texts,
        "A command that is run after each wave, with those who were moved on its stdin.",
    )
    .such_as("[\"forget-customers\"]"),
    key("moves.hook-timeout", Kind::Duration, "How long each of the two may take for a wave.").or("\"10m\""),
    key(
        "placement.table",
        Kind::Text,
        "The DynamoDB table with an item a cell that tells where new customers are placed.",
    )
    .such_as("\"CellPlacement\""),
    key("placement.cell-attribute", Kind::Text, "The attribute with the cell's id, its partition key.")
        .or("\"CellId\""),
    key(
        "placement.closed-attribute",
        Kind::Text,
        "The attribute that is true where a cell takes no new customers.",
    )
    .or("\"Closed\""),
    key(
        "team.table",
        Kind::Text,
        "The DynamoDB table in which a team shares its journal and its leases, in the region of each session.",
    )
    .such_as("\"cellgate-team\"")
    .from(&["CELLGATE_TEAM_TABLE"]),
    key(
        "team.lease",
        Kind::Duration,
        "How long a lease on a target outlives a cellgate that was cut off, at least 10s.",
    )
    .or("\"60s\""),
    key("regions[].profile", Kind::Text, "The profile to connect with.").such_as("\"shop-prod\""),
    key("regions[].region", Kind::Text, "The AWS region.").such_as("\"eu-west-1\""),
    key("regions[].alias", Kind::Text, "As `alias`, for this region.").such_as("\"shop\""),
    key("regions[].role-arn", Kind::Text, "A role to assume with the profile's credentials.")
        .such_as("\"arn:aws:iam::123456789012:role/cellgate\""),
    key("regions[].endpoint-url", Kind::Url, "As `endpoint-url`, for this region.")
        .such_as("\"http://127.0.0.1:4566\""),
    key("regions[].cells", Kind::Texts, "The cells of this region, by id; `*` is any run of characters.")
        .such_as("[\"cell-0*\"]"),
    key("regions[].production", Kind::Boolean, "As `production`, for this region.").such_as("true"),
    key("regions[].read-only", Kind::Boolean, "As `read-only`, for this region.").such_as("true"),
    key("profiles.*.region", Kind::Text, "As `region`, with this profile.").such_as("\"eu-west-1\""),
    key("profiles.*.alias", Kind::Text, "As `alias`, with this profile.").such_as("\"shop\""),
    key("profiles.*.production", Kind::Boolean, "As `production`, with this profile.").such_as("true"),
    key("profiles.*.read-only", Kind::Boolean, "As `read-only`, with this profile.").such_as("true"),
    key("profiles.*.theme", Kind::Theme, "As `theme`, with this profile.").such_as("\"dark\""),
];

/// The key of this name, `*` and `[]` as in the table.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}
