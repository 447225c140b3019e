//! What each source asks of a stage, now and in quiet times.

use super::disturbance::Disturbance;
use super::gate::{Asked, Demand};
use super::roster::{self, CellRates, Rates, Roster};
use super::source::{SourceIndex, Sources, Who};
use super::{Account, Simulation, demand};
use crate::estate::{Api, Stage};

impl Simulation {
    /// What each source asks of a stage now.
    pub(super) fn demands(
        &self,
        account: &Account,
        (api, stage): (&Api, &Stage),
        curve: f64,
        rates: &Rates,
        disturbances: &[Disturbance],
    ) -> Vec<Demand> {
        let any = |source, rate| Demand { source, rate, routes: Asked::Any };
        let mut demands = match api.cell.as_deref() {
            None => {
                let share = demand::stage_share(api, &stage.name) * curve;
                let rate = demand::of_shared(api, rates.total) * share;
                let caller = self.roster.known_caller(api).map(|caller| (caller, rate));
                caller.map_or_else(Vec::new, |caller| {
                    shared_demands(api, stage, caller, share, rates, &self.roster)
                })
            }
            Some(cell) => {
                let share = roster::share_of(api, &stage.name, &account.weights) * curve;
                let Some(cell) = self.roster.cell(cell) else { return Vec::new() };
                let Some(of_cell) = rates.cells.get(usize::from(cell)) else { return Vec::new() };
                let there = (1.0 - self.router.astray()) * (1.0 - self.router.away(usize::from(cell)));
                let trial = demand::is_trial(&stage.name);
                let mut demands: Vec<Demand> = cell_sources(of_cell, trial, &self.sources)
                    .map(|(source, rate)| any(source, rate * share * there))
                    .collect();
                if self.router.astray() > 0.0
                    && let Some(source) = self.roster.astray(cell)
                {
                    let each = rates.total / super::as_count(rates.cells.len().max(1));
                    demands.push(any(source, each * share * self.router.astray()));
                }
                demands
            }
        };
        for disturbance in disturbances {
            if let Disturbance::Flood(flood) = disturbance
                && flood.api_id == api.id
                && flood.stage == stage.name
                && let Some(source) = self.roster.known_flood(&flood.name)
                && let Some(route) = account.plane.route(&api.id, &stage.name, &flood.route)
            {
                demands.push(Demand { source, rate: flood.rate.max(0.0), routes: Asked::One(route) });
            }
        }
        demands
    }
}

/// What callers of an API without a cell ask of a stage: `share` of what is asked of the API goes to the stage.
pub fn shared_demands(
    api: &Api,
    stage: &Stage,
    (caller, rate): (SourceIndex, f64),
    share: f64,
    rates: &Rates,
    roster: &Roster,
) -> Vec<Demand> {
    if !roster::is_router(api) {
        return vec![Demand { source: caller, rate, routes: Asked::Any }];
    }
    let Some(route) = router_route(api) else { return Vec::new() };
    let mut demands = vec![Demand { source: caller, rate, routes: Asked::Not(route) }];
    let live = if demand::is_trial(&stage.name) { 0.0 } else { share };
    demands.extend(rates.cells.iter().enumerate().filter_map(|(cell, rates)| {
        let source = roster.clients(cell)?;
        Some(Demand { source, rate: rates.asks * live, routes: Asked::One(route) })
    }));
    demands
}

/// The place of the router's look-up among its routes.
pub fn router_route(api: &Api) -> Option<u16> {
    let place = api.methods.iter().position(|method| {
        method.key.http().is_some_and(|(verb, path)| verb == "GET" && path.starts_with("/route/"))
    });
    place.and_then(|place| u16::try_from(place).ok())
}

/// Which of a cell's sources call a stage: what is not released yet is tried by the crowds only.
pub fn cell_sources<'a>(
    rates: &'a CellRates,
    trial: bool,
    sources: &'a Sources,
) -> impl Iterator<Item = (SourceIndex, f64)> + 'a {
    let calls = move |source: SourceIndex| !trial || matches!(sources.get(source).who, Who::Crowd { .. });
    rates.sources.iter().copied().filter(move |(source, _)| calls(*source))
}
