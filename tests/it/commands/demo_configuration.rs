//! The configuration that a served demo region writes: every command works with it as in the demo's own console.

use std::fs;

use crate::support::binary::{RunningCellgate, cellgate};
use crate::support::home::Home;

const SMALL: [&str; 8] = ["demo", "serve", "--cells", "4", "--apis", "13", "--customers", "200"];

#[test]
fn a_served_region_is_operated_from_another_terminal_by_the_configuration_that_it_wrote() {
    let (server, home) = (Home::new(), Home::new());
    let file = home.path().join("demo.toml");
    let path = file.display().to_string();
    let mut region =
        RunningCellgate::start(&server, SMALL.into_iter().chain(["--write-config", path.as_str()]));
    region.wait_for_line("export AWS_ENDPOINT_URL=");
    let run = |arguments: &[&str]| cellgate(&home, ["--config", path.as_str()].iter().chain(arguments));

    let cells = run(&["get", "cells", "-o", "json"]).json();
    let cells = cells.as_array().unwrap();
    assert_eq!(cells.len(), 4);
    for row in cells {
        assert!(row["capacity"].as_f64() > Some(0.0) && row["loads"]["requests"].is_f64(), "{row}");
        assert!(row["connections"].is_u64(), "{row}");
    }
    let hashed = run(&["lookup", "nobody-knows-me", "-o", "json"]).json();
    assert_eq!(hashed["answer"]["kind"], "hashed", "{hashed}");
    let placed = run(&["placement", "show", "-o", "json"]).json();
    assert!(placed.as_array().unwrap().iter().all(|row| row["placement"] == "open"), "{placed}");
    let closed = run(&["placement", "close", "cell-04", "-y"]);
    assert_eq!(closed.code, Some(0), "{closed:?}");
    let customer = run(&["get", "customers", "--cell", "cell-01", "--limit", "1", "-o", "json"]).json();
    let customer = customer["customer"].as_str().unwrap();
    // Its cells keep no data, and its router's stage can be flushed.
    let then_flush = ["--then", "flush", "--gate", "none", "-y"];
    let moved = run(&[&["move", customer, "--to", "cell-02"][..], &then_flush].concat());
    assert_eq!(moved.code, Some(0), "{moved:?}");
    let connections = run(&["moves", "connections", "--last", "-o", "json"]);
    assert_eq!(connections.code, Some(0), "{connections:?}");
    assert!(home.path().join("demo.state").is_dir(), "its journal is beside the file");
    assert_eq!(fs::read_dir(home.path().join("state")).unwrap().count(), 0, "and in nobody else's");

    region.signal("TERM");
    assert_eq!(region.finish().code, Some(0));
}

#[test]
fn somebody_elses_file_is_left_alone_before_anything_is_prepared() {
    let home = Home::new();
    let file = home.path().join("config.toml");
    fs::write(&file, "theme = \"light\"\n").unwrap();
    let path = file.display().to_string();
    let refused = cellgate(&home, SMALL.into_iter().chain(["--write-config", path.as_str()]));
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
    assert!(refused.stderr.contains("no configuration of a demo region"), "{refused:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "theme = \"light\"\n");
}
