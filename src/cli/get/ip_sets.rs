//! `cellgate get ip-sets`: lists of networks that the rules of web ACLs refer to.

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::interrupt::unless_interrupted;
use crate::cli::output::{Column, Listing, Row};
use crate::cli::side_by_side;
use crate::cli::status::Spinner;
use crate::domain::filter::{Filterable, Value};
use crate::domain::ip_set::{IpSetDocument, IpVersion};
use crate::ops::waf;

/// What `-o json` carries, for the help.
pub const JSON: &str = "\
With -o json, each IP set is an object with these keys:
  id, name, arn        as AWS names it
  description          null where there is none
  version              IPV4 or IPV6
  addresses            all of them, in CIDR notation
  lost_by_update       what an update would lose, so that cellgate makes none; else null";

/// One IP set.
#[derive(Debug, Serialize)]
struct IpSetRow {
    id: String,
    name: String,
    arn: String,
    description: Option<String>,
    version: IpVersion,
    addresses: Vec<String>,
    lost_by_update: Option<String>,
}

impl IpSetRow {
    fn new(document: IpSetDocument) -> Self {
        let set = document.set;
        Self {
            id: set.id,
            name: set.name,
            arn: set.arn,
            description: set.description,
            version: set.version,
            addresses: set.addresses,
            lost_by_update: document.lost,
        }
    }
}

impl Filterable for IpSetRow {
    fn text(&self) -> String {
        let description = self.description.as_deref().unwrap_or_default();
        format!("{} {} {description} {}", self.name, self.id, self.addresses.join(" "))
    }

    fn value(&self, column: &str) -> Value {
        match column {
            "ip-set" => Value::Text(self.name.clone()),
            "id" => Value::Text(self.id.clone()),
            "version" => Value::Text(self.version.to_string()),
            "addresses" => Value::Number(super::count(self.addresses.len())),
            "description" => self.description.clone().map_or(Value::Absent, Value::Text),
            _ => Value::Absent,
        }
    }
}

impl Row for IpSetRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("ip-set"),
        Column::text("id"),
        Column::text("version"),
        Column::figure("addresses"),
        Column::text("description"),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.id.clone(),
            self.version.to_string(),
            self.addresses.len().to_string(),
            self.description.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    }
}

pub async fn run(listing: &Listing, context: &Context) -> Result<(), CliError> {
    side_by_side::list(listing, context, async |reading| {
        let spinner = Spinner::start("reading IP sets");
        let work = waf::read_ip_sets(&reading.session);
        let found = unless_interrupted(&reading.interruption, work).await?;
        drop(spinner);
        Ok((found.rows.into_iter().map(IpSetRow::new).collect(), found.failures))
    })
    .await
}
