//! Two accounts whose tables bear the same names, and one journal: a move is taken back, and looked after, only where it
//! was made.

use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;

use super::table::MappingTable;
use crate::killed::bench;
use crate::support::accounts::{Entry, home_of};
use crate::support::region::Region;

#[test]
fn a_move_is_looked_after_only_in_its_own_account() {
    let region = Region::start(RegionOptions {
        clock: Clock::scaled("2026-11-20T14:03:30Z".parse().unwrap(), 10),
        control_plane_limits: false,
        accounts: Some(2),
        cells: 4,
        apis: 12,
        customers: 200,
        ..RegionOptions::default()
    });
    let table = MappingTable { region };
    let endpoint = table.region.endpoint_url();
    let settings = "[cells]\nstateless = true\n";
    let home = home_of(settings, &[Entry::new("one", &endpoint), Entry::new("two", &endpoint)]);
    let customer = table.customers_of("cell-01").remove(0);
    let one = ["--account", "shop-one"];
    let there = ["move", &customer, "--to", "cell-02", "--gate", "none", "--force", "-y"];
    let moved = bench::run(&home, &[&there[..], &one].concat());
    assert_eq!(moved.code, Some(0), "{moved:?}");
    let after = table.cells();
    let listed = bench::run(&home, &["moves", "list", "-o", "json", "--account", "shop-one"]).json();
    let id = listed[0]["move"].as_str().unwrap();

    let back = ["undo", id, "--gate", "none", "--force", "-y"];
    let connections = ["moves", "connections", id];
    for command in [&back[..], &connections] {
        let elsewhere = bench::run(&home, &[command, &["--account", "shop-two"]].concat());
        assert_eq!(elsewhere.code, Some(3), "{elsewhere:?}");
        let refused = "it was made in 123456789012 eu-west-1, and this session is in 111122223333 eu-west-1";
        assert!(elsewhere.stderr.contains(refused), "{elsewhere:?}");
    }
    assert_eq!(table.cells(), after, "nobody is touched");
    let undone = bench::run(&home, &[&back[..], &one].concat());
    assert_eq!(undone.code, Some(0), "{undone:?}");
    assert_eq!(table.cells()[&customer], "cell-01");
}
