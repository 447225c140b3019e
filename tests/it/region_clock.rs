//! "Now" is the region's: figures are found wherever its clock stands.

use cellgate_demo::RegionOptions;
use jiff::{SignedDuration, Timestamp};

use crate::support::binary::cellgate;
use crate::support::home::Home;
use crate::support::region::Region;

#[test]
fn a_machine_whose_clock_is_wrong_finds_the_figures_of_the_region() {
    // Ten months behind the machine, at least, and a region that stands still: its `Date` is all that tells.
    let region = Region::at("2026-01-05T12:00:30Z");
    let home = Home::new();
    let outcome =
        cellgate(&home, ["get", "cells", "-o", "json", "--endpoint-url", region.endpoint_url().as_str()]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let cells = outcome.json();
    let cells = cells.as_array().expect("a list of cells");
    assert_eq!(cells.len(), RegionOptions::default().cells);
    for cell in cells {
        assert!(cell["requests_per_second"].as_f64().is_some_and(|rate| rate > 0.0), "{cell}");
    }
    // Ages are told by the same clock: nothing was made in the future, or ten months too long ago.
    let deployments = cellgate(
        &home,
        ["get", "deployments", "cell-01-api", "-o", "json", "--endpoint-url", region.endpoint_url().as_str()],
    );
    let newest = deployments.json()[0]["created"].as_str().map(str::to_owned).expect("a time");
    let newest: Timestamp = newest.parse().expect("a timestamp");
    let start: Timestamp = "2026-01-05T12:00:30Z".parse().expect("a timestamp");
    assert!(newest < start && start.duration_since(newest) < SignedDuration::from_hours(24 * 90));
}
