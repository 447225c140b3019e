//! The service against a ledger that the tests write themselves.

mod agreement;
mod queries;
mod reading;
mod writers;

use std::ops::RangeInclusive;
use std::sync::{Arc, RwLock};

use axum::body::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Logs;
use crate::clock::Clock;
use crate::estate::seed::starting_estate;
use crate::estate::{AccessLog, RouteKey, Stage};
use crate::ledger::{
    Caller, Group, Ledger, LedgerRoute, Outcome, RuleMatch, Slot, Source, Verdict, WafAction,
};
use crate::server::fault::Fault;

/// The access log's group of the stage that the tests look at.
pub const GROUP: &str = "/tests/access";

/// An account with one stage that has seen traffic.
pub struct World {
    pub logs: Logs,
    pub ledger: Arc<Ledger>,
    pub clock: Clock,
    pub api_id: String,
    pub start: Timestamp,
}

impl World {
    /// The REST API of the first cell, whose access log has a format of its own.
    pub fn new(format: &str) -> Self {
        let start: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let clock = Clock::manual(start);
        let mut estate = starting_estate(7, 12, 30, start);
        let api_id = estate.api_named("cell-01-api").unwrap().id.clone();
        let acl = estate.waf.web_acls.first().map(|acl| acl.arn.clone());
        let stage = estate.api_mut(&api_id).unwrap().stage_mut("prod").unwrap();
        stage.access_log = Some(AccessLog {
            destination_arn: format!("arn:aws:logs:eu-west-1:123456789012:log-group:{GROUP}"),
            format: format.to_owned(),
        });
        stage.web_acl_arn = acl;
        let ledger = Arc::new(Ledger::default());
        let logs = Logs::new(Arc::new(RwLock::new(estate)), Arc::clone(&ledger), clock.clone());
        let world = Self { logs, ledger, clock, api_id, start };
        world.call("CreateLogGroup", &format!(r#"{{"logGroupName":"{GROUP}"}}"#)).unwrap();
        // The group is older than what the tests write into it.
        world
            .logs
            .archive
            .alter_group(GROUP, |group| group.created = start - SignedDuration::from_hours(24))
            .unwrap();
        world
    }

    /// Enters a second's requests: how many ended in which way.
    pub fn record(&self, second: i64, counts: &[(Outcome, u32)]) {
        let verdict = self.ledger.verdict_id(&Verdict {
            web_acl_arn: Some("arn:acl".to_owned()),
            action: WafAction::Block,
            terminating: Some(RuleMatch {
                rule: "flood".to_owned(),
                metric: "flood".to_owned(),
                within_group: None,
                action: WafAction::Block,
            }),
            counted: Vec::new(),
            labels: Vec::new(),
        });
        let allowed = self.ledger.verdict_id(&Verdict::default());
        let source = self.ledger.add_source(customer());
        let route = |verb: &str, path: &str| LedgerRoute {
            key: RouteKey::Http { verb: verb.to_owned(), path: path.to_owned() },
            median_ms: 40.0,
            timeout_ms: 10_000.0,
        };
        let groups = counts.iter().map(|(outcome, count)| Group {
            source,
            route: u16::from(*outcome == Outcome::ServerError),
            outcome: *outcome,
            verdict: if *outcome == Outcome::WafBlocked { verdict } else { allowed },
            canary: false,
            count: *count,
        });
        let routes = Arc::from([route("GET", "/orders"), route("POST", "/orders")]);
        let slot = slot(self.start + SignedDuration::from_secs(second), routes, groups.collect());
        self.ledger.record(&(self.api_id.clone(), "prod".to_owned()), slot);
    }

    /// Enters requests of one route of another API, and lets time pass until they can be read.
    pub fn record_at(&self, api_id: &str, key: RouteKey, canary: bool, counts: &[(Outcome, u32)]) {
        let source = self.ledger.add_source(customer());
        let verdict = self.ledger.verdict_id(&Verdict::default());
        let group = |(outcome, count): &(Outcome, u32)| Group {
            source,
            route: 0,
            outcome: *outcome,
            verdict,
            canary,
            count: *count,
        };
        let routes = Arc::from([LedgerRoute { key, median_ms: 40.0, timeout_ms: 10_000.0 }]);
        let slot = slot(self.clock.now(), routes, counts.iter().map(group).collect());
        self.ledger.record(&(api_id.to_owned(), "prod".to_owned()), slot);
        self.clock.advance(SignedDuration::from_secs(10));
    }

    /// Enters the same in each of these seconds, and lets time pass until all of it can be read.
    pub fn fill(&self, seconds: RangeInclusive<i64>, counts: &[(Outcome, u32)]) {
        let last = *seconds.end();
        for second in seconds {
            self.record(second, counts);
        }
        let until = self.start + SignedDuration::from_secs(last + 10);
        self.clock.advance(until.duration_since(self.clock.now()));
    }

    /// Alters the stage, as UpdateStage does.
    pub fn alter_stage(&self, alter: impl FnOnce(&mut Stage)) {
        let now = self.clock.now();
        let mut estate = self.logs.archive.estate.write().unwrap();
        let stage = estate.api_mut(&self.api_id).unwrap().stage_mut("prod").unwrap();
        alter(stage);
        stage.last_updated = now;
    }

    /// Calls an operation.
    pub fn call(&self, operation: &str, body: &str) -> Result<Value, Fault> {
        let response = self.logs.handle(operation, &Bytes::from(body.to_owned()))?;
        let body = response.into_body();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let bytes = runtime.block_on(axum::body::to_bytes(body, usize::MAX)).unwrap();
        Ok(serde_json::from_slice(&bytes).unwrap())
    }

    /// Every event that FilterLogEvents has, over all pages.
    pub fn events(&self, parameters: &str) -> Vec<Value> {
        let mut events = Vec::new();
        let mut token = String::new();
        loop {
            let page = self
                .call("FilterLogEvents", &format!(r#"{{"logGroupName":"{GROUP}"{parameters}{token}}}"#))
                .unwrap();
            events.extend(page["events"].as_array().unwrap().iter().cloned());
            match page["nextToken"].as_str() {
                Some(next) => token = format!(r#","nextToken":"{next}""#),
                None => return events,
            }
        }
    }
}

fn customer() -> Source {
    Source {
        caller: Caller::Customer("customer-00001".to_owned()),
        api_key_id: None,
        customers: 1,
        addresses: 1,
        country: "DE",
        user_agent: "shop/1.0",
    }
}

fn slot(start: Timestamp, routes: Arc<[LedgerRoute]>, groups: Vec<Group>) -> Slot {
    Slot {
        start,
        seconds: 1,
        deployment_id: Arc::from("abc123"),
        routes,
        slowness: 1.0,
        wait_ms: 0.0,
        groups,
    }
}
