//! A region of six cells with a proxy before it, and a home whose commands go there.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use cellgate_demo::RegionOptions;
use serde_json::{Value, json};

use crate::support::binary::{Outcome, cellgate};
use crate::support::fault_proxy::FaultProxy;
use crate::support::home::Home;
use crate::support::referee::boto3;
use crate::support::region::Region;

/// An operator's machine before a region.
pub struct Bench {
    pub proxy: FaultProxy,
    pub region: Region,
    pub home: Home,
}

impl Bench {
    pub fn new() -> Self {
        Self::before(RegionOptions::default())
    }

    /// Before a region that differs in its clock.
    pub fn before(options: RegionOptions) -> Self {
        let region = Region::start(RegionOptions {
            cells: 6,
            apis: 12,
            customers: 200,
            control_plane_limits: false,
            ..options
        });
        let proxy = FaultProxy::before(&region.endpoint_url());
        let mut home = Home::new();
        home.set("AWS_ENDPOINT_URL", &proxy.endpoint_url());
        let file = home.path().join("config/cellgate/config.toml");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "[limits]\ncontrol-plane-share = \"100%\"\n").unwrap();
        Self { proxy, region, home }
    }

    /// Runs the binary, with the whole request budget each time: that of a real account would be waited for.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        drop(fs::remove_dir_all(self.home.path().join("state/cellgate/limits")));
        cellgate(&self.home, arguments)
    }

    /// These stages as boto3 reads them, but for when they were changed last.
    pub fn stages_by_boto3(&self, stages: &[&str]) -> Vec<Value> {
        let estate = self.region.estate();
        let calls: Vec<Value> = stages
            .iter()
            .map(|named| {
                let (api, stage) = named.split_once('/').unwrap();
                let api = estate.apis.iter().find(|known| known.name == api).unwrap();
                json!({
                    "service": "apigateway",
                    "operation": "get_stage",
                    "arguments": { "restApiId": api.id, "stageName": stage },
                })
            })
            .collect();
        let mut answers = boto3("call.py", &[&self.region.endpoint_url()], &Value::Array(calls));
        let answers = answers.as_array_mut().unwrap();
        for answer in answers.iter_mut() {
            answer.as_object_mut().unwrap().remove("lastUpdatedDate").expect("AWS says when");
        }
        answers.clone()
    }

    /// Looks again and again until something holds. Only a hang meets the deadline.
    pub fn wait_until(&self, what: &str, condition: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_mins(5);
        while !condition() {
            assert!(Instant::now() < deadline, "waited in vain until {what}: {:?}", self.proxy.requests());
            thread::park_timeout(Duration::from_millis(20));
        }
    }
}

/// Where each target of a report stands.
pub fn states(report: &Value) -> Vec<&str> {
    let targets = report["targets"].as_array().unwrap_or_else(|| panic!("{report}"));
    targets.iter().map(|row| row["state"].as_str().unwrap()).collect()
}
