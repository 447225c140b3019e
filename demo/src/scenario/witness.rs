//! Watches the requests at the front door: when somebody began to look at what ails, and what was changed in vain.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;
use std::sync::PoisonError;

use axum::http::Method;
use flate2::read::GzDecoder;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Serialize;

use super::World;
use super::cast::Cast;
use super::client::USER_AGENT;
use super::file::{Fitting, Scenario};

/// A request that names more other APIs than this looks at the fleet and not at the target: a cell has three APIs.
const NARROW: usize = 2;
/// What is read of the target so often before the onset is routine, as a console's refreshing is.
const ROUTINE: u32 = 2;
/// Bytes of a compressed body that are looked at.
const LARGEST_BODY: u64 = 4 * 1024 * 1024;

/// A request that was answered.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    pub at: Timestamp,
    pub service: &'a str,
    pub operation: &'a str,
    pub method: &'a Method,
    /// With the query.
    pub path: &'a str,
    pub body: &'a [u8],
    /// Whether the body is gzip.
    pub compressed: bool,
    pub user_agent: &'a str,
    /// The HTTP status of the answer.
    pub status: u16,
}

/// A change that was not part of a cure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NeedlessChange {
    pub at: Timestamp,
    pub service: String,
    pub operation: String,
    /// The path of the request, where it says more than the operation.
    pub path: String,
}

/// Changes that help: these operations, on one of these things, with one of these words.
#[derive(Debug)]
struct Help {
    operations: Vec<String>,
    on: Vec<String>,
    with: Vec<String>,
}

/// What the requests tell.
#[derive(Debug)]
pub struct Witness {
    /// What requests call the thing that ails.
    target: Vec<String>,
    /// The ids and names of all other APIs.
    others: Vec<String>,
    fitting: Vec<Help>,
    /// How often each operation named the target before the onset.
    routine: HashMap<String, u32>,
    pub detected_at: Option<Timestamp>,
    pub needless: Vec<NeedlessChange>,
}

impl Witness {
    /// A witness of this scenario.
    pub fn new(scenario: &Scenario, cast: &Cast, world: &World) -> Self {
        let spellings = |things: &[String]| things.iter().flat_map(|thing| cast.spellings(thing)).collect();
        let target: Vec<String> = spellings(&scenario.target);
        let mut others = Vec::new();
        for account in &world.accounts {
            let estate = account.estate.read().unwrap_or_else(PoisonError::into_inner);
            others.extend(estate.apis.iter().flat_map(|api| [api.id.clone(), api.name.clone()]));
        }
        others.retain(|name| !target.contains(name));
        let help = |fitting: &Fitting| Help {
            operations: fitting.operations.clone(),
            on: spellings(&fitting.on),
            with: fitting.with.clone(),
        };
        let fitting = scenario.fitting.iter().map(help).collect();
        Self { target, others, fitting, routine: HashMap::new(), detected_at: None, needless: Vec::new() }
    }

    /// Takes note of a request; `raging` since the onset.
    pub fn see(&mut self, seen: &Seen<'_>, raging: bool) {
        if seen.user_agent == USER_AGENT {
            return;
        }
        let change = is_change(seen);
        if self.detected_at.is_some() && !change {
            return;
        }
        let text = text(seen);
        let names = |spellings: &[String]| spellings.iter().any(|spelling| text.contains(spelling.as_str()));
        let is_about_target = names(&self.target);
        if !raging {
            if is_about_target && !change {
                *self.routine.entry(seen.operation.to_owned()).or_default() += 1;
            }
            return;
        }
        if self.detected_at.is_none()
            && is_about_target
            && (change || self.is_attention(seen.operation, &text))
        {
            self.detected_at = Some(seen.at);
        }
        let helps = |help: &Help| {
            help.operations.iter().any(|operation| operation == seen.operation)
                && names(&help.on)
                && (help.with.is_empty() || names(&help.with))
        };
        if change && seen.status < 300 && !self.fitting.iter().any(helps) {
            self.needless.push(NeedlessChange {
                at: seen.at,
                service: seen.service.to_owned(),
                operation: seen.operation.to_owned(),
                path: seen.path.to_owned(),
            });
        }
    }

    /// Whether a read of the target is more than routine.
    fn is_attention(&self, operation: &str, text: &str) -> bool {
        let routine = self.routine.get(operation).is_some_and(|count| *count >= ROUTINE);
        let mut others = self.others.iter().filter(|name| text.contains(name.as_str()));
        !routine && others.nth(NARROW).is_none()
    }
}

/// Whether a request changes something.
fn is_change(seen: &Seen<'_>) -> bool {
    const READS: [&str; 14] = [
        "Get",
        "List",
        "Describe",
        "Query",
        "Scan",
        "BatchGet",
        "TransactGet",
        "Filter",
        "Start",
        "Stop",
        "Check",
        "Test",
        "Assume",
        "Decode",
    ];
    // What applications write is no change by an operator.
    const DATA: [&str; 2] = ["PutMetricData", "PutLogEvents"];
    match seen.service {
        "apigateway" | "apigatewayv2" => seen.method != Method::GET && !seen.operation.starts_with("Test"),
        "dynamodb" if ["ExecuteStatement", "BatchExecuteStatement"].contains(&seen.operation) => {
            let text = text(seen).to_uppercase();
            ["UPDATE", "INSERT", "DELETE"].iter().any(|verb| text.contains(verb))
        }
        "unknown" => false,
        _ => {
            !DATA.contains(&seen.operation) && !READS.iter().any(|prefix| seen.operation.starts_with(prefix))
        }
    }
}

/// All that a request names: its path and its body, decoded.
fn text<'a>(seen: &Seen<'a>) -> Cow<'a, str> {
    let path = percent_decode_str(seen.path).decode_utf8_lossy();
    let mut opened = Vec::new();
    let body: &[u8] = if seen.compressed {
        // What can be read of a broken body is looked at.
        let _ = GzDecoder::new(seen.body).take(LARGEST_BODY).read_to_end(&mut opened);
        &opened
    } else {
        seen.body
    };
    let form = seen.service == "cloudwatch" || seen.service == "sts";
    let body = String::from_utf8_lossy(body);
    let body =
        if form { percent_decode_str(&body).decode_utf8_lossy().into_owned() } else { body.into_owned() };
    if body.is_empty() { path } else { Cow::Owned(format!("{path} {body}")) }
}
