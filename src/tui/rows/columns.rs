//! The columns of the tables: what each is called, how wide it is, and which go first where room is scarce.

use crate::tui::model::Listing;

/// A column of a table.
#[derive(Debug)]
pub struct Column {
    /// Its heading, and its name in a filter.
    pub name: &'static str,
    /// The least width that shows it.
    pub width: u16,
    /// Takes part in what is left of the width, in proportion.
    pub grows: u16,
    pub right: bool,
    /// Sorting by it puts the largest first.
    pub descending: bool,
    /// Filters and sorting know it.
    pub compares: bool,
    /// Narrow terminals leave out the highest first; 0 always stays.
    pub rank: u8,
}

const fn name(name: &'static str, width: u16, grows: u16, rank: u8) -> Column {
    Column { name, width, grows, right: false, descending: false, compares: true, rank }
}

const fn figure(name: &'static str, width: u16, rank: u8) -> Column {
    Column { name, width, grows: 0, right: true, descending: true, compares: true, rank }
}

/// The sparkline; always the last column, so that the places of those that compare have no holes.
const LAST_HOUR: Column = Column {
    name: "last hour",
    width: 12,
    grows: 5,
    right: false,
    descending: false,
    compares: false,
    rank: 7,
};

const CELL_COLUMNS: &[Column] = &[
    name("cell", 8, 2, 0),
    name("state", 8, 0, 0),
    figure("req/s", 6, 0),
    figure("5xx", 6, 1),
    figure("4xx", 6, 4),
    figure("p99", 6, 2),
    figure("load", 5, 3),
    figure("customers", 9, 5),
    figure("alarms", 6, 8),
    Column { name: "changed", width: 7, grows: 0, right: true, descending: false, compares: true, rank: 9 },
    figure("blocked", 7, 10),
    figure("findings", 8, 11),
    figure("highest", 7, 12),
    figure("connections", 11, 13),
    LAST_HOUR,
];

const API_COLUMNS: &[Column] = &[
    name("api", 16, 3, 0),
    name("kind", 9, 0, 2),
    name("cell", 7, 1, 3),
    name("id", 10, 0, 5),
    name("endpoint", 8, 0, 8),
    figure("stages", 6, 4),
    Column { name: "age", width: 6, grows: 0, right: true, descending: false, compares: true, rank: 6 },
    figure("authorizers", 11, 9),
    figure("req/s", 6, 0),
    figure("5xx", 6, 1),
    figure("p99", 6, 2),
    LAST_HOUR,
];

const STAGE_COLUMNS: &[Column] = &[
    name("api", 15, 3, 0),
    name("stage", 8, 1, 0),
    name("kind", 9, 0, 6),
    name("deployment", 10, 0, 3),
    name("cache", 8, 0, 0),
    figure("hits", 6, 1),
    figure("rate", 6, 4),
    figure("burst", 6, 5),
    Column { name: "age", width: 5, grows: 0, right: true, descending: false, compares: true, rank: 2 },
];

const THROTTLE_COLUMNS: &[Column] = &[
    name("api", 13, 3, 0),
    name("stage", 8, 1, 0),
    name("method", 12, 2, 0),
    figure("account", 12, 5),
    figure("default", 12, 2),
    figure("own", 12, 0),
    name("state", 8, 0, 6),
    figure("rate", 7, 7),
    figure("burst", 7, 8),
];

const PLAN_COLUMNS: &[Column] = &[
    name("plan", 14, 3, 0),
    name("id", 10, 0, 7),
    figure("rate", 8, 0),
    figure("burst", 7, 1),
    figure("methods", 7, 5),
    figure("quota", 11, 0),
    name("period", 6, 0, 2),
    figure("used", 6, 1),
    figure("stages", 6, 4),
    figure("keys", 5, 3),
];

const KEY_COLUMNS: &[Column] = &[
    name("key", 14, 3, 0),
    name("id", 10, 0, 1),
    name("state", 5, 0, 0),
    name("plans", 12, 2, 0),
    figure("used", 6, 1),
    figure("stages", 6, 4),
    name("customer", 10, 1, 5),
    Column { name: "age", width: 6, grows: 0, right: true, descending: false, compares: true, rank: 3 },
];

const WEB_ACL_COLUMNS: &[Column] = &[
    name("web-acl", 14, 3, 0),
    name("default", 8, 0, 0),
    figure("rules", 5, 0),
    figure("block", 5, 2),
    figure("count", 5, 1),
    figure("groups", 6, 4),
    figure("capacity", 8, 5),
    name("editable", 8, 0, 6),
    figure("stages", 6, 3),
    name("attached", 18, 3, 0),
];

const RULE_COLUMNS: &[Column] = &[
    figure("priority", 8, 0),
    name("rule", 14, 2, 0),
    name("action", 13, 0, 0),
    name("web-acl", 12, 1, 2),
    name("kind", 13, 0, 4),
    figure("rate", 7, 1),
    name("statement", 15, 6, 0),
];

const IP_SET_COLUMNS: &[Column] = &[
    name("ip-set", 16, 3, 0),
    name("version", 7, 0, 2),
    figure("addresses", 9, 0),
    name("editable", 8, 0, 4),
    name("used-by", 14, 3, 1),
    name("description", 14, 3, 3),
];

const DOMAIN_COLUMNS: &[Column] = &[
    name("domain", 18, 3, 0),
    name("path", 8, 2, 0),
    name("api", 12, 3, 0),
    name("stage", 8, 1, 0),
    name("endpoint", 8, 0, 3),
    name("tls", 8, 0, 4),
    name("status", 9, 1, 2),
];

const VPC_LINK_COLUMNS: &[Column] = &[
    name("vpc-link", 14, 3, 0),
    name("id", 10, 0, 2),
    name("version", 7, 0, 1),
    name("status", 9, 1, 0),
    name("targets", 16, 3, 0),
    Column { name: "age", width: 6, grows: 0, right: true, descending: false, compares: true, rank: 3 },
];

const COUNT_COLUMNS: &[Column] = &[
    name("cell", 12, 2, 0),
    figure("customers", 10, 0),
    figure("share", 6, 0),
    figure("counted", 10, 2),
    name("state", 8, 0, 1),
    figure("req/s", 6, 3),
];

const CUSTOMER_COLUMNS: &[Column] = &[name("customer", 30, 5, 0), name("cell", 12, 1, 1)];

const CHANGE_COLUMNS: &[Column] = &[
    name("time", 11, 0, 1),
    Column { name: "age", width: 6, grows: 0, right: true, descending: false, compares: true, rank: 4 },
    name("lever", 11, 2, 0),
    name("target", 21, 3, 0),
    name("operator", 8, 1, 2),
    name("outcome", 16, 0, 0),
    name("change", 20, 0, 5),
    name("bulk", 25, 0, 9),
    name("region", 9, 1, 7),
    name("account", 12, 0, 8),
];

/// The columns of a list's table, left to right.
pub fn columns(listing: Listing) -> &'static [Column] {
    match listing {
        Listing::Cells => CELL_COLUMNS,
        Listing::Apis => API_COLUMNS,
        Listing::Stages => STAGE_COLUMNS,
        Listing::Throttles => THROTTLE_COLUMNS,
        Listing::Plans => PLAN_COLUMNS,
        Listing::Keys => KEY_COLUMNS,
        Listing::WebAcls => WEB_ACL_COLUMNS,
        Listing::Rules => RULE_COLUMNS,
        Listing::IpSets => IP_SET_COLUMNS,
        Listing::Domains => DOMAIN_COLUMNS,
        Listing::VpcLinks => VPC_LINK_COLUMNS,
        Listing::Counts => COUNT_COLUMNS,
        Listing::Customers => CUSTOMER_COLUMNS,
        Listing::Changes => CHANGE_COLUMNS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_compare_comes_last() {
        for listing in Listing::ALL {
            let compares: Vec<bool> = columns(listing).iter().map(|column| column.compares).collect();
            assert!(compares.is_sorted_by(|one, other| one >= other), "{listing:?}");
        }
    }

    #[test]
    fn every_table_fits_a_narrow_terminal_with_the_columns_that_always_stay() {
        for listing in Listing::ALL {
            let least: u16 = columns(listing)
                .iter()
                .filter(|column| column.rank == 0)
                .map(|column| column.width + 1)
                .sum();
            assert!(least <= 56, "{listing:?} {least}");
        }
    }
}
