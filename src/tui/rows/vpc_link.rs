//! A VPC link as a row: whether requests get through it, and where to.

use std::sync::Arc;

use jiff::Timestamp;

use super::{RowKey, TableRow, age};
use crate::domain::estate::RegionSlot;
use crate::domain::filter::Value;
use crate::domain::vpc_link::VpcLink;
use crate::tui::model::{Model, Scope};

#[derive(Clone, Debug)]
pub struct VpcLinkRow {
    pub slot: RegionSlot,
    pub link: Arc<VpcLink>,
}

/// One row a link, by name.
pub(super) fn rows(model: &Model) -> Vec<VpcLinkRow> {
    let regions = model.estate.regions();
    let of_region = regions.map(|(slot, region)| (slot, region.vpc_links.value().into_iter().flatten()));
    of_region
        .flat_map(|(slot, links)| links.map(move |link| VpcLinkRow { slot, link: Arc::clone(link) }))
        .collect()
}

impl TableRow for VpcLinkRow {
    fn key(&self) -> RowKey {
        RowKey::VpcLink(self.slot, self.link.id.clone())
    }

    fn text(&self) -> String {
        let link = &self.link;
        let texts = [&link.status, &link.description].map(|text| text.as_deref().unwrap_or_default());
        format!("{} {} {} {} {}", link.name, link.id, link.version, texts.join(" "), link.targets().join(" "))
    }

    fn value(&self, column: &str, now: Timestamp) -> Value {
        let link = &self.link;
        match column {
            "vpc-link" => Value::Text(link.name.clone()),
            "id" => Value::Text(link.id.clone()),
            "version" => Value::Text(link.version.to_string()),
            "status" => link.status.clone().map_or(Value::Absent, Value::Text),
            "targets" => Value::Text(link.targets().join(", ")),
            "age" => age(link.created, now),
            _ => Value::Absent,
        }
    }

    fn is_in(&self, _scope: &Scope) -> bool {
        true
    }
}
