//! The rows of the lists that are made only while they are on screen.

use super::{
    AclRow, ChangeRow, CountRow, CustomerRow, IpSetRow, KeyRow, MappingRow, PlanRow, RuleRow, ThrottleRow,
    VpcLinkRow,
};
use super::{acl_rule, change, customer, ip_set, key, mapping, plan, throttle, vpc_link, web_acl};
use crate::domain::fleet::{self, CellRow};
use crate::tui::model::{Listing, Model, Scope};

/// Rows of the open list; those of the others are empty.
#[derive(Debug, Default)]
pub struct Listed {
    /// The list that was open when they were made.
    pub listing: Listing,
    /// What it was about.
    pub scope: Scope,
    pub throttles: Vec<ThrottleRow>,
    pub plans: Vec<PlanRow>,
    pub keys: Vec<KeyRow>,
    pub web_acls: Vec<AclRow>,
    pub rules: Vec<RuleRow>,
    pub ip_sets: Vec<IpSetRow>,
    pub mappings: Vec<MappingRow>,
    pub vpc_links: Vec<VpcLinkRow>,
    pub counts: Vec<CountRow>,
    pub customers: Vec<CustomerRow>,
    pub changes: Vec<ChangeRow>,
}

impl Listed {
    /// `cells` are the fleet's rows.
    pub fn build(model: &Model, cells: &[CellRow]) -> Self {
        let listing = model.page().listing;
        let scope = model.page().scope.clone();
        let mut listed = Self { listing, scope, ..Self::default() };
        match listing {
            Listing::Cells | Listing::Apis | Listing::Stages => {}
            Listing::Throttles => listed.throttles = throttle::rows(model),
            Listing::Plans => listed.plans = plan::rows(model),
            Listing::Keys => listed.keys = key::rows(model),
            Listing::WebAcls => listed.web_acls = web_acl::rows(model),
            Listing::Rules => listed.rules = acl_rule::rows(model),
            Listing::IpSets => listed.ip_sets = ip_set::rows(model),
            Listing::Domains => listed.mappings = mapping::rows(model),
            Listing::VpcLinks => listed.vpc_links = vpc_link::rows(model),
            Listing::Counts => listed.counts = customer::count_rows(model, cells),
            Listing::Customers => listed.customers = customer::customer_rows(model),
            Listing::Changes => {
                listed.changes = change::rows(model);
                if let Scope::Cell(cell) = &listed.scope {
                    let row = cells.iter().find(|row| row.id == *cell);
                    let regions = model.estate.keys();
                    listed.changes.retain(|change| {
                        let plan = &change.change.plan;
                        regions.contains(&plan.region)
                            && row.is_some_and(|row| fleet::touches(&plan.target, row))
                    });
                }
            }
        }
        listed
    }
}
