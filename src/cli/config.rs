//! `cellgate config`: what is configured and where it comes from.

use clap::Subcommand;
use serde::Serialize;

use super::context::{Context, config_file};
use super::exit::CliError;
use super::global::GlobalArguments;
use super::output::{Column, Format, Row, print_json, print_rows, print_text};
use crate::config;
use crate::config::keys::{KEYS, Key};
use crate::domain::filter::{Filterable, Value};

/// What to show.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Every value with where it comes from
    Show,
    /// Every key with what it does, as Markdown
    Keys,
    /// Where the configuration file is looked for
    Path,
    /// The built-in configuration with comments, to start a file of one's own
    Default,
}

/// One value.
#[derive(Debug, Serialize)]
struct ValueRow {
    key: String,
    /// As a configuration file spells it.
    value: String,
    origin: String,
}

impl Filterable for ValueRow {
    fn text(&self) -> String {
        format!("{} {} {}", self.key, self.value, self.origin)
    }

    fn value(&self, column: &str) -> Value {
        match column {
            "key" => Value::Text(self.key.clone()),
            "value" => Value::Text(self.value.clone()),
            "origin" => Value::Text(self.origin.clone()),
            _ => Value::Absent,
        }
    }
}

impl Row for ValueRow {
    const COLUMNS: &'static [Column] = &[Column::text("key"), Column::text("value"), Column::text("origin")];

    fn cells(&self) -> Vec<String> {
        vec![self.key.clone(), self.value.clone(), self.origin.clone()]
    }
}

/// One key of the table, as JSON.
#[derive(Debug, Serialize)]
struct KeyRow {
    key: &'static str,
    kind: &'static str,
    default: Option<&'static str>,
    environment: &'static [&'static str],
    flag: Option<&'static str>,
    doc: &'static str,
}

impl From<&'static Key> for KeyRow {
    fn from(key: &'static Key) -> Self {
        Self {
            key: key.name,
            kind: key.kind.word(),
            default: key.default,
            environment: key.environment,
            flag: key.flag,
            doc: key.doc,
        }
    }
}

/// Runs a `config` command.
///
/// # Errors
/// What is wrong with the configuration.
pub fn run(command: ConfigCommand, global: &GlobalArguments) -> Result<(), CliError> {
    match command {
        ConfigCommand::Show => show(global),
        ConfigCommand::Keys => match global.output {
            Format::Table => print_text(&config::markdown()),
            Format::Json => print_json(&KEYS.iter().map(KeyRow::from).collect::<Vec<_>>()),
        },
        ConfigCommand::Path => print_text(&config_file(global)?.path.display().to_string()),
        ConfigCommand::Default => print_text(config::DEFAULT),
    }
}

fn show(global: &GlobalArguments) -> Result<(), CliError> {
    let context = Context::load(global)?;
    let rows: Vec<ValueRow> = context
        .settings
        .values()
        .map(|(key, value, origin)| ValueRow {
            key: key.to_owned(),
            value: value.to_string(),
            origin: origin.to_string(),
        })
        .collect();
    print_rows(&rows, context.format)
}
