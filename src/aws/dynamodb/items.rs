//! Reading and writing single items of a table, each write under a condition.
//!
//! Reads are strongly consistent: what is decided on them must not be old. A write is sent once; a
//! condition that doesn't hold proves that nothing was written, and gives the item that was found.

use std::collections::HashMap;
use std::error::Error;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::error::ConditionalCheckFailedException;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::item::{Condition, Item, ItemKey, KeyRange, Written, from_aws, names, to_aws};
use crate::aws::mode::{Mode, Operate};
use crate::aws::operations::{Operation, TEAM_GET_ITEM, TEAM_PUT_ITEM, TEAM_QUERY, TEAM_UPDATE_ITEM};
use crate::aws::session::Session;
use crate::domain::failure::{Failure, FailureKind};

/// A table whose items are reached by key, with the operations (and so the IAM grants) of its purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemTable {
    name: String,
    get: &'static Operation,
    query: &'static Operation,
    put: &'static Operation,
    update: &'static Operation,
}

impl ItemTable {
    /// The table with the team's journal and leases.
    pub fn team(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            get: &TEAM_GET_ITEM,
            query: &TEAM_QUERY,
            put: &TEAM_PUT_ITEM,
            update: &TEAM_UPDATE_ITEM,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a failure is said to be of: the table's name comes first.
    fn target(&self, key: &ItemKey) -> String {
        format!("{} {} {}", self.name, key.partition, key.sort)
    }
}

impl<M: Mode> Session<M> {
    /// Reads one item (`GetItem`). None where there is none under this key.
    pub async fn get_item(&self, table: &ItemTable, key: &ItemKey) -> Result<Option<Item>, Failure> {
        let answer = self
            .send(table.get, &table.target(key), || {
                self.clients
                    .dynamodb
                    .get_item()
                    .table_name(&table.name)
                    .set_key(Some(to_aws(&key.item())))
                    .consistent_read(true)
                    .send()
            })
            .await?;
        Ok(answer.item().map(from_aws))
    }

    /// Reads the items of a range in the order of their keys (`Query`, all pages up to the limit).
    pub async fn query_items(&self, table: &ItemTable, range: &KeyRange) -> Result<Vec<Item>, Failure> {
        let target = format!("{} {}", table.name, range.partition);
        let mut items = Vec::new();
        let mut start: Option<HashMap<String, AttributeValue>> = None;
        loop {
            let left = range.limit.map(|limit| limit - i32::try_from(items.len()).unwrap_or(i32::MAX));
            let answer = self
                .send(table.query, &target, || {
                    self.clients
                        .dynamodb
                        .query()
                        .table_name(&table.name)
                        .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
                        .set_expression_attribute_names(Some(names(&["#pk #sk"])))
                        .expression_attribute_values(":pk", AttributeValue::S(range.partition.clone()))
                        .expression_attribute_values(":from", AttributeValue::S(range.from.clone()))
                        .expression_attribute_values(":to", AttributeValue::S(range.to.clone()))
                        .scan_index_forward(!range.descending)
                        .set_limit(left)
                        .set_exclusive_start_key(start.clone())
                        .consistent_read(true)
                        .send()
                })
                .await?;
            items.extend(answer.items().iter().map(from_aws));
            let next = answer.last_evaluated_key().filter(|key| !key.is_empty()).cloned();
            let enough = left.is_some_and(|left| answer.items().len() >= usize::try_from(left).unwrap_or(0));
            if next.is_none() || enough {
                return Ok(items);
            }
            if next == start {
                let message = "the same page key came twice, so the items can't be read to their end";
                return Err(Failure::new(table.query.name, target, FailureKind::Malformed, message));
            }
            start = next;
        }
    }
}

impl Session<Operate> {
    /// Writes a whole item where the condition holds (`PutItem`).
    pub async fn put_item(
        &self,
        table: &ItemTable,
        key: &ItemKey,
        item: &Item,
        condition: &Condition,
    ) -> Result<Written, Failure> {
        let mut whole = key.item();
        whole.extend(item.clone());
        self.change(table.put, &table.target(key), || async {
            let sent = self
                .clients
                .dynamodb
                .put_item()
                .table_name(&table.name)
                .set_item(Some(to_aws(&whole)))
                .condition_expression(condition.expression)
                .set_expression_attribute_names(some(names(&[condition.expression])))
                .set_expression_attribute_values(some(values(condition)))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .send()
                .await;
            unless_refused(sent.map(|_| whole.clone()), |error| match error {
                PutItemError::ConditionalCheckFailedException(refused) => Some(refused),
                _ => None,
            })
        })
        .await
    }

    /// Alters an item, or makes it, where the condition holds (`UpdateItem`). `update` refers to the
    /// condition's values.
    pub async fn update_item(
        &self,
        table: &ItemTable,
        key: &ItemKey,
        update: &'static str,
        condition: &Condition,
    ) -> Result<Written, Failure> {
        self.change(table.update, &table.target(key), || async {
            let sent = self
                .clients
                .dynamodb
                .update_item()
                .table_name(&table.name)
                .set_key(Some(to_aws(&key.item())))
                .update_expression(update)
                .condition_expression(condition.expression)
                .set_expression_attribute_names(some(names(&[update, condition.expression])))
                .set_expression_attribute_values(some(values(condition)))
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .send()
                .await;
            let altered = sent.map(|answer| answer.attributes().map(from_aws).unwrap_or_default());
            unless_refused(altered, |error| match error {
                UpdateItemError::ConditionalCheckFailedException(refused) => Some(refused),
                _ => None,
            })
        })
        .await
    }
}

fn values(condition: &Condition) -> HashMap<String, AttributeValue> {
    condition.values.iter().map(|(name, value)| ((*name).to_owned(), value.to_aws())).collect()
}

/// AWS refuses an empty map where none is needed.
fn some<K, V>(map: HashMap<K, V>) -> Option<HashMap<K, V>> {
    (!map.is_empty()).then_some(map)
}

/// A condition that didn't hold is an answer, and no failure.
fn unless_refused<E: Error + 'static>(
    sent: Result<Item, SdkError<E, HttpResponse>>,
    refusal: impl Fn(&E) -> Option<&ConditionalCheckFailedException>,
) -> Result<Written, SdkError<E, HttpResponse>> {
    match sent {
        Ok(item) => Ok(Written::Done(item)),
        Err(error) => match error.as_service_error().and_then(refusal) {
            Some(refused) => {
                Ok(Written::Refused(refused.item().filter(|item| !item.is_empty()).map(from_aws)))
            }
            None => Err(error),
        },
    }
}
