//! Signs of attacks in text. Simple, and real: AWS's own detectors are not public.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

/// What SQL injections have in common.
static SQL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(
        r#"\bunion\b.+\bselect\b|['"]\s*(or|and)\s+['"\d].*=|;\s*(drop|insert|delete|update)\b|\bsleep\s*\(\s*\d|--\s*$|/\*.*\*/"#,
    )
});

/// What cross-site scripting has in common.
static SCRIPT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compiled(r"<\s*script\b|javascript\s*:|\bon(error|load|click|mouseover)\s*=|<\s*(iframe|svg|object)\b")
});

fn compiled(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).case_insensitive(true).build().ok()
}

/// Whether a text looks like SQL that somebody smuggles in.
pub fn sql_injection(text: &str) -> bool {
    SQL.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// Whether a text looks like a script that somebody smuggles in.
pub fn cross_site_scripting(text: &str) -> bool {
    SCRIPT.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attacks_are_told_from_ordinary_text() {
        for attack in ["1' OR '1'='1", "1 UNION ALL SELECT name FROM users", "x'; DROP TABLE orders"] {
            assert!(sql_injection(attack), "{attack}");
        }
        for attack in ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "JavaScript:alert(1)"] {
            assert!(cross_site_scripting(attack), "{attack}");
        }
        for plain in ["order 17 and 18", "{\"note\":\"ring the bell\"}", "select a gift", "5 < 6"] {
            assert!(!sql_injection(plain) && !cross_site_scripting(plain), "{plain}");
        }
    }
}
