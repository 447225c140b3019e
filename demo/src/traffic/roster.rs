//! Who sends requests to what: the sources of each cell and of each shared API, and how much each asks for.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use super::demand;
use super::disturbance::{Disturbance, Flood};
use super::population::{Crowd, CustomerIndex};
use super::source::{SourceIndex, Sources, Who};
use crate::estate::{Api, ApiKind, Estate, Tier};

/// Requests a second to the router beside the look-ups of clients: health checks, and the staff's tools.
pub const ROUTER_CHORES: f64 = 0.6;

/// A cell of any account.
#[derive(Clone, Debug)]
pub struct RosterCell {
    pub id: String,
    /// Requests a second that its backend bears.
    pub capacity: f64,
    named: Vec<(CustomerIndex, SourceIndex)>,
    /// By tier.
    crowds: [SourceIndex; 4],
    astray: SourceIndex,
    clients: SourceIndex,
    /// The keys of the shop's applications in the cell's account.
    keys: Vec<Option<Arc<str>>>,
}

/// The sources of all cells and APIs.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    pub cells: Vec<RosterCell>,
    by_id: HashMap<String, u16>,
    /// By the name of a shared API.
    callers: HashMap<String, SourceIndex>,
    /// By name, since a flood keeps its source.
    floods: HashMap<String, SourceIndex>,
}

/// What each source of each cell sends now, in requests a second, with the disturbances and without the day's curve.
#[derive(Clone, Debug, Default)]
pub struct Rates {
    /// By cell.
    pub cells: Vec<CellRates>,
    /// Over all cells, without disturbances.
    pub total: f64,
}

/// What the sources of one cell send.
#[derive(Clone, Debug, Default)]
pub struct CellRates {
    pub sources: Vec<(SourceIndex, f64)>,
    /// Look-ups a second that its clients make.
    pub asks: f64,
    /// How many customers there are.
    pub customers: f64,
}

impl Rates {
    /// How many customers there are on all cells.
    pub fn customers(&self) -> f64 {
        self.cells.iter().map(|cell| cell.customers).sum()
    }
}

impl Roster {
    /// The place of a cell.
    pub fn cell(&self, id: &str) -> Option<u16> {
        self.by_id.get(id).copied()
    }

    /// Makes the places of all cells of these accounts.
    pub fn places<'a>(estates: impl Iterator<Item = &'a Estate>) -> HashMap<String, u16> {
        let cells = estates.flat_map(|estate| &estate.cells);
        cells.zip(0..).map(|(cell, place)| (cell.id.clone(), place)).collect()
    }

    /// Enters the sources of all cells: the customers known by name, the crowds, and those that went astray.
    pub fn new(estates: &[&Estate], sources: &mut Sources) -> Self {
        let by_id = Self::places(estates.iter().copied());
        let mut roster = Self { by_id, ..Self::default() };
        for estate in estates {
            let keys = application_keys(estate);
            for cell in &estate.cells {
                let place = u16::try_from(roster.cells.len()).unwrap_or(u16::MAX);
                let counts = {
                    let population = sources.population().read().unwrap_or_else(PoisonError::into_inner);
                    Tier::ALL.map(|tier| population.crowd(place, tier).map_or(0, Crowd::customers))
                };
                let crowds = Tier::ALL.map(|tier| {
                    let count = counts[tier as usize];
                    sources.add_crowd((place, &cell.id), tier, keys[tier as usize].clone(), count)
                });
                let all = counts.iter().sum();
                roster.cells.push(RosterCell {
                    id: cell.id.clone(),
                    capacity: cell.capacity_rps,
                    named: Vec::new(),
                    crowds,
                    astray: sources.add_all_of(Who::Astray, &cell.id, keys[1].clone(), all),
                    clients: sources.add_all_of(Who::Clients { cell: place }, &cell.id, None, all),
                    keys: keys.clone(),
                });
            }
        }
        let mut holders: Vec<(CustomerIndex, u16, String)> = {
            let population = sources.population().read().unwrap_or_else(PoisonError::into_inner);
            population.named().map(|one| (one, population.cell(one), population.id(one))).collect()
        };
        holders.sort_unstable();
        let keys: HashMap<&str, &str> = estates
            .iter()
            .flat_map(|estate| &estate.api_keys)
            .map(|key| (key.customer_id.as_str(), key.id.as_str()))
            .collect();
        for (customer, cell, id) in holders {
            let key = keys.get(id.as_str()).map(|key| Arc::from(*key));
            let source = sources.add_customer(customer, id, key);
            if let Some(cell) = roster.cells.get_mut(usize::from(cell)) {
                cell.named.push((customer, source));
            }
        }
        for estate in estates {
            for api in estate.apis.iter().filter(|api| api.cell.is_none()) {
                roster.caller(api, sources);
            }
        }
        roster
    }

    /// The callers of a shared API.
    pub fn caller(&mut self, api: &Api, sources: &mut Sources) -> SourceIndex {
        if let Some(source) = self.callers.get(&api.name) {
            return *source;
        }
        let name = match api.name.as_str() {
            "partner" => "partners",
            "webhooks" => "providers",
            "admin" => "staff",
            "status" => "visitors",
            "router" => "monitoring",
            other => other,
        };
        let source = sources.add_callers(name, None);
        self.callers.insert(api.name.clone(), source);
        source
    }

    /// The callers of a shared API, where they are known.
    pub fn known_caller(&self, api: &Api) -> Option<SourceIndex> {
        self.callers.get(&api.name).copied()
    }

    /// The source of a flood. It brings the key that the shop's web application shows to everybody.
    pub fn flood(&mut self, flood: &Flood, api: Option<&Api>, sources: &mut Sources) -> SourceIndex {
        if let Some(source) = self.floods.get(&flood.name) {
            return *source;
        }
        let cell = api.and_then(|api| api.cell.as_deref()).and_then(|cell| self.cell(cell));
        let cell = cell.map_or(self.cells.first(), |cell| self.cells.get(usize::from(cell)));
        let key = cell.and_then(|cell| cell.keys.first().cloned().flatten());
        let source = sources.add_flood(flood, key);
        self.floods.insert(flood.name.clone(), source);
        source
    }

    /// The source of a flood that was seen before.
    pub fn known_flood(&self, name: &str) -> Option<SourceIndex> {
        self.floods.get(name).copied()
    }

    /// Lets a customer be a source of its own, if it is not yet.
    pub fn name_customer(&mut self, customer: CustomerIndex, sources: &mut Sources) {
        let (cell, tier, id) = {
            let mut population = sources.population().write().unwrap_or_else(PoisonError::into_inner);
            if population.is_named(customer) {
                return;
            }
            population.name(customer);
            (population.cell(customer), population.tier(customer), population.id(customer))
        };
        if let Some(cell) = self.cells.get_mut(usize::from(cell)) {
            let key = cell.keys[tier as usize].clone();
            cell.named.push((customer, sources.add_customer(customer, id, key)));
        }
    }

    /// Lets a customer's requests arrive at another cell from now on.
    pub fn shift(&mut self, customer: CustomerIndex, to: u16, sources: &mut Sources) {
        let (from, tier, id) = {
            let mut population = sources.population().write().unwrap_or_else(PoisonError::into_inner);
            let from = population.cell(customer);
            population.shift(customer, to);
            (from, population.tier(customer), population.id(customer))
        };
        let keys = self.cells.get(usize::from(from)).map(|cell| cell.keys.clone());
        let Some(named) = self.cells.get_mut(usize::from(from)).map(|cell| &mut cell.named) else { return };
        let place = named.iter().position(|(one, _)| *one == customer);
        if let Some(mut moved) = place.map(|place| named.remove(place))
            && let Some(cell) = self.cells.get_mut(usize::from(to))
        {
            // A key opens nothing in another account: there the customer uses the shop's applications.
            if keys.as_ref() != Some(&cell.keys) {
                moved.1 = sources.add_customer(customer, id, cell.keys[tier as usize].clone());
            }
            cell.named.push(moved);
        }
    }

    /// What everybody sends, where clients remember their cell for so many seconds.
    pub fn rates(&self, sources: &Sources, disturbances: &[Disturbance], memory: f64) -> Rates {
        let population = sources.population().read().unwrap_or_else(PoisonError::into_inner);
        let mut of_customers: HashMap<CustomerIndex, f64> = HashMap::new();
        let mut of_cells: HashMap<&str, f64> = HashMap::new();
        for disturbance in disturbances {
            match disturbance {
                Disturbance::Customer { customer_id, factor } => {
                    if let Some(customer) = population.find(customer_id) {
                        *of_customers.entry(customer).or_insert(1.0) *= factor.max(0.0);
                    }
                }
                Disturbance::Cell { cell, factor } => *of_cells.entry(cell).or_insert(1.0) *= factor.max(0.0),
                _ => {}
            }
        }
        let mut rates = Rates::default();
        for (place, cell) in (0_u16..).zip(&self.cells) {
            let factor = of_cells.get(cell.id.as_str()).copied().unwrap_or(1.0);
            let mut of_cell = CellRates::default();
            let asks = |customers: f64, demand: f64| {
                if demand > 0.0 { customers / (memory + customers / demand) } else { 0.0 }
            };
            for (customer, source) in &cell.named {
                let demand = population.demand(*customer);
                rates.total += demand;
                let rate = demand * factor * of_customers.get(customer).copied().unwrap_or(1.0);
                of_cell.asks += asks(1.0, rate);
                of_cell.customers += 1.0;
                of_cell.sources.push((*source, rate));
            }
            for (tier, source) in Tier::ALL.into_iter().zip(cell.crowds) {
                let Some(crowd) = population.crowd(place, tier) else { continue };
                rates.total += crowd.demand();
                of_cell.asks += asks(f64::from(crowd.customers()), crowd.demand() * factor);
                of_cell.customers += f64::from(crowd.customers());
                of_cell.sources.push((source, crowd.demand() * factor));
            }
            rates.cells.push(of_cell);
        }
        rates
    }

    /// The source of the customers that the router sent to a cell by mistake.
    pub fn astray(&self, cell: u16) -> Option<SourceIndex> {
        self.cells.get(usize::from(cell)).map(|cell| cell.astray)
    }

    /// The source that a customer's requests come from.
    pub fn source_of(&self, customer: CustomerIndex, sources: &Sources) -> Option<SourceIndex> {
        let population = sources.population().read().unwrap_or_else(PoisonError::into_inner);
        let cell = self.cells.get(usize::from(population.cell(customer)))?;
        if population.is_named(customer) {
            return cell.named.iter().find(|(one, _)| *one == customer).map(|(_, source)| *source);
        }
        Some(cell.crowds[population.tier(customer) as usize])
    }

    /// The source of a cell's clients as the router meets them.
    pub fn clients(&self, cell: usize) -> Option<SourceIndex> {
        self.cells.get(cell).map(|cell| cell.clients)
    }
}

/// The keys of the shop's applications, by the tier of those that use them.
fn application_keys(estate: &Estate) -> Vec<Option<Arc<str>>> {
    let key = |name: &str| {
        let key = estate.api_keys.iter().find(|key| key.name == name);
        key.map(|key| Arc::from(key.id.as_str()))
    };
    ["internal-web", "internal-ios", "internal-android", "internal-kiosk"].map(key).to_vec()
}

/// How a cell's requests are spread over its APIs: the sum of the weights of each cell's APIs.
pub fn api_weights<'a>(apis: impl Iterator<Item = &'a Api>) -> HashMap<String, f64> {
    let mut weights: HashMap<String, f64> = HashMap::new();
    for api in apis.filter(|api| !api.stages.is_empty()) {
        if let Some(cell) = &api.cell {
            *weights.entry(cell.clone()).or_default() += demand::kind_weight(api.kind);
        }
    }
    weights
}

/// The share of its cell's requests that go to a stage of an API.
pub fn share_of(api: &Api, stage: &str, weights: &HashMap<String, f64>) -> f64 {
    let all = api.cell.as_ref().and_then(|cell| weights.get(cell)).copied().unwrap_or_default();
    if all > 0.0 { demand::kind_weight(api.kind) / all * demand::stage_share(api, stage) } else { 0.0 }
}

/// Whether an API is the router.
pub fn is_router(api: &Api) -> bool {
    api.kind == ApiKind::Rest && api.cell.is_none() && api.name == "router"
}
