//! How what is on screen was read: when, whether that is long ago, and why not where it wasn't.

use jiff::{SignedDuration, Timestamp};

use super::{Listing, Model, Screen};
use crate::domain::failure::Failure;
use crate::domain::part::Part;

impl Model {
    /// Why a list could not be read as a whole at the latest try, where it is read by a call of its own.
    pub fn failure_of(&self, listing: Listing) -> Option<&Failure> {
        if listing == Listing::Changes {
            let broken = self.journal.value().and_then(|journal| journal.verified.as_ref().err());
            return self.journal.failure().or(broken);
        }
        if listing == Listing::Customers {
            return self.customers.list.as_ref().and_then(|list| list.failure.as_ref());
        }
        self.estate.regions().find_map(|(_, region)| match listing {
            Listing::Plans => region.usage_plans.failure(),
            Listing::Keys => region.api_keys.failure(),
            Listing::WebAcls | Listing::Rules => region.web_acls.failure(),
            Listing::IpSets => region.ip_sets.failure(),
            Listing::Domains => region.domains.failure(),
            Listing::VpcLinks => region.vpc_links.failure(),
            Listing::Throttles => region.account_throttle.failure(),
            Listing::Counts => region.cell_counts.failure(),
            Listing::Cells | Listing::Apis | Listing::Stages | Listing::Customers | Listing::Changes => None,
        })
    }

    /// Whether a list was not read yet in some region that is connected, well or not.
    pub fn is_unread(&self, listing: Listing) -> bool {
        if listing == Listing::Changes {
            return self.journal.is_pending();
        }
        if listing == Listing::Customers {
            return self.customers.list.as_ref().is_some_and(|list| !list.tried);
        }
        let connected = self.estate.regions().filter(|(_, region)| region.connection.value().is_some());
        connected.map(|(_, region)| region).any(|region| match listing {
            Listing::Plans => region.usage_plans.is_pending(),
            Listing::Keys => region.api_keys.is_pending(),
            Listing::WebAcls | Listing::Rules => region.web_acls.is_pending(),
            Listing::IpSets => region.ip_sets.is_pending(),
            Listing::Domains => region.domains.is_pending(),
            Listing::VpcLinks => region.vpc_links.is_pending(),
            Listing::Counts => region.cell_counts.is_pending(),
            Listing::Cells
            | Listing::Apis
            | Listing::Stages
            | Listing::Throttles
            | Listing::Customers
            | Listing::Changes => false,
        })
    }

    /// When what the open screen mainly shows was read, the oldest of all regions.
    pub fn read_at(&self) -> Option<Timestamp> {
        let regions = || self.estate.regions().map(|(_, region)| region);
        match self.page().listing {
            Listing::Cells => self.signals.iter().filter_map(Part::read_at).min(),
            Listing::Apis | Listing::Stages | Listing::Throttles => {
                regions().filter_map(|region| region.listings.values().filter_map(Part::read_at).min()).min()
            }
            Listing::Plans => regions().filter_map(|region| region.usage_plans.read_at()).min(),
            Listing::Keys => regions().filter_map(|region| region.api_keys.read_at()).min(),
            Listing::WebAcls | Listing::Rules => {
                regions().filter_map(|region| region.web_acls.read_at()).min()
            }
            Listing::IpSets => regions().filter_map(|region| region.ip_sets.read_at()).min(),
            Listing::Domains => regions().filter_map(|region| region.domains.read_at()).min(),
            Listing::VpcLinks => regions().filter_map(|region| region.vpc_links.read_at()).min(),
            Listing::Counts | Listing::Customers => {
                regions().filter_map(|region| region.cell_counts.read_at()).min()
            }
            Listing::Changes => self.journal.read_at(),
        }
    }

    /// Age of what is on screen, and whether that is older than it should be by now.
    pub fn freshness(&self) -> Option<(SignedDuration, bool)> {
        let age = self.now.duration_since(self.read_at()?).max(SignedDuration::ZERO);
        let every = if self.page().screen() == Screen::Fleet {
            self.settings.signals_seconds
        } else {
            self.settings.inventory_seconds
        };
        Some((age, age.as_secs() > every + every / 2))
    }
}
