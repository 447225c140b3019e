//! Whether a document that went through a typed client came back whole.

use serde_json::{Map, Value};

use crate::domain::text::sanitise;

/// The path of the first difference between a document and its rebuilt form, such as
/// `Rules[rate-limit].Statement.NewStatement`; none where nothing is lost, added or altered.
///
/// A member that is null is taken as absent, which is what it means to AWS.
pub fn first_loss(read: &Value, rebuilt: &Value) -> Option<String> {
    let path = difference(read, rebuilt)?;
    Some(sanitise(path.trim_start_matches('.')).into_owned())
}

fn difference(read: &Value, rebuilt: &Value) -> Option<String> {
    match (read, rebuilt) {
        (Value::Object(read), Value::Object(rebuilt)) => members(read, rebuilt),
        (Value::Array(read), Value::Array(rebuilt)) => {
            if let Some((place, inner)) = read
                .iter()
                .zip(rebuilt)
                .enumerate()
                .find_map(|(place, (read, rebuilt))| Some((place, difference(read, rebuilt)?)))
            {
                return Some(format!("[{}]{inner}", label(&read[place], place)));
            }
            let shorter = read.len().min(rebuilt.len());
            let odd = read.get(shorter).or_else(|| rebuilt.get(shorter))?;
            Some(format!("[{}]", label(odd, shorter)))
        }
        _ => (read != rebuilt).then(String::new),
    }
}

fn members(read: &Map<String, Value>, rebuilt: &Map<String, Value>) -> Option<String> {
    let there = |of: &Map<String, Value>, name: &str| of.get(name).filter(|value| !value.is_null()).cloned();
    read.keys().chain(rebuilt.keys()).find_map(|name| match (there(read, name), there(rebuilt, name)) {
        (None, None) => None,
        (Some(read), Some(rebuilt)) => difference(&read, &rebuilt).map(|inner| format!(".{name}{inner}")),
        _ => Some(format!(".{name}")),
    })
}

/// A member of a list by its name, where it has one.
fn label(member: &Value, place: usize) -> String {
    member["Name"].as_str().map_or_else(|| place.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_difference_is_named_by_its_path() {
        let read = json!({
            "Rules": [
                { "Name": "one", "Statement": { "GeoMatchStatement": { "CountryCodes": ["DE"] } } },
                { "Name": "two", "Statement": { "MoonPhaseStatement": { "Phase": "FULL" } } },
            ],
            "TokenDomains": null,
        });
        assert_eq!(first_loss(&read, &read), None);
        let mut rebuilt = read.clone();
        rebuilt["Rules"][1]["Statement"] = json!({});
        assert_eq!(first_loss(&read, &rebuilt).unwrap(), "Rules[two].Statement.MoonPhaseStatement");
        let mut rebuilt = read.clone();
        rebuilt["Rules"][0]["Statement"]["GeoMatchStatement"]["CountryCodes"] = json!([]);
        assert_eq!(
            first_loss(&read, &rebuilt).unwrap(),
            "Rules[one].Statement.GeoMatchStatement.CountryCodes[0]"
        );
        let mut rebuilt = read.clone();
        rebuilt["Rules"].as_array_mut().unwrap().pop();
        assert_eq!(first_loss(&read, &rebuilt).unwrap(), "Rules[two]");
    }

    #[test]
    fn what_is_added_or_altered_is_a_difference_too_and_null_is_none() {
        let read = json!({ "Limit": 10, "Scope": null });
        assert_eq!(first_loss(&read, &json!({ "Limit": 10 })), None);
        assert_eq!(first_loss(&read, &json!({ "Limit": 11 })).unwrap(), "Limit");
        assert_eq!(first_loss(&read, &json!({ "Limit": 10, "Window": 0 })).unwrap(), "Window");
    }
}
