//! Making text fit: cut to a width in columns, padded, and lengths as the terminal counts them.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// A length for ratatui; what is absurdly long is as long as a screen can be.
pub fn to_u16(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}

/// Columns that the text takes.
pub fn width(text: &str) -> u16 {
    to_u16(text.width())
}

/// The text in at most `columns` columns; what was cut ends with `ellipsis`.
pub fn cut(text: &str, columns: u16, ellipsis: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let Some(room) = columns.checked_sub(width(ellipsis)) else { return String::new() };
    let mut kept = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        used += width(cluster);
        if used > room {
            break;
        }
        kept.push_str(cluster);
    }
    kept.push_str(ellipsis);
    kept
}

/// The text in exactly `columns` columns, cut or followed by spaces.
pub fn pad(text: &str, columns: u16, ellipsis: &str) -> String {
    let mut fitted = cut(text, columns, ellipsis);
    let missing = columns.saturating_sub(width(&fitted));
    fitted.extend(std::iter::repeat_n(' ', usize::from(missing)));
    fitted
}

/// The text in lines of at most `columns` columns, broken at spaces where there are any.
pub fn wrap(text: &str, columns: u16) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace().flat_map(|word| pieces(word, columns)) {
        if !line.is_empty() && width(&line) + 1 + width(&word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines.push(line);
    lines
}

/// A word in pieces that fit; most words are one piece.
fn pieces(word: &str, columns: u16) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for cluster in word.graphemes(true) {
        if used > 0 && used + width(cluster) > columns {
            pieces.push(String::new());
            used = 0;
        }
        used += width(cluster);
        if let Some(piece) = pieces.last_mut() {
            piece.push_str(cluster);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_cut_by_columns_not_by_characters() {
        assert_eq!(cut("orders-api", 20, "…"), "orders-api");
        assert_eq!(cut("orders-api", 7, "…"), "orders…");
        assert_eq!(cut("東京東京", 5, "…"), "東京…");
        assert_eq!(cut("abc", 0, "…"), "");
        assert_eq!(pad("ab", 4, "…"), "ab  ");
    }

    #[test]
    fn words_wrap_and_long_ones_break() {
        assert_eq!(wrap("the cache of orders is off", 10), ["the cache", "of orders", "is off"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_asked(text in any::<String>(), columns in 1_u16..40) {
            let safe = crate::domain::text::sanitise(&text).into_owned();
            prop_assert!(width(&cut(&safe, columns, "…")) <= columns);
            prop_assert_eq!(width(&pad(&safe, columns, "…")), columns);
            // A single character may be two columns wide.
            prop_assert!(wrap(&safe, columns).iter().all(|line| width(line) <= columns.max(2)));
        }
    }
}
