//! Custom domain names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::find;
use super::listing;
use super::patch::{self, PatchDocument, Patchable};
use crate::estate::domain_name::target;
use crate::estate::{DomainName, EndpointType, id};
use crate::server::fault::Fault;
use crate::server::rest::{Answer, Call};

pub fn get_domain_names(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| listing(call, estate.domain_names.iter(), |domain| &domain.name, document))
}

pub fn get_domain_name(call: &Call<'_>) -> Result<Answer, Fault> {
    call.read(|estate| Answer::json(&document(find::domain_name(estate, call)?)))
}

pub fn create_domain_name(call: &Call<'_>) -> Result<Answer, Fault> {
    let request: CreateDomainName = call.body()?;
    call.write(|estate| {
        let name = request.domain_name.to_lowercase();
        if !is_host_name(&name) {
            return Err(Fault::bad_request("The domain name is not a valid host name"));
        }
        if estate.domain_name(&name).is_some() {
            return Err(Fault::new(409, "ConflictException", "The domain name you provided already exists."));
        }
        let types = &request.endpoint_configuration.types;
        let endpoint = match types.first().map(String::as_str) {
            None | Some("EDGE") => EndpointType::Edge,
            Some("REGIONAL") => EndpointType::Regional,
            Some(other) => return Err(Fault::bad_request(format!("Invalid endpoint type: {other}"))),
        };
        let certificate_arn = match endpoint {
            EndpointType::Edge => request.certificate_arn,
            EndpointType::Regional | EndpointType::Private => request.regional_certificate_arn,
        };
        let certificate_arn = certificate_arn.filter(|arn| is_certificate(arn)).ok_or_else(no_certificate)?;
        let security_policy = request.security_policy.unwrap_or_else(|| "TLS_1_2".to_owned());
        if !SECURITY_POLICIES.contains(&security_policy.as_str()) {
            return Err(Fault::bad_request(format!("Invalid security policy: {security_policy}")));
        }
        let domain = DomainName {
            name,
            endpoint,
            certificate_arn,
            certificate_uploaded: call.now,
            security_policy,
            target: target(endpoint, &id::random(&mut rand::rng(), id::LONG), &estate.region),
            tags: request.tags,
            mappings: Vec::new(),
        };
        let answer = Answer::created(&document(&domain))?;
        estate.domain_names.push(domain);
        Ok(answer)
    })
}

/// AWS: what the region knows of them.
const SECURITY_POLICIES: [&str; 2] = ["TLS_1_0", "TLS_1_2"];

/// AWS: what `UpdateDomainName` may patch, as far as the region has it.
static PATCHABLE: &[Patchable<DomainName>] = &[
    Patchable {
        path: "/securityPolicy",
        ops: &["replace"],
        apply: |domain, patch| {
            domain.security_policy = patch.one_of(&SECURITY_POLICIES)?;
            Ok(())
        },
    },
    Patchable {
        path: "/certificateArn",
        ops: &["replace"],
        apply: |domain, patch| certificate(domain, EndpointType::Edge, patch.text()?),
    },
    Patchable {
        path: "/regionalCertificateArn",
        ops: &["replace"],
        apply: |domain, patch| certificate(domain, EndpointType::Regional, patch.text()?),
    },
];

fn certificate(domain: &mut DomainName, of: EndpointType, arn: &str) -> Result<(), Fault> {
    if domain.endpoint != of || !is_certificate(arn) {
        return Err(no_certificate());
    }
    arn.clone_into(&mut domain.certificate_arn);
    Ok(())
}

pub fn update_domain_name(call: &Call<'_>) -> Result<Answer, Fault> {
    let patches: PatchDocument = call.body()?;
    call.write(|estate| {
        let domain = find::domain_name_mut(estate, call)?;
        let mut draft = domain.clone();
        patch::apply(PATCHABLE, &mut draft, &patches.patch_operations)?;
        if draft.certificate_arn != domain.certificate_arn {
            draft.certificate_uploaded = call.now;
        }
        *domain = draft;
        Answer::json(&document(domain))
    })
}

pub fn delete_domain_name(call: &Call<'_>) -> Result<Answer, Fault> {
    call.write(|estate| {
        let name = find::domain_name(estate, call)?.name.clone();
        estate.domain_names.retain(|domain| domain.name != name);
        Ok(Answer::accepted())
    })
}

fn is_host_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let labels = name.strip_prefix("*.").unwrap_or(name);
    name.len() <= 255 && labels.contains('.') && labels.split('.').all(label)
}

fn is_certificate(arn: &str) -> bool {
    arn.starts_with("arn:aws:acm:") && arn.contains(":certificate/")
}

fn no_certificate() -> Fault {
    Fault::bad_request("Invalid certificate ARN: a certificate of ACM for this kind of endpoint is required")
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateDomainName {
    domain_name: String,
    certificate_arn: Option<String>,
    regional_certificate_arn: Option<String>,
    #[serde(default)]
    endpoint_configuration: RequestedEndpoint,
    security_policy: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
struct RequestedEndpoint {
    #[serde(default)]
    types: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DomainNameDocument<'a> {
    domain_name: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    certificate_upload_date: i64,
    endpoint_configuration: Endpoint,
    domain_name_status: &'static str,
    security_policy: &'a str,
    routing_mode: &'static str,
    tags: &'a BTreeMap<String, String>,
}

/// AWS names the same things in two ways.
#[derive(Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Place<'a> {
    Edge {
        certificate_arn: &'a str,
        distribution_domain_name: &'a str,
        distribution_hosted_zone_id: &'static str,
    },
    Regional {
        regional_certificate_arn: &'a str,
        regional_domain_name: &'a str,
        regional_hosted_zone_id: &'static str,
    },
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    types: [&'static str; 1],
    ip_address_type: &'static str,
}

fn document(domain: &DomainName) -> DomainNameDocument<'_> {
    let (arn, target, zone) = (&domain.certificate_arn, &domain.target, domain.hosted_zone_id());
    DomainNameDocument {
        domain_name: &domain.name,
        place: match domain.endpoint {
            EndpointType::Edge => Place::Edge {
                certificate_arn: arn,
                distribution_domain_name: target,
                distribution_hosted_zone_id: zone,
            },
            EndpointType::Regional | EndpointType::Private => Place::Regional {
                regional_certificate_arn: arn,
                regional_domain_name: target,
                regional_hosted_zone_id: zone,
            },
        },
        certificate_upload_date: domain.certificate_uploaded.as_second(),
        endpoint_configuration: Endpoint { types: [domain.endpoint.as_str()], ip_address_type: "ipv4" },
        domain_name_status: "AVAILABLE",
        security_policy: &domain.security_policy,
        routing_mode: "BASE_PATH_MAPPING_ONLY",
        tags: &domain.tags,
    }
}
