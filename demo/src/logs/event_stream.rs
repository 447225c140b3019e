//! AWS's event stream framing. AWS: "Amazon event stream encoding": a prelude of two lengths with their checksum,
//! headers, a payload, and a checksum of all of it.

use serde_json::Value;

/// What a header's value is: a text.
const TEXT: u8 = 7;
/// The prelude with its checksum, and the checksum at the end.
const FRAME_BYTES: usize = 12 + 4;

/// An event of the stream.
pub fn event(kind: &str, payload: &Value) -> Vec<u8> {
    message(":event-type", kind, "event", payload)
}

/// An exception, which ends the stream.
pub fn exception(kind: &str, payload: &Value) -> Vec<u8> {
    message(":exception-type", kind, "exception", payload)
}

fn message(kind_header: &str, kind: &str, message_type: &str, payload: &Value) -> Vec<u8> {
    let headers =
        [(kind_header, kind), (":content-type", "application/json"), (":message-type", message_type)];
    frame(&headers, payload.to_string().as_bytes())
}

/// A frame with these headers, whose names are shorter than 256 bytes and whose values are shorter than 64 KB.
fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in headers {
        let (Ok(name_length), Ok(value_length)) = (u8::try_from(name.len()), u16::try_from(value.len()))
        else {
            continue;
        };
        head.push(name_length);
        head.extend(name.as_bytes());
        head.push(TEXT);
        head.extend(value_length.to_be_bytes());
        head.extend(value.as_bytes());
    }
    // An update holds at most 500 events of 1 MB: far below 4 GB.
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
    let mut frame = Vec::with_capacity(FRAME_BYTES + head.len() + payload.len());
    frame.extend(length(FRAME_BYTES + head.len() + payload.len()));
    frame.extend(length(head.len()));
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame.extend(head);
    frame.extend(payload);
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame
}

#[cfg(test)]
pub mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    /// Takes a frame off the front of these bytes: its headers and its payload. `None`: it is not whole yet.
    pub fn take(bytes: &mut Vec<u8>) -> Option<(BTreeMap<String, String>, Vec<u8>)> {
        let number = |at: usize| -> Option<u32> {
            Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().unwrap()))
        };
        let (total, head) = (number(0)? as usize, number(4)? as usize);
        assert_eq!(number(8)?, crc32fast::hash(&bytes[..8]), "the prelude's checksum");
        if bytes.len() < total {
            return None;
        }
        let frame: Vec<u8> = bytes.drain(..total).collect();
        let (body, checksum) = frame.split_at(total - 4);
        assert_eq!(
            u32::from_be_bytes(checksum.try_into().unwrap()),
            crc32fast::hash(body),
            "the frame's checksum"
        );
        let mut headers = BTreeMap::new();
        let mut rest = &body[12..12 + head];
        while !rest.is_empty() {
            let name = String::from_utf8(rest[1..=usize::from(rest[0])].to_vec()).unwrap();
            rest = &rest[1 + name.len()..];
            assert_eq!(rest[0], TEXT);
            let length = usize::from(u16::from_be_bytes([rest[1], rest[2]]));
            headers.insert(name, String::from_utf8(rest[3..3 + length].to_vec()).unwrap());
            rest = &rest[3 + length..];
        }
        Some((headers, body[12 + head..].to_vec()))
    }

    #[test]
    fn a_frame_is_as_aws_documents_it() {
        // Computed by hand from the documented layout, with no headers: 16 bytes of frame, 2 of payload.
        let frame = frame(&[], b"{}");
        assert_eq!(&frame[..8], [0, 0, 0, 18, 0, 0, 0, 0]);
        assert_eq!(frame.len(), 18);
        let mut bytes = event("sessionStart", &json!({ "a": 1 }));
        let second = exception("SessionTimeoutException", &json!({}));
        bytes.extend(&second[..20]);
        let (headers, payload) = take(&mut bytes).unwrap();
        assert_eq!(headers[":event-type"], "sessionStart");
        assert_eq!(headers[":message-type"], "event");
        assert_eq!(payload, br#"{"a":1}"#);
        assert!(take(&mut bytes).is_none(), "the second frame is not whole");
        bytes.extend(&second[20..]);
        assert_eq!(take(&mut bytes).unwrap().0[":exception-type"], "SessionTimeoutException");
    }

    #[test]
    fn an_empty_message_has_the_published_bytes() {
        // The well-known vector of an event stream message without headers and payload.
        assert_eq!(
            frame(&[], b""),
            [0, 0, 0, 16, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff]
        );
    }
}
