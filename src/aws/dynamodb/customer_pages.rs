//! Many customers of the mapping table, a page at a time: listed, or counted by cell without being kept.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, Select};

use super::super::mode::Mode;
use super::super::operations::{QUERY, SCAN};
use super::super::session::Session;
use super::page::{Page, to_aws};
use crate::domain::count::Tally;
use crate::domain::failure::Failure;
use crate::domain::id::CellId;
use crate::domain::mapping::{CustomerCount, MappingSettings, MappingTable};
use crate::domain::page_key::PageKey;

/// A customer with its cell. Texts are as stored: they are printed as data, and a face sanitises what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedCustomer {
    /// None where the key is no text.
    pub customer: Option<String>,
    /// None where the item names none.
    pub cell: Option<String>,
}

/// Which customers are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomerSource {
    /// Of one cell, through this index.
    Index { index: String, cell: CellId },
    /// All of the table, or those of one cell: the whole table is read either way.
    Table { cell: Option<CellId> },
}

/// One of the parts that a scan reads a table in, and how much of it at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanPart {
    pub segment: i32,
    pub of: i32,
    /// Items of a page; AWS ends a page at 1 MB all the same.
    pub limit: i32,
}

impl<M: Mode> Session<M> {
    /// Reads a page of customers (`Query` of an index, or `Scan`).
    ///
    /// # Errors
    /// Where the table can't be read.
    pub async fn customers_page(
        &self,
        settings: &MappingSettings,
        source: &CustomerSource,
        from: Option<&PageKey>,
        limit: i32,
    ) -> Result<Page<Vec<MappedCustomer>>, Failure> {
        let from = from.map(to_aws);
        let (customer, cell) = (&settings.customer_attribute, &settings.cell_attribute);
        let rows = |items: &[HashMap<String, AttributeValue>]| {
            let text =
                |item: &HashMap<String, AttributeValue>, name: &str| item.get(name)?.as_s().ok().cloned();
            let row = |item| MappedCustomer { customer: text(item, customer), cell: text(item, cell) };
            items.iter().map(row).collect::<Vec<_>>()
        };
        match source {
            CustomerSource::Index { index, cell: wanted } => {
                let target = format!("{} for {wanted}", settings.table);
                let answer = self
                    .send(&QUERY, &target, || {
                        self.clients
                            .dynamodb
                            .query()
                            .table_name(&settings.table)
                            .index_name(index)
                            .projection_expression("#customer, #cell")
                            .key_condition_expression("#cell = :cell")
                            .expression_attribute_names("#customer", customer)
                            .expression_attribute_names("#cell", cell)
                            .expression_attribute_values(":cell", AttributeValue::S(wanted.to_string()))
                            .return_consumed_capacity(ReturnConsumedCapacity::Total)
                            .set_exclusive_start_key(from.clone())
                            .limit(limit)
                            .send()
                    })
                    .await?;
                let (last, read) = (answer.last_evaluated_key(), answer.scanned_count());
                Ok(Page::new(rows(answer.items()), last, read, answer.consumed_capacity()))
            }
            CustomerSource::Table { cell: wanted } => {
                let answer = self
                    .send(&SCAN, &settings.table, || {
                        let request = self
                            .clients
                            .dynamodb
                            .scan()
                            .table_name(&settings.table)
                            .projection_expression("#customer, #cell")
                            .expression_attribute_names("#customer", customer)
                            .expression_attribute_names("#cell", cell)
                            .return_consumed_capacity(ReturnConsumedCapacity::Total)
                            .set_exclusive_start_key(from.clone())
                            .limit(limit);
                        match wanted {
                            Some(wanted) => request
                                .filter_expression("#cell = :cell")
                                .expression_attribute_values(":cell", AttributeValue::S(wanted.to_string()))
                                .send(),
                            None => request.send(),
                        }
                    })
                    .await?;
                let (last, read) = (answer.last_evaluated_key(), answer.scanned_count());
                Ok(Page::new(rows(answer.items()), last, read, answer.consumed_capacity()))
            }
        }
    }

    /// Counts a cell's customers by the table's index on the cell. None where the table has no such index.
    ///
    /// Reads one page, 1 MB at the most, so that a large cell costs no more than a small one; the count says whether
    /// it is whole.
    ///
    /// # Errors
    /// As [`Session::count_page`].
    pub async fn count_customers(
        &self,
        settings: &MappingSettings,
        table: &MappingTable,
        cell: &CellId,
    ) -> Result<Option<CustomerCount>, Failure> {
        let Some(index) = &table.cell_index else { return Ok(None) };
        let page = self.count_page(settings, (table, index), cell, None).await?;
        Ok(Some(CustomerCount { customers: page.items, complete: page.next.is_none() }))
    }

    /// Counts a page of a cell's customers through the index on the cell (`Query`, counting alone).
    ///
    /// # Errors
    /// Where the index can't be read.
    pub async fn count_page(
        &self,
        settings: &MappingSettings,
        (table, index): (&MappingTable, &str),
        cell: &CellId,
        from: Option<&PageKey>,
    ) -> Result<Page<u64>, Failure> {
        let from = from.map(to_aws);
        let answer = self
            .send(&QUERY, &format!("{} for {cell}", table.name), || {
                self.clients
                    .dynamodb
                    .query()
                    .table_name(&table.name)
                    .index_name(index)
                    .select(Select::Count)
                    .key_condition_expression("#cell = :cell")
                    .expression_attribute_names("#cell", &settings.cell_attribute)
                    .expression_attribute_values(":cell", AttributeValue::S(cell.as_str().to_owned()))
                    .return_consumed_capacity(ReturnConsumedCapacity::Total)
                    .set_exclusive_start_key(from.clone())
                    .send()
            })
            .await?;
        let count = u64::try_from(answer.count()).unwrap_or_default();
        Ok(Page::new(count, answer.last_evaluated_key(), answer.scanned_count(), answer.consumed_capacity()))
    }

    /// Counts a page of a part of the table by cell (`Scan`, the cell attribute alone). The items are gone
    /// once they are counted.
    ///
    /// # Errors
    /// Where the table can't be read.
    pub async fn scan_cells_page(
        &self,
        settings: &MappingSettings,
        part: ScanPart,
        from: Option<&PageKey>,
    ) -> Result<Page<Tally>, Failure> {
        let from = from.map(to_aws);
        let answer = self
            .send(&SCAN, &settings.table, || {
                self.clients
                    .dynamodb
                    .scan()
                    .table_name(&settings.table)
                    .segment(part.segment)
                    .total_segments(part.of)
                    .limit(part.limit)
                    .projection_expression("#cell")
                    .expression_attribute_names("#cell", &settings.cell_attribute)
                    .return_consumed_capacity(ReturnConsumedCapacity::Total)
                    .set_exclusive_start_key(from.clone())
                    .send()
            })
            .await?;
        let mut tally = Tally::default();
        for item in answer.items() {
            tally.add(
                item.get(&settings.cell_attribute).and_then(|cell| cell.as_s().ok()).map(String::as_str),
            );
        }
        Ok(Page::new(tally, answer.last_evaluated_key(), answer.scanned_count(), answer.consumed_capacity()))
    }
}
