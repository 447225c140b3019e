//! Somebody who plays: a client of the region, whose time is moved by hand.

use std::collections::BTreeMap;

use axum::http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::client::{CallError, ScenarioClient, ServiceCall, replacements};
use super::super::{Phase, ScenarioReport, load};
use crate::clock::Clock;
use crate::{RegionOptions, RunningRegion};

const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
/// How often a call that is told to come again does.
const PATIENCE: usize = 60;

pub struct Player {
    pub region: RunningRegion,
    client: ScenarioClient,
    names: BTreeMap<String, String>,
}

impl Player {
    /// Starts to play a scenario.
    pub async fn start(scenario: &str, seed: u64) -> Self {
        let options = RegionOptions {
            seed,
            cells: 8,
            apis: 21,
            customers: 600,
            clock: Clock::manual("2026-11-20T12:00:00Z".parse::<Timestamp>().unwrap()),
            scenario: Some(load(scenario).unwrap()),
            ..RegionOptions::default()
        };
        let region = crate::start(options).await.unwrap();
        let address = region.endpoint_url().strip_prefix("http://").unwrap().parse().unwrap();
        let names = region.scenario_names();
        Self { region, client: ScenarioClient::new(address, "aws-cli/2.31"), names }
    }

    pub fn report(&self) -> ScenarioReport {
        self.region.scenario().unwrap()
    }

    pub fn name(&self, name: &str) -> &str {
        self.names.get(name).unwrap_or_else(|| panic!("nobody plays {name}: {:?}", self.names))
    }

    pub async fn wait(&self, seconds: i64) {
        self.region.advance(SignedDuration::from_secs(seconds)).await;
    }

    /// Waits until the scenario is in this phase, at most so long. Whether it is.
    pub async fn reaches(&self, phase: Phase, seconds: i64) -> bool {
        for _ in 0..seconds / 5 {
            if self.report().phase == phase {
                return true;
            }
            self.wait(5).await;
        }
        self.report().phase == phase
    }

    /// Makes a call, again and again while it is told to come again.
    pub async fn call(&self, call: ServiceCall) -> Value {
        for _ in 0..PATIENCE {
            match self.client.send(&call, ACCESS_KEY_ID, self.region.now()).await {
                Ok(answer) => return answer,
                Err(CallError::Refused { status: 429, .. }) => self.wait(1).await,
                Err(error) => panic!("{} {}: {error}", call.method, call.path),
            }
        }
        panic!("{} {} was throttled {PATIENCE} times", call.method, call.path);
    }

    pub async fn get(&self, path: &str) -> Value {
        let (path, body) = (path.to_owned(), Value::Null);
        self.call(ServiceCall { method: Method::GET, path, service: "apigateway", target: None, body }).await
    }

    pub async fn rest(&self, method: Method, path: String, body: Value) -> Value {
        self.call(ServiceCall { method, path, service: "apigateway", target: None, body }).await
    }

    pub async fn target(&self, service: &'static str, target: &'static str, body: Value) -> Value {
        let path = "/".to_owned();
        self.call(ServiceCall { method: Method::POST, path, service, target: Some(target), body }).await
    }

    /// The path of `prod` of an API of the cast: `api`, `http` or `router`.
    pub fn prod(&self, part: &str) -> String {
        let id = self.name(&format!("{part}-id"));
        if part == "http" {
            format!("/v2/apis/{id}/stages/prod")
        } else {
            format!("/restapis/{id}/stages/prod")
        }
    }

    /// Replaces values of a stage of a REST API.
    pub async fn set<const N: usize>(&self, part: &str, values: [(&str, &str); N]) {
        let values = replacements(values.map(|(path, value)| (path, value.to_owned())));
        self.rest(Method::PATCH, self.prod(part), values).await;
    }

    /// Moves this many customers of the cell, or all that are left, to other cells.
    pub async fn move_customers(&self, share: f64) {
        let query = json!({
            "TableName": "CellMappings",
            "IndexName": "CellId-index",
            "KeyConditionExpression": "CellId = :cell",
            "ExpressionAttributeValues": { ":cell": { "S": self.name("cell") } },
        });
        let found = self.target("dynamodb", "DynamoDB_20120810.Query", query).await;
        let items = found["Items"].as_array().unwrap();
        let count = u32::try_from(items.len()).unwrap();
        let others: Vec<String> = (1..=8)
            .map(|number| format!("cell-{number:02}"))
            .filter(|cell| cell != self.name("cell"))
            .collect();
        for (place, (item, cell)) in (0_u32..).zip(items.iter().zip(others.iter().cycle())) {
            if f64::from(place) < f64::from(count) * share {
                self.move_customer(item["CustomerId"]["S"].as_str().unwrap(), cell).await;
            }
        }
    }

    pub async fn move_customer(&self, customer: &str, cell: &str) {
        let update = json!({
            "TableName": "CellMappings",
            "Key": { "CustomerId": { "S": customer } },
            "UpdateExpression": "SET CellId = :cell",
            "ExpressionAttributeValues": { ":cell": { "S": cell } },
        });
        self.target("dynamodb", "DynamoDB_20120810.UpdateItem", update).await;
    }
}
