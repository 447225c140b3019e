//! VPC links of HTTP APIs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{iso8601, listing};
use crate::estate::{Estate, Reaches, VpcLink};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_vpc_links(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| listing(call, links(estate), |link| &link.id, document))
}

pub fn get_vpc_link(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let id = call.parameter("vpcLinkId");
        let link = links(estate).find(|link| link.id == id);
        Answer::json(&document(
            link.ok_or_else(|| Fault::not_found(format!("Unable to find VPC link by id {id}")))?,
        ))
    })
}

/// Those of v2: v1 has its own.
fn links(estate: &Estate) -> impl Iterator<Item = &VpcLink> {
    estate.vpc_links.iter().filter(|link| matches!(link.reaches, Reaches::Subnets { .. }))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct VpcLinkDocument<'a> {
    vpc_link_id: &'a str,
    name: &'a str,
    created_date: String,
    subnet_ids: &'a [String],
    security_group_ids: &'a [String],
    vpc_link_status: &'static str,
    vpc_link_version: &'static str,
    tags: &'a BTreeMap<String, String>,
}

fn document(link: &VpcLink) -> VpcLinkDocument<'_> {
    let (subnet_ids, security_group_ids): (&[String], &[String]) = match &link.reaches {
        Reaches::Subnets { subnet_ids, security_group_ids } => (subnet_ids, security_group_ids),
        Reaches::LoadBalancers { .. } => (&[], &[]),
    };
    VpcLinkDocument {
        vpc_link_id: &link.id,
        name: &link.name,
        created_date: iso8601(link.created),
        subnet_ids,
        security_group_ids,
        vpc_link_status: "AVAILABLE",
        vpc_link_version: "V2",
        tags: &link.tags,
    }
}
