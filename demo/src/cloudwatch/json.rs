//! awsJson1.0 bodies. Times are seconds since the epoch.

use serde_json::{Map, Number, Value as Json};

use super::cbor::seconds;
use super::error::Fault;
use super::value::Value;

/// Reads a body; an empty one is an empty structure.
pub fn read(body: &[u8]) -> Result<Value, Fault> {
    if body.is_empty() {
        return Ok(Value::structure([]));
    }
    let json = serde_json::from_slice(body)
        .map_err(|error| Fault::serialization(format!("The body is not JSON: {error}")))?;
    Ok(value(json))
}

/// Writes a body.
pub fn write(value: Value) -> Vec<u8> {
    json(value).to_string().into_bytes()
}

fn value(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Boolean(truth),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Integer(whole),
            None => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::List(items.into_iter().map(value).collect()),
        Json::Object(members) => {
            Value::Structure(members.into_iter().map(|(name, json)| (name, value(json))).collect())
        }
    }
}

fn json(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(truth) => Json::Bool(truth),
        Value::Integer(number) => Json::Number(number.into()),
        // Smithy writes what JSON has no number for as text.
        Value::Double(number) => match Number::from_f64(number) {
            Some(number) => Json::Number(number),
            None => Json::String(if number.is_nan() { "NaN".to_owned() } else { format!("{number}") }),
        },
        Value::Text(text) | Value::Untyped(text) => Json::String(text),
        Value::Time(time) => Number::from_f64(seconds(time)).map_or(Json::Null, Json::Number),
        Value::List(values) => Json::Array(values.into_iter().map(json).collect()),
        Value::Structure(members) => {
            Json::Object(members.into_iter().map(|(name, value)| (name, json(value))).collect::<Map<_, _>>())
        }
    }
}
