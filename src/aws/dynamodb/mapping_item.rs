//! One customer's item of the mapping table, read consistently: what the router finds once its cache has gone.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::super::mode::Mode;
use super::super::operations::MAPPING_GET_ITEM;
use super::super::session::Session;
use crate::domain::failure::Failure;
use crate::domain::id::CellId;
use crate::domain::lookup::{Mapped, Mapping};
use crate::domain::mapping::MappingSettings;
use crate::domain::text::sanitise;

/// Characters of a customer's id that a failure names: AWS allows 2,048 bytes.
const NAMED: usize = 60;

impl<M: Mode> Session<M> {
    /// Reads which cell the table maps a customer to (`GetItem`, strongly consistent).
    ///
    /// # Errors
    /// Where the table can't be read, or has another key.
    pub async fn mapping_of(&self, settings: &MappingSettings, customer: &str) -> Result<Mapping, Failure> {
        let answer = self
            .send(&MAPPING_GET_ITEM, &target(settings, customer), || {
                self.clients
                    .dynamodb
                    .get_item()
                    .table_name(&settings.table)
                    .key(&settings.customer_attribute, AttributeValue::S(customer.to_owned()))
                    .consistent_read(true)
                    .send()
            })
            .await?;
        Ok(answer.item().map_or(Mapping::Absent, |item| mapping(settings, item)))
    }
}

/// The table's name comes first, so that the grant that is missing names it.
pub(super) fn target(settings: &MappingSettings, customer: &str) -> String {
    format!("{} for {}", settings.table, sanitise(customer).chars().take(NAMED).collect::<String>())
}

fn mapping(settings: &MappingSettings, item: &HashMap<String, AttributeValue>) -> Mapping {
    let attribute = &settings.cell_attribute;
    match item.get(attribute) {
        None => Mapping::Unusable { why: format!("it has no {attribute}") },
        Some(AttributeValue::S(cell)) if cell.is_empty() => {
            Mapping::Unusable { why: format!("its {attribute} is empty") }
        }
        Some(AttributeValue::S(cell)) => {
            let others = item
                .iter()
                .filter(|(name, _)| *name != attribute && **name != settings.customer_attribute)
                .map(|(name, value)| (sanitise(name).into_owned(), shown(value)))
                .collect();
            Mapping::To(Mapped { cell: CellId::new(cell), attributes: others })
        }
        Some(other) => Mapping::Unusable { why: format!("its {attribute} is {}, not a text", kind(other)) },
    }
}

/// A single value as it is; of others, what they are.
fn shown(value: &AttributeValue) -> String {
    match value {
        AttributeValue::S(text) => sanitise(text).into_owned(),
        AttributeValue::N(number) => sanitise(number).into_owned(),
        AttributeValue::Bool(flag) => flag.to_string(),
        AttributeValue::Null(_) => "null".to_owned(),
        other => format!("({})", kind(other)),
    }
}

fn kind(value: &AttributeValue) -> &'static str {
    match value {
        AttributeValue::S(_) => "a text",
        AttributeValue::N(_) => "a number",
        AttributeValue::Bool(_) => "true or false",
        AttributeValue::Null(_) => "null",
        AttributeValue::B(_) => "bytes",
        AttributeValue::L(_) => "a list",
        AttributeValue::M(_) => "a map",
        AttributeValue::Ss(_) | AttributeValue::Ns(_) | AttributeValue::Bs(_) => "a set",
        _ => "of a kind that is not known here",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> MappingSettings {
        MappingSettings {
            table: "CellMappings".into(),
            customer_attribute: "CustomerId".into(),
            cell_attribute: "CellId".into(),
        }
    }

    #[test]
    fn an_item_of_any_shape_says_which_cell_or_why_not() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let item = |cell: AttributeValue| HashMap::from([("CellId".to_owned(), cell)]);
        let whole = HashMap::from([
            ("CustomerId".to_owned(), text("c")),
            ("CellId".to_owned(), text("cell-01")),
            ("tier".to_owned(), text("ba\u{1b}sic")),
            ("version".to_owned(), AttributeValue::N("7".to_owned())),
            ("tags".to_owned(), AttributeValue::Ss(vec!["a".to_owned()])),
        ]);
        let Mapping::To(mapped) = mapping(&settings(), &whole) else { panic!("it has a cell") };
        assert_eq!(mapped.cell.as_str(), "cell-01");
        let attributes: Vec<_> =
            mapped.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(attributes, ["tags=(a set)", "tier=ba\u{fffd}sic", "version=7"]);
        for (item, why) in [
            (HashMap::new(), "it has no CellId"),
            (item(text("")), "its CellId is empty"),
            (item(AttributeValue::N("7".into())), "its CellId is a number, not a text"),
        ] {
            assert_eq!(mapping(&settings(), &item), Mapping::Unusable { why: why.to_owned() });
        }
    }

    #[test]
    fn a_long_id_does_not_fill_a_failure() {
        assert!(target(&settings(), &"x".repeat(2_048)).len() < 100);
        assert_eq!(target(&settings(), "a\nb"), "CellMappings for a b");
    }
}
