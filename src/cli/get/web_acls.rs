//! `cellgate get web-acls`: each with its rules and the stages that it stands before.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::CliError;
use crate::cli::interrupt::unless_interrupted;
use crate::cli::output::{Column, Listing, Row, number};
use crate::cli::reading::Reading;
use crate::cli::side_by_side;
use crate::cli::status::Spinner;
use crate::domain::api::ApiFamily;
use crate::domain::filter::{Filterable, Value};
use crate::domain::web_acl::{Rule, RuleAction, Scope, WebAclDocument};
use crate::ops::inventory::Request;
use crate::ops::waf;

/// What `-o json` carries, for the help.
pub const JSON: &str = "\
With -o json, each web ACL is an object with these keys:
  id, name, arn        as AWS names it; scope is REGIONAL
  description          null where there is none
  capacity             web ACL capacity units that the rules use
  default_action       for requests that no rule ends
  rules                by priority, each with name, priority, kind, action, statement (in words),
                       metric, rate (limit, window_seconds, aggregate_key) and group (source,
                       overrides, excluded); action is group-decides or group-counts for a group
  stages               it stands before, each with api_id, api_name and stage
  managed_by_firewall_manager
  lost_by_update       what an update would lose, so that cellgate makes none; else null";

/// One web ACL.
#[derive(Debug, Serialize)]
struct WebAclRow {
    id: String,
    name: String,
    arn: String,
    scope: Scope,
    description: Option<String>,
    capacity: Option<u64>,
    default_action: RuleAction,
    rules: Vec<Rule>,
    stages: Vec<StageOfAcl>,
    managed_by_firewall_manager: bool,
    lost_by_update: Option<String>,
}

/// A stage that a web ACL stands before.
#[derive(Clone, Debug, Serialize)]
struct StageOfAcl {
    api_id: String,
    api_name: String,
    stage: String,
}

impl WebAclRow {
    fn new(document: WebAclDocument, stages: Vec<StageOfAcl>) -> Self {
        let acl = document.acl;
        Self {
            id: acl.id,
            name: acl.name,
            arn: acl.arn,
            scope: acl.scope,
            description: acl.description,
            capacity: acl.capacity,
            default_action: acl.default_action,
            rules: acl.rules,
            stages,
            managed_by_firewall_manager: acl.managed_by_firewall_manager,
            lost_by_update: document.lost,
        }
    }

    fn acting(&self, action: &RuleAction) -> usize {
        self.rules.iter().filter(|rule| rule.action == *action).count()
    }

    fn groups(&self) -> usize {
        self.rules.iter().filter(|rule| rule.kind.is_group()).count()
    }

    fn stages_shown(&self) -> String {
        let stages: Vec<String> =
            self.stages.iter().map(|stage| format!("{}/{}", stage.api_name, stage.stage)).collect();
        if stages.is_empty() { "-".to_owned() } else { stages.join(",") }
    }

    fn capacity(&self) -> Option<f64> {
        self.capacity.and_then(|units| u32::try_from(units).ok()).map(f64::from)
    }

    fn editable(&self) -> &'static str {
        if self.managed_by_firewall_manager || self.lost_by_update.is_some() { "no" } else { "yes" }
    }
}

impl Filterable for WebAclRow {
    fn text(&self) -> String {
        let rules: Vec<&str> = self.rules.iter().map(|rule| rule.name.as_str()).collect();
        format!("{} {} {} {}", self.name, self.id, self.stages_shown(), rules.join(" "))
    }

    fn value(&self, column: &str) -> Value {
        match column {
            "web-acl" => Value::Text(self.name.clone()),
            "default" => Value::Text(self.default_action.to_string()),
            "rules" => Value::Number(super::count(self.rules.len())),
            "block" => Value::Number(super::count(self.acting(&RuleAction::Block))),
            "count" => Value::Number(super::count(self.acting(&RuleAction::Count))),
            "groups" => Value::Number(super::count(self.groups())),
            "capacity" => self.capacity().map_or(Value::Absent, Value::Number),
            "editable" => Value::Text(self.editable().to_owned()),
            "stages" => Value::Text(self.stages_shown()),
            _ => Value::Absent,
        }
    }
}

impl Row for WebAclRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("web-acl"),
        Column::text("default"),
        Column::figure("rules"),
        Column::figure("block"),
        Column::figure("count"),
        Column::figure("groups"),
        Column::figure("capacity"),
        Column::text("editable"),
        Column::text("stages"),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.default_action.to_string(),
            self.rules.len().to_string(),
            self.acting(&RuleAction::Block).to_string(),
            self.acting(&RuleAction::Count).to_string(),
            self.groups().to_string(),
            number(self.capacity(), 0),
            self.editable().to_owned(),
            self.stages_shown(),
        ]
    }
}

pub async fn run(listing: &Listing, context: &Context) -> Result<(), CliError> {
    side_by_side::list(listing, context, async |reading| {
        let spinner = Spinner::start("reading web ACLs");
        let found = unless_interrupted(&reading.interruption, waf::read_web_acls(&reading.session)).await?;
        drop(spinner);
        if !found.rows.is_empty() {
            reading.read("APIs", vec![Request::Apis]).await?;
            // AWS: only stages of REST APIs can have one.
            let rest = reading.families().into_iter().filter(|family| family.family == ApiFamily::V1);
            reading.read("stages", rest.map(Request::Stages).collect()).await?;
        }
        let mut stages = stages_by_acl(reading);
        let rows = found.rows.into_iter().map(|document| {
            let stages = stages.remove(&document.acl.arn).unwrap_or_default();
            WebAclRow::new(document, stages)
        });
        let rows = rows.collect();
        Ok((rows, found.failures.into_iter().chain(reading.failures()).collect()))
    })
    .await
}

/// The stages say which web ACL they have, at no cost: WAF answers one such question a second.
fn stages_by_acl(reading: &Reading<'_>) -> BTreeMap<String, Vec<StageOfAcl>> {
    let mut by_acl: BTreeMap<String, Vec<StageOfAcl>> = BTreeMap::new();
    for entry in reading.apis() {
        for stage in entry.stages.value().into_iter().flatten() {
            let Some(arn) = &stage.web_acl_arn else { continue };
            by_acl.entry(arn.clone()).or_default().push(StageOfAcl {
                api_id: entry.api.id.to_string(),
                api_name: entry.api.name.clone(),
                stage: stage.name.to_string(),
            });
        }
    }
    by_acl
}
