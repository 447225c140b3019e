//! Making text fit: cut to a width in columns, padded, and lengths as the terminal counts them.

use ratatui::text::{Line, Span};
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

/// What is left of the text without its first `columns` columns.
pub fn behind(text: &str, columns: u16) -> &str {
    let mut hidden = 0;
    let shown = text.grapheme_indices(true).find(|(_, cluster)| {
        let is_shown = hidden >= columns;
        hidden += width(cluster);
        is_shown
    });
    shown.map_or("", |(place, _)| &text[place..])
}

/// Styled text in at most `columns` columns; what was cut ends with `ellipsis`.
pub fn line(spans: Vec<Span<'static>>, columns: u16, ellipsis: &str) -> Line<'static> {
    let mut left = columns;
    let mut kept = Vec::new();
    for span in spans {
        let whole = width(&span.content) <= left;
        let text = cut(&span.content, left, ellipsis);
        left -= width(&text);
        kept.push(Span::styled(text, span.style));
        if !whole {
            break;
        }
    }
    Line::from(kept)
}

/// Lines of at most `columns` columns each.
pub fn lines(lines: Vec<Line<'static>>, columns: u16, ellipsis: &str) -> Vec<Line<'static>> {
    let too_wide = |line: &Line<'_>| line.width() > usize::from(columns);
    lines
        .into_iter()
        .map(|whole| if too_wide(&whole) { line(whole.spans, columns, ellipsis) } else { whole })
        .collect()
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

/// A word in pieces that fit; most words are one piece. A path breaks behind a slash, if it has one.
fn pieces(word: &str, columns: u16) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for cluster in word.graphemes(true) {
        // What stood behind the slash may itself be too wide for the cluster to join it.
        while !piece.is_empty() && width(&piece) + width(cluster) > columns {
            let rest = piece.rfind('/').map(|slash| piece.split_off(slash + 1)).unwrap_or_default();
            pieces.push(std::mem::replace(&mut piece, rest));
        }
        piece.push_str(cluster);
    }
    pieces.push(piece);
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
    fn the_end_of_a_text_is_what_is_behind_its_first_columns() {
        assert_eq!(behind("orders-api", 0), "orders-api");
        assert_eq!(behind("orders-api", 7), "api");
        assert_eq!(behind("東京東京", 4), "東京");
        assert_eq!((behind("ab", 2), behind("ab", 9)), ("", ""));
    }

    #[test]
    fn words_wrap_and_long_ones_break() {
        assert_eq!(wrap("the cache of orders is off", 10), ["the cache", "of orders", "is off"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn paths_break_behind_a_slash() {
        assert_eq!(wrap("/restapis/a1b2/stages/prod/cache", 24), ["/restapis/a1b2/stages/", "prod/cache"]);
        assert_eq!(wrap("/restapis/a1b2", 10), ["/restapis/", "a1b2"]);
        assert_eq!(wrap("/abcdㄱ", 5), ["/", "abcd", "ㄱ"]);
    }

    #[test]
    fn a_line_ends_with_an_ellipsis_where_it_was_cut_and_only_there() {
        let text =
            |columns| line(vec![Span::raw("TOKEN"), Span::raw("  cached 300 s")], columns, "…").to_string();
        assert_eq!(text(19), "TOKEN  cached 300 s");
        assert_eq!(text(12), "TOKEN  cach…");
        assert_eq!(text(4), "TOK…");
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_asked(text in any::<String>(), columns in 1_u16..40) {
            let safe = crate::domain::text::sanitise(&text).into_owned();
            prop_assert!(width(&cut(&safe, columns, "…")) <= columns);
            prop_assert_eq!(width(&pad(&safe, columns, "…")), columns);
            // What a terminal shows as one character can't be broken, however wide it is.
            let widest = safe.graphemes(true).map(width).max().unwrap_or_default();
            prop_assert!(wrap(&safe, columns).iter().all(|line| width(line) <= columns.max(widest)));
        }
    }
}
