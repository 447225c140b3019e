//! rpcv2Cbor bodies. Smithy: times carry tag 1, structures are maps with text keys, and a reader must accept
//! numbers of any width.

use ciborium::Value as Cbor;

use super::error::Fault;
use super::value::{Value, time_from_seconds};

/// The deepest nesting that is read. The deepest real request (PutMetricData with entities) has seven levels.
const DEPTH: usize = 32;

/// CBOR's tag for seconds since the epoch.
const EPOCH_TAG: u64 = 1;

/// Reads a body; an empty one is an empty structure.
pub fn read(mut body: &[u8]) -> Result<Value, Fault> {
    if body.is_empty() {
        return Ok(Value::structure([]));
    }
    let item: Cbor = ciborium::de::from_reader_with_recursion_limit(&mut body, DEPTH)
        .map_err(|error| Fault::serialization(format!("The body is not CBOR: {error}")))?;
    if !body.is_empty() {
        return Err(Fault::serialization("The body goes on after its CBOR item."));
    }
    value(item)
}

/// Writes a body.
pub fn write(value: Value) -> Vec<u8> {
    let mut body = Vec::new();
    // A vector takes every write, and each of our values has a form in CBOR.
    let _ = ciborium::into_writer(&item(value), &mut body);
    body
}

fn value(item: Cbor) -> Result<Value, Fault> {
    match item {
        Cbor::Null => Ok(Value::Null),
        Cbor::Bool(truth) => Ok(Value::Boolean(truth)),
        Cbor::Integer(number) => i64::try_from(number)
            .map(Value::Integer)
            .map_err(|_| Fault::serialization("A number in the body is too large.")),
        Cbor::Float(number) => Ok(Value::Double(number)),
        Cbor::Text(text) => Ok(Value::Text(text)),
        Cbor::Tag(EPOCH_TAG, seconds) => time(&seconds),
        Cbor::Array(items) => items.into_iter().map(value).collect::<Result<_, _>>().map(Value::List),
        Cbor::Map(entries) => entries
            .into_iter()
            .map(|(name, item)| match name {
                Cbor::Text(name) => Ok((name, value(item)?)),
                _ => Err(Fault::serialization("A key in the body is not text.")),
            })
            .collect::<Result<_, _>>()
            .map(Value::Structure),
        _ => Err(Fault::serialization("The body holds a kind of item that no member has.")),
    }
}

fn time(seconds: &Cbor) -> Result<Value, Fault> {
    let time = match seconds {
        Cbor::Integer(seconds) => {
            i64::try_from(*seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        }
        Cbor::Float(seconds) => time_from_seconds(*seconds),
        _ => None,
    };
    time.map(Value::Time).ok_or_else(|| Fault::serialization("A timestamp in the body is out of range."))
}

fn item(value: Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Boolean(truth) => Cbor::Bool(truth),
        Value::Integer(number) => Cbor::Integer(number.into()),
        Value::Double(number) => Cbor::Float(number),
        Value::Text(text) | Value::Untyped(text) => Cbor::Text(text),
        Value::Time(time) => {
            let whole = time.subsec_nanosecond() == 0;
            let seconds =
                if whole { Cbor::Integer(time.as_second().into()) } else { Cbor::Float(seconds(time)) };
            Cbor::Tag(EPOCH_TAG, Box::new(seconds))
        }
        Value::List(values) => Cbor::Array(values.into_iter().map(item).collect()),
        Value::Structure(members) => {
            Cbor::Map(members.into_iter().map(|(name, value)| (Cbor::Text(name), item(value))).collect())
        }
    }
}

/// Seconds since the epoch to the millisecond.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this age fit in 53 bits")]
pub fn seconds(time: jiff::Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_carry_tag_one() {
        let time: jiff::Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let bytes = write(Value::Time(time));
        assert_eq!(bytes[0], 0xc1);
        assert_eq!(read(&bytes), Ok(Value::Time(time)));
        let time: jiff::Timestamp = "2026-11-20T12:00:00.125Z".parse().unwrap();
        assert_eq!(read(&write(Value::Time(time))), Ok(Value::Time(time)));
    }

    #[test]
    fn lists_of_unknown_length_are_read() {
        // What the Rust SDK sends: a map of indefinite length.
        let body = [0xbf, 0x61, b'a', 0x9f, 0x01, 0xff, 0xff];
        assert_eq!(read(&body), Ok(Value::structure([("a", Value::list([1_i64]))])));
    }

    #[test]
    fn deep_nesting_and_huge_lengths_are_refused() {
        assert!(read(&vec![0x81; 100_000]).is_err());
        assert!(read(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).is_err());
        assert!(read(&[0x01, 0x01]).is_err());
    }
}
