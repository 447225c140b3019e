//! The table of placement: which cells are closed to new customers, and the conditional write that closes one.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::RequestId as _;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::AttributeValue;

use super::mappings::kind;
use crate::aws::mode::{Mode, Operate};
use crate::aws::operations::{PLACEMENT_GET_ITEM, PLACEMENT_SCAN, PLACEMENT_UPDATE_ITEM};
use crate::aws::session::Session;
use crate::aws::translate::optional;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::id::CellId;
use crate::domain::placement::{Placement, PlacementSettings, PlacementTarget};

impl<M: Mode> Session<M> {
    /// Every cell that has an item (`Scan`; an item a cell, so that a page or two hold them all).
    ///
    /// # Errors
    /// Where the table can't be read.
    pub async fn placements(
        &self,
        settings: &PlacementSettings,
    ) -> Result<BTreeMap<CellId, Placement>, Failure> {
        let mut cells = BTreeMap::new();
        let mut start: Option<HashMap<String, AttributeValue>> = None;
        loop {
            let answer = self
                .send(&PLACEMENT_SCAN, &settings.table, || {
                    self.clients
                        .dynamodb
                        .scan()
                        .table_name(&settings.table)
                        .consistent_read(true)
                        .set_exclusive_start_key(start.clone())
                        .send()
                })
                .await?;
            for item in answer.items() {
                if let Some(AttributeValue::S(cell)) = item.get(&settings.cell_attribute) {
                    cells.insert(CellId::new(cell), placement(item.get(&settings.closed_attribute)));
                }
            }
            let next = answer.last_evaluated_key().filter(|key| !key.is_empty()).cloned();
            if next.is_none() {
                return Ok(cells);
            }
            if next == start {
                let message = "the same page key came twice, so the cells can't be read to their end";
                let kind = FailureKind::Malformed;
                return Err(Failure::new(PLACEMENT_SCAN.name, &settings.table, kind, message));
            }
            start = next;
        }
    }

    /// What a cell's item says (`GetItem`, strongly consistent): `true`, `false` or what else is there; none where
    /// there is no item, or no such attribute.
    ///
    /// # Errors
    /// Where the table can't be read.
    pub async fn placement_of(&self, cell: &PlacementTarget) -> Result<Option<String>, Failure> {
        let settings = &cell.settings;
        let answer = self
            .send(&PLACEMENT_GET_ITEM, &settings.table, || {
                self.clients
                    .dynamodb
                    .get_item()
                    .table_name(&settings.table)
                    .set_key(Some(key(cell)))
                    .consistent_read(true)
                    .send()
            })
            .await?;
        let value = answer.item().and_then(|item| item.get(&settings.closed_attribute));
        Ok(value.map(|value| match value {
            AttributeValue::Bool(closed) => closed.to_string(),
            other => format!("of type {}", kind(other)),
        }))
    }
}

impl Session<Operate> {
    /// Writes whether a cell is closed, where its item still says `before` (`UpdateItem`), and returns AWS's request
    /// id. None: not set.
    ///
    /// # Errors
    /// `Conflict` where somebody else has changed it; as every change, it is sent once.
    pub async fn set_placement(
        &self,
        cell: &PlacementTarget,
        before: Option<&str>,
        after: Option<&str>,
    ) -> Result<Option<String>, Failure> {
        let table = &cell.settings.table;
        let written = self
            .change(&PLACEMENT_UPDATE_ITEM, table, || {
                let boolean = |value: &str| AttributeValue::Bool(value == "true");
                let mut values = HashMap::new();
                let condition = match before {
                    Some(before) => {
                        values.insert(":before".to_owned(), boolean(before));
                        "#closed = :before"
                    }
                    None => "attribute_not_exists(#closed)",
                };
                let update = match after {
                    Some(after) => {
                        values.insert(":after".to_owned(), boolean(after));
                        "SET #closed = :after"
                    }
                    None => "REMOVE #closed",
                };
                let request = self
                    .clients
                    .dynamodb
                    .update_item()
                    .table_name(table)
                    .set_key(Some(key(cell)))
                    .update_expression(update)
                    .condition_expression(condition)
                    .expression_attribute_names("#closed", &cell.settings.closed_attribute)
                    .set_expression_attribute_values(Some(values).filter(|values| !values.is_empty()));
                async {
                    match request.send().await {
                        Ok(answer) => Ok(Ok(optional(answer.request_id()))),
                        Err(SdkError::ServiceError(refused)) if is_refused(refused.err()) => Ok(Err(())),
                        Err(error) => Err(error),
                    }
                }
            })
            .await?;
        written.map_err(|()| {
            let message = format!("somebody has changed {} of {table} since it was read", cell.cell);
            Failure::new(PLACEMENT_UPDATE_ITEM.name, table, FailureKind::Conflict, &message)
        })
    }
}

fn is_refused(error: &UpdateItemError) -> bool {
    matches!(error, UpdateItemError::ConditionalCheckFailedException(_))
}

fn key(cell: &PlacementTarget) -> HashMap<String, AttributeValue> {
    HashMap::from([(cell.settings.cell_attribute.clone(), AttributeValue::S(cell.cell.as_str().to_owned()))])
}

fn placement(value: Option<&AttributeValue>) -> Placement {
    match value {
        None | Some(AttributeValue::Bool(false)) => Placement::Open,
        Some(AttributeValue::Bool(true)) => Placement::Closed,
        Some(other) => Placement::Unusable(format!("of type {}", kind(other))),
    }
}
