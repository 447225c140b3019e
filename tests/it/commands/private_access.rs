//! `get domain-names`, `get base-path-mappings` and `get vpc-links` against the demo region.

use std::collections::BTreeSet;

use serde_json::Value;

use super::home;
use crate::support::binary::cellgate;
use crate::support::region::Region;

fn get(endpoint: &str, arguments: &[&str]) -> crate::support::binary::Outcome {
    cellgate(&home(), ["get"].iter().chain(arguments).copied().chain(["--endpoint-url", endpoint]))
}

fn rows(endpoint: &str, list: &str) -> Vec<Value> {
    get(endpoint, &[list, "-o", "json"]).json().as_array().expect("a list").clone()
}

#[test]
fn domains_and_their_paths_are_those_of_the_region() {
    let region = Region::on_the_wall_clock();
    let endpoint = region.endpoint_url();
    let held = region.estate();
    let names: BTreeSet<&str> = held.domain_names.iter().map(|domain| domain.name.as_str()).collect();

    let domains = rows(&endpoint, "domain-names");
    assert_eq!(domains.iter().map(|row| row["name"].as_str().unwrap()).collect::<BTreeSet<_>>(), names);
    assert_eq!(domains.len(), names.len(), "each once, though both control planes tell of it");
    assert!(domains.iter().any(|row| row["endpoint_type"] == "EDGE"), "{domains:?}");
    assert!(domains.iter().all(|row| row["status"] == "AVAILABLE" && row["target"].is_string()));

    let name_of = |id: &str| held.apis.iter().find(|api| api.id == id).map(|api| api.name.clone()).unwrap();
    let expected: BTreeSet<[String; 4]> = held
        .domain_names
        .iter()
        .flat_map(|domain| domain.mappings.iter().map(move |mapping| (domain, mapping)))
        .map(|(domain, mapping)| {
            [domain.name.clone(), mapping.key.clone(), name_of(&mapping.api_id), mapping.stage.clone()]
        })
        .collect();
    let found: BTreeSet<[String; 4]> = rows(&endpoint, "base-path-mappings")
        .iter()
        .map(|row| ["domain", "path", "api", "stage"].map(|key| row[key].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(found, expected);
    assert!(!expected.is_empty());

    let table = get(&endpoint, &["base-path-mappings", "--filter", "domain=api.shop.example.com"]);
    assert_eq!(table.code, Some(0), "{table:?}");
    assert!(table.stdout.starts_with("DOMAIN") && table.stdout.contains("cell-01-api"), "{table:?}");
}

#[test]
fn vpc_links_of_both_versions_are_listed() {
    let region = Region::on_the_wall_clock();
    let links = rows(&region.endpoint_url(), "vpc-links");
    let told: Vec<_> =
        links.iter().map(|row| (row["name"].as_str().unwrap(), row["version"].as_str().unwrap())).collect();
    assert_eq!(told, [("stock", "V2"), ("warehouse", "V1")]);
    assert_eq!(links[0]["subnets"].as_array().unwrap().len(), 2);
    assert!(links[1]["load_balancers"][0].as_str().unwrap().contains("/net/warehouse/"));
}
