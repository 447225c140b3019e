//! awsQuery bodies: a form in, XML out. What AWS's older clients speak.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::error::Fault;
use super::value::Value;
use super::wire::Call;

/// The namespace of the answers.
const NAMESPACE: &str = "http://monitoring.amazonaws.com/doc/2010-08-01/";

/// The most members that a list may have. AWS: 1,000 metrics in one PutMetricData.
const LONGEST_LIST: usize = 1_000;

/// The deepest path, in parts. `MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name` has nine.
const DEEPEST: usize = 16;

/// Reads a form such as `Action=ListMetrics&Dimensions.member.1.Name=ApiId`.
pub fn read(body: &[u8]) -> Result<Call, Fault> {
    let body = std::str::from_utf8(body).map_err(|_| Fault::serialization("The form is not UTF-8."))?;
    let mut operation = None;
    let mut root = Node::default();
    for pair in body.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name)?, decode(value)?);
        match name.as_str() {
            "Action" => operation = Some(value),
            "Version" => {}
            _ => root.insert(&name, value)?,
        }
    }
    let operation = operation.filter(|name| !name.is_empty()).ok_or_else(|| Fault::missing("Action"))?;
    let input = match root.value()? {
        structure @ Value::Structure(_) => structure,
        _ => Value::structure([]),
    };
    Ok(Call { operation, input })
}

/// A form's names as a tree of their dotted parts.
#[derive(Debug, Default)]
struct Node {
    text: Option<String>,
    children: BTreeMap<String, Node>,
}

impl Node {
    fn insert(&mut self, name: &str, text: String) -> Result<(), Fault> {
        let mut node = self;
        for (depth, part) in name.split('.').enumerate() {
            if depth >= DEEPEST {
                return Err(Fault::serialization(format!("The parameter {name} is nested too deep.")));
            }
            node = node.children.entry(part.to_owned()).or_default();
        }
        node.text = Some(text);
        Ok(())
    }

    fn value(self) -> Result<Value, Fault> {
        if self.children.is_empty() {
            return Ok(self.text.map_or(Value::Null, Value::Untyped));
        }
        let mut children = self.children;
        if children.len() == 1
            && let Some(members) = children.remove("member")
        {
            return members.list();
        }
        let member = |(name, node): (String, Self)| Ok((name, node.value()?));
        children.into_iter().map(member).collect::<Result<_, _>>().map(Value::Structure)
    }

    /// The members in the order of their numbers, which may have gaps.
    fn list(self) -> Result<Value, Fault> {
        let mut members = Vec::new();
        for (number, node) in self.children {
            let number: usize = number.parse().map_err(|_| {
                Fault::serialization(format!("The list has a member {number:?} that is no number."))
            })?;
            members.push((number, node.value()?));
        }
        if members.len() > LONGEST_LIST {
            return Err(Fault::serialization("A list has too many members."));
        }
        members.sort_by_key(|(number, _)| *number);
        Ok(Value::List(members.into_iter().map(|(_, value)| value).collect()))
    }
}

/// Undoes form encoding.
fn decode(text: &str) -> Result<String, Fault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                let code = digit(rest.next()).zip(digit(rest.next())).map(|(high, low)| high * 16 + low);
                code.and_then(|code| u8::try_from(code).ok())
                    .ok_or_else(|| Fault::serialization("The form has a % that no two digits follow."))?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| Fault::serialization("The form is not UTF-8."))
}

/// Writes an answer or an error as XML.
pub fn write(operation: &str, outcome: Result<Value, Fault>, request_id: &str) -> Vec<u8> {
    let mut xml = String::new();
    match outcome {
        Ok(result) => {
            let metadata = Value::structure([("RequestId", request_id.into())]);
            let _ = write!(xml, "<{operation}Response xmlns=\"{NAMESPACE}\">");
            element(&mut xml, &format!("{operation}Result"), &result);
            element(&mut xml, "ResponseMetadata", &metadata);
            let _ = write!(xml, "</{operation}Response>");
        }
        Err(fault) => {
            let error = Value::structure([
                ("Type", "Sender".into()),
                ("Code", fault.code.into()),
                ("Message", fault.message.into()),
            ]);
            let _ = write!(xml, "<ErrorResponse xmlns=\"{NAMESPACE}\">");
            element(&mut xml, "Error", &error);
            element(&mut xml, "RequestId", &request_id.into());
            xml.push_str("</ErrorResponse>");
        }
    }
    xml.into_bytes()
}

fn element(xml: &mut String, name: &str, value: &Value) {
    // Writing to a string cannot fail.
    let _ = write!(xml, "<{name}>");
    match value {
        Value::Null => {}
        Value::Boolean(truth) => {
            let _ = write!(xml, "{truth}");
        }
        Value::Integer(number) => {
            let _ = write!(xml, "{number}");
        }
        Value::Double(number) => {
            let _ = write!(xml, "{number:?}");
        }
        Value::Text(text) | Value::Untyped(text) => escape(xml, text),
        Value::Time(time) => {
            let _ = write!(xml, "{time}");
        }
        Value::List(values) => values.iter().for_each(|value| element(xml, "member", value)),
        // The one map in CloudWatch's answers; its keys are names of percentiles.
        Value::Structure(members) if name == "ExtendedStatistics" => {
            for (key, value) in members {
                let entry = Value::structure([("key", key.as_str().into()), ("value", value.clone())]);
                element(xml, "entry", &entry);
            }
        }
        Value::Structure(members) => members.iter().for_each(|(name, value)| element(xml, name, value)),
    }
    let _ = write!(xml, "</{name}>");
}

fn escape(xml: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            // XML 1.0 has no place for other control characters.
            c if c.is_control() && !matches!(c, '\n' | '\t') => xml.push('\u{fffd}'),
            c => xml.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_form_becomes_lists_and_structures() {
        let call = read(
            b"Action=ListMetrics&Version=2010-08-01&Namespace=AWS%2FApiGateway\
            &Dimensions.member.2.Name=b&Dimensions.member.1.Name=a+b",
        )
        .unwrap();
        assert_eq!(call.operation, "ListMetrics");
        let dimension = |name: &str| Value::structure([("Name", Value::Untyped(name.to_owned()))]);
        let expected = Value::structure([
            ("Namespace", Value::Untyped("AWS/ApiGateway".to_owned())),
            ("Dimensions", Value::List(vec![dimension("a b"), dimension("b")])),
        ]);
        assert_eq!(call.input, expected);
    }

    #[test]
    fn broken_forms_are_refused() {
        for body in ["", "Action=", "Action=A&x=%4", "Action=A&x=%zz", "Action=A&x.member.a=1"] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
        assert!(read(format!("Action=A&{}x=1", "a.".repeat(100)).as_bytes()).is_err());
        assert!(read(&[0xff]).is_err());
    }

    proptest! {
        #[test]
        fn no_form_makes_it_panic(form in "(Action=A|[a-c.0-9]{1,6}|member|[.&=%+éZ]){0,24}") {
            let _ = read(form.as_bytes());
        }
    }

    #[test]
    fn answers_are_escaped() {
        let xml = write("ListMetrics", Ok(Value::structure([("Name", "<a&b>".into())])), "r1");
        assert!(String::from_utf8(xml).unwrap().contains("<Name>&lt;a&amp;b&gt;</Name>"));
    }
}
