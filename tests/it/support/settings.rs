//! The settings that the shipped configuration gives, for tests that call the use cases directly.

use cellgate::domain::cell::CellSettings;
use cellgate::domain::connection::ConnectionSettings;
use cellgate::domain::mapping::MappingSettings;
use cellgate::ops::inventory::InventorySettings;

pub fn inventory_settings() -> InventorySettings {
    InventorySettings {
        mapping: MappingSettings {
            table: "CellMappings".to_owned(),
            customer_attribute: "CustomerId".to_owned(),
            cell_attribute: "CellId".to_owned(),
        },
        cells: CellSettings {
            configured: Vec::new(),
            tag: "CellId".to_owned(),
            stage_variable: "cellId".to_owned(),
            api_name: "{CellId}-api".to_owned(),
            id_pattern: "cell-*".to_owned(),
            web_acl: "{CellId}-waf".into(),
            of_regions: Vec::new(),
        },
        connections: ConnectionSettings {
            table: "WebSocketConnections".to_owned(),
            id_attribute: "ConnectionId".to_owned(),
            customer_attribute: "CustomerId".to_owned(),
            cell_attribute: "CellId".to_owned(),
        },
    }
}
