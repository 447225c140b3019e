//! Pages of a list, with opaque tokens, as both versions of API Gateway have them.
//!
//! A list is sorted by id and a token names the last id that was seen: what is deleted or added between
//! two pages neither hides nor repeats another row.

use std::fmt::Write;

use crate::server::fault::Fault;

/// AWS: rows on a page unless the request says.
pub const DEFAULT_ROWS: usize = 25;
/// AWS: the most rows on a page.
pub const MOST_ROWS: usize = 500;

/// A part of a list.
#[derive(Debug)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// What to ask with for the rows that follow; `None` on the last page.
    pub next: Option<String>,
}

/// The names that a service gives to the paging parameters, for its error messages.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    pub token: &'static str,
    pub size: &'static str,
}

/// The page of these rows that the request asks for.
pub fn page<'a, T>(
    rows: impl Iterator<Item = &'a T>,
    id: impl Fn(&T) -> &str,
    token: Option<&str>,
    size: Option<&str>,
    words: Words,
) -> Result<Page<&'a T>, Fault> {
    let size = match size.map(str::parse) {
        None => DEFAULT_ROWS,
        Some(Ok(size)) if (1..=MOST_ROWS).contains(&size) => size,
        Some(_) => {
            let message = format!("Invalid {} parameter: must be a number from 1 to {MOST_ROWS}", words.size);
            return Err(Fault::bad_request(message));
        }
    };
    let after = match token.filter(|token| !token.is_empty()) {
        None => None,
        Some(token) => Some(
            decode(token).ok_or_else(|| Fault::bad_request(format!("Invalid {} parameter", words.token)))?,
        ),
    };
    let mut rows: Vec<&T> = rows.filter(|row| after.as_deref().is_none_or(|after| id(row) > after)).collect();
    rows.sort_by(|left, right| id(left).cmp(id(right)));
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(|last| encode(id(last)));
    Ok(Page { rows, next })
}

fn encode(id: &str) -> String {
    id.bytes().fold(String::new(), |mut token, byte| {
        // Writing to a string cannot fail.
        let _ = write!(token, "{byte:02x}");
        token
    })
}

fn decode(token: &str) -> Option<String> {
    let digit = |character: u8| char::from(character).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes: Option<Vec<u8>> = token
        .as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
            _ => None,
        })
        .collect();
    String::from_utf8(bytes?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WORDS: Words = Words { token: "position", size: "limit" };

    fn all_pages(ids: &[String], size: usize) -> Vec<String> {
        let mut seen = Vec::new();
        let mut token = None;
        loop {
            let page = page(ids.iter(), |id| id, token.as_deref(), Some(&size.to_string()), WORDS).unwrap();
            assert!(page.rows.len() <= size);
            seen.extend(page.rows.into_iter().cloned());
            match page.next {
                Some(next) => token = Some(next),
                None => return seen,
            }
        }
    }

    proptest! {
        #[test]
        fn pages_hold_each_row_once(ids in prop::collection::btree_set("[a-z0-9$é/ ]{1,8}", 0..60), size in 1usize..30) {
            let ids: Vec<String> = ids.into_iter().collect();
            prop_assert_eq!(all_pages(&ids, size), ids);
        }

        #[test]
        fn any_token_is_a_page_or_a_refusal(token in ".{0,12}", size in ".{0,4}") {
            let ids = ["a".to_owned(), "b".to_owned()];
            match page(ids.iter(), |id| id, Some(&token), Some(&size), WORDS) {
                Ok(page) => prop_assert!(page.rows.len() <= 2),
                Err(fault) => prop_assert_eq!(fault.status, 400),
            }
        }
    }

    #[test]
    fn the_limits_are_aws_own() {
        let ids: Vec<String> = (0..600).map(|number| format!("{number:03}")).collect();
        let rows = |size| page(ids.iter(), |id| id, None, size, WORDS).map(|page| page.rows.len());
        assert_eq!(rows(None), Ok(25));
        assert_eq!(rows(Some("500")), Ok(500));
        assert!(rows(Some("501")).is_err());
        assert!(rows(Some("0")).is_err());
    }
}
