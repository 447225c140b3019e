//! A region with a mapping table, the program run on it, and boto3 as the witness.

use std::collections::BTreeMap;
use std::fs;

use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use serde_json::Value;

use crate::support::home::Home;
use crate::support::python::{PythonEnvironment, fixture};
use crate::support::region::Region;

pub struct MappingTable {
    pub region: Region,
}

impl MappingTable {
    pub fn new() -> Self {
        Self::with_customers(200)
    }

    pub fn with_customers(customers: u32) -> Self {
        Self::at_speed(customers, 10)
    }

    /// With time that goes so many times as fast as the wall's.
    pub fn at_speed(customers: u32, speed: u32) -> Self {
        Self::of(customers, 12, Clock::scaled("2026-11-20T14:03:30Z".parse().unwrap(), speed))
    }

    /// In a time that stands still until the test says otherwise.
    pub fn standing() -> Self {
        Self::of(200, 12, Clock::manual("2026-11-20T14:03:30Z".parse().unwrap()))
    }

    /// With a WebSocket API for the first cell, in a time that stands still: no connection ends by itself.
    pub fn with_sockets() -> Self {
        Self::of(200, 13, Clock::manual("2026-11-20T14:03:30Z".parse().unwrap()))
    }

    /// With so many new customers a minute, in a time that stands still.
    pub fn with_sign_ups(per_minute: f64) -> Self {
        let clock = Clock::manual("2026-11-20T14:03:30Z".parse().unwrap());
        Self { region: Region::start(RegionOptions { sign_ups: per_minute, ..options(200, 12, clock) }) }
    }

    fn of(customers: u32, apis: usize, clock: Clock) -> Self {
        Self { region: Region::start(options(customers, apis, clock)) }
    }

    /// A machine of its own, whose cells keep no data unless `settings` says otherwise.
    pub fn home(&self, settings: &str) -> Home {
        let stateless = if settings.contains("[cells]") { "" } else { "[cells]\nstateless = true\n" };
        let mut home = Home::new();
        home.set("AWS_ENDPOINT_URL", &self.region.endpoint_url());
        let file = home.path().join("config/cellgate/config.toml");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, format!("[limits]\ncontrol-plane-share = \"100%\"\n{stateless}{settings}")).unwrap();
        home
    }

    /// What boto3 prints.
    pub fn python(&self, arguments: &[&str]) -> String {
        Self::boto3_at(&self.region.endpoint_url(), arguments)
    }

    /// What it prints of the table at some other server.
    pub fn boto3_at(endpoint_url: &str, arguments: &[&str]) -> String {
        let mut home = Home::new();
        home.set("AWS_ENDPOINT_URL", endpoint_url);
        let mut command = PythonEnvironment::clients().command("python", &home);
        let output = command.arg(fixture("mappings.py")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Every item by customer, as boto3 scans it.
    pub fn items(&self) -> BTreeMap<String, BTreeMap<String, Value>> {
        serde_json::from_str(&self.python(&["scan"])).unwrap()
    }

    /// Every customer's cell.
    pub fn cells(&self) -> BTreeMap<String, String> {
        let cell = |item: &BTreeMap<String, Value>| item["CellId"].as_str().unwrap().to_owned();
        self.items().iter().map(|(customer, item)| (customer.clone(), cell(item))).collect()
    }

    pub fn customers_of(&self, cell: &str) -> Vec<String> {
        self.cells().into_iter().filter(|(_, of)| of == cell).map(|(customer, _)| customer).collect()
    }
}

fn options(customers: u32, apis: usize, clock: Clock) -> RegionOptions {
    RegionOptions {
        cells: 4,
        apis,
        customers: usize::try_from(customers).unwrap(),
        clock,
        control_plane_limits: false,
        ..RegionOptions::default()
    }
}
