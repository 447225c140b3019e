//! How large the region is to be, and what sizes are possible.

use std::ops::RangeInclusive;

use super::RegionOptions;
use crate::estate::seed::{APIS_PER_ACCOUNT, accounts_needed};

/// Cells that a region may have.
pub const CELLS: RangeInclusive<usize> = 1..=1_000;
/// APIs that a region may have, in all its accounts together.
pub const APIS: RangeInclusive<usize> = 1..=5_000;
/// Customers that a region may have.
pub const CUSTOMERS: RangeInclusive<usize> = 1..=1_000_000;
/// Accounts that a region may have.
pub const ACCOUNTS: RangeInclusive<usize> = 1..=50;

/// A size that no region can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    #[error("the demo region can't have {given} {what}: from {least} to {most} are possible", least = possible.start(), most = possible.end())]
    OutOfRange { what: &'static str, given: usize, possible: RangeInclusive<usize> },
    #[error(
        "{apis} APIs don't fit into {accounts} {}: AWS allows {APIS_PER_ACCOUNT} an account, which makes {needed} accounts",
        if *accounts == 1 { "account" } else { "accounts" }
    )]
    TooFewAccounts { apis: usize, accounts: usize, needed: usize },
    #[error(
        "{apis} APIs don't fit into {cells} {}: those of a cell share an account, and AWS allows {APIS_PER_ACCOUNT} an account",
        if *cells == 1 { "cell" } else { "cells" }
    )]
    TooFewCells { apis: usize, cells: usize },
}

impl RegionOptions {
    /// How many accounts the region gets.
    ///
    /// # Errors
    /// A size that is out of range, or more APIs than AWS allows in so many accounts.
    pub fn account_count(&self) -> Result<usize, ShapeError> {
        check("cells", self.cells, CELLS)?;
        check("APIs", self.apis, APIS)?;
        check("customers", self.customers, CUSTOMERS)?;
        let (cells, apis) = (self.cells, self.apis);
        let needed = accounts_needed(cells, apis).ok_or(ShapeError::TooFewCells { apis, cells })?;
        let accounts = self.accounts.unwrap_or(needed);
        check("accounts", accounts, ACCOUNTS)?;
        if accounts < needed {
            return Err(ShapeError::TooFewAccounts { apis, accounts, needed });
        }
        Ok(accounts)
    }
}

fn check(what: &'static str, given: usize, possible: RangeInclusive<usize>) -> Result<(), ShapeError> {
    if possible.contains(&given) { Ok(()) } else { Err(ShapeError::OutOfRange { what, given, possible }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_size(cells: usize, apis: usize, accounts: Option<usize>) -> Result<usize, String> {
        let options = RegionOptions { cells, apis, accounts, ..RegionOptions::default() };
        options.account_count().map_err(|error| error.to_string())
    }

    #[test]
    fn the_largest_region_takes_nine_accounts() {
        assert_eq!(of_size(1_000, 5_000, None), Ok(9));
        assert_eq!(of_size(1_000, 5_000, Some(12)), Ok(12));
        assert_eq!(of_size(12, 30, None), Ok(1));
        let refused = of_size(1_000, 5_000, Some(8)).unwrap_err();
        assert!(refused.contains("AWS allows 600 an account, which makes 9 accounts"), "{refused}");
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        assert!(of_size(0, 30, None).unwrap_err().contains("can't have 0 cells: from 1 to 1000"));
        assert!(of_size(12, 5_001, None).unwrap_err().contains("5001 APIs"));
        assert!(of_size(1, 5_000, None).unwrap_err().contains("5000 APIs don't fit into 1 cell:"));
        assert!(of_size(12, 30, Some(0)).unwrap_err().contains("0 accounts"));
    }
}
