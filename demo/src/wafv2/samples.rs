//! `GetSampledRequests`: a random part of the first requests that a rule met.

use std::ops::ControlFlow;

use jiff::{SignedDuration, Timestamp};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::index;
use serde_json::{Value, json};

use super::associations;
use super::input::{Input, invalid, nonexistent};
use crate::estate::{Estate, WebAcl};
use crate::ledger::{Ledger, Request, RuleMatch, Verdict, WafAction};
use crate::server::fault::Fault;

/// AWS: the sample is of the first so many requests of the window.
const POPULATION: usize = 5_000;
/// AWS: how far back samples reach.
const REACH: SignedDuration = SignedDuration::from_hours(3);
/// AWS: rows of an answer.
const MOST_ITEMS: u64 = 500;

pub fn get(estate: &Estate, ledger: &Ledger, now: Timestamp, input: &Input) -> Result<Value, Fault> {
    input.regional()?;
    let acl = estate.waf.web_acl(input.text("WebAclArn")?).ok_or_else(nonexistent)?;
    let metric = input.text("RuleMetricName")?;
    let which = Which::find(acl, metric).ok_or_else(nonexistent)?;
    let most = input.member("MaxItems").as_u64().filter(|most| (1..=MOST_ITEMS).contains(most));
    let most = most.ok_or_else(|| {
        invalid("MaxItems must be from 1 to 500.", "MAX_ITEMS", &input.member("MaxItems").to_string())
    })?;
    let window = input.object("TimeWindow")?;
    let (start, end) = (time(&window["StartTime"])?, time(&window["EndTime"])?);
    if start >= end {
        return Err(invalid("The time window ends before it begins.", "TIME_WINDOW", ""));
    }
    let start = start.max(now - REACH);
    let end = end.min(now).max(start);

    let mut first: Vec<(String, Request)> = Vec::new();
    if which.is_sampled(acl) {
        for (api, stage) in associations::stages_of(estate, &acl.arn) {
            let host = format!("{api}.execute-api.{}.amazonaws.com", estate.region);
            let mut met = Vec::new();
            let name = (api.to_owned(), stage.to_owned());
            let wanted = |group: &crate::ledger::Group| which.met(&ledger.verdict(group.verdict)).is_some();
            ledger.requests(&name, &(start..end), wanted, |request| {
                met.push((host.clone(), request));
                if met.len() < POPULATION { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            first.extend(met);
        }
    }
    first.sort_by_key(|(_, request)| request.time);
    let cut = first.len() > POPULATION || first.len() == POPULATION;
    first.truncate(POPULATION);
    // AWS: the window that is told is shorter when the requests came sooner.
    let end = first.last().filter(|_| cut).map_or(end, |(_, request)| request.time);
    let wanted = usize::try_from(most).unwrap_or(usize::MAX).min(first.len());
    // The same question has the same answer.
    let seed = start.as_second().unsigned_abs() ^ end.as_second().unsigned_abs().rotate_left(17);
    let mut chosen = index::sample(&mut StdRng::seed_from_u64(seed), first.len(), wanted).into_vec();
    chosen.sort_unstable();
    let sampled: Vec<Value> =
        chosen.into_iter().filter_map(|at| item(&first[at].0, &first[at].1, &which)).collect();
    Ok(json!({
        "SampledRequests": sampled,
        "PopulationSize": first.len(),
        "TimeWindow": { "StartTime": seconds(start), "EndTime": seconds(end) },
    }))
}

/// Which requests of a web ACL are meant.
enum Which {
    /// Those that a rule met, by its metric.
    Rule(String),
    /// Those that no rule ended.
    Default,
    All,
}

impl Which {
    /// AWS documents the metric of a rule. The ACL's own metric, for the default action, and `ALL` are in use.
    fn find(acl: &WebAcl, metric: &str) -> Option<Self> {
        let mut rules = acl.document["Rules"].as_array().into_iter().flatten();
        if rules.any(|rule| rule["VisibilityConfig"]["MetricName"] == metric) {
            return Some(Self::Rule(metric.to_owned()));
        }
        if acl.document["VisibilityConfig"]["MetricName"] == metric || metric == "Default_Action" {
            return Some(Self::Default);
        }
        (metric == "ALL").then_some(Self::All)
    }

    fn is_sampled(&self, acl: &WebAcl) -> bool {
        let rules = acl.document["Rules"].as_array().into_iter().flatten();
        let configuration = match self {
            Self::Rule(metric) => rules
                .map(|rule| &rule["VisibilityConfig"])
                .find(|configuration| configuration["MetricName"] == metric.as_str()),
            Self::Default | Self::All => Some(&acl.document["VisibilityConfig"]),
        };
        configuration.is_some_and(|configuration| configuration["SampledRequestsEnabled"] == true)
    }

    /// What the rule did with requests of this verdict, if it met them.
    fn met<'v>(&self, verdict: &'v Verdict) -> Option<(WafAction, Option<&'v RuleMatch>)> {
        let matches = || verdict.terminating.iter().chain(&verdict.counted);
        match self {
            Self::Rule(metric) => {
                let found = matches().find(|matched| matched.metric == *metric)?;
                Some((found.action, Some(found)))
            }
            Self::Default if verdict.web_acl_arn.is_some() && verdict.terminating.is_none() => {
                Some((verdict.action, None))
            }
            Self::All if verdict.web_acl_arn.is_some() => {
                Some((verdict.action, verdict.terminating.as_ref()))
            }
            Self::Default | Self::All => None,
        }
    }
}

fn item(host: &str, request: &Request, which: &Which) -> Option<Value> {
    let (action, matched) = which.met(&request.verdict)?;
    let mut headers = vec![
        json!({ "Name": "Host", "Value": host }),
        json!({ "Name": "User-Agent", "Value": request.user_agent }),
        json!({ "Name": "Accept", "Value": "application/json" }),
    ];
    if let Some(key) = &request.api_key_id {
        // The id, not the secret: nobody's key shall leave the region by a sample.
        headers.push(json!({ "Name": "x-api-key", "Value": format!("example-value-of-{key}") }));
    }
    let method = request.route.http().map_or("GET", |(verb, _)| verb);
    let labels: Vec<Value> = request.verdict.labels.iter().map(|label| json!({ "Name": label })).collect();
    let mut item = json!({
        "Request": {
            "ClientIP": request.client.to_string(),
            "Country": request.country,
            "URI": request.path,
            "Method": method,
            "HTTPVersion": "HTTP/2.0",
            "Headers": headers,
        },
        "Weight": 1,
        "Timestamp": seconds(request.time),
        "Action": action.as_str(),
        "Labels": labels,
    });
    if let Some(within) = matched.and_then(|matched| matched.within_group.as_ref()) {
        item["RuleNameWithinRuleGroup"] = json!(within);
    }
    if action == WafAction::Block {
        item["ResponseCodeSent"] = json!(403);
    }
    Some(item)
}

/// AWS: seconds since the epoch on the wire, with fractions.
fn seconds(time: Timestamp) -> f64 {
    let milliseconds = time.as_millisecond();
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of our times fit a double exactly")]
    let seconds = milliseconds as f64 / 1_000.0;
    seconds
}

fn time(value: &Value) -> Result<Timestamp, Fault> {
    let seconds = value.as_f64().filter(|seconds| seconds.is_finite() && seconds.abs() < 1e11);
    let illegal = || invalid("The time is not valid.", "TIME_WINDOW", &value.to_string());
    let seconds = seconds.ok_or_else(illegal)?;
    let elapsed = SignedDuration::try_from_secs_f64(seconds).map_err(|_| illegal())?;
    Timestamp::UNIX_EPOCH.checked_add(elapsed).map_err(|_| illegal())
}
