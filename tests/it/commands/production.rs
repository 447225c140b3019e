//! What a tag marks as production: plans say so, whatever kind of thing they change.

use std::fs;

use cellgate_demo::RegionOptions;
use serde_json::{Value, json};

use super::home;
use crate::support::binary::cellgate;
use crate::support::region::Region;

#[test]
fn a_plan_names_the_production_that_it_reaches() {
    let region = Region::start(RegionOptions {
        cells: 2,
        apis: 6,
        customers: 60,
        control_plane_limits: false,
        ..RegionOptions::default()
    });
    let endpoint = region.endpoint_url();
    region.alter(|estate| {
        for api in &mut estate.apis {
            let environment = if api.name == "cell-01-api" { "production" } else { "staging" };
            std::sync::Arc::make_mut(api).tags.insert("environment".to_owned(), environment.to_owned());
        }
    });
    let home = home();
    let file = home.path().join("config/cellgate/config.toml");
    let limits = fs::read_to_string(&file).expect("the file is there");
    let plan = |arguments: &[&str]| -> Value {
        let options = ["--dry-run", "-o", "json", "--endpoint-url", &endpoint];
        cellgate(&home, arguments.iter().chain(&options)).json()
    };
    let throttle = ["throttle", "set", "cell-01-api/prod", "--rate", "90000"];
    assert_eq!(plan(&throttle)["blast_radius"]["production"], Value::Null, "without a tag nothing is marked");

    fs::write(&file, format!("production-tag = \"environment=production\"\n{limits}"))
        .expect("it is writable");
    let marked: [&[&str]; 4] = [
        &throttle,
        &["usage-plan", "throttle", "set", "Basic", "--rate", "9000"],
        &["waf", "rule", "cell-01-waf", "blocked-addresses", "count"],
        &["waf", "ip", "add", "blocked-addresses", "198.51.100.7"],
    ];
    for arguments in marked {
        let plan = plan(arguments);
        assert_eq!(plan["blast_radius"]["production"], json!(["cell-01-api"]), "{arguments:?}: {plan}");
        let warnings = plan["warnings"].as_array().expect("a list");
        assert!(
            warnings.contains(&json!("in production by tag: cell-01-api")),
            "{arguments:?}: {warnings:?}"
        );
    }
    let other = plan(&["throttle", "set", "cell-02-api/prod", "--rate", "90000"]);
    assert_eq!(other["blast_radius"]["production"], Value::Null);
}
