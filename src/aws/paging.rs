//! Follows page tokens to the last page.

use std::collections::HashSet;

use super::operations::Operation;
use crate::domain::failure::{Failure, FailureKind};

/// The token of the page to ask for next.
///
/// A token that was seen before would make the loop endless, so it is an error: the rows so far
/// would otherwise pass for the whole list.
#[derive(Debug, Default)]
pub struct Pages {
    next: Option<String>,
    seen: HashSet<String>,
}

impl Pages {
    /// The token to send; none for the first page.
    pub fn token(&self) -> Option<String> {
        self.next.clone()
    }

    /// Takes the token of the page that just came, and says whether there is another page.
    pub fn advance(
        &mut self,
        token: Option<String>,
        operation: &Operation,
        target: &str,
    ) -> Result<bool, Failure> {
        // Some servers send an empty token where AWS sends none.
        let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(false) };
        if !self.seen.insert(token.clone()) {
            return Err(Failure::new(
                operation.name,
                target,
                FailureKind::Malformed,
                "the same page token came twice, so the list can't be read to its end",
            ));
        }
        self.next = Some(token);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::operations::GET_REST_APIS;

    #[test]
    fn pages_end_at_a_missing_or_empty_token() {
        let mut pages = Pages::default();
        assert_eq!(pages.token(), None);
        assert_eq!(pages.advance(Some("a".into()), &GET_REST_APIS, ""), Ok(true));
        assert_eq!(pages.token().as_deref(), Some("a"));
        assert_eq!(pages.advance(Some(String::new()), &GET_REST_APIS, ""), Ok(false));
        assert_eq!(pages.advance(None, &GET_REST_APIS, ""), Ok(false));
    }

    #[test]
    fn a_token_that_comes_twice_is_an_error_and_not_an_endless_loop() {
        let mut pages = Pages::default();
        pages.advance(Some("a".into()), &GET_REST_APIS, "").unwrap();
        pages.advance(Some("b".into()), &GET_REST_APIS, "").unwrap();
        let failure = pages.advance(Some("a".into()), &GET_REST_APIS, "").unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed);
    }
}
