//! Starting and stopping.

use std::net::TcpListener;

use super::caller::{Caller, small};
use crate::estate::ApiKind;
use crate::{RegionOptions, StartError};

#[tokio::test]
async fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = crate::start(RegionOptions { port, ..small() }).await.unwrap_err();
    assert!(matches!(error, StartError::PortInUse { port: named } if named == port));
    assert!(error.to_string().contains(&format!("port {port} on 127.0.0.1 is in use")));
}

#[tokio::test]
async fn a_stopped_region_gives_its_port_back() {
    let caller = Caller::start(small()).await;
    let port: u16 = caller.region.endpoint_url().rsplit(':').next().unwrap().parse().unwrap();
    caller.get("/restapis").await;
    caller.region.stop().await;
    // The client's connection was closed by the server, so the port lingers in TIME_WAIT; the region
    // that starts anew must not mind.
    let again = Caller::start(RegionOptions { port, ..small() }).await;
    again.get("/restapis").await;
}

#[tokio::test]
async fn the_same_seed_gives_the_same_estate() {
    let first = Caller::start(small()).await;
    let second = Caller::start(small()).await;
    let other = Caller::start(RegionOptions { seed: 8, ..small() }).await;
    let apis = first.get("/restapis").await;
    assert_eq!(apis, second.get("/restapis").await);
    assert_ne!(apis, other.get("/restapis").await);
}

#[test]
fn the_default_estate_is_as_announced() {
    let options = RegionOptions::default();
    let estate =
        crate::estate::seed::starting_estate(options.seed, options.cells, options.apis, options.clock.now());
    let count = |kind| estate.apis_of(kind).count();
    assert_eq!(estate.cells.len(), 12);
    assert_eq!((count(ApiKind::Rest), count(ApiKind::Http), count(ApiKind::WebSocket)), (14, 12, 4));
    for api in &estate.apis {
        assert!((3..=12).contains(&api.methods.len()), "{}: {} methods", api.name, api.methods.len());
        assert!(
            (2..=8).contains(&api.deployments.len()),
            "{}: {} deployments",
            api.name,
            api.deployments.len()
        );
        for stage in &api.stages {
            assert!(api.deployed_methods(stage).count() > 0, "{}/{} serves nothing", api.name, stage.name);
        }
    }
    let tagged = estate.apis_of(ApiKind::Http).filter(|api| api.tags.contains_key("CellId")).count();
    assert_eq!(tagged, 9);
    let live = estate.apis_of(ApiKind::WebSocket);
    assert!(live.into_iter().all(|api| api.stages[0].variables.get("cellId") == api.cell.as_ref()));
}

#[tokio::test]
async fn the_environment_leads_here() {
    let caller = Caller::start(small()).await;
    let environment = caller.region.environment();
    let value = |name| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str());
    assert_eq!(value("AWS_ENDPOINT_URL"), Some(caller.region.endpoint_url().as_str()));
    assert_eq!(value("AWS_ACCESS_KEY_ID"), Some("AKIAIOSFODNN7EXAMPLE"));
    assert_eq!(value("AWS_REGION"), Some("eu-west-1"));
}
