//! Whose requests they are on a stage whose access logs hold too much for one whole minute to be read, as on the cell
//! of a noisy customer: from windows of a few seconds, each read up to a page or two.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::super::what_if::{Replayed, query, requests};
use super::logs::Source;
use super::who;
use crate::aws::{Mode, Session};
use crate::domain::api::Api;
use crate::domain::figures::count;
use crate::domain::id::{ApiKeyId, StageName};
use crate::domain::method::MethodKey;
use crate::domain::signal::TimeWindow;
use crate::domain::what_if::sample::{Glance, Levels, Sample, Sampling, levels, places, shares};
use crate::domain::what_if::traffic::Traffic;
use crate::domain::what_if::{Replay, Scope, WhatIf};

/// Windows that are read of one stage.
const WINDOWS: usize = 20;
/// Where a plan opens several such stages, of each at least: of fewer nobody can say how much they differ.
const FEWEST: usize = 4;
/// Stages that are sampled for one plan, those with the most requests first: 48 windows take twenty seconds.
const MOST_STAGES: usize = 12;
/// Pages of a window: the second one for a first that was empty, as AWS's pages may be.
const PAGES: usize = 2;

/// A stage that is too busy.
pub(super) struct Busy {
    pub api: Api,
    pub stage: StageName,
    pub source: Source,
}

/// What the samples of some stages tell.
pub(super) struct Told {
    sampling: Sampling,
    pages: usize,
    stages: usize,
    whose: &'static str,
    callers: BTreeMap<String, Levels<Traffic>>,
    /// All requests of these stages, minute by minute.
    traffic: Traffic,
}

/// Of a stage's or a method's throttle; `own` says which methods its default holds for.
///
/// # Errors
/// Why the logs don't tell.
pub(super) async fn of_stage<M: Mode>(
    session: &Session<M>,
    source: &Source,
    replayed: &Replayed,
    method: &MethodKey,
    own: impl Fn(&str) -> bool,
    names: &BTreeMap<ApiKeyId, String>,
) -> Result<WhatIf, String> {
    let Replayed { traffic, window, scope, .. } = replayed;
    let (mut sample, pages) = read(session, source, (traffic, *window), WINDOWS).await?;
    sample.name(|caller| Some(who(caller, names)));
    let sampling = sample.sampling();
    if *scope == Scope::Shared {
        let wanted = method.to_string();
        sample = sample.only(|request| request.method.as_deref() == Some(&wanted));
    }
    let callers = sample.callers(traffic, *window);
    let shares = shares(&callers, traffic.total());
    let told = Told { sampling, pages, stages: 1, whose: source.whose(), callers, traffic: traffic.clone() };
    let replay = replayed.replay();
    Ok(match scope {
        Scope::Shared => replay.of_sampled_callers(&levels(&told.callers), (sampling, &shares), &told.said()),
        Scope::Each { .. } => {
            let methods = sample.methods(traffic, *window, own);
            replay.of_sampled_methods(&methods, (sampling, &shares), &told.said())
        }
    })
}

/// Samples of these stages, of callers by the names of their `keys`; none where there is no such stage. What can't be
/// read is added to `silent`.
pub(super) async fn of_busy<M: Mode>(
    session: &Session<M>,
    busy: Vec<Busy>,
    window: TimeWindow,
    keys: &BTreeMap<ApiKeyId, String>,
    silent: &mut Vec<String>,
) -> Option<Told> {
    let each = (FEWEST * MOST_STAGES / busy.len().max(1)).clamp(FEWEST, WINDOWS);
    let mut known = Vec::with_capacity(busy.len());
    for stage in busy {
        let query = query(&stage.api, stage.stage.as_str(), &MethodKey::All);
        match requests(session, vec![query], window).await {
            Ok(traffic) => known.push((stage, traffic)),
            Err(why) => silent.push(format!("{}/{}: {why}", stage.api.name, stage.stage)),
        }
    }
    known.sort_by_key(|(_, traffic)| std::cmp::Reverse(traffic.total()));
    let mut all: Option<Told> = None;
    for (place, (stage, traffic)) in known.into_iter().enumerate() {
        let name = format!("{}/{}", stage.api.name, stage.stage);
        let told = if place < MOST_STAGES {
            of_one(session, &stage, (traffic, window), each, keys).await
        } else {
            Err(format!("more than {MOST_STAGES} stages are too busy for their logs to be read whole"))
        };
        match (told, &mut all) {
            (Err(why), _) => silent.push(format!("{name}: {why}")),
            (Ok(told), None) => all = Some(told),
            (Ok(told), Some(all)) => all.add(told),
        }
    }
    all
}

async fn of_one<M: Mode>(
    session: &Session<M>,
    stage: &Busy,
    (traffic, window): (Traffic, TimeWindow),
    windows: usize,
    keys: &BTreeMap<ApiKeyId, String>,
) -> Result<Told, String> {
    let (mut sample, pages) = read(session, &stage.source, (&traffic, window), windows).await?;
    sample.name(|key| {
        let key = ApiKeyId::new(key);
        Some(format!("{} ({key})", keys.get(&key)?))
    });
    let (sampling, whose) = (sample.sampling(), stage.source.whose());
    let callers = sample.callers(&traffic, window);
    Ok(Told { sampling, pages, stages: 1, whose, callers, traffic })
}

async fn read<M: Mode>(
    session: &Session<M>,
    source: &Source,
    (traffic, window): (&Traffic, TimeWindow),
    windows: usize,
) -> Result<(Sample, usize), String> {
    let mut glances = Vec::with_capacity(windows);
    let mut pages = 0;
    for place in places(traffic, window, windows) {
        let events = session.log_events(&source.group, place, PAGES, |read| read.lines.is_empty()).await;
        let events = events.map_err(|failure| failure.to_string())?;
        pages += events.pages;
        let start = if events.whole { place.start } else { events.oldest().unwrap_or(place.end) };
        let lines = events.lines.iter();
        let requests = lines.filter_map(|(at, line)| source.format.request(*at, line)).collect();
        glances.push(Glance { window: TimeWindow { start, end: place.end }, requests });
    }
    let sample = Sample::new(glances, window);
    match sample.sampling().events {
        0 => Err(format!("{pages} pages of its access logs hold not one line that tells of a request")),
        _ => Ok((sample, pages)),
    }
}

impl Told {
    fn add(&mut self, other: Self) {
        self.sampling.events += other.sampling.events;
        self.sampling.windows += other.sampling.windows;
        self.sampling.seconds += other.sampling.seconds;
        self.pages += other.pages;
        self.stages += other.stages;
        self.traffic.add(&other.traffic);
        for (who, own) in other.callers {
            self.add_caller(who, own);
        }
    }

    /// The requests of a caller, beside those that they sent elsewhere.
    fn add_caller(&mut self, who: String, own: Levels<Traffic>) {
        match self.callers.entry(who) {
            Entry::Vacant(vacant) => {
                vacant.insert(own);
            }
            Entry::Occupied(mut occupied) => {
                let sum = occupied.get_mut();
                sum.least.add(&own.least);
                sum.likely.add(&own.likely);
                sum.most.add(&own.most);
            }
        }
    }

    /// How it is known, in words.
    pub(super) fn said(&self) -> String {
        let Sampling { events, windows, seconds, of_seconds } = self.sampling;
        format!(
            "by {} in a sample of the access logs of {} busy {}: {} lines of {seconds:.1} s, in {windows} windows spread \
             over the requests of {:.0} min ({} pages of FilterLogEvents, which AWS bills nothing for)",
            self.whose,
            self.stages,
            if self.stages == 1 { "stage" } else { "stages" },
            count(events),
            of_seconds / 60.0,
            self.pages
        )
    }

    /// Replays what the samples tell, with the callers of stages that were read whole beside them.
    pub(super) fn replayed(
        mut self,
        replay: Replay<'_>,
        whole: BTreeMap<String, Traffic>,
        window: TimeWindow,
        said: &str,
    ) -> WhatIf {
        let shares = shares(&self.callers, self.traffic.total());
        for (who, own) in whole {
            self.add_caller(who, Levels { least: own.clone(), likely: own.clone(), most: own });
        }
        // Other requests to these stages meet no limit of this plan.
        let mut traffic = Traffic::of_times([], window);
        for own in self.callers.values() {
            traffic.add(&own.likely);
        }
        let replay = Replay { traffic: &traffic, until: window.end, ..replay };
        replay.of_sampled_callers(&levels(&self.callers), (self.sampling, &shares), said)
    }
}
