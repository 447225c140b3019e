//! A bulk from the console: stages are marked, changed by one plan, and taken back from a row of the journal.

use cellgate_demo::RegionOptions;

use crate::support::home::Home;
use crate::support::region::Region;
use crate::support::terminal::{Terminal, keys};

#[test]
fn marked_stages_are_throttled_by_one_plan_and_taken_back_by_another() {
    let region =
        Region::start(RegionOptions { cells: 3, apis: 6, customers: 60, ..RegionOptions::default() });
    let home = Home::new();
    let endpoint_url = region.endpoint_url();
    let settings = || {
        let estate = region.estate();
        let apis = estate.apis.iter().filter(|api| api.name.starts_with("cell-"));
        let prod = apis.flat_map(|api| api.stages.iter().filter(|stage| stage.name == "prod"));
        prod.map(|stage| format!("{:?}", stage.settings)).collect::<Vec<_>>()
    };
    let before = settings();
    let mut terminal =
        Terminal::cellgate(&home, &["console", "--operate", "--endpoint-url", &endpoint_url], 120, 40);
    terminal.wait_until("the fleet", |screen| {
        screen.contains("OPERATE") && screen.contains("cells, worst first")
    });
    terminal.send("3").wait_for("stages, by name");
    terminal.send("/").send("cell- prod").wait_for("/ cell- prod   3 of");
    terminal.send(keys::ENTER).wait_for("cell-03-api");
    terminal.send("g").send(" ").send(" ").send(" ").wait_for("3 marked");
    terminal.send("a").wait_for("throttle the 3 marked stages");
    terminal.send(keys::ESCAPE).wait_for_absence("throttle the 3 marked stages");

    terminal.send(":").wait_for("Palette");
    terminal.send("throttle").wait_for("throttle");
    terminal.send(keys::ENTER).wait_for("and 2 more that are marked");
    terminal.send("77").send(keys::ENTER).send("78").send(keys::ENTER);
    terminal.wait_for("the throttle of 3 targets");
    terminal.say_yes("throttle 3");
    let changed = settings();
    assert!(changed.iter().zip(&before).all(|(now, then)| now != then), "{changed:?}");

    terminal.send("9").wait_for("chain verified: 6 records");
    let menu = terminal.send("a").wait_for("undo all of bulk-");
    assert!(menu.contains("undo 2"), "{menu}");
    terminal.send("j").wait_for("undo all of bulk-");
    terminal.send(keys::ENTER).wait_for("takes back");
    terminal.say_yes("throttle 3");
    terminal.wait_for("chain verified: 12 records");
    assert_eq!(settings(), before, "every stage is as it was");
    terminal.send("q");
    assert_eq!(terminal.finish().code, 0);
}
