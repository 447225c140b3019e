//! Custom domain names, their API mappings, and VPC links, as v2 tells of them.

use aws_sdk_apigatewayv2::types;

use crate::aws::mode::Mode;
use crate::aws::operations::{V2_GET_API_MAPPINGS, V2_GET_DOMAIN_NAMES, V2_GET_VPC_LINKS};
use crate::aws::paging::Pages;
use crate::aws::session::Session;
use crate::aws::translate::{map, optional, text, time};
use crate::domain::api::EndpointType;
use crate::domain::custom_domain::{CustomDomain, PathMapping, path_of};
use crate::domain::failure::Failure;
use crate::domain::id::{ApiId, StageName};
use crate::domain::vpc_link::{VpcLink, VpcLinkVersion};

impl<M: Mode> Session<M> {
    /// Reads the custom domain names that v2 knows (`GetDomainNames`).
    pub async fn v2_domain_names(&self) -> Result<Vec<CustomDomain>, Failure> {
        let mut pages = Pages::default();
        let mut domains = Vec::new();
        loop {
            let answer = self
                .send(&V2_GET_DOMAIN_NAMES, "", || {
                    self.clients.v2.get_domain_names().set_next_token(pages.token()).send()
                })
                .await?;
            domains.extend(answer.items().iter().map(domain));
            if !pages.advance(answer.next_token, &V2_GET_DOMAIN_NAMES, "")? {
                return Ok(domains);
            }
        }
    }

    /// Reads the paths of a domain, of several levels, too, and whatever kind of API they lead to
    /// (`GetApiMappings`).
    pub async fn api_mappings(&self, domain: &CustomDomain) -> Result<Vec<PathMapping>, Failure> {
        let mut pages = Pages::default();
        let mut mappings = Vec::new();
        loop {
            let answer = self
                .send(&V2_GET_API_MAPPINGS, &domain.name, || {
                    let request = self.clients.v2.get_api_mappings().domain_name(&domain.name);
                    request.set_next_token(pages.token()).send()
                })
                .await?;
            mappings.extend(answer.items().iter().map(mapping));
            if !pages.advance(answer.next_token, &V2_GET_API_MAPPINGS, &domain.name)? {
                return Ok(mappings);
            }
        }
    }

    /// Reads all VPC links of HTTP APIs (`GetVpcLinks`).
    pub async fn v2_vpc_links(&self) -> Result<Vec<VpcLink>, Failure> {
        let mut pages = Pages::default();
        let mut links = Vec::new();
        loop {
            let answer = self
                .send(&V2_GET_VPC_LINKS, "", || {
                    self.clients.v2.get_vpc_links().set_next_token(pages.token()).send()
                })
                .await?;
            links.extend(answer.items().iter().map(link));
            if !pages.advance(answer.next_token, &V2_GET_VPC_LINKS, "")? {
                return Ok(links);
            }
        }
    }
}

fn domain(from: &types::DomainName) -> CustomDomain {
    let first = from.domain_name_configurations().first();
    CustomDomain {
        name: text(from.domain_name()),
        id: None,
        endpoint_type: match first.and_then(types::DomainNameConfiguration::endpoint_type) {
            Some(types::EndpointType::Regional) => EndpointType::Regional,
            Some(types::EndpointType::Edge) => EndpointType::Edge,
            _ => EndpointType::Unknown,
        },
        status: optional(first.and_then(|one| one.domain_name_status()).map(types::DomainNameStatus::as_str)),
        status_message: optional(first.and_then(|one| one.domain_name_status_message())),
        security_policy: optional(
            first.and_then(|one| one.security_policy()).map(types::SecurityPolicy::as_str),
        ),
        certificate_arn: optional(first.and_then(|one| one.certificate_arn())),
        target: optional(first.and_then(|one| one.api_gateway_domain_name())),
        mutual_tls: from.mutual_tls_authentication().is_some(),
        tags: map(from.tags()),
    }
}

fn mapping(from: &types::ApiMapping) -> PathMapping {
    PathMapping {
        path: path_of(&text(from.api_mapping_key())),
        api: ApiId::new(text(from.api_id())),
        stage: optional(from.stage()).map(StageName::new),
    }
}

fn link(from: &types::VpcLink) -> VpcLink {
    let all = |ids: &[String]| ids.iter().map(|id| text(Some(id))).collect();
    VpcLink {
        id: text(from.vpc_link_id()),
        name: text(from.name()),
        version: VpcLinkVersion::V2,
        description: None,
        status: optional(from.vpc_link_status().map(types::VpcLinkStatus::as_str)),
        status_message: optional(from.vpc_link_status_message()),
        created: time(from.created_date()),
        load_balancers: Vec::new(),
        subnets: all(from.subnet_ids()),
        security_groups: all(from.security_group_ids()),
        tags: map(from.tags()),
    }
}
