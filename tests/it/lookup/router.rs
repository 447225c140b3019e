//! What a lookup says of customers without a mapping is what the demo region's router does with them.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{call, home, lookup, region, text};
use crate::support::referee::boto3;
use crate::support::region::Region;

/// The cells whose access logs have requests with this key in the last minutes.
fn cells_with(region: &Region, key: &str) -> Vec<String> {
    let until = region.now();
    let from = until - SignedDuration::from_mins(2);
    let apis = region.estate().apis;
    let cells: Vec<(String, String)> = apis
        .iter()
        .filter_map(|api| {
            let stage = api.stages.iter().find(|stage| stage.name == "prod")?;
            let (_, group) = stage.access_log.as_ref()?.destination_arn.split_once(":log-group:")?;
            Some((api.cell.clone()?, group.to_owned()))
        })
        .collect();
    let calls: Vec<Value> = cells
        .iter()
        .map(|(_, group)| {
            json!({ "service": "logs", "operation": "filter_log_events", "arguments": {
                "logGroupName": group, "filterPattern": format!("\"{key}\""),
                "startTime": from.as_millisecond(), "endTime": until.as_millisecond(),
            } })
        })
        .collect();
    let answers = boto3("call.py", &[&region.endpoint_url()], &json!(calls));
    let mut found: Vec<String> = cells
        .into_iter()
        .zip(answers.as_array().expect("a list"))
        .filter(|(_, answer)| !answer["events"].as_array().expect("a list").is_empty())
        .map(|((cell, _), _)| cell)
        .collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn customers_without_a_mapping_go_where_the_lookup_says() {
    let region = region();
    let (home, endpoint) = (home(), region.endpoint_url());
    let holders: Vec<(String, String)> = region
        .estate()
        .api_keys
        .iter()
        .filter(|key| key.name.starts_with("premium-0"))
        .map(|key| (key.customer_id.clone(), key.id.clone()))
        .take(6)
        .collect();
    assert_eq!(holders.len(), 6);
    let before: Vec<Value> = holders.iter().map(|(customer, _)| lookup(&home, &endpoint, customer)).collect();
    let deletes: Vec<_> = holders
        .iter()
        .map(|(customer, _)| {
            let key = json!({ "CustomerId": { "S": customer } });
            ("delete_item", json!({ "TableName": "CellMappings", "Key": key }))
        })
        .collect();
    call(&endpoint, &deletes);
    // Their clients ask again once the router's cache has forgotten them.
    region.advance(SignedDuration::from_mins(12));
    let mut moved = 0;
    for ((customer, key), before) in holders.iter().zip(before) {
        let found = lookup(&home, &endpoint, customer);
        assert_eq!(found["answer"]["kind"], "hashed", "{found}");
        let said = text(&found["answer"]["cell"]);
        assert_eq!(cells_with(&region, key), std::slice::from_ref(&said), "{customer}");
        moved += usize::from(before["answer"]["cell"] != said.as_str());
    }
    assert!(moved > 0, "by the hash at least one goes elsewhere than before");
}
