//! The mapping table's description as a move needs it: whether it can be written, its key, its capacity.

use aws_sdk_dynamodb::types::{
    BillingMode, KeyType, ProvisionedThroughputDescription, ScalarAttributeType, TableDescription,
};

use crate::aws::mode::Mode;
use crate::aws::operations::DESCRIBE_TABLE;
use crate::aws::session::Session;
use crate::domain::failure::{Failure, FailureKind};
use crate::domain::moves::settings::MoveTable;

/// What DescribeTable says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MoveTableFacts {
    /// `ACTIVE`, `UPDATING` and so on.
    pub status: String,
    pub partition_key: Option<String>,
    /// Whether the key is a text, and no sort key beside it.
    pub plain_text_key: bool,
    /// The index whose partition key is the cell.
    pub cell_index: Option<String>,
    /// Write units a second of the table and of the index on the cell; none where they are on demand.
    pub write_units: Option<u64>,
    pub index_write_units: Option<u64>,
}

impl<M: Mode> Session<M> {
    /// Reads the table's description (`DescribeTable`).
    pub async fn describe_move_table(&self, table: &MoveTable) -> Result<MoveTableFacts, Failure> {
        let answer = self
            .send(&DESCRIBE_TABLE, &table.name, || {
                self.clients.dynamodb.describe_table().table_name(&table.name).send()
            })
            .await?;
        answer.table().map(|description| facts(table, description)).ok_or_else(|| {
            let message = "the answer describes no table";
            Failure::new(DESCRIBE_TABLE.name, &table.name, FailureKind::Malformed, message)
        })
    }
}

fn facts(table: &MoveTable, from: &TableDescription) -> MoveTableFacts {
    let hash = from.key_schema().iter().find(|element| *element.key_type() == KeyType::Hash);
    let key = hash.map(aws_sdk_dynamodb::types::KeySchemaElement::attribute_name);
    let is_text = from.attribute_definitions().iter().any(|definition| {
        Some(definition.attribute_name()) == key && *definition.attribute_type() == ScalarAttributeType::S
    });
    let index = from.global_secondary_indexes().iter().find(|index| {
        let mut keys = index.key_schema().iter();
        keys.any(|element| {
            *element.key_type() == KeyType::Hash && element.attribute_name() == table.cell_attribute
        })
    });
    let on_demand = from.billing_mode_summary().and_then(|billing| billing.billing_mode())
        == Some(&BillingMode::PayPerRequest);
    let units = |units: Option<i64>| {
        units.and_then(|units| u64::try_from(units).ok()).filter(|units| *units > 0 && !on_demand)
    };
    MoveTableFacts {
        status: from.table_status().map_or("", |status| status.as_str()).to_owned(),
        partition_key: key.map(|key| crate::domain::text::sanitise(key).into_owned()),
        plain_text_key: is_text && from.key_schema().len() == 1,
        cell_index: index.and_then(|index| index.index_name()).map(str::to_owned),
        write_units: units(
            from.provisioned_throughput().and_then(ProvisionedThroughputDescription::write_capacity_units),
        ),
        index_write_units: units(
            index
                .and_then(|index| index.provisioned_throughput())
                .and_then(ProvisionedThroughputDescription::write_capacity_units),
        ),
    }
}
