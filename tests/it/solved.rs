//! Scenarios of the demo region solved by the program itself: who solves them knows the pager's story and what the
//! program shows, and nothing else.

mod by_commands;
mod by_keys;

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use cellgate_demo::scenario::{self, Phase, ScenarioReport};
use jiff::SignedDuration;

use crate::support::home::Home;
use crate::support::region::Region;

/// So that minutes of an incident take seconds.
const SPEED: u32 = 30;
/// Simulated time in which what goes wrong shows in CloudWatch.
const SHOWS_WITHIN: SignedDuration = SignedDuration::from_secs(150);
/// Only a hang, or what doesn't cure, meets it.
const PATIENCE: Duration = Duration::from_mins(3);

/// Somebody on call, whose pager has gone off.
pub struct Shift {
    pub region: Region,
    name: &'static str,
}

impl Shift {
    /// Waits until the pager has gone off and the figures tell of it.
    pub fn with(name: &'static str, seed: u64) -> Self {
        let scenario = scenario::load(name).unwrap();
        let last_step = scenario.steps.iter().map(|step| step.after).max().unwrap_or_default();
        let region = Region::start(RegionOptions {
            seed,
            cells: 8,
            apis: 21,
            customers: 600,
            clock: Clock::scaled("2026-11-20T12:00:00Z".parse().unwrap(), SPEED),
            scenario: Some(scenario),
            control_plane_limits: false,
            ..RegionOptions::default()
        });
        let shift = Self { region, name };
        let shows = |report: &ScenarioReport| {
            report.onset.is_some_and(|onset| report.now >= onset + last_step + SHOWS_WITHIN)
        };
        shift.wait_until("the figures tell of it", shows);
        assert_eq!(shift.region.scenario().phase, Phase::Raging, "{name}: {:?}", shift.region.scenario());
        shift
    }

    /// The cell that the pager's story names.
    pub fn cell(&self) -> String {
        let story = self.region.scenario().story.unwrap();
        let word = story.split_whitespace().find(|word| word.starts_with("cell-")).unwrap();
        word.trim_end_matches(|letter: char| !letter.is_ascii_digit()).to_owned()
    }

    /// A machine of the operator's.
    pub fn home(&self) -> Home {
        let mut home = Home::new();
        home.set("AWS_ENDPOINT_URL", &self.region.endpoint_url());
        let file = home.path().join("config/cellgate/config.toml");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "[limits]\ncontrol-plane-share = \"100%\"\n[cells]\nstateless = true\n").unwrap();
        home
    }

    /// Waits until the conditions of the cure have held for as long as the scenario asks.
    pub fn is_cured(&self) {
        self.wait_until("it is cured", |report| report.phase == Phase::Cured);
        let needless = self.region.scenario().score.needless_changes;
        assert!(needless.is_empty(), "{}: {needless:?}", self.name);
    }

    fn wait_until(&self, what: &str, condition: impl Fn(&ScenarioReport) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let report = self.region.scenario();
            if condition(&report) {
                return;
            }
            assert!(Instant::now() < deadline, "{}: waited in vain until {what}: {report}", self.name);
            thread::park_timeout(Duration::from_millis(50));
        }
    }
}
