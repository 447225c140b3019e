//! Many items of the mapping table at once, read consistently: what each says of its cell, or all that it says.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};

use super::mappings::{found, key, target};
use crate::aws::mode::Mode;
use crate::aws::operations::MAPPING_BATCH_GET_ITEM;
use crate::aws::session::Session;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::filter::Value;
use crate::domain::moves::settings::MoveTable;
use crate::domain::moves::verdict::FoundMapping;
use crate::domain::text::sanitise;

/// AWS: keys in one BatchGetItem at most.
pub const LARGEST_BATCH: usize = 100;

impl<M: Mode> Session<M> {
    /// The items of up to [`LARGEST_BATCH`] customers, each of them once, in the same order (`BatchGetItem`).
    ///
    /// # Errors
    /// Where the table can't be read, or throttles for long.
    pub async fn mappings(
        &self,
        table: &MoveTable,
        customers: &[&str],
    ) -> Result<Vec<Option<FoundMapping>>, Failure> {
        self.batch(table, customers, |item| found(table, item)).await
    }

    /// The attributes of the same items, as far as they can be compared: texts, numbers, and true or false as text.
    ///
    /// # Errors
    /// As [`Session::mappings`].
    pub async fn mapping_attributes(
        &self,
        table: &MoveTable,
        customers: &[&str],
    ) -> Result<Vec<Option<BTreeMap<String, Value>>>, Failure> {
        self.batch(table, customers, attributes).await
    }

    async fn batch<T>(
        &self,
        table: &MoveTable,
        customers: &[&str],
        read: impl Fn(&HashMap<String, AttributeValue>) -> T,
    ) -> Result<Vec<Option<T>>, Failure> {
        let mut known: HashMap<String, T> = HashMap::new();
        let mut left: Vec<HashMap<String, AttributeValue>> =
            customers.iter().map(|customer| key(table, customer)).collect();
        let mut fruitless = 0;
        while !left.is_empty() {
            let asked = left.len();
            let answer = self
                .send(&MAPPING_BATCH_GET_ITEM, &target(table), || {
                    let keys = KeysAndAttributes::builder()
                        .set_keys(Some(left.clone()))
                        .consistent_read(true)
                        .build();
                    let request = self.clients.dynamodb.batch_get_item();
                    async {
                        let keys = keys.map_err(SdkError::construction_failure)?;
                        request.request_items(&table.name, keys).send().await
                    }
                })
                .await?;
            for item in answer.responses().and_then(|all| all.get(&table.name)).into_iter().flatten() {
                if let Some(AttributeValue::S(customer)) = item.get(&table.customer_attribute) {
                    known.insert(customer.clone(), read(item));
                }
            }
            left = answer
                .unprocessed_keys()
                .and_then(|all| all.get(&table.name))
                .map(|keys| keys.keys().to_vec())
                .unwrap_or_default();
            // AWS leaves keys out where the table is throttled, or the answer would be too large.
            if left.len() == asked {
                fruitless += 1;
                if fruitless == 5 {
                    let message = "DynamoDB left all keys unprocessed five times";
                    let kind = FailureKind::Throttled { retry_after: None };
                    return Err(Failure::new(MAPPING_BATCH_GET_ITEM.name, target(table), kind, message));
                }
                tokio::time::sleep(std::time::Duration::from_millis(100 << fruitless)).await;
            }
        }
        Ok(customers.iter().map(|customer| known.remove(*customer)).collect())
    }
}

fn attributes(item: &HashMap<String, AttributeValue>) -> BTreeMap<String, Value> {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) => Some(Value::Text(text.clone())),
        AttributeValue::N(number) => number.parse().ok().map(Value::Number),
        AttributeValue::Bool(flag) => Some(Value::Text(flag.to_string())),
        _ => None,
    };
    item.iter().filter_map(|(name, found)| Some((sanitise(name).into_owned(), value(found)?))).collect()
}
