//! Cuts names into the words that a search finds them by.

/// The words of a text in lower case: runs of letters or digits, cut where a capital begins.
pub fn words(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut words: Vec<String> = Vec::new();
    for (place, c) in characters.iter().enumerate() {
        if !c.is_alphanumeric() {
            continue;
        }
        let before = place.checked_sub(1).map(|place| characters[place]);
        let after = characters.get(place + 1);
        let begins = match before {
            None => true,
            Some(before) => {
                !before.is_alphanumeric()
                    || before.is_numeric() != c.is_numeric()
                    || c.is_uppercase()
                        && (before.is_lowercase() || after.is_some_and(|after| after.is_lowercase()))
            }
        };
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

/// Whether the words of a term stand in a text one after the other, or the whole text is the term.
pub fn contains(text: &str, term: &str) -> bool {
    let (text_words, term_words) = (words(text), words(term));
    text.to_lowercase() == term.to_lowercase()
        || !term_words.is_empty() && text_words.windows(term_words.len()).any(|window| window == term_words)
        // `CPUUtilization` is one word as well.
        || text.split(|c: char| !c.is_alphanumeric()).any(|run| !run.is_empty() && run.to_lowercase() == term.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_at_capitals_digits_and_marks() {
        assert_eq!(words("CPUUtilization"), ["cpu", "utilization"]);
        assert_eq!(words("cell-01-api"), ["cell", "01", "api"]);
        assert_eq!(words("5XXError"), ["5", "xx", "error"]);
        assert!(contains("CPUUtilization", "cpuutilization") && contains("CPUUtilization", "cpu"));
        assert!(!contains("CPUUtilization", "cp") && !contains("x", "-"));
    }
}
