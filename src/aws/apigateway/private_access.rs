//! Custom domain names, their base path mappings, and VPC links, as v1 tells of them.

use aws_sdk_apigateway::types;

use super::PAGE;
use crate::aws::mode::Mode;
use crate::aws::operations::{GET_BASE_PATH_MAPPINGS, GET_DOMAIN_NAMES, GET_VPC_LINKS};
use crate::aws::paging::Pages;
use crate::aws::session::Session;
use crate::aws::translate::{map, optional, text};
use crate::domain::api::EndpointType;
use crate::domain::custom_domain::{CustomDomain, PathMapping, path_of};
use crate::domain::failure::Failure;
use crate::domain::id::{ApiId, StageName};
use crate::domain::vpc_link::{VpcLink, VpcLinkVersion};

impl<M: Mode> Session<M> {
    /// Reads all custom domain names (`GetDomainNames` of v1): of the account's own, not those shared with it.
    pub async fn rest_domain_names(&self) -> Result<Vec<CustomDomain>, Failure> {
        let mut pages = Pages::default();
        let mut domains = Vec::new();
        loop {
            let answer = self
                .send(&GET_DOMAIN_NAMES, "", || {
                    self.clients.v1.get_domain_names().limit(PAGE).set_position(pages.token()).send()
                })
                .await?;
            domains.extend(answer.items().iter().map(domain));
            if !pages.advance(answer.position, &GET_DOMAIN_NAMES, "")? {
                return Ok(domains);
            }
        }
    }

    /// Reads the paths of a domain that lead to REST APIs (`GetBasePathMappings`).
    pub async fn base_path_mappings(&self, domain: &CustomDomain) -> Result<Vec<PathMapping>, Failure> {
        let mut pages = Pages::default();
        let mut mappings = Vec::new();
        loop {
            let answer = self
                .send(&GET_BASE_PATH_MAPPINGS, &domain.name, || {
                    let request = self.clients.v1.get_base_path_mappings().domain_name(&domain.name);
                    let request = request.set_domain_name_id(domain.id.clone());
                    request.limit(PAGE).set_position(pages.token()).send()
                })
                .await?;
            mappings.extend(answer.items().iter().map(mapping));
            if !pages.advance(answer.position, &GET_BASE_PATH_MAPPINGS, &domain.name)? {
                return Ok(mappings);
            }
        }
    }

    /// Reads all VPC links of REST APIs (`GetVpcLinks` of v1).
    pub async fn rest_vpc_links(&self) -> Result<Vec<VpcLink>, Failure> {
        let mut pages = Pages::default();
        let mut links = Vec::new();
        loop {
            let answer = self
                .send(&GET_VPC_LINKS, "", || {
                    self.clients.v1.get_vpc_links().limit(PAGE).set_position(pages.token()).send()
                })
                .await?;
            links.extend(answer.items().iter().map(link));
            if !pages.advance(answer.position, &GET_VPC_LINKS, "")? {
                return Ok(links);
            }
        }
    }
}

fn domain(from: &types::DomainName) -> CustomDomain {
    let endpoint = from.endpoint_configuration().and_then(|endpoint| endpoint.types().first());
    let regional = from.regional_certificate_arn();
    CustomDomain {
        name: text(from.domain_name()),
        id: optional(from.domain_name_id()),
        endpoint_type: match endpoint {
            Some(types::EndpointType::Regional) => EndpointType::Regional,
            Some(types::EndpointType::Edge) => EndpointType::Edge,
            Some(types::EndpointType::Private) => EndpointType::Private,
            _ => EndpointType::Unknown,
        },
        status: optional(from.domain_name_status().map(types::DomainNameStatus::as_str)),
        status_message: optional(from.domain_name_status_message()),
        security_policy: optional(from.security_policy().map(types::SecurityPolicy::as_str)),
        certificate_arn: optional(regional.or_else(|| from.certificate_arn())),
        target: optional(from.regional_domain_name().or_else(|| from.distribution_domain_name())),
        mutual_tls: from.mutual_tls_authentication().is_some(),
        tags: map(from.tags()),
    }
}

fn mapping(from: &types::BasePathMapping) -> PathMapping {
    PathMapping {
        path: path_of(&text(from.base_path())),
        api: ApiId::new(text(from.rest_api_id())),
        stage: optional(from.stage()).map(StageName::new),
    }
}

fn link(from: &types::VpcLink) -> VpcLink {
    VpcLink {
        id: text(from.id()),
        name: text(from.name()),
        version: VpcLinkVersion::V1,
        description: optional(from.description()),
        status: optional(from.status().map(types::VpcLinkStatus::as_str)),
        status_message: optional(from.status_message()),
        // AWS: v1 doesn't tell.
        created: None,
        load_balancers: from.target_arns().iter().map(|arn| text(Some(arn))).collect(),
        subnets: Vec::new(),
        security_groups: Vec::new(),
        tags: map(from.tags()),
    }
}
