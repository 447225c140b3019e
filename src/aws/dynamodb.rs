//! Amazon DynamoDB: the mapping table, and which cells it knows. Single items, with their conditions, are in [`items`];
//! what is read of customers and connections, page by page, in [`page`], [`mapping_item`], [`customer_pages`] and
//! [`connections`].

mod batch;
mod connections;
mod customer_pages;
mod item;
mod items;
mod mapping_item;
mod mappings;
mod move_table;
mod page;
mod placement;

pub use batch::LARGEST_BATCH;
pub use customer_pages::{CustomerSource, MappedCustomer, ScanPart};
pub use item::{Attribute, Condition, Item, ItemKey, KeyRange, LARGEST_ITEM, Written, item_size};
pub use items::ItemTable;
pub use mappings::{MappingWrite, MappingWritten};
pub use move_table::MoveTableFacts;
pub use page::Page;

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::types::{
    GlobalSecondaryIndexDescription, IndexStatus, KeySchemaElement, KeyType, TableDescription,
};

use super::mode::Mode;
use super::operations::{DESCRIBE_TABLE, SCAN};
use super::session::Session;
use super::translate::{optional, text};
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::id::CellId;
use crate::domain::mapping::{MappingSettings, MappingTable, SAMPLED_CUSTOMERS};

impl<M: Mode> Session<M> {
    /// Reads the mapping table's description (`DescribeTable`), and finds the index by cell.
    pub async fn describe_table(&self, settings: &MappingSettings) -> Result<MappingTable, Failure> {
        let answer = self
            .send(&DESCRIBE_TABLE, &settings.table, || {
                self.clients.dynamodb.describe_table().table_name(&settings.table).send()
            })
            .await?;
        answer.table().map(|table| mapping_table(settings, table)).ok_or_else(|| {
            let message = "the answer describes no table";
            Failure::new(DESCRIBE_TABLE.name, &settings.table, FailureKind::Malformed, message)
        })
    }

    /// Finds which cells the table maps customers to (`Scan`, the cell attribute alone).
    ///
    /// Reads one page of [`SAMPLED_CUSTOMERS`] customers. AWS spreads items by a hash of their key, so that is
    /// a random sample: a cell that it misses serves well below a hundredth of all customers.
    pub async fn mapped_cells(&self, settings: &MappingSettings) -> Result<Vec<CellId>, Failure> {
        let answer =
            self.send(&SCAN, &settings.table, || sample(&self.clients.dynamodb, settings).send()).await?;
        let cells: BTreeSet<CellId> = answer
            .items()
            .iter()
            .filter_map(|item| item.get(&settings.cell_attribute)?.as_s().ok())
            .filter(|cell| !cell.is_empty())
            .map(CellId::new)
            .collect();
        Ok(cells.into_iter().collect())
    }
}

/// A page of the table itself. The index on the cell would cost the router nothing, but it keeps
/// a cell's customers together: a page of it is a sample of customers of one cell or two.
fn sample(client: &Client, settings: &MappingSettings) -> ScanFluentBuilder {
    client
        .scan()
        .table_name(&settings.table)
        .limit(SAMPLED_CUSTOMERS.cast_signed())
        .projection_expression("#cell")
        .expression_attribute_names("#cell", &settings.cell_attribute)
}

fn mapping_table(settings: &MappingSettings, from: &TableDescription) -> MappingTable {
    let whole =
        |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok()).unwrap_or_default();
    MappingTable {
        name: optional(from.table_name()).unwrap_or_else(|| settings.table.clone()),
        status: text(from.table_status().map(aws_sdk_dynamodb::types::TableStatus::as_str)),
        approximate_items: whole(from.item_count()),
        size_bytes: whole(from.table_size_bytes()),
        partition_key: partition_key(from.key_schema()).map(|key| text(Some(key))),
        cell_index: cell_index(from.global_secondary_indexes(), &settings.cell_attribute),
        deletion_protection: from.deletion_protection_enabled().unwrap_or_default(),
    }
}

/// The index whose partition key is the cell.
fn cell_index(indexes: &[GlobalSecondaryIndexDescription], cell_attribute: &str) -> Option<String> {
    described_cell_index(indexes, cell_attribute).and_then(|index| optional(index.index_name()))
}

fn described_cell_index<'table>(
    indexes: &'table [GlobalSecondaryIndexDescription],
    cell_attribute: &str,
) -> Option<&'table GlobalSecondaryIndexDescription> {
    indexes
        .iter()
        // One that is still being filled would count too few.
        .filter(|index| index.index_status() == Some(&IndexStatus::Active))
        .find(|index| partition_key(index.key_schema()) == Some(cell_attribute))
}

fn partition_key(schema: &[KeySchemaElement]) -> Option<&str> {
    schema.iter().find(|element| *element.key_type() == KeyType::Hash).map(KeySchemaElement::attribute_name)
}

#[cfg(test)]
mod tests {
    use aws_config::{BehaviorVersion, Region, SdkConfig};

    use super::*;
    use crate::aws::clients::Clients;
    use crate::aws::guard::Guard;
    use crate::aws::region_clock::RegionClock;

    #[test]
    fn a_sample_is_a_bounded_page_of_the_table_itself() {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .build();
        let settings = MappingSettings {
            table: "ShopCells".into(),
            customer_attribute: "Shop".into(),
            cell_attribute: "Cell".into(),
        };
        let request = sample(&Clients::new(&config, Guard::read(), &RegionClock::new()).dynamodb, &settings);
        assert_eq!(request.get_table_name().as_deref(), Some("ShopCells"));
        assert_eq!(request.get_limit(), &Some(1_000));
        assert_eq!(request.get_index_name(), &None);
    }
}
