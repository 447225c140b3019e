//! Endpoints: the URLs that requests are sent to.

/// Whether a text is the URL of a server: `http` or `https`, a host, and no space in it.
pub fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with(['/', ':', '?', '#']) && !rest.contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_scheme_and_a_host() {
        for good in ["http://127.0.0.1:5000", "https://vpce-1.execute-api.eu-west-1.vpce.amazonaws.com/x"] {
            assert!(is_url(good), "{good}");
        }
        for bad in [
            "",
            "127.0.0.1:5000",
            "http://",
            "https:///path",
            "http://:80",
            "http://?x",
            "http://#x",
            "ftp://host",
            "http://a b",
        ] {
            assert!(!is_url(bad), "{bad}");
        }
    }
}
