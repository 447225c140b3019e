//! A region with one lever, at which the program is run, and killed.

use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use cellgate::aws::{Operate, Session};
use cellgate::domain::change::{PatchOperation, Plan, Settings, Target};
use cellgate::domain::history::{ChangeHistory, changes};
use cellgate::ops::change::settings_of;
use cellgate::ops::journal::Journal;
use cellgate_demo::RegionOptions;
use cellgate_demo::clock::Clock;
use tokio::runtime::{Builder, Runtime};

use crate::support::binary::{Outcome, RunningCellgate, cellgate};
use crate::support::home::Home;
use crate::support::region::Region;
use crate::support::session::operate;

const FAULT_POINTS: &str = "CELLGATE_FAULT_POINTS";
/// So that what takes AWS minutes takes seconds.
const SPEED: u32 = 60;

/// A lever as it is pulled.
#[derive(Clone, Copy, Debug)]
pub struct Lever {
    pub command: &'static [&'static str],
    /// Settings that its undo leaves as they are.
    pub left_by_undo: &'static [&'static str],
    /// Brings the region into the state that it starts from, each time anew.
    pub prepare: fn(&Bench),
}

impl Lever {
    pub fn new(command: &'static [&'static str]) -> Self {
        Self { command, left_by_undo: &[], prepare: |_| {} }
    }
}

/// A region for one lever.
pub struct Bench {
    pub region: Region,
    pub lever: Lever,
    runtime: Runtime,
    session: Session<Operate>,
}

impl Bench {
    /// In a region whose time runs fast.
    pub fn of(lever: Lever) -> Self {
        Self::with_clock(lever, Clock::scaled("2026-11-20T14:03:30Z".parse().unwrap(), SPEED))
    }

    pub fn with_clock(lever: Lever, clock: Clock) -> Self {
        let region = Region::start(RegionOptions {
            cells: 4,
            apis: 12,
            customers: 200,
            clock,
            control_plane_limits: false,
            ..RegionOptions::default()
        });
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let session = runtime.block_on(operate(region.endpoint_url()));
        let bench = Self { region, lever, runtime, session };
        (lever.prepare)(&bench);
        bench
    }

    /// A machine of its own: an empty journal, and the whole request budget.
    pub fn home(&self) -> Home {
        let mut home = Home::new();
        home.set("AWS_ENDPOINT_URL", &self.region.endpoint_url());
        let file = home.path().join("config/cellgate/config.toml");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "[limits]\ncontrol-plane-share = \"100%\"\n").unwrap();
        home
    }

    /// The lever's command, confirmed.
    pub fn pull(&self) -> Vec<&str> {
        self.lever.command.iter().copied().chain(["-yy", "-o", "json"]).collect()
    }

    /// What the target says, but for its own state.
    pub fn settings(&self, target: &Target) -> Settings {
        let settings = self.runtime.block_on(settings_of(&self.session, target)).unwrap();
        settings.iter().filter(|(name, _)| !name.starts_with("status/")).map(owned).collect()
    }

    /// What the target says of its own state. A key's quotas are its plans', and come and go with them.
    pub fn status(&self, target: &Target) -> Settings {
        let settings = self.runtime.block_on(settings_of(&self.session, target)).unwrap();
        settings
            .under("status/")
            .filter(|(name, _)| !name.starts_with("status/usagePlans/"))
            .map(owned)
            .collect()
    }

    /// Waits until nothing that the target says of its own state is other than in one of these.
    pub fn wait_for_status(&self, target: &Target, calm: &[Settings]) {
        let deadline = Instant::now() + Duration::from_mins(5);
        loop {
            let status = self.status(target);
            let known = |(name, value)| calm.iter().any(|calm| calm.get(name) == Some(value));
            if status.iter().all(known) {
                return;
            }
            assert!(Instant::now() < deadline, "the target does not settle: {status:?}");
            thread::park_timeout(Duration::from_millis(50));
        }
    }

    /// How many requests the region was sent that are of the plan's kinds.
    pub fn sent(&self, plan: &Plan) -> usize {
        let requests = self.region.requests();
        let of_plan = |operation: &str| plan.steps.iter().any(|step| step.call.operation == operation);
        requests.iter().filter(|request| of_plan(&request.operation)).count()
    }

    fn patch_stage(&self, patch: &[PatchOperation]) {
        let outcome = run(&self.home(), &["get", "stages", "-o", "json"]);
        let stages = outcome.json();
        let stages = stages.as_array().unwrap();
        let stage =
            stages.iter().find(|stage| stage["api_name"] == "cell-01-api" && stage["stage"] == "prod");
        let api = stage.unwrap_or_else(|| panic!("{stages:?}"))["api_id"].as_str().unwrap();
        self.runtime.block_on(self.session.update_stage(&api.into(), &"prod".into(), patch)).unwrap();
    }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The changes that the machine's journal tells of, which must be whole.
pub fn history(home: &Home) -> Vec<ChangeHistory> {
    let journal = Journal::open(&home.path().join("state/cellgate/journal"));
    journal.verify().unwrap();
    changes(&journal.records().unwrap())
}

/// The budget of requests is that of a real account: without it a test would wait for its turn.
pub fn spend_nothing(home: &Home) {
    drop(fs::remove_dir_all(home.path().join("state/cellgate/limits")));
}

/// The stage has a canary.
pub fn with_canary(bench: &Bench) {
    bench.patch_stage(&[PatchOperation::replace("/canarySettings/percentTraffic", "10")]);
}

/// What is deployed to the API goes to the stage at once.
pub fn with_auto_deploy(bench: &Bench) {
    bench.region.alter(|estate| {
        let apis = estate.apis.iter_mut().filter(|api| api.name == "webhooks");
        apis.flat_map(|api| &mut Arc::make_mut(api).stages).for_each(|stage| stage.auto_deploy = true);
    });
}

/// Runs it to this point, and ends it there so that it can't do anything about it.
pub fn kill(home: &mut Home, arguments: &[&str], point: &str) {
    spend_nothing(home);
    home.set(FAULT_POINTS, point);
    let mut running = RunningCellgate::start(home, arguments);
    running.wait_for_note(&format!("fault point {point} reached"));
    let outcome = running.kill();
    assert_eq!(outcome.code, None, "{outcome:?}");
    home.set(FAULT_POINTS, "");
}

/// Runs the binary with these arguments.
pub fn run(home: &Home, arguments: &[&str]) -> Outcome {
    spend_nothing(home);
    cellgate(home, arguments)
}

/// Takes a change back, where it can be.
pub fn undo(home: &Home, change: &str) -> Outcome {
    run(home, &["undo", change, "-yy"])
}

/// Runs it to its end, and gives the points that it passed.
pub fn points(home: &mut Home, arguments: &[&str]) -> Vec<String> {
    home.set(FAULT_POINTS, "trace");
    let outcome = run(home, arguments);
    home.set(FAULT_POINTS, "");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    outcome.stderr.lines().filter_map(|line| line.strip_prefix("fault point ")).map(str::to_owned).collect()
}
