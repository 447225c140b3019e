//! VPC links of REST APIs, and client certificates.

use std::collections::BTreeMap;

use serde::Serialize;

use super::listing;
use crate::estate::{ClientCertificate, Estate, Reaches, VpcLink};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_vpc_links(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| listing(call, vpc_links(estate), |link| &link.id, link_document))
}

pub fn get_vpc_link(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let link = vpc_links(estate).find(|link| link.id == call.parameter("vpclink_id"));
        Answer::json(&link_document(link.ok_or_else(|| Fault::not_found("Invalid Vpc Link identifier"))?))
    })
}

pub fn get_client_certificates(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        listing(call, estate.client_certificates.iter(), |certificate| &certificate.id, certificate_document)
    })
}

pub fn get_client_certificate(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| {
        let id = call.parameter("clientcertificate_id");
        let certificate = estate.client_certificates.iter().find(|certificate| certificate.id == id);
        let certificate =
            certificate.ok_or_else(|| Fault::not_found("Invalid Client Certificate identifier specified"))?;
        Answer::json(&certificate_document(certificate))
    })
}

/// Those of v1: v2 has its own.
fn vpc_links(estate: &Estate) -> impl Iterator<Item = &VpcLink> {
    estate.vpc_links.iter().filter(|link| matches!(link.reaches, Reaches::LoadBalancers { .. }))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct VpcLinkDocument<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    target_arns: &'a [String],
    status: &'static str,
    tags: &'a BTreeMap<String, String>,
}

fn link_document(link: &VpcLink) -> VpcLinkDocument<'_> {
    VpcLinkDocument {
        id: &link.id,
        name: &link.name,
        description: &link.description,
        target_arns: match &link.reaches {
            Reaches::LoadBalancers { arns } => arns,
            Reaches::Subnets { .. } => &[],
        },
        status: "AVAILABLE",
        tags: &link.tags,
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CertificateDocument<'a> {
    client_certificate_id: &'a str,
    description: &'a str,
    pem_encoded_certificate: &'a str,
    created_date: i64,
    expiration_date: i64,
    tags: &'a BTreeMap<String, String>,
}

fn certificate_document(certificate: &ClientCertificate) -> CertificateDocument<'_> {
    CertificateDocument {
        client_certificate_id: &certificate.id,
        description: &certificate.description,
        pem_encoded_certificate: &certificate.pem,
        created_date: certificate.created.as_second(),
        expiration_date: certificate.expires.as_second(),
        tags: &certificate.tags,
    }
}
