//! Single items of the mapping table: reading them as they are now, and writing each under a condition.
//!
//! Reads are strongly consistent: what is decided on them must not be old. A write is sent once. A condition that
//! doesn't hold proves that nothing was written and gives the item that was found.

use std::collections::HashMap;
use std::error::Error;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::error::ConditionalCheckFailedException;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::aws::mode::{Mode, Operate};
use crate::aws::operations::{MAPPING_DELETE_ITEM, MAPPING_GET_ITEM, MAPPING_UPDATE_ITEM, QUERY};
use crate::aws::session::Session;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::id::CellId;
use crate::domain::moves::roster::Passenger;
use crate::domain::moves::settings::MoveTable;
use crate::domain::moves::verdict::{FoundCell, FoundMapping};

/// A write to one customer's item.
#[derive(Clone, Copy, Debug)]
pub struct MappingWrite<'write> {
    pub passenger: Passenger<'write>,
    /// The version that the item must still have, in a fenced table.
    pub version: Option<u64>,
    /// The id of the move, when and by whom: kept where the table has attributes for them.
    pub change: &'write str,
    pub at: &'write str,
    pub by: &'write str,
}

/// What came of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MappingWritten {
    Done,
    /// The condition did not hold, and nothing was written. The item as it was found, where there is one.
    Refused(Option<FoundMapping>),
}

/// An expression with the names and values that it refers to.
#[derive(Debug, Default)]
struct Expression {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Expression {
    /// The placeholder of an attribute.
    fn name(&mut self, placeholder: &str, attribute: &str) -> String {
        let placeholder = format!("#{placeholder}");
        self.names.insert(placeholder.clone(), attribute.to_owned());
        placeholder
    }

    fn value(&mut self, placeholder: &str, value: AttributeValue) -> String {
        let placeholder = format!(":{placeholder}");
        self.values.insert(placeholder.clone(), value);
        placeholder
    }
}

impl<M: Mode> Session<M> {
    /// One customer's item (`GetItem`). None where there is none.
    pub async fn mapping(&self, table: &MoveTable, customer: &str) -> Result<Option<FoundMapping>, Failure> {
        let answer = self
            .send(&MAPPING_GET_ITEM, &target(table), || {
                self.clients
                    .dynamodb
                    .get_item()
                    .table_name(&table.name)
                    .set_key(Some(key(table, customer)))
                    .consistent_read(true)
                    .send()
            })
            .await?;
        Ok(answer.item().map(|item| found(table, item)))
    }

    /// The ids of a cell's customers by the index on the cell (`Query`), eventually consistent. `seen` is told
    /// after each page how many there are so far.
    ///
    /// # Errors
    /// Where a page can't be read; nothing is given then, since a part would look like the whole.
    pub async fn customers_of_cell(
        &self,
        table: &MoveTable,
        index: &str,
        cell: &CellId,
        seen: &(dyn Fn(usize) + Send + Sync),
    ) -> Result<Vec<String>, Failure> {
        let mut customers = Vec::new();
        let mut start: Option<HashMap<String, AttributeValue>> = None;
        loop {
            let answer = self
                .send(&QUERY, &format!("{} for {cell}", table.name), || {
                    self.clients
                        .dynamodb
                        .query()
                        .table_name(&table.name)
                        .index_name(index)
                        .key_condition_expression("#cell = :cell")
                        .projection_expression("#customer")
                        .expression_attribute_names("#cell", &table.cell_attribute)
                        .expression_attribute_names("#customer", &table.customer_attribute)
                        .expression_attribute_values(":cell", AttributeValue::S(cell.as_str().to_owned()))
                        .set_exclusive_start_key(start.clone())
                        .send()
                })
                .await?;
            let ids = answer.items().iter().filter_map(|item| item.get(&table.customer_attribute));
            customers.extend(ids.filter_map(|id| id.as_s().ok().cloned()));
            seen(customers.len());
            let next = answer.last_evaluated_key().filter(|key| !key.is_empty()).cloned();
            if next.is_none() {
                return Ok(customers);
            }
            if next == start {
                let message = "the same page key came twice, so the customers can't be read to their end";
                return Err(Failure::new(QUERY.name, target(table), FailureKind::Malformed, message));
            }
            start = next;
        }
    }
}

impl Session<Operate> {
    /// Brings one customer to their cell, where the item is still what the move rests on. A mapping that there is
    /// to be none of is made, or deleted.
    pub async fn write_mapping(
        &self,
        table: &MoveTable,
        write: &MappingWrite<'_>,
    ) -> Result<MappingWritten, Failure> {
        match write.passenger.to {
            Some(to) => self.set_cell(table, write, to).await,
            None => self.delete_mapping(table, write).await,
        }
    }

    async fn set_cell(
        &self,
        table: &MoveTable,
        write: &MappingWrite<'_>,
        to: &CellId,
    ) -> Result<MappingWritten, Failure> {
        self.change(&MAPPING_UPDATE_ITEM, &target(table), || {
            let mut expression = Expression::default();
            let condition = condition(&mut expression, table, write);
            let update = update(&mut expression, table, write, to);
            let request = self
                .clients
                .dynamodb
                .update_item()
                .table_name(&table.name)
                .set_key(Some(key(table, write.passenger.customer)))
                .update_expression(update)
                .condition_expression(condition)
                .set_expression_attribute_names(Some(expression.names))
                .set_expression_attribute_values(Some(expression.values))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            async {
                unless_refused(table, request.send().await.map(drop), |error| match error {
                    UpdateItemError::ConditionalCheckFailedException(refused) => Some(refused),
                    _ => None,
                })
            }
        })
        .await
    }

    async fn delete_mapping(
        &self,
        table: &MoveTable,
        write: &MappingWrite<'_>,
    ) -> Result<MappingWritten, Failure> {
        self.change(&MAPPING_DELETE_ITEM, &target(table), || {
            let mut expression = Expression::default();
            let condition = condition(&mut expression, table, write);
            let values = Some(expression.values).filter(|values| !values.is_empty());
            let request = self
                .clients
                .dynamodb
                .delete_item()
                .table_name(&table.name)
                .set_key(Some(key(table, write.passenger.customer)))
                .condition_expression(condition)
                .set_expression_attribute_names(Some(expression.names))
                .set_expression_attribute_values(values)
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            async {
                unless_refused(table, request.send().await.map(drop), |error| match error {
                    DeleteItemError::ConditionalCheckFailedException(refused) => Some(refused),
                    _ => None,
                })
            }
        })
        .await
    }
}

/// What failures are said to be of: ids are long and may be anything.
pub(super) fn target(table: &MoveTable) -> String {
    table.name.clone()
}

pub(super) fn key(table: &MoveTable, customer: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([(table.customer_attribute.clone(), AttributeValue::S(customer.to_owned()))])
}

fn condition(expression: &mut Expression, table: &MoveTable, write: &MappingWrite<'_>) -> String {
    let Some(from) = write.passenger.from else {
        let customer = expression.name("customer", &table.customer_attribute);
        return format!("attribute_not_exists({customer})");
    };
    let cell = expression.name("cell", &table.cell_attribute);
    let from = expression.value("from", AttributeValue::S(from.as_str().to_owned()));
    match (&table.fence.version, write.version) {
        (Some(version), Some(seen)) => {
            let version = expression.name("version", version);
            let seen = expression.value("seen", AttributeValue::N(seen.to_string()));
            format!("{cell} = {from} AND {version} = {seen}")
        }
        _ => format!("{cell} = {from}"),
    }
}

fn update(expression: &mut Expression, table: &MoveTable, write: &MappingWrite<'_>, to: &CellId) -> String {
    let cell = expression.name("cell", &table.cell_attribute);
    let to = expression.value("to", AttributeValue::S(to.as_str().to_owned()));
    let mut set = vec![format!("{cell} = {to}")];
    let stamp = &table.stamp;
    for (placeholder, attribute, value) in
        [("change", &stamp.change, write.change), ("at", &stamp.at, write.at), ("by", &stamp.by, write.by)]
    {
        if let Some(attribute) = attribute {
            let name = expression.name(placeholder, attribute);
            let value = expression.value(placeholder, AttributeValue::S(value.to_owned()));
            set.push(format!("{name} = {value}"));
        }
    }
    let mut add = Vec::new();
    for (placeholder, attribute) in [("version", &table.fence.version), ("epoch", &table.fence.epoch)] {
        if let Some(attribute) = attribute {
            let name = expression.name(placeholder, attribute);
            let one = expression.value("one", AttributeValue::N("1".to_owned()));
            // AWS: ADD begins at 0 where there is no number yet.
            add.push(format!("{name} {one}"));
        }
    }
    let add = if add.is_empty() { String::new() } else { format!(" ADD {}", add.join(", ")) };
    format!("SET {}{add}", set.join(", "))
}

pub(super) fn found(table: &MoveTable, item: &HashMap<String, AttributeValue>) -> FoundMapping {
    let text =
        |attribute: &Option<String>| attribute.as_ref().and_then(|name| item.get(name)?.as_s().ok().cloned());
    let number = |attribute: &Option<String>| {
        attribute.as_ref().and_then(|name| item.get(name)?.as_n().ok()?.parse().ok())
    };
    let cell = match item.get(&table.cell_attribute) {
        None => FoundCell::Missing,
        Some(AttributeValue::S(cell)) => FoundCell::Cell(cell.clone()),
        Some(other) => FoundCell::OtherType(kind(other)),
    };
    let stamp = &table.stamp;
    FoundMapping {
        cell,
        version: number(&table.fence.version),
        change: text(&stamp.change),
        by: text(&stamp.by),
        at: text(&stamp.at),
    }
}

/// AWS's name of a type.
fn kind(value: &AttributeValue) -> &'static str {
    match value {
        AttributeValue::B(_) => "B",
        AttributeValue::Bool(_) => "BOOL",
        AttributeValue::Bs(_) => "BS",
        AttributeValue::L(_) => "L",
        AttributeValue::M(_) => "M",
        AttributeValue::N(_) => "N",
        AttributeValue::Ns(_) => "NS",
        AttributeValue::Null(_) => "NULL",
        AttributeValue::Ss(_) => "SS",
        AttributeValue::S(_) => "S",
        _ => "unknown",
    }
}

/// A condition that didn't hold is an answer, and no failure.
fn unless_refused<E: Error + 'static>(
    table: &MoveTable,
    sent: Result<(), SdkError<E, HttpResponse>>,
    refusal: impl Fn(&E) -> Option<&ConditionalCheckFailedException>,
) -> Result<MappingWritten, SdkError<E, HttpResponse>> {
    match sent {
        Ok(()) => Ok(MappingWritten::Done),
        Err(error) => match error.as_service_error().and_then(refusal) {
            Some(refused) => {
                let item = refused.item().filter(|item| !item.is_empty());
                Ok(MappingWritten::Refused(item.map(|item| found(table, item))))
            }
            None => Err(error),
        },
    }
}
