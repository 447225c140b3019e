//! The commands, run as programs against the demo region: what they print, send and end with.

mod changes;
mod demo_configuration;
mod lists;
mod pages;
mod plans_and_keys;
mod private_access;
mod process;
mod production;
mod waf_and_keys;
mod waf_levers;

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::home::Home;

/// A home whose cellgate takes the whole request budget, so that lists don't wait for tokens.
fn home() -> Home {
    let home = Home::new();
    let file = home.path().join("config/cellgate/config.toml");
    fs::create_dir_all(file.parent().expect("a folder")).expect("the home is writable");
    fs::write(file, "[limits]\ncontrol-plane-share = \"100%\"\n").expect("the home is writable");
    home
}

/// Looks again and again until something holds. Only a hang meets the deadline.
fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(5);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::park_timeout(Duration::from_millis(20));
    }
}
