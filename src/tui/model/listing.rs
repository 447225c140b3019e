//! Screens of the menu, and the lists that each of them shows, one at a time.

/// A screen of the menu.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Screen {
    #[default]
    Fleet,
    Apis,
    Stages,
    Throttles,
    Waf,
    Customers,
    Changes,
}

impl Screen {
    pub const ALL: [Self; 7] =
        [Self::Fleet, Self::Apis, Self::Stages, Self::Throttles, Self::Waf, Self::Customers, Self::Changes];

    pub fn title(self) -> &'static str {
        match self {
            Self::Fleet => "Fleet",
            Self::Apis => "APIs",
            Self::Stages => "Stages",
            Self::Throttles => "Throttles",
            Self::Waf => "WAF",
            Self::Customers => "Customers",
            Self::Changes => "Changes",
        }
    }

    /// Its number in the menu, which is its key.
    pub fn number(self) -> u8 {
        match self {
            Self::Fleet => 1,
            Self::Apis => 2,
            Self::Stages => 3,
            Self::Throttles => 5,
            Self::Waf => 6,
            Self::Customers => 8,
            Self::Changes => 9,
        }
    }

    /// Its place among all screens, from 0.
    pub fn place(self) -> usize {
        Self::ALL.iter().position(|screen| *screen == self).unwrap_or_default()
    }

    /// What it lists; the first is what it opens with.
    pub fn listings(self) -> &'static [Listing] {
        match self {
            Self::Fleet => &[Listing::Cells],
            Self::Apis => &[Listing::Apis, Listing::Domains, Listing::VpcLinks],
            Self::Stages => &[Listing::Stages],
            Self::Throttles => &[Listing::Throttles, Listing::Plans, Listing::Keys],
            Self::Waf => &[Listing::WebAcls, Listing::Rules, Listing::IpSets],
            Self::Customers => &[Listing::Counts, Listing::Customers],
            Self::Changes => &[Listing::Changes],
        }
    }
}

/// What the rows of a table are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listing {
    #[default]
    Cells,
    Apis,
    /// Paths of custom domain names.
    Domains,
    VpcLinks,
    Stages,
    Throttles,
    Plans,
    Keys,
    WebAcls,
    Rules,
    IpSets,
    /// Cells with their customers.
    Counts,
    /// The customers of one cell.
    Customers,
    Changes,
}

impl Listing {
    pub const ALL: [Self; 14] = [
        Self::Cells,
        Self::Apis,
        Self::Domains,
        Self::VpcLinks,
        Self::Stages,
        Self::Throttles,
        Self::Plans,
        Self::Keys,
        Self::WebAcls,
        Self::Rules,
        Self::IpSets,
        Self::Counts,
        Self::Customers,
        Self::Changes,
    ];

    /// The screen that shows it.
    pub fn screen(self) -> Screen {
        match self {
            Self::Cells => Screen::Fleet,
            Self::Apis | Self::Domains | Self::VpcLinks => Screen::Apis,
            Self::Stages => Screen::Stages,
            Self::Throttles | Self::Plans | Self::Keys => Screen::Throttles,
            Self::WebAcls | Self::Rules | Self::IpSets => Screen::Waf,
            Self::Counts | Self::Customers => Screen::Customers,
            Self::Changes => Screen::Changes,
        }
    }

    /// Its name beside the others of its screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cells => "cells",
            Self::Apis => "APIs",
            Self::Domains => "domains",
            Self::VpcLinks => "VPC links",
            Self::Stages => "stages",
            Self::Throttles => "throttles",
            Self::Plans => "usage plans",
            Self::Keys => "API keys",
            Self::WebAcls => "web ACLs",
            Self::Rules => "rules",
            Self::IpSets => "IP sets",
            Self::Counts => "by cell",
            Self::Customers => "customers",
            Self::Changes => "changes",
        }
    }

    /// So many of what it lists.
    pub fn counted(self, count: usize) -> String {
        let one = match self {
            Self::Cells | Self::Counts => "cell",
            Self::Apis => "API",
            Self::Domains => "path",
            Self::VpcLinks => "VPC link",
            Self::Stages => "stage",
            Self::Throttles => "throttle",
            Self::Plans => "plan",
            Self::Keys => "key",
            Self::WebAcls => "web ACL",
            Self::Rules => "rule",
            Self::IpSets => "IP set",
            Self::Customers => "customer",
            Self::Changes => "change",
        };
        match count {
            0 => format!("{one}s"),
            1 => format!("1 {one}"),
            several => format!("{several} {one}s"),
        }
    }

    /// The order that its rows have by themselves.
    pub fn own_order(self) -> &'static str {
        match self {
            Self::Cells => "worst first",
            Self::Throttles => "blocking first",
            Self::Rules => "by priority",
            Self::Counts => "most first",
            Self::Customers => "as stored",
            Self::Changes => "newest first",
            Self::Domains => "by domain",
            Self::VpcLinks
            | Self::Apis
            | Self::Stages
            | Self::Plans
            | Self::Keys
            | Self::WebAcls
            | Self::IpSets => "by name",
        }
    }

    /// The one `by` places further on its screen, round and round.
    #[must_use]
    pub fn beside(self, by: usize) -> Self {
        let all = self.screen().listings();
        let place = all.iter().position(|listing| *listing == self).unwrap_or_default();
        all[(place + by) % all.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_screen_lists_its_own() {
        let mut listed: Vec<Listing> = Vec::new();
        for screen in Screen::ALL {
            assert!(screen.listings().iter().all(|listing| listing.screen() == screen), "{screen:?}");
            listed.extend(screen.listings());
        }
        assert_eq!(listed, Listing::ALL);
        assert_eq!(Listing::Throttles.beside(2), Listing::Keys);
        assert_eq!(Listing::Keys.beside(1), Listing::Throttles);
        assert_eq!(Listing::Cells.beside(1), Listing::Cells);
    }
}
