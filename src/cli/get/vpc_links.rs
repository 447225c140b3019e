//! `cellgate get vpc-links`: ways from APIs into private networks, of both versions.

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::interrupt::unless_interrupted;
use crate::cli::output::{Column, Listing, Row};
use crate::cli::side_by_side;
use crate::cli::status::Spinner;
use crate::domain::filter::{Filterable, Value};
use crate::domain::vpc_link::VpcLink;
use crate::ops::private_access;

/// What `-o json` carries, for the help.
pub const JSON: &str = "\
With -o json, each VPC link is an object with these keys:
  id, name, tags       as AWS has them
  version              V1 (REST APIs, to load balancers) or V2 (HTTP APIs, into subnets)
  description          null where there is none, and for V2
  status               such as AVAILABLE, with status_message
  created              null for V1
  load_balancers       ARNs; V1 alone
  subnets, security_groups
                       ids; V2 alone";

/// One VPC link.
#[derive(Debug, Serialize)]
struct LinkRow(VpcLink);

impl Filterable for LinkRow {
    fn text(&self) -> String {
        let link = &self.0;
        let texts = [&link.status, &link.description].map(|text| text.as_deref().unwrap_or_default());
        format!("{} {} {} {} {}", link.name, link.id, link.version, texts.join(" "), link.targets().join(" "))
    }

    fn value(&self, column: &str) -> Value {
        let link = &self.0;
        match column {
            "vpc-link" => Value::Text(link.name.clone()),
            "id" => Value::Text(link.id.clone()),
            "version" => Value::Text(link.version.to_string()),
            "status" => link.status.clone().map_or(Value::Absent, Value::Text),
            "targets" => Value::Text(link.targets().join(", ")),
            _ => Value::Absent,
        }
    }
}

impl Row for LinkRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("vpc-link"),
        Column::text("id"),
        Column::text("version"),
        Column::text("status"),
        Column::text("targets"),
    ];

    fn cells(&self) -> Vec<String> {
        let link = &self.0;
        vec![
            link.name.clone(),
            link.id.clone(),
            link.version.to_string(),
            link.status.clone().unwrap_or_else(|| "-".to_owned()),
            link.targets().join(", "),
        ]
    }
}

pub async fn run(listing: &Listing, context: &Context) -> Result<(), CliError> {
    side_by_side::list(listing, context, async |reading| {
        let spinner = Spinner::start("reading VPC links");
        let work = private_access::read_vpc_links(&reading.session);
        let found = unless_interrupted(&reading.interruption, work).await?;
        drop(spinner);
        Ok((found.rows.into_iter().map(LinkRow).collect(), found.failures))
    })
    .await
}
