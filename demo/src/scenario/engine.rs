//! Lets a scenario happen: waits for the onset, does the steps, and watches the signals until all is well.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::agent::Pipeline;
use super::cast::Cast;
use super::client::{ScenarioClient, USER_AGENT};
use super::condition::Scope;
use super::file::{Scenario, fill};
use super::harm::Harm;
use super::performer::Performer;
use super::report::{ConditionReport, Phase, ScenarioReport, Score};
use super::signal::{self, Reading, Readings, WINDOW};
use super::witness::{Seen, Witness};
use super::{ScenarioError, World};

/// How often the signals are read.
const READ_EVERY: SignedDuration = SignedDuration::from_secs(5);
/// The signals of the last minute still speak of the time before a step so long, and a fault takes a moment to show.
const SETTLING: SignedDuration = SignedDuration::from_secs(90);

/// A scenario in a region.
#[derive(Debug)]
pub struct Engine {
    scenario: Scenario,
    world: World,
    cast: Cast,
    client: ScenarioClient,
    scopes: Vec<Scope>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    onset: Timestamp,
    /// How many of the steps have been done.
    steps_done: usize,
    last_step_at: Timestamp,
    before: Reading,
    now: Reading,
    read_at: Option<Timestamp>,
    /// Since when all conditions have held.
    well_since: Option<Timestamp>,
    pipeline: Option<Pipeline>,
    harm: Harm,
    witness: Witness,
    hints_given: usize,
    failures: Vec<String>,
}

impl Engine {
    /// A scenario that begins now. Whom it hits and when follows from the region's seed.
    pub fn new(scenario: Scenario, world: World) -> Result<Self, ScenarioError> {
        let Some(cast) = Cast::choose(scenario.cast, &scenario.name, &world) else {
            return Err(ScenarioError::NobodyToHit { name: scenario.name });
        };
        let mut rng = StdRng::seed_from_u64(world.seed ^ 0x0005_E7ED);
        let spread = scenario.onset.spread.as_secs_f64() * rng.random_range(0.0..1.0);
        let spread = SignedDuration::try_from_secs_f64(spread).unwrap_or_default();
        let onset = world.clock.now() + scenario.onset.after + spread;
        let scopes = Scope::ALL.iter().map(|(_, scope)| *scope);
        let scopes = scopes
            .filter(|scope| {
                // The steps ask for the traffic of these before the onset.
                matches!(scope, Scope::Cell | Scope::Api | Scope::Router)
                    || scenario.cure.all.iter().any(|condition| condition.speaks_of(*scope))
            })
            .collect();
        let state = State {
            phase: Phase::Waiting,
            onset,
            steps_done: 0,
            last_step_at: onset,
            before: Reading::default(),
            now: Reading::default(),
            read_at: None,
            well_since: None,
            pipeline: None,
            harm: Harm::since(onset, scenario.harm.tolerated),
            witness: Witness::new(&scenario, &cast, &world),
            hints_given: 0,
            failures: Vec::new(),
        };
        let client = ScenarioClient::new(world.address, USER_AGENT);
        Ok(Self { scenario, world, cast, client, scopes, state: Mutex::new(state) })
    }

    /// Does what is due. Called after the traffic up to `now` has happened, at least once a second of the region's
    /// time, and not twice at once.
    pub async fn tick(&self, now: Timestamp) {
        if self.state().phase == Phase::Cured {
            return;
        }
        self.begin(now);
        while let Some((action, before)) = self.next_step(now) {
            let performer = Performer {
                world: &self.world,
                client: &self.client,
                cast: &self.cast,
                before: &before,
                now,
            };
            let done = performer.perform(&self.scenario.steps[action].act).await;
            let mut state = self.state();
            state.last_step_at = now;
            match done {
                Ok(Some(pipeline)) => state.pipeline = Some(pipeline),
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(scenario = self.scenario.name, step = action, %error, "a step was not done");
                    state.failures.push(format!("step {}: {error}", action + 1));
                }
            }
        }
        self.watch(now);
    }

    /// Begins to rage when it is time.
    fn begin(&self, now: Timestamp) {
        let mut state = self.state();
        if state.phase == Phase::Waiting && now >= state.onset {
            state.phase = Phase::Raging;
            state.onset = now;
            state.last_step_at = now;
            state.before = signal::read(&self.world, &self.cast, &self.scopes, now);
            state.harm = Harm::since(now, self.scenario.harm.tolerated);
        }
    }

    /// The index of the next step, if it is due, and the traffic before the onset.
    fn next_step(&self, now: Timestamp) -> Option<(usize, Reading)> {
        let mut state = self.state();
        let next = state.steps_done;
        let step = self.scenario.steps.get(next)?;
        if state.phase != Phase::Raging || now < state.onset + step.after {
            return None;
        }
        state.steps_done += 1;
        Some((next, state.before.clone()))
    }

    /// Reads the signals and counts the harm.
    fn watch(&self, now: Timestamp) {
        let mut state = self.state();
        if let Some(pipeline) = &mut state.pipeline {
            pipeline.catch_up(&self.world, now);
        }
        if state.phase != Phase::Raging || state.read_at.is_some_and(|last| now < last + READ_EVERY) {
            return;
        }
        state.read_at = Some(now);
        state.harm.count(&self.world, now);
        let mut reading = signal::read(&self.world, &self.cast, &self.scopes, now);
        reading.pipeline_rate = state.pipeline.as_ref().map_or(0.0, Pipeline::rate);
        state.now = reading;
        let readings = Readings { now: &state.now, before: &state.before };
        let all_done = state.steps_done == self.scenario.steps.len();
        let settled = all_done && now >= state.last_step_at + SETTLING;
        let well = settled && self.scenario.cure.all.iter().all(|condition| condition.holds(&readings));
        if !well {
            state.well_since = None;
            return;
        }
        let since = *state.well_since.get_or_insert(now);
        if now.duration_since(since) >= self.scenario.cure.held {
            state.phase = Phase::Cured;
        }
    }

    /// Lets those who call the region by themselves do so up to this time, before somebody else's call is answered.
    pub fn before_call(&self, now: Timestamp) {
        if let Some(pipeline) = &mut self.state().pipeline {
            pipeline.catch_up(&self.world, now);
        }
    }

    /// Takes note of a request that was answered.
    pub fn saw(&self, seen: &Seen<'_>) {
        let mut state = self.state();
        let raging = state.phase == Phase::Raging;
        if state.phase != Phase::Cured {
            state.witness.see(seen, raging);
        }
    }

    /// The next hint, from a nudge to the answer; `None` before the onset and after the last.
    pub fn hint(&self) -> Option<String> {
        let mut state = self.state();
        if state.phase == Phase::Waiting {
            return None;
        }
        let hint = self.scenario.hints.get(state.hints_given)?;
        state.hints_given += 1;
        Some(fill(hint.trim(), &self.cast.names()))
    }

    /// How it stands.
    pub fn report(&self) -> ScenarioReport {
        let state = self.state();
        let names = self.cast.names();
        let begun = state.phase != Phase::Waiting;
        let readings = Readings { now: &state.now, before: &state.before };
        let conditions = self.scenario.cure.all.iter().map(|condition| ConditionReport {
            condition: condition.text().to_owned(),
            values: condition.values(&readings),
            holds: condition.holds(&readings),
        });
        let since_onset = |time: Timestamp| time.duration_since(state.onset).as_secs();
        // The signals look back over a minute: they turn good at the end of the first good one.
        let mitigated = state
            .well_since
            .filter(|_| state.phase == Phase::Cured)
            .map(|time| if self.scenario.is_calm() { 0 } else { since_onset(time - WINDOW).max(0) });
        let hints = self.scenario.hints.iter().take(state.hints_given);
        ScenarioReport {
            name: self.scenario.name.clone(),
            title: self.scenario.title.clone(),
            seed: self.world.seed,
            phase: state.phase,
            now: self.world.clock.now(),
            story: begun.then(|| fill(self.scenario.story.trim(), &names)),
            onset: begun.then_some(state.onset),
            hints: hints.map(|hint| fill(hint.trim(), &names)).collect(),
            hints_left: self.scenario.hints.len() - state.hints_given,
            conditions: conditions.filter(|_| begun && state.read_at.is_some()).collect(),
            score: Score {
                seconds_to_detect: state.witness.detected_at.map(since_onset),
                seconds_to_mitigate: mitigated,
                customers_hurt: state.harm.customers_hurt(&self.world),
                failed_requests: state.harm.failed_requests(&self.world),
                needless_changes: state.witness.needless.clone(),
                hints: state.hints_given,
            },
            failures: state.failures.clone(),
        }
    }

    /// Who is hit, by the names that texts may hold in braces. It spoils the search.
    pub fn names(&self) -> BTreeMap<String, String> {
        self.cast.names()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
