//! Which cells take new customers, as the configured table says.

use std::collections::BTreeMap;

use crate::aws::{Mode, Session};
use crate::domain::failure::Failure;
use crate::domain::id::CellId;
use crate::domain::lookup::{Answer, RouterSettings};
use crate::domain::mapping::MappingSettings;
use crate::domain::placement::{Placement, PlacementSettings};

/// Every cell that has an item. One without takes new customers.
///
/// # Errors
/// Where the table can't be read.
pub async fn read<M: Mode>(
    session: &Session<M>,
    settings: &PlacementSettings,
) -> Result<BTreeMap<CellId, Placement>, Failure> {
    session.placements(settings).await
}

/// Where the router sends a customer.
///
/// # Errors
/// Where the mapping table can't be read.
pub async fn answer<M: Mode>(
    session: &Session<M>,
    customer: &str,
    mapping: &MappingSettings,
    router: &RouterSettings,
) -> Result<Answer, Failure> {
    let mapping = session.mapping_of(mapping, customer).await?;
    Ok(Answer::of(customer, &mapping, router))
}
