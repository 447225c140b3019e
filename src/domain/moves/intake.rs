//! The list of customers as it was given: each line is accounted for, whatever stands in it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::LONGEST_CUSTOMER;

/// A list as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intake {
    pub lines: Vec<Line>,
    /// Each customer once, in the order of their first line.
    pub customers: Vec<String>,
}

/// One line of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// From 1.
    pub number: usize,
    pub content: Content,
}

/// What stands in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// The place of the customer in the list of customers.
    Customer(usize),
    /// The same customer as in an earlier line.
    Duplicate {
        of_line: usize,
        customer: String,
    },
    Blank,
    /// No key of a table can be this.
    Illegal {
        text: String,
        why: String,
    },
}

impl Intake {
    /// Customers as a command names them, each as it stands.
    pub fn of_names<'name>(names: impl IntoIterator<Item = &'name str>) -> Self {
        let mut intake = Self::default();
        let mut known = HashMap::new();
        for name in names {
            intake.add(name.to_owned(), &mut known);
        }
        intake
    }

    /// A list with a customer in each line. A byte order mark, carriage returns and the blanks around an id are no
    /// part of it. An id with line breaks, or with blanks at its ends, is written as a JSON string, `"a\nb"`.
    pub fn of_list(bytes: &[u8]) -> Self {
        let mut intake = Self::default();
        let mut known = HashMap::new();
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        if bytes.is_empty() {
            return intake;
        }
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        for line in bytes.split(|byte| *byte == b'\n') {
            if let Ok(text) = std::str::from_utf8(line) {
                let text = text.trim();
                let quoted = text.starts_with('"').then(|| serde_json::from_str::<String>(text).ok());
                intake.add(quoted.flatten().unwrap_or_else(|| text.to_owned()), &mut known);
            } else {
                let text = String::from_utf8_lossy(line).into_owned();
                intake.push(Content::Illegal { text, why: "it is not UTF-8".to_owned() });
            }
        }
        intake
    }

    fn add(&mut self, customer: String, known: &mut HashMap<String, usize>) {
        let number = self.lines.len() + 1;
        if customer.is_empty() {
            return self.push(Content::Blank);
        }
        if customer.len() > LONGEST_CUSTOMER {
            let why =
                format!("it has {} bytes, and a key of DynamoDB at most {LONGEST_CUSTOMER}", customer.len());
            return self.push(Content::Illegal { text: customer, why });
        }
        if let Some(of_line) = known.get(&customer) {
            return self.push(Content::Duplicate { of_line: *of_line, customer });
        }
        known.insert(customer.clone(), number);
        self.push(Content::Customer(self.customers.len()));
        self.customers.push(customer);
    }

    fn push(&mut self, content: Content) {
        self.lines.push(Line { number: self.lines.len() + 1, content });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_line_is_accounted_for() {
        let long = "x".repeat(2_049);
        let list = format!("\u{feff}one\r\n\n  two \none\n\"a\\nb\"\n\"half\n👩‍👧\n{long}\nlast");
        let mut bytes = list.into_bytes();
        bytes.extend(b"\n\xff\xfe");
        let intake = Intake::of_list(&bytes);
        assert_eq!(intake.customers, ["one", "two", "a\nb", "\"half", "👩‍👧", "last"]);
        let content: Vec<_> = intake.lines.iter().map(|line| &line.content).collect();
        assert_eq!(content[1], &Content::Blank);
        assert_eq!(content[3], &Content::Duplicate { of_line: 1, customer: "one".into() });
        assert!(matches!(content[7], Content::Illegal { why, .. } if why.contains("2049 bytes")));
        assert!(matches!(content[9], Content::Illegal { why, .. } if why == "it is not UTF-8"));
        assert_eq!(intake.lines.last().map(|line| line.number), Some(10));
    }

    #[test]
    fn an_empty_list_has_no_line() {
        assert_eq!(Intake::of_list(b""), Intake::default());
        assert_eq!(Intake::of_list(b"\n").lines.len(), 1);
        assert_eq!(Intake::of_list(b"\n\nlast").lines.len(), 3);
    }

    proptest! {
        /// Whatever the bytes: one line for each, and each customer in one line alone.
        #[test]
        fn no_line_is_lost_and_no_customer_comes_twice(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let intake = Intake::of_list(&bytes);
            let mut places = vec![0; intake.customers.len()];
            for line in &intake.lines {
                if let Content::Customer(place) = line.content {
                    places[place] += 1;
                }
            }
            prop_assert!(places.iter().all(|count| *count == 1));
            let mut once = intake.customers.clone();
            once.sort();
            once.dedup();
            prop_assert_eq!(once.len(), intake.customers.len());
        }
    }
}
