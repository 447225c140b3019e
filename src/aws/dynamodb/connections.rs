//! The table of WebSocket connections: how large it is, and who is connected. It has no index on the customer, so
//! that one's take a scan of all; a cell's are counted where it has one on the cell.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, ProjectionType, ReturnConsumedCapacity, Select, TableDescription,
};

use super::super::mode::Mode;
use super::super::operations::{CONNECTIONS_DESCRIBE_TABLE, CONNECTIONS_QUERY, CONNECTIONS_SCAN};
use super::super::session::Session;
use super::described_cell_index;
use super::page::{Page, to_aws};
use crate::aws::translate::optional;
use crate::domain::connection::{Connection, ConnectionIndex, ConnectionSettings, Wanted};
use crate::domain::count::ScanCost;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::id::CellId;
use crate::domain::mapping::CustomerCount;
use crate::domain::page_key::PageKey;

impl<M: Mode> Session<M> {
    /// Reads how large the table of connections is (`DescribeTable`); what a scan of it costs is left open.
    ///
    /// # Errors
    /// Where there is no such table, or it can't be read.
    pub async fn connections_size(&self, settings: &ConnectionSettings) -> Result<ScanCost, Failure> {
        let answer = self
            .send(&CONNECTIONS_DESCRIBE_TABLE, &settings.table, || {
                self.clients.dynamodb.describe_table().table_name(&settings.table).send()
            })
            .await?;
        let table = answer.table().ok_or_else(|| {
            let message = "the answer describes no table";
            Failure::new(CONNECTIONS_DESCRIBE_TABLE.name, &settings.table, FailureKind::Malformed, message)
        })?;
        let whole =
            |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok()).unwrap_or_default();
        let (items, size_bytes) = (whole(table.item_count()), whole(table.table_size_bytes()));
        Ok(ScanCost { items, size_bytes, price: None })
    }

    /// The index of the table of connections on the cell (`DescribeTable`), where it has one.
    ///
    /// # Errors
    /// Where there is no such table, or it can't be read.
    pub async fn connections_index(
        &self,
        settings: &ConnectionSettings,
    ) -> Result<Option<ConnectionIndex>, Failure> {
        let answer = self
            .send(&CONNECTIONS_DESCRIBE_TABLE, &settings.table, || {
                self.clients.dynamodb.describe_table().table_name(&settings.table).send()
            })
            .await?;
        let indexes = answer.table().map(TableDescription::global_secondary_indexes).unwrap_or_default();
        Ok(described_cell_index(indexes, &settings.cell_attribute).and_then(|index| {
            let projection = index.projection().and_then(|projection| projection.projection_type());
            let whole = projection == Some(&ProjectionType::All);
            Some(ConnectionIndex { name: optional(index.index_name())?, whole })
        }))
    }

    /// Counts a cell's connections by that index (`Query`, counting alone). Reads one page, 1 MB at the most; the
    /// count says whether it is whole.
    ///
    /// # Errors
    /// Where the index can't be read.
    pub async fn count_connections(
        &self,
        settings: &ConnectionSettings,
        index: &str,
        cell: &CellId,
    ) -> Result<CustomerCount, Failure> {
        let answer = self
            .send(&CONNECTIONS_QUERY, &format!("{} for {cell}", settings.table), || {
                let request = self.clients.dynamodb.query().table_name(&settings.table).index_name(index);
                request
                    .select(Select::Count)
                    .key_condition_expression("#cell = :cell")
                    .expression_attribute_names("#cell", &settings.cell_attribute)
                    .expression_attribute_values(":cell", AttributeValue::S(cell.as_str().to_owned()))
                    .send()
            })
            .await?;
        Ok(CustomerCount {
            customers: u64::try_from(answer.count()).unwrap_or_default(),
            complete: answer.last_evaluated_key().is_none_or(HashMap::is_empty),
        })
    }

    /// Reads a page of connections: by an index where one is wanted (`Query`), or else a page of all (`Scan` with a
    /// filter, which saves no read units).
    ///
    /// # Errors
    /// Where the table can't be read.
    pub async fn connections_page(
        &self,
        settings: &ConnectionSettings,
        wanted: &Wanted,
        from: Option<&PageKey>,
        limit: i32,
    ) -> Result<Page<Vec<Connection>>, Failure> {
        let from = from.map(to_aws);
        let filter = match wanted {
            Wanted::All => None,
            Wanted::OfCustomer(customer) => Some((&settings.customer_attribute, customer)),
            Wanted::OfCell(cell) => Some((&settings.cell_attribute, cell)),
            Wanted::ByIndex { index, cell } => {
                return self.connections_by_index(settings, (index, cell), from.as_ref(), limit).await;
            }
        };
        let answer = self
            .send(&CONNECTIONS_SCAN, &settings.table, || {
                let request = self
                    .clients
                    .dynamodb
                    .scan()
                    .table_name(&settings.table)
                    .return_consumed_capacity(ReturnConsumedCapacity::Total)
                    .set_exclusive_start_key(from.clone())
                    .limit(limit);
                match filter {
                    Some((attribute, value)) => request
                        .filter_expression("#wanted = :wanted")
                        .expression_attribute_names("#wanted", attribute)
                        .expression_attribute_values(":wanted", AttributeValue::S(value.clone()))
                        .send(),
                    None => request.send(),
                }
            })
            .await?;
        let rows = answer.items().iter().map(|item| connection(settings, item)).collect();
        Ok(Page::new(rows, answer.last_evaluated_key(), answer.scanned_count(), answer.consumed_capacity()))
    }

    async fn connections_by_index(
        &self,
        settings: &ConnectionSettings,
        (index, cell): (&str, &str),
        from: Option<&HashMap<String, AttributeValue>>,
        limit: i32,
    ) -> Result<Page<Vec<Connection>>, Failure> {
        let answer = self
            .send(&CONNECTIONS_QUERY, &format!("{} for {cell}", settings.table), || {
                let request = self.clients.dynamodb.query().table_name(&settings.table).index_name(index);
                request
                    .return_consumed_capacity(ReturnConsumedCapacity::Total)
                    .set_exclusive_start_key(from.cloned())
                    .limit(limit)
                    .key_condition_expression("#cell = :cell")
                    .expression_attribute_names("#cell", &settings.cell_attribute)
                    .expression_attribute_values(":cell", AttributeValue::S(cell.to_owned()))
                    .send()
            })
            .await?;
        let rows = answer.items().iter().map(|item| connection(settings, item)).collect();
        Ok(Page::new(rows, answer.last_evaluated_key(), answer.scanned_count(), answer.consumed_capacity()))
    }
}

fn connection(settings: &ConnectionSettings, item: &HashMap<String, AttributeValue>) -> Connection {
    let text = |name: &String| item.get(name)?.as_s().ok().cloned();
    let own = [&settings.id_attribute, &settings.customer_attribute, &settings.cell_attribute];
    let others = item.iter().filter(|(name, _)| !own.contains(name));
    Connection {
        id: text(&settings.id_attribute).unwrap_or_default(),
        customer: text(&settings.customer_attribute),
        cell: text(&settings.cell_attribute),
        attributes: others
            .filter_map(|(name, value)| Some((name.clone(), value.as_s().ok()?.clone())))
            .collect(),
    }
}
