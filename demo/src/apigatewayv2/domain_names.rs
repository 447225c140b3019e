//! Custom domain names as v2 shows them, and what answers on their paths.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{iso8601, listing};
use crate::estate::{ApiMapping, DomainName, Estate};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_domain_names(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| listing(call, estate.domain_names.iter(), |domain| &domain.name, document))
}

pub fn get_domain_name(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| Answer::json(&document(find(estate, call)?)))
}

pub fn get_api_mappings(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let mappings = find(estate, call)?.mappings.iter();
        listing(call, mappings, |mapping| &mapping.id, mapping_document)
    })
}

pub fn get_api_mapping(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let id = call.parameter("apiMappingId");
        let mapping = find(estate, call)?.mappings.iter().find(|mapping| mapping.id == id);
        let missing = || Fault::not_found("The API mapping identifier that you provided is not valid");
        Answer::json(&mapping_document(mapping.ok_or_else(missing)?))
    })
}

fn find<'e>(estate: &'e Estate, call: &Call<'_>) -> Result<&'e DomainName, Fault> {
    let found = estate.domain_name(&call.parameter("domainName").to_lowercase());
    found.ok_or_else(|| Fault::not_found("Invalid domain name identifier specified"))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DomainNameDocument<'a> {
    domain_name: &'a str,
    api_mapping_selection_expression: &'static str,
    domain_name_configurations: [Configuration<'a>; 1],
    routing_mode: &'static str,
    tags: &'a BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Configuration<'a> {
    api_gateway_domain_name: &'a str,
    certificate_arn: &'a str,
    certificate_upload_date: String,
    domain_name_status: &'static str,
    endpoint_type: &'static str,
    hosted_zone_id: &'static str,
    ip_address_type: &'static str,
    security_policy: &'a str,
}

fn document(domain: &DomainName) -> DomainNameDocument<'_> {
    DomainNameDocument {
        domain_name: &domain.name,
        api_mapping_selection_expression: "$request.basepath",
        domain_name_configurations: [Configuration {
            api_gateway_domain_name: &domain.target,
            certificate_arn: &domain.certificate_arn,
            certificate_upload_date: iso8601(domain.certificate_uploaded),
            domain_name_status: "AVAILABLE",
            endpoint_type: domain.endpoint.as_str(),
            hosted_zone_id: domain.hosted_zone_id(),
            ip_address_type: "ipv4",
            security_policy: &domain.security_policy,
        }],
        routing_mode: "API_MAPPING_ONLY",
        tags: &domain.tags,
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiMappingDocument<'a> {
    api_id: &'a str,
    api_mapping_id: &'a str,
    api_mapping_key: &'a str,
    stage: &'a str,
}

fn mapping_document(mapping: &ApiMapping) -> ApiMappingDocument<'_> {
    ApiMappingDocument {
        api_id: &mapping.api_id,
        api_mapping_id: &mapping.id,
        api_mapping_key: &mapping.key,
        stage: &mapping.stage,
    }
}
