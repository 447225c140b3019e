//! Several regions of a configuration: every command finds the one that is meant, or says why it can't be told, and
//! `--account` decides.

mod changes;
mod journal;
mod lists;

use cellgate_demo::clock::Clock;

use crate::support::accounts::{Entry, home_of, two_accounts};
use crate::support::home::Home;
use crate::support::region::Region;

const FIRST: &str = "123456789012";
const SECOND: &str = "111122223333";

/// Cells 1 and 3 are in the first account, which has the router and its table; 2 and 4 in the second.
fn region() -> Region {
    two_accounts(Clock::scaled("2026-11-20T14:03:30Z".parse().expect("a time"), 10))
}

/// Both accounts, the second one first.
fn home(settings: &str, region: &Region) -> Home {
    let endpoint = region.endpoint_url();
    home_of(settings, &[Entry::new("two", &endpoint), Entry::new("one", &endpoint)])
}
