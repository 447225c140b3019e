//! What is wrong with the name or the file of a scenario, in one line.

use std::path::PathBuf;

/// A scenario cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    #[error("there is no scenario {name:?}{}", suggestion(.nearest))]
    Unknown {
        name: String,
        /// The names that are most like it, best first.
        nearest: Vec<String>,
    },
    #[error(
        "the scenario {name:?} finds nobody to hit here: the region is too small, or has nothing of the kind"
    )]
    NobodyToHit { name: String },
    #[error("the scenario file {} cannot be read: {source}", .path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{file}, line {line}, {field}: {message}")]
    Format {
        file: String,
        /// From 1 on.
        line: usize,
        /// The table and key that the error lies in, such as `cure.all`.
        field: String,
        message: String,
    },
}

fn suggestion(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        names => format!("; did you mean {}?", names.join(" or ")),
    }
}

impl ScenarioError {
    /// What the TOML reader found, with the place where it did.
    pub(super) fn of_toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let offset = error.span().map_or(0, |span| span.start);
        Self::at(file, text, offset, error.message().replace('\n', ", "))
    }

    /// An error at this byte of the file.
    fn at(file: &str, text: &str, offset: usize, message: String) -> Self {
        let (line, field) = place(text, offset);
        Self::Format { file: file.to_owned(), line, field, message }
    }
}

/// The line of a byte, from 1 on, and the table and key that it belongs to.
fn place(text: &str, offset: usize) -> (usize, String) {
    let mut start = 0;
    let (mut table, mut key) = ("", "");
    for (number, line) in (1_usize..).zip(text.split_inclusive('\n')) {
        let content = line.trim();
        if let Some(header) = content.strip_prefix('[') {
            table = header.trim_start_matches('[').split(']').next().unwrap_or_default().trim();
            key = "";
        } else if let Some((name, _)) = content.split_once('=')
            && is_key(name.trim())
        {
            key = name.trim();
        }
        start += line.len();
        if offset < start || start == text.len() {
            let field = match (table, key) {
                ("", "") => "the file".to_owned(),
                ("", name) | (name, "") => name.to_owned(),
                (table, key) => format!("{table}.{key}"),
            };
            return (number, field);
        }
    }
    (1, "the file".to_owned())
}

/// Whether the text before a `=` is a key, and not the beginning of a string over several lines.
fn is_key(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|character| character.is_ascii_alphanumeric() || "-_.".contains(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_line_and_a_field() {
        let text = "name = \"x\"\n\n[cure]\nheld = \"2 min\"\nall = [\n  \"a < 1\",\n]\n";
        let at = |wanted: &str| place(text, text.find(wanted).unwrap());
        assert_eq!(at("\"x\""), (1, "name".to_owned()));
        assert_eq!(at("held"), (4, "cure.held".to_owned()));
        assert_eq!(at("a < 1"), (6, "cure.all".to_owned()));
        assert_eq!(place("", 0), (1, "the file".to_owned()));
    }
}
