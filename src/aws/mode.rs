//! What a session may do, as a type: a change can't be written down for a session that only reads.

use super::guard::Guard;

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Read {}
    impl Sealed for super::Operate {}
}

/// A mode of session. There are two, and no other crate can add one.
pub trait Mode: sealed::Sealed + Send + Sync + 'static {
    /// The guard that every client of such a session carries.
    fn guard() -> Guard;
}

/// Reads alone.
#[derive(Clone, Copy, Debug)]
pub enum Read {}

/// Reads and planned changes.
#[derive(Clone, Copy, Debug)]
pub enum Operate {}

impl Mode for Read {
    fn guard() -> Guard {
        Guard::read()
    }
}

impl Mode for Operate {
    fn guard() -> Guard {
        Guard::operate()
    }
}

/// Why a session was not armed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArmRefused {
    /// `--read-only`, or a profile that is marked read-only.
    #[error("this session is locked read-only; start another one without --read-only to make changes")]
    Locked,
    /// What was typed names another account.
    #[error("`{typed}` is neither the id nor the alias of the connected account; type {expected}")]
    WrongAccount {
        /// What the operator typed.
        typed: String,
        /// What would have been right.
        expected: String,
    },
}

/// Whether the operator named the account that the session is connected to.
pub(super) fn names_account(account: &str, alias: Option<&str>, typed: &str) -> Result<(), ArmRefused> {
    let typed = typed.trim();
    let alias = alias.map(str::trim).filter(|alias| !alias.is_empty());
    if typed == account || alias == Some(typed) {
        return Ok(());
    }
    let expected = match alias {
        Some(alias) => format!("{account} or {alias}"),
        None => account.to_owned(),
    };
    Err(ArmRefused::WrongAccount { typed: crate::domain::text::sanitise(typed).into_owned(), expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "123456789012";

    #[test]
    fn the_account_is_named_by_id_or_alias_and_by_nothing_else() {
        assert!(names_account(ACCOUNT, None, " 123456789012 ").is_ok());
        assert!(names_account(ACCOUNT, Some("shop-prod"), "shop-prod").is_ok());
        for (alias, typed) in [
            (None, ""),
            (Some(""), ""),
            (None, "shop-prod"),
            (Some("shop-prod"), "shop"),
            (None, "123456789013"),
        ] {
            assert!(names_account(ACCOUNT, alias, typed).is_err(), "{alias:?} {typed:?}");
        }
    }

    #[test]
    fn the_refusal_says_what_to_type() {
        let refused = names_account(ACCOUNT, Some("shop-prod"), "shop-dev").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "`shop-dev` is neither the id nor the alias of the connected account; type 123456789012 or shop-prod"
        );
    }
}
