//! Writes the table of keys out: as the commented built-in configuration, and as documentation.

use std::fmt::Write as _;

use super::keys::{KEYS, Key};

/// The built-in configuration with a comment on each key. `assets/default.toml` is this text; a test
/// compares them.
pub fn default_file() -> String {
    let mut text = String::from(
        "# The built-in configuration of cellgate. A file of your own needs only what it changes:\n\
         # `cellgate config path` says where it goes, `cellgate config show` where each value comes from.\n",
    );
    let mut section = "";
    for key in KEYS {
        if key.section() != section {
            section = key.section();
            let _ = write!(text, "\n{}\n", header(section));
        } else if section.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "# {}", key.doc);
        let _ = match key.default {
            Some(default) => writeln!(text, "{} = {default}", key.short_name()),
            None => writeln!(text, "# {} = {}", example_name(key), key.example),
        };
    }
    text
}

/// A section's heading: commented out where the names or entries in it are the operator's.
fn header(section: &str) -> String {
    match (section.strip_suffix("[]"), section.strip_suffix(".*")) {
        (Some(list), _) => format!("# [[{list}]]"),
        (_, Some(named)) => format!("# [{named}.shop-prod]"),
        _ if KEYS.iter().any(|key| key.section() == section && key.default.is_some()) => {
            format!("[{section}]")
        }
        _ => format!("# [{section}]"),
    }
}

fn example_name(key: &Key) -> &'static str {
    match key.short_name() {
        "*" => "refresh",
        name => name,
    }
}

/// The table of keys as Markdown.
pub fn markdown() -> String {
    let mut text =
        String::from("| Key | Value | Default | Flag, environment | What it does |\n|---|---|---|---|---|\n");
    for key in KEYS {
        let default = key.default.map_or_else(|| "none".to_owned(), |default| format!("`{default}`"));
        let also: Vec<String> =
            key.flag.iter().chain(key.environment).map(|name| format!("`{name}`")).collect();
        let _ = writeln!(
            text,
            "| `{}` | {} | {default} | {} | {} |",
            key.name.replace('*', "NAME"),
            key.kind.word(),
            also.join(", "),
            key.doc,
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// `UPDATE_ASSETS=1` writes the file anew.
    #[test]
    fn the_shipped_file_is_the_table() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/default.toml");
        if std::env::var_os("UPDATE_ASSETS").is_some() {
            std::fs::write(&path, default_file()).unwrap();
        }
        assert!(
            std::fs::read_to_string(&path).unwrap() == default_file(),
            "assets/default.toml differs from the table of keys; run: UPDATE_ASSETS=1 cargo test --lib config::reference"
        );
    }

    #[test]
    fn each_key_says_what_it_is_and_shows_a_value() {
        for key in KEYS {
            assert!(key.doc.ends_with('.') && key.doc.len() > 10, "{}", key.name);
            assert!(key.default.is_some() || !key.example.is_empty(), "{}", key.name);
            assert_eq!(KEYS.iter().filter(|other| other.name == key.name).count(), 1, "{}", key.name);
        }
    }
}
