//! `cellgate get domain-names`: custom domain names, of whichever control plane.

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::interrupt::unless_interrupted;
use crate::cli::output::{Column, Listing, Row};
use crate::cli::side_by_side;
use crate::cli::status::Spinner;
use crate::domain::custom_domain::CustomDomain;
use crate::domain::filter::{Filterable, Value};
use crate::ops::private_access;

/// What `-o json` carries, for the help.
pub const JSON: &str = "\
With -o json, each custom domain name is an object with these keys:
  name                 the domain name
  id                   of a private name; else null
  endpoint_type        REGIONAL, EDGE or PRIVATE
  status               such as AVAILABLE, with status_message
  security_policy      the least version of TLS, such as TLS_1_2
  certificate_arn      of the certificate that clients see
  target               the name that the domain's DNS has to lead to
  mutual_tls           whether clients show a certificate, too
  tags                 as AWS has them";

/// One custom domain name.
#[derive(Debug, Serialize)]
struct DomainRow(CustomDomain);

impl Filterable for DomainRow {
    fn text(&self) -> String {
        let domain = &self.0;
        let texts = [&domain.target, &domain.status].map(|text| text.as_deref().unwrap_or_default());
        format!("{} {} {}", domain.name, domain.endpoint_type, texts.join(" "))
    }

    fn value(&self, column: &str) -> Value {
        let domain = &self.0;
        let text = |text: &Option<String>| text.clone().map_or(Value::Absent, Value::Text);
        match column {
            "domain" => Value::Text(domain.name.clone()),
            "endpoint" => Value::Text(domain.endpoint_type.to_string()),
            "tls" => text(&domain.security_policy),
            "status" => text(&domain.status),
            "target" => text(&domain.target),
            _ => Value::Absent,
        }
    }
}

impl Row for DomainRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("domain"),
        Column::text("endpoint"),
        Column::text("tls"),
        Column::text("status"),
        Column::text("target"),
    ];

    fn cells(&self) -> Vec<String> {
        let domain = &self.0;
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        vec![
            domain.name.clone(),
            domain.endpoint_type.to_string(),
            text(&domain.security_policy),
            text(&domain.status),
            text(&domain.target),
        ]
    }
}

pub async fn run(listing: &Listing, context: &Context) -> Result<(), CliError> {
    side_by_side::list(listing, context, async |reading| {
        let spinner = Spinner::start("reading custom domain names");
        let work = private_access::read_domain_names(&reading.session);
        let found = unless_interrupted(&reading.interruption, work).await?;
        drop(spinner);
        Ok((found.rows.into_iter().map(DomainRow).collect(), found.failures))
    })
    .await
}
