//! Text safety: what AWS or a configuration file sends is untrusted until it has passed here.
//!
//! A stage description may hold an escape sequence that repaints the terminal, or a
//! bidirectional override that makes one name look like another. Both are replaced once,
//! on entry to the domain, so that no face has to remember to do it.

use std::borrow::Cow;

/// The longest text kept from one field, in characters; AWS's own limits are far below
/// (description 1,024, stage variable 512).
const LONGEST: usize = 4_096;

/// Replaces control, escape and direction-changing characters, and cuts what is absurdly long.
///
/// Line breaks and tabs become spaces, every other control character becomes `U+FFFD`, so
/// that something stays visible where something was removed.
pub fn sanitise(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST && !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().take(LONGEST).map(replacement).collect())
}

/// For `#[serde(deserialize_with)]`: text read back from a file that somebody may have written to.
///
/// # Errors
/// Where there is no text.
pub fn deserialise<'text, D: serde::Deserializer<'text>>(from: D) -> Result<String, D::Error> {
    let text = <String as serde::Deserialize>::deserialize(from)?;
    Ok(sanitise(&text).into_owned())
}

fn replacement(character: char) -> char {
    match character {
        '\n' | '\r' | '\t' => ' ',
        unsafe_one if is_unsafe(unsafe_one) => char::REPLACEMENT_CHARACTER,
        safe => safe,
    }
}

/// C0 and C1 controls, line and paragraph separators, bidirectional controls and the
/// byte order mark.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_cannot_reach_the_terminal() {
        assert_eq!(sanitise("prod\u{1b}[2Jx"), "prod\u{fffd}[2Jx");
        assert_eq!(sanitise("a\nb\tc"), "a b c");
        assert_eq!(sanitise("user\u{202e}nimda"), "user\u{fffd}nimda");
        assert_eq!(sanitise("\u{9b}31m"), "\u{fffd}31m");
    }

    #[test]
    fn ordinary_text_is_not_copied() {
        assert!(matches!(sanitise("größe 東京 👩‍👧"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn what_comes_out_is_safe_and_stays_so(text in any::<String>()) {
            let once = sanitise(&text).into_owned();
            prop_assert!(!once.chars().any(is_unsafe));
            prop_assert_eq!(sanitise(&once).into_owned(), once.clone());
        }
    }
}
