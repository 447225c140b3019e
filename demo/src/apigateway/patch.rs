//! Patch operations: their form on the wire and the paths that they may name.

use serde::Deserialize;

use crate::server::fault::Fault;

/// The body of every v1 update.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PatchDocument {
    #[serde(default)]
    pub patch_operations: Vec<PatchOperation>,
}

/// One alteration.
#[derive(Debug, Clone, Deserialize)]
pub struct PatchOperation {
    #[serde(default)]
    pub op: String,
    #[serde(default)]
    pub path: String,
    pub value: Option<String>,
    /// Of a copy: where the value is taken from.
    pub from: Option<String>,
}

/// What may be patched: a path template, the operations that it takes, and what they do to the target.
#[derive(Debug)]
pub struct Patchable<T: 'static> {
    /// As AWS lists it, such as `/variables/{variable_name}`; braces stand for any one segment.
    pub path: &'static str,
    pub ops: &'static [&'static str],
    pub apply: Apply<T>,
}

/// Carries a legal patch operation out, or finds its value illegal.
pub type Apply<T> = fn(&mut T, &Patch<'_>) -> Result<(), Fault>;

/// A patch operation that is known to be legal.
#[derive(Debug)]
pub struct Patch<'a> {
    pub op: &'a str,
    /// The unescaped segments of the path that stand where the template has braces.
    names: Vec<String>,
    value: Option<&'a str>,
    from: Option<&'a str>,
    path: &'a str,
}

impl Patch<'_> {
    /// What stands for the template's n-th pair of braces.
    pub fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    /// The last two segments of a path such as `/{resource}/{method}/throttling/rateLimit`.
    pub fn field(&self) -> &str {
        let before = self.path.rmatch_indices('/').nth(1).map_or(0, |(at, _)| at + 1);
        &self.path[before..]
    }

    /// The value as text.
    pub fn text(&self) -> Result<&str, Fault> {
        self.value
            .ok_or_else(|| Fault::bad_request(format!("Invalid patch: no value for the path {}", self.path)))
    }

    /// Refuses a copy from anywhere else: AWS copies a canary's values to its stage, and nothing more.
    pub fn copied_from(&self, source: &str) -> Result<(), Fault> {
        if self.from == Some(source) {
            return Ok(());
        }
        let from = self.from.unwrap_or_default();
        Err(Fault::bad_request(format!(
            "Invalid patch: cannot copy from '{from}' to the path {}. Must be one of: [{source}]",
            self.path
        )))
    }

    /// The value as a JSON document.
    pub fn json<T: serde::de::DeserializeOwned>(&self, expected: &str) -> Result<T, Fault> {
        serde_json::from_str(self.text()?).map_err(|_| self.invalid(expected))
    }

    /// The value, `true` or `false`.
    pub fn truth(&self) -> Result<bool, Fault> {
        self.parsed("true or false")
    }

    /// The value as a whole number.
    pub fn integer(&self) -> Result<i64, Fault> {
        self.parsed("a whole number")
    }

    /// The value as a finite number.
    pub fn number(&self) -> Result<f64, Fault> {
        let number: f64 = self.parsed("a number")?;
        if number.is_finite() { Ok(number) } else { Err(self.invalid("a number")) }
    }

    /// The value, one of a few words.
    pub fn one_of(&self, words: &[&str]) -> Result<String, Fault> {
        let text = self.text()?;
        if words.contains(&text) {
            Ok(text.to_owned())
        } else {
            Err(self.invalid(&format!("one of {}", words.join(", "))))
        }
    }

    /// Says that the value is not what it has to be.
    pub fn invalid(&self, expected: &str) -> Fault {
        let value = self.value.unwrap_or_default();
        Fault::bad_request(format!("Invalid value '{value}' for the path {}: must be {expected}", self.path))
    }

    fn parsed<T: std::str::FromStr>(&self, expected: &str) -> Result<T, Fault> {
        self.text()?.parse().map_err(|_| self.invalid(expected))
    }
}

/// Applies the operations in turn. The first illegal one is a fault; the target is then half altered, so
/// hand in a copy.
pub fn apply<T>(
    table: &'static [Patchable<T>],
    target: &mut T,
    operations: &[PatchOperation],
) -> Result<(), Fault> {
    for operation in operations {
        let segments = segments(&operation.path);
        let matching =
            table.iter().find_map(|patchable| Some((patchable, names(patchable.path, &segments)?)));
        match matching {
            Some((patchable, names)) if patchable.ops.contains(&operation.op.as_str()) => {
                let patch = Patch {
                    op: &operation.op,
                    names,
                    value: operation.value.as_deref(),
                    from: operation.from.as_deref(),
                    path: &operation.path,
                };
                (patchable.apply)(target, &patch)?;
            }
            _ => return Err(illegal(table, operation)),
        }
    }
    Ok(())
}

/// AWS lists the legal paths in its message.
fn illegal<T>(table: &[Patchable<T>], operation: &PatchOperation) -> Fault {
    let op = operation.op.as_str();
    let legal: Vec<&str> = table
        .iter()
        .filter(|patchable| patchable.ops.contains(&op))
        .map(|patchable| patchable.path)
        .collect();
    if legal.is_empty() {
        return Fault::bad_request(format!(
            "Invalid patch operation specified. Must be one of: [{}]",
            ops(table).join(", ")
        ));
    }
    Fault::bad_request(format!(
        "Invalid patch path  '{}' specified for op '{op}'. Must be one of: [{}]",
        operation.path,
        legal.join(", ")
    ))
}

fn ops<T>(table: &[Patchable<T>]) -> Vec<&'static str> {
    let mut ops: Vec<&str> = table.iter().flat_map(|patchable| patchable.ops).copied().collect();
    ops.sort_unstable();
    ops.dedup();
    ops
}

fn segments(path: &str) -> Vec<String> {
    path.strip_prefix('/').map(|path| path.split('/').map(unescape).collect()).unwrap_or_default()
}

/// What stands for the template's names, if the path fits it.
fn names(template: &str, segments: &[String]) -> Option<Vec<String>> {
    let expected: Vec<&str> = template.trim_start_matches('/').split('/').collect();
    if expected.len() != segments.len() {
        return None;
    }
    let mut names = Vec::new();
    for (expected, segment) in expected.into_iter().zip(segments) {
        if expected.starts_with('{') {
            names.push(segment.clone());
        } else if expected != segment {
            return None;
        }
    }
    names.iter().all(|name| !name.is_empty()).then_some(names)
}

/// JSON Pointer: `~` and `/` within a segment.
pub fn escape(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}

pub fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_segment_survives_escaping(segment in "[a-z~/{}01]{0,12}") {
            let escaped = escape(&segment);
            prop_assert!(!escaped.contains('/'));
            prop_assert_eq!(unescape(&escaped), segment);
        }

        #[test]
        fn any_path_fits_or_does_not(path in ".{0,24}") {
            let fitting = names("/{resource}/{method}/throttling/rateLimit", &segments(&path));
            prop_assert!(fitting.is_none_or(|names| names.len() == 2));
        }
    }
}
