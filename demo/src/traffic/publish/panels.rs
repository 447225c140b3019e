//! The panels that the traffic writes to: what they are called, and under which dimensions AWS shows them.

use super::layouts;
use crate::estate::{Api, ApiKind, MAPPING_TABLE, RouteKey};
use crate::metrics::layout::Layout;
use crate::metrics::panel::{Face, GroupId, PanelSpec};

/// The dimension that tells APIs of this kind apart, and its value. AWS: REST metrics go by the API's name, the
/// others by its id.
fn identity(api: &Api) -> (&'static str, String) {
    match api.kind {
        ApiKind::Rest => ("ApiName", metric_name(api)),
        ApiKind::Http | ApiKind::WebSocket => ("ApiId", api.id.clone()),
    }
}

/// AWS strips characters beyond ASCII from the name, and uses the id if nothing is left.
pub fn metric_name(api: &Api) -> String {
    let name: String = api.name.chars().filter(char::is_ascii).collect();
    if name.is_empty() { api.id.clone() } else { name }
}

fn layout(kind: ApiKind) -> &'static Layout {
    match kind {
        ApiKind::Rest => &layouts::REST,
        ApiKind::Http => &layouts::HTTP,
        ApiKind::WebSocket => &layouts::WEBSOCKET,
    }
}

/// A stage: it counts for its API, for itself, and for its cell where that reports.
pub fn of_stage(api: &Api, stage: &str, reporting_cell: Option<&str>, group: Option<GroupId>) -> PanelSpec {
    let (dimension, value) = identity(api);
    let layout = layout(api.kind);
    let mut faces = vec![
        Face::new(layout, [(dimension, &value)]),
        Face::new(layout, [(dimension, &value), ("Stage", stage)]),
    ];
    if let Some(cell) = reporting_cell.filter(|_| api.kind != ApiKind::WebSocket) {
        faces.push(Face::new(&layouts::CELL, [("CellId", cell)]));
    }
    // The name is part of it, so that a renamed API starts new series, as on AWS.
    PanelSpec { name: format!("stage {}/{stage}/{value}", api.id), group, faces }
}

/// A method of a stage with detailed metrics.
pub fn of_method(api: &Api, stage: &str, key: &RouteKey, group: Option<GroupId>) -> PanelSpec {
    let (dimension, value) = identity(api);
    let layout = layout(api.kind);
    let face = match key {
        RouteKey::Http { verb, path } if api.kind == ApiKind::Rest => {
            Face::new(layout, [(dimension, &value), ("Stage", stage), ("Resource", path), ("Method", verb)])
        }
        _ => Face::new(layout, [(dimension, &value), ("Stage", stage), ("Route", &key.to_string())]),
    };
    PanelSpec { name: format!("method {}/{stage}/{value}/{key}", api.id), group, faces: vec![face] }
}

/// What a rule of a web ACL did with the requests of one stage. `ALL` is the whole ACL.
pub fn of_rule(api: &Api, stage: &str, acl: &str, rule: &str, group: Option<GroupId>) -> PanelSpec {
    let region = crate::estate::REGION;
    let face = Face::new(&layouts::WAF, [("WebACL", acl), ("Rule", rule), ("Region", region)]);
    PanelSpec { name: format!("rule {}/{stage}/{acl}/{rule}", api.id), group, faces: vec![face] }
}

/// A function, as far as one stage calls it.
pub fn of_function(api: &Api, stage: &str, function: &str, group: Option<GroupId>) -> PanelSpec {
    let face = Face::new(&layouts::FUNCTION, [("FunctionName", function)]);
    PanelSpec { name: format!("function {}/{stage}/{function}", api.id), group, faces: vec![face] }
}

/// The mapping table, as far as the router's stage asks it.
pub fn of_table(group: Option<GroupId>) -> PanelSpec {
    let faces = vec![
        Face::new(&layouts::TABLE, [("TableName", MAPPING_TABLE)]),
        Face::new(&layouts::TABLE_OPERATION, [("TableName", MAPPING_TABLE), ("Operation", "GetItem")]),
    ];
    PanelSpec { name: format!("table {MAPPING_TABLE}"), group, faces }
}

/// The name of the function behind an ARN, which may be an API Gateway invocation URI.
pub fn function_name(arn: &str) -> Option<&str> {
    let (_, rest) = arn.rsplit_once(":function:")?;
    rest.split([':', '/']).next().filter(|name| !name.is_empty())
}
