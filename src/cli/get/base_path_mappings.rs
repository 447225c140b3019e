//! `cellgate get base-path-mappings`: which stage answers on which path of a custom domain name.

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::interrupt::unless_interrupted;
use crate::cli::output::{Column, Listing, Row};
use crate::cli::reading::Reading;
use crate::cli::side_by_side;
use crate::cli::status::Spinner;
use crate::domain::custom_domain::{MappedDomain, PathMapping};
use crate::domain::filter::{Filterable, Value};
use crate::ops::inventory::Request;
use crate::ops::private_access;

/// What `-o json` carries, for the help.
pub const JSON: &str = "\
With -o json, each path is an object with these keys:
  domain               the custom domain name
  path                 without slashes at its ends; empty for what no other path fits
  api_id, api          of the API behind it; api is null where no such API is there
  stage                null where the next part of the path names it";

/// One path of one domain.
#[derive(Debug, Serialize)]
struct MappingRow {
    domain: String,
    path: String,
    api_id: String,
    api: Option<String>,
    stage: Option<String>,
}

impl MappingRow {
    fn of(mapped: &MappedDomain, mapping: &PathMapping, reading: &Reading<'_>) -> Self {
        let known = reading.region().and_then(|region| region.apis.get(&mapping.api));
        Self {
            domain: mapped.domain.name.clone(),
            path: mapping.path.clone(),
            api_id: mapping.api.to_string(),
            api: known.map(|entry| entry.api.name.clone()),
            stage: mapping.stage.as_ref().map(ToString::to_string),
        }
    }

    fn api(&self) -> &str {
        self.api.as_deref().unwrap_or(&self.api_id)
    }
}

impl Filterable for MappingRow {
    fn text(&self) -> String {
        let stage = self.stage.as_deref().unwrap_or_default();
        format!("{} /{} {} {} {stage}", self.domain, self.path, self.api(), self.api_id)
    }

    fn value(&self, column: &str) -> Value {
        match column {
            "domain" => Value::Text(self.domain.clone()),
            "path" => Value::Text(format!("/{}", self.path)),
            "api" => Value::Text(self.api().to_owned()),
            "stage" => self.stage.clone().map_or(Value::Absent, Value::Text),
            _ => Value::Absent,
        }
    }
}

impl Row for MappingRow {
    const COLUMNS: &'static [Column] =
        &[Column::text("domain"), Column::text("path"), Column::text("api"), Column::text("stage")];

    fn cells(&self) -> Vec<String> {
        vec![
            self.domain.clone(),
            format!("/{}", self.path),
            self.api().to_owned(),
            self.stage.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    }
}

pub async fn run(listing: &Listing, context: &Context) -> Result<(), CliError> {
    side_by_side::list(listing, context, async |reading| {
        reading.read("APIs", vec![Request::Apis]).await?;
        let spinner = Spinner::start("reading custom domain names");
        let work = private_access::read_mapped_domains(&reading.session);
        let found = unless_interrupted(&reading.interruption, work).await?;
        drop(spinner);
        let mut failures = reading.failures();
        failures.extend(found.failures);
        let rows = found.rows.iter().flat_map(|mapped| mapped.mappings.iter().map(move |one| (mapped, one)));
        let rows = rows.map(|(mapped, mapping)| MappingRow::of(mapped, mapping, reading)).collect();
        Ok((rows, failures))
    })
    .await
}
