//! JSON documents as YAML: blocks of maps and lists, and every text in double quotes, as AWS writes it.

use serde_json::Value;

/// The document, with a new line at its end.
pub fn write(document: &Value) -> String {
    let mut text = "---\n".to_owned();
    block(document, 0, &mut text);
    text
}

/// A value that begins on a line of its own.
fn block(value: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
                text.push_str(&indent);
                text.push_str(&key(name));
                text.push(':');
                after(member, depth + 1, text);
            }
        }
        Value::Array(rows) if !rows.is_empty() => {
            for row in rows {
                let mut inner = String::new();
                block(row, depth + 1, &mut inner);
                text.push_str(&indent);
                text.push_str("- ");
                // The dash stands where the row's own indent begins.
                text.push_str(inner.trim_start());
            }
        }
        scalar => {
            text.push_str(&indent);
            text.push_str(&scalar.to_string());
            text.push('\n');
        }
    }
}

/// A value that follows a key.
fn after(value: &Value, depth: usize, text: &mut String) {
    let is_block = match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(rows) => !rows.is_empty(),
        _ => false,
    };
    if is_block {
        text.push('\n');
        block(value, depth, text);
    } else {
        // What JSON writes on one line, YAML reads.
        text.push(' ');
        text.push_str(&value.to_string());
        text.push('\n');
    }
}

/// A key without quotes where it can't be taken for anything else.
fn key(name: &str) -> String {
    let mut bytes = name.bytes();
    let plain = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'/')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-_/{}.".contains(&byte))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&name.to_lowercase().as_str());
    if plain { name.to_owned() } else { Value::from(name).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn maps_and_lists_are_blocks() {
        let document = json!({
            "paths": { "/orders/{id}": { "get": { "security": [{ "api_key": [] }, { "token": [] }] } } },
            "schemes": ["https"],
            "200": { "description": "a \"text\": # no comment" },
            "empty": {},
        });
        let expected = concat!(
            "---\n",
            "\"200\":\n",
            "  description: \"a \\\"text\\\": # no comment\"\n",
            "empty: {}\n",
            "paths:\n",
            "  /orders/{id}:\n",
            "    get:\n",
            "      security:\n",
            "        - api_key: []\n",
            "        - token: []\n",
            "schemes:\n",
            "  - \"https\"\n",
        );
        assert_eq!(write(&document), expected);
    }

    #[test]
    fn a_row_with_several_members_stays_together() {
        let document = json!([{ "in": "path", "name": "id", "schema": { "type": "string" } }]);
        let expected = "---\n- in: \"path\"\n  name: \"id\"\n  schema:\n    type: \"string\"\n";
        assert_eq!(write(&document), expected);
    }
}
