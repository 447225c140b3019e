//! The web ACLs that the estate starts with, and which stages they guard.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::Rng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use super::super::{ApiKind, Estate, IpSet, WebAcl};

/// Cells from the end that have no web ACL: an audit finds them.
const UNGUARDED: usize = 2;
/// AWS: web ACLs of one account.
const MOST_ACLS: usize = 100;
/// Requests of one address in five minutes: well above what an ordinary customer's gateway sends.
const RATE_LIMIT: u64 = 60_000;

/// One ACL for each guarded cell and one for the router, over one list of blocked addresses.
pub fn guard_stages(estate: &mut Estate, rng: &mut StdRng) {
    let blocked = blocked_addresses(estate, rng);
    let guarded = estate.cells.len().saturating_sub(UNGUARDED.min(estate.cells.len() / 2));
    let mut names: Vec<(String, String)> = estate.cells[..guarded]
        .iter()
        .map(|cell| (format!("{}-api", cell.id), format!("{}-waf", cell.id)))
        .collect();
    names.push(("router".to_owned(), "edge-waf".to_owned()));
    let names = names.into_iter().filter(|(api, _)| estate.api_named(api).is_some());
    // The last one stands for the router: of many cells, the first ones are guarded.
    for (ordinal, (api, name)) in names.rev().take(MOST_ACLS).collect::<Vec<_>>().into_iter().enumerate() {
        let acl = web_acl(estate, &name, &blocked.arn, ordinal, rng);
        let stages = estate.apis.iter_mut().filter(|known| known.kind == ApiKind::Rest && known.name == api);
        for stage in
            stages.flat_map(|api| &mut Arc::make_mut(api).stages).filter(|stage| stage.name == "prod")
        {
            stage.web_acl_arn = Some(acl.arn.clone());
        }
        estate.waf.web_acls.push(acl);
    }
    estate.waf.ip_sets.push(blocked);
}

fn blocked_addresses(estate: &Estate, rng: &mut StdRng) -> IpSet {
    let (id, lock_token) = (uuid(rng), uuid(rng));
    IpSet {
        arn: arn(estate, "ipset", "blocked-addresses", &id),
        id,
        name: "blocked-addresses".to_owned(),
        lock_token,
        description: "Addresses that abused the shop's API".to_owned(),
        ip_version: "IPV4".to_owned(),
        // AWS's guides use these networks; no customer is in them.
        addresses: vec!["192.0.2.0/28".to_owned(), "192.0.2.44/32".to_owned()],
        tags: BTreeMap::from([("team".to_owned(), "platform".to_owned())]),
    }
}

fn web_acl(estate: &Estate, name: &str, blocked: &str, ordinal: usize, rng: &mut StdRng) -> WebAcl {
    let (id, lock_token) = (uuid(rng), uuid(rng));
    let arn = arn(estate, "webacl", name, &id);
    let mut rules = vec![
        rule("blocked-addresses", 0, &json!({ "IPSetReferenceStatement": { "ARN": blocked } }), "Block"),
        rule(
            "rate-limit",
            1,
            &json!({ "RateBasedStatement": {
                "Limit": RATE_LIMIT, "EvaluationWindowSec": 300, "AggregateKeyType": "IP",
            } }),
            "Count",
        ),
        group("common-rules", 2, "AWSManagedRulesCommonRuleSet"),
        group("known-bad-inputs", 3, "AWSManagedRulesKnownBadInputsRuleSet"),
    ];
    if ordinal == 1 {
        // A statement of a newer kind than many clients know: who drops it on the way back deletes a rule.
        let statement = json!({ "AsnMatchStatement": { "AsnList": [64_496, 64_511] } });
        rules.push(rule("reserved-networks", 4, &statement, "Block"));
    }
    let mut document = json!({
        "DefaultAction": { "Allow": {} },
        "Description": format!("Guards the API {}", name.trim_end_matches("-waf")),
        "Rules": rules,
        "VisibilityConfig": visibility(name),
    });
    crate::wafv2::set_identity(&mut document, (&id, name, &arn));
    let group = format!("arn:aws:logs:{}:{}:log-group:aws-waf-logs-{name}", estate.region, estate.account_id);
    let logging = json!({ "ResourceArn": arn, "LogDestinationConfigs": [group] });
    WebAcl {
        id,
        name: name.to_owned(),
        arn,
        lock_token,
        document,
        logging_configuration: ordinal.is_multiple_of(3).then_some(logging),
        tags: BTreeMap::from([("team".to_owned(), "platform".to_owned())]),
    }
}

fn rule(name: &str, priority: u32, statement: &Value, action: &str) -> Value {
    json!({
        "Name": name,
        "Priority": priority,
        "Statement": statement,
        "Action": { action: {} },
        "VisibilityConfig": visibility(name),
    })
}

fn group(name: &str, priority: u32, group: &str) -> Value {
    json!({
        "Name": name,
        "Priority": priority,
        "Statement": { "ManagedRuleGroupStatement": { "VendorName": "AWS", "Name": group } },
        "OverrideAction": { "None": {} },
        "VisibilityConfig": visibility(name),
    })
}

fn visibility(metric: &str) -> Value {
    json!({ "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": metric })
}

fn arn(estate: &Estate, kind: &str, name: &str, id: &str) -> String {
    format!("arn:aws:wafv2:{}:{}:regional/{kind}/{name}/{id}", estate.region, estate.account_id)
}

fn uuid(rng: &mut StdRng) -> String {
    let hex = format!("{:032x}", rng.random::<u128>());
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}
