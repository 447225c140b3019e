//! Levers on a usage plan, an API key and a web ACL's rule, from the console and back, as boto3 sees them.

use cellgate_demo::RegionOptions;
use serde_json::{Value, json};

use super::{pull, run, select};
use crate::support::home::Home;
use crate::support::referee::boto3;
use crate::support::region::Region;
use crate::support::terminal::{Terminal, keys};

/// What boto3 reads of the three of them, but for when they were last changed.
struct Witness {
    endpoint_url: String,
    calls: Value,
}

impl Witness {
    fn new(region: &Region) -> Self {
        let estate = region.estate();
        let plan = estate.usage_plans.iter().find(|plan| plan.name == "Basic").expect("a usage plan");
        let key = estate.api_keys.iter().find(|key| key.name == "basic-01").expect("a key");
        let endpoint_url = region.endpoint_url();
        let list = json!([{ "service": "wafv2", "operation": "list_web_acls", "arguments": { "Scope": "REGIONAL" } }]);
        let listed = boto3("call.py", &[&endpoint_url], &list);
        let acls = listed[0]["WebACLs"].as_array().expect("web ACLs");
        let acl = acls.iter().find(|acl| acl["Name"] == "cell-01-waf").expect("a web ACL");
        let calls = json!([
            { "service": "apigateway", "operation": "get_usage_plan", "arguments": { "usagePlanId": plan.id } },
            { "service": "apigateway", "operation": "get_api_key", "arguments": { "apiKey": key.id } },
            { "service": "wafv2", "operation": "get_web_acl",
              "arguments": { "Name": "cell-01-waf", "Scope": "REGIONAL", "Id": acl["Id"] } },
        ]);
        Self { endpoint_url, calls }
    }

    fn look(&self) -> Value {
        let mut seen = boto3("call.py", &[&self.endpoint_url], &self.calls);
        for (place, name) in [(1, "lastUpdatedDate"), (2, "LockToken")] {
            seen[place].as_object_mut().expect("an object").remove(name);
        }
        seen
    }

    fn blocking_rule(seen: &mut Value) -> &mut Value {
        let rules = seen[2]["WebACL"]["Rules"].as_array_mut().expect("rules");
        rules.iter_mut().find(|rule| rule["Name"] == "blocked-addresses").expect("a rule that blocks")
    }
}

#[test]
fn a_quota_a_key_and_a_rule_are_changed_and_undone() {
    let region =
        Region::start(RegionOptions { cells: 2, apis: 6, customers: 40, ..RegionOptions::default() });
    let witness = Witness::new(&region);
    let before = witness.look();
    let home = Home::new();
    // Of the updates of usage plans that AWS takes most are ours: the second waits for 25 seconds and not 40. With all
    // of them, one that came a little late would be too close to the next.
    let file = home.path().join("config/cellgate/config.toml");
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("the test's own folder");
    std::fs::write(file, "[limits]\ncontrol-plane-share = \"80%\"\n").expect("the test's own file");
    let endpoint_url = region.endpoint_url();
    let mut terminal =
        Terminal::cellgate(&home, &["console", "--operate", "--endpoint-url", &endpoint_url], 120, 40);
    terminal.wait_until("the fleet", |screen| {
        screen.contains("OPERATE") && screen.contains("cells, worst first")
    });

    select(&mut terminal, "plans", "plans, by name", "Basic");
    pull(&mut terminal, "plan-quota", &["54321", "", ""]);
    terminal.say_yes("Basic");

    select(&mut terminal, "keys", "keys, by name", "basic-01");
    run(&mut terminal, "key-disable");
    terminal.say_yes("basic-01");

    select(&mut terminal, "rules", "rules, by priority", "cell-01-waf blocked-addresses");
    pull(&mut terminal, "rule-action", &["count", ""]);
    terminal.say_yes("cell-01-waf");

    let mut expected = before.clone();
    expected[0]["quota"]["limit"] = json!(54_321);
    expected[1]["enabled"] = json!(false);
    Witness::blocking_rule(&mut expected)["Action"] = json!({ "Count": {} });
    assert_eq!(witness.look(), expected);

    // AWS takes one update of a usage plan in 20 seconds, so that comes last.
    terminal.send("9").wait_for("chain verified: 6 records");
    for (lever, target) in [("web-acl-rule", "cell-01-waf"), ("api-key", "basic-01"), ("usage-plan", "Basic")]
    {
        let filter = format!("{lever} !undo");
        terminal.send("/").send(&filter).wait_for(&format!("/ {filter}   1 of"));
        terminal.send(keys::ENTER).wait_for_absence(&format!("/ {filter}   1 of"));
        let menu = terminal.send("a").wait_for("Actions");
        assert!(menu.contains("undo 2"), "{menu}");
        terminal.send(keys::ENTER);
        terminal.say_yes(target);
        terminal.send(keys::ESCAPE).wait_for_absence(&format!("filter {lever}"));
    }
    terminal.wait_for("chain verified: 12 records");
    assert_eq!(witness.look(), before);
    terminal.send("q");
    assert_eq!(terminal.finish().code, 0);
}
