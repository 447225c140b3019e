//! The levers on stages of HTTP and WebSocket APIs, against the demo region: what they do to the traffic, what
//! they leave alone, and how they are taken back.

mod commands;
mod emulator;
mod traffic;
mod whole;

use std::sync::Arc;

use cellgate::domain::change::Plan;
use cellgate::domain::estate::{Estate, RegionSlot};
use cellgate::domain::id::ChangeId;
use cellgate::ops::change::{self, ChangeError, Grounds, WayBack};
use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use cellgate_demo::estate::{Api, Stage};

use crate::support::desk::{Desk, NOW};
use crate::support::region::Region;

/// A small region whose clock stands still and whose control plane takes every request.
fn options() -> RegionOptions {
    RegionOptions {
        cells: 4,
        apis: 14,
        customers: 300,
        clock: Clock::manual(NOW.parse().unwrap()),
        control_plane_limits: false,
        ..RegionOptions::default()
    }
}

fn desk() -> Desk {
    Desk::before(Region::start(options()))
}

/// The region's own record of an API.
fn api(desk: &Desk, name: &str) -> Api {
    desk.region.estate().api_named(name).unwrap().clone()
}

/// The region's own record of a stage, `API/STAGE`.
fn stage(desk: &Desk, text: &str) -> Stage {
    let (name, stage) = text.split_once('/').unwrap();
    api(desk, name).stage(stage).unwrap().clone()
}

/// Alters an API behind the region's services.
fn alter(desk: &Desk, name: &str, alter: impl FnOnce(&mut Api)) {
    desk.region.alter(|estate| {
        let api = estate.apis.iter_mut().find(|api| api.name == name).unwrap();
        alter(Arc::make_mut(api));
    });
}

/// The plan that takes a change back and turns AutoDeploy on again.
fn plan_undo_with_auto_deploy(desk: &Desk, change: &ChangeId) -> Result<Plan, ChangeError> {
    let history = desk.history();
    let known = history.iter().find(|known| known.id == *change).unwrap();
    let estate = Estate::new(1);
    let region = estate.region(RegionSlot(0)).unwrap();
    let grounds = Grounds { region, api: None, history: &history, clock: &desk.clock, production_tag: None };
    let way = WayBack { auto_deploy: true };
    desk.runtime.block_on(change::plan_undo_with(&desk.session, known, way, &grounds))
}
