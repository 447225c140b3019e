//! What holds of the body of a dashboard. AWS: "Dashboard Body Structure and Syntax".

use serde_json::Value;

use crate::cloudwatch::error::Fault;

/// AWS: the members of a body; others are warned of.
const MEMBERS: [&str; 5] = ["end", "periodOverride", "start", "variables", "widgets"];
/// AWS: the types of widget.
const TYPES: [&str; 6] = ["alarm", "custom", "explorer", "log", "metric", "text"];
/// AWS: widgets on one dashboard.
const MOST_WIDGETS: usize = 500;
/// AWS: columns of the grid, and rows of a widget.
const GRID: (i64, i64) = (24, 1_000);

/// What is odd about a body that is taken all the same.
#[derive(Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where, as a JSON pointer.
    pub path: String,
    pub message: String,
}

/// Checks a body, and tells what is odd about it.
pub fn check(body: &str) -> Result<Vec<Warning>, Fault> {
    let document: Value = serde_json::from_str(body).map_err(|error| {
        Fault::invalid_dashboard(format!("The field DashboardBody must be a valid JSON object: {error}"))
    })?;
    let refuse = |path: &str, message: &str| {
        Fault::invalid_dashboard(format!("The dashboard body is invalid: {path}: {message}"))
    };
    let Some(members) = document.as_object() else {
        return Err(refuse("/", "should be object"));
    };
    let unknown = members.keys().filter(|name| !MEMBERS.contains(&name.as_str()));
    let warnings = unknown.map(|name| Warning {
        path: format!("/{name}"),
        message: "Unknown property: it was kept, and has no effect".to_owned(),
    });
    let widgets = match members.get("widgets") {
        None => &[],
        Some(Value::Array(widgets)) => widgets.as_slice(),
        Some(_) => return Err(refuse("/widgets", "should be array")),
    };
    if widgets.len() > MOST_WIDGETS {
        return Err(refuse("/widgets", "should have at most 500 items"));
    }
    for (place, widget) in widgets.iter().enumerate() {
        check_widget(widget)
            .map_err(|(member, message)| refuse(&format!("/widgets/{place}{member}"), message))?;
    }
    Ok(warnings.collect())
}

/// What is wrong with a widget: at which member, and what.
fn check_widget(widget: &Value) -> Result<(), (&'static str, &'static str)> {
    if !widget.is_object() {
        return Err(("", "should be object"));
    }
    let known = widget["type"].as_str().is_some_and(|kind| TYPES.contains(&kind));
    if !known {
        return Err(("/type", "should be one of alarm, custom, explorer, log, metric, text"));
    }
    if !widget["properties"].is_object() {
        return Err(("/properties", "should be object"));
    }
    for (member, path, least, most) in [
        ("x", "/x", 0, GRID.0 - 1),
        ("y", "/y", 0, i64::MAX),
        ("width", "/width", 1, GRID.0),
        ("height", "/height", 1, GRID.1),
    ] {
        let value = &widget[member];
        if !value.is_null() && !value.as_i64().is_some_and(|value| (least..=most).contains(&value)) {
            return Err((path, "should be a whole number within the dashboard's grid"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_checked_to_its_widgets() {
        let text =
            r#"{"widgets":[{"type":"text","x":0,"y":0,"width":6,"height":6,"properties":{"markdown":""}}]}"#;
        assert_eq!(check(text), Ok(Vec::new()));
        assert_eq!(check("{}"), Ok(Vec::new()));
        for bad in [
            "{",
            "[]",
            r#"{"widgets":{}}"#,
            r#"{"widgets":[{"type":"picture","properties":{}}]}"#,
            r#"{"widgets":[{"type":"text"}]}"#,
            r#"{"widgets":[{"type":"text","properties":{},"width":25}]}"#,
            r#"{"widgets":[{"type":"text","properties":{},"x":-1}]}"#,
        ] {
            assert_eq!(check(bad).unwrap_err().code, "InvalidParameterInput", "{bad}");
        }
    }

    #[test]
    fn what_is_unknown_is_kept_with_a_warning() {
        let warnings = check(r#"{"widgets":[],"colour":"blue"}"#).unwrap();
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0].path, "/colour");
    }
}
