//! The estate: all that a session knows of its regions.
//!
//! It holds several regions from the start, because cells often have an account each. It is
//! changed by [`Estate::apply`] alone, so every face sees the same thing happen.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{Api, ApiFamily, ApiOperation, Authorizer};
use super::deployment::Deployment;
use super::id::{ApiId, CellId, StageName};
use super::inventory::{Connected, Generation, News, Update};
use super::mapping::{CellCount, MappingTable};
use super::part::Part;
use super::stage::{Stage, Throttle};
use super::usage_plan::UsagePlan;

/// Which of a session's regions; its place in the configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionSlot(pub usize);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estate {
    regions: Vec<RegionEstate>,
}

/// What is known of one region.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegionEstate {
    pub connection: Part<Connected>,
    pub apis: BTreeMap<ApiId, ApiEntry>,
    /// How each of the two lists of APIs went.
    pub listings: BTreeMap<ApiFamily, Part<()>>,
    pub usage_plans: Part<Vec<UsagePlan>>,
    pub account_throttle: Part<Throttle>,
    pub mapping_table: Part<MappingTable>,
    pub cell_counts: Part<Vec<CellCount>>,
    /// Cells that publish metrics of their own.
    pub metric_cells: Part<BTreeSet<CellId>>,
}

/// An API with the parts of it that are read one by one.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiEntry {
    pub api: Api,
    pub stages: Part<Vec<Stage>>,
    pub deployments: Part<Vec<Deployment>>,
    pub operations: Part<Vec<ApiOperation>>,
    pub authorizers: Part<Vec<Authorizer>>,
    seen_in: Generation,
}

impl ApiEntry {
    fn new(api: Api, seen_in: Generation) -> Self {
        Self {
            api,
            stages: Part::default(),
            deployments: Part::default(),
            operations: Part::default(),
            authorizers: Part::default(),
            seen_in,
        }
    }

    pub fn stage(&self, name: &StageName) -> Option<&Stage> {
        self.stages.value()?.iter().find(|stage| stage.name == *name)
    }
}

impl Estate {
    /// An empty estate of `regions` regions.
    pub fn new(regions: usize) -> Self {
        Self { regions: vec![RegionEstate::default(); regions] }
    }

    pub fn regions(&self) -> impl Iterator<Item = (RegionSlot, &RegionEstate)> {
        self.regions.iter().enumerate().map(|(place, region)| (RegionSlot(place), region))
    }

    pub fn region(&self, slot: RegionSlot) -> Option<&RegionEstate> {
        self.regions.get(slot.0)
    }

    /// Every API of every region, in the order of region, name and id.
    pub fn apis(&self) -> Vec<(RegionSlot, &ApiEntry)> {
        let mut all: Vec<_> = self
            .regions()
            .flat_map(|(slot, region)| region.apis.values().map(move |entry| (slot, entry)))
            .collect();
        all.sort_by(|(slot, one), (other_slot, other)| {
            (slot, &one.api.name, &one.api.id).cmp(&(other_slot, &other.api.name, &other.api.id))
        });
        all
    }

    pub fn api(&self, slot: RegionSlot, api: &ApiId) -> Option<&ApiEntry> {
        self.region(slot)?.apis.get(api)
    }

    /// Takes one piece of news. News of a region or an API that isn't there is dropped: it comes
    /// from a refresh that was overtaken.
    pub fn apply(&mut self, update: Update) {
        let Some(region) = self.regions.get_mut(update.slot.0) else { return };
        let at = update.at;
        match update.news {
            News::Connected(outcome) => region.connection.take(outcome, at),
            News::ApiPage { generation, apis } => region.take_page(generation, apis),
            News::ApisListed { generation, family, outcome } => {
                if outcome.is_ok() {
                    region.forget_unseen(family, generation);
                }
                region.listings.entry(family).or_default().take(outcome, at);
            }
            News::Stages { api, outcome } => region.with_api(&api, |entry| entry.stages.take(outcome, at)),
            News::Deployments { api, outcome } => {
                region.with_api(&api, |entry| entry.deployments.take(outcome, at));
            }
            News::Operations { api, outcome } => {
                region.with_api(&api, |entry| entry.operations.take(outcome, at));
            }
            News::Authorizers { api, outcome } => {
                region.with_api(&api, |entry| entry.authorizers.take(outcome, at));
            }
            News::UsagePlans(outcome) => region.usage_plans.take(outcome, at),
            News::AccountThrottle(outcome) => region.account_throttle.take(outcome, at),
            News::MappingTable(outcome) => region.mapping_table.take(outcome, at),
            News::CellCounts(outcome) => region.cell_counts.take(outcome, at),
            News::MetricCells(outcome) => region.metric_cells.take(outcome, at),
        }
    }
}

impl RegionEstate {
    fn take_page(&mut self, generation: Generation, apis: Vec<Api>) {
        for api in apis {
            match self.apis.get_mut(&api.id) {
                Some(entry) => {
                    entry.seen_in = entry.seen_in.max(generation);
                    entry.api = api;
                }
                None => {
                    self.apis.insert(api.id.clone(), ApiEntry::new(api, generation));
                }
            }
        }
    }

    fn forget_unseen(&mut self, family: ApiFamily, generation: Generation) {
        self.apis.retain(|_, entry| entry.api.kind.family() != family || entry.seen_in >= generation);
    }

    fn with_api(&mut self, api: &ApiId, change: impl FnOnce(&mut ApiEntry)) {
        if let Some(entry) = self.apis.get_mut(api) {
            change(entry);
        }
    }

    /// Every failure of the latest tries, each with what it concerns.
    pub fn failures(&self) -> Vec<&super::failure::Failure> {
        let listings = self.listings.values().filter_map(Part::failure);
        let of_apis = self.apis.values().flat_map(|entry| {
            [
                entry.stages.failure(),
                entry.deployments.failure(),
                entry.operations.failure(),
                entry.authorizers.failure(),
            ]
            .into_iter()
            .flatten()
        });
        [
            self.connection.failure(),
            self.usage_plans.failure(),
            self.account_throttle.failure(),
            self.mapping_table.failure(),
            self.cell_counts.failure(),
            self.metric_cells.failure(),
        ]
        .into_iter()
        .flatten()
        .chain(listings)
        .chain(of_apis)
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::api::{ApiKind, EndpointType};
    use crate::domain::failure::{Failure, FailureKind};
    use jiff::Timestamp;

    fn api(id: &str) -> Api {
        Api {
            id: id.into(),
            name: format!("{id}-api"),
            kind: ApiKind::Rest,
            description: None,
            created: None,
            endpoint_type: EndpointType::Regional,
            default_endpoint_disabled: false,
            tags: BTreeMap::new(),
        }
    }

    fn news(news: News) -> Update {
        Update { slot: RegionSlot(0), at: Timestamp::UNIX_EPOCH, news }
    }

    fn listed(generation: u64, outcome: Result<(), Failure>) -> Update {
        news(News::ApisListed { generation: Generation(generation), family: ApiFamily::V1, outcome })
    }

    fn page(generation: u64, ids: &[&str]) -> Update {
        let apis = ids.iter().map(|id| api(id)).collect();
        news(News::ApiPage { generation: Generation(generation), apis })
    }

    #[test]
    fn a_whole_list_forgets_what_it_did_not_show() {
        let mut estate = Estate::new(1);
        estate.apply(page(1, &["a", "b"]));
        estate.apply(listed(1, Ok(())));
        estate.apply(page(2, &["b"]));
        assert_eq!(estate.apis().len(), 2, "rows stay while the list is being read");
        estate.apply(listed(2, Ok(())));
        assert_eq!(estate.apis().len(), 1);
    }

    #[test]
    fn a_list_that_broke_off_forgets_nothing() {
        let mut estate = Estate::new(1);
        estate.apply(page(1, &["a", "b"]));
        estate.apply(listed(1, Ok(())));
        estate.apply(page(2, &["b"]));
        estate.apply(listed(2, Err(Failure::new("GetRestApis", "", FailureKind::Service, "internal error"))));
        assert_eq!(estate.apis().len(), 2);
        assert_eq!(estate.region(RegionSlot(0)).unwrap().failures().len(), 1);
    }

    #[test]
    fn one_failing_call_marks_its_row_alone() {
        let mut estate = Estate::new(1);
        estate.apply(page(1, &["a", "b"]));
        let failure = Failure::new("GetStages", "a", FailureKind::Timeout, "no answer within 20 s");
        estate.apply(news(News::Stages { api: "a".into(), outcome: Err(failure) }));
        estate.apply(news(News::Stages { api: "b".into(), outcome: Ok(vec![]) }));
        assert!(estate.api(RegionSlot(0), &"a".into()).unwrap().stages.failure().is_some());
        assert!(estate.api(RegionSlot(0), &"b".into()).unwrap().stages.value().is_some());
    }
}
