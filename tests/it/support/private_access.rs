//! What stands before and behind the estate for screens: custom domain names and VPC links. The same each time.

use std::collections::BTreeMap;
use std::sync::Arc;

use cellgate::domain::api::EndpointType;
use cellgate::domain::custom_domain::{CustomDomain, MappedDomain, PathMapping};
use cellgate::domain::inventory::{Listed, News};
use cellgate::domain::vpc_link::{VpcLink, VpcLinkVersion};
use jiff::SignedDuration;

use super::estate;

/// One with paths, one whose certificate ran out and that leads to an API that is gone, one without a path.
pub fn domains() -> News {
    let api = |name: &str| {
        let known = estate::apis().into_iter().find(|api| api.name == name);
        known.map_or_else(|| "g0ne1api99".into(), |api| api.id)
    };
    let mapping = |path: &str, name: &str, stage: Option<&str>| PathMapping {
        path: path.into(),
        api: api(name),
        stage: stage.map(Into::into),
    };
    let domain = |name: &str, endpoint_type, status: &str, why: Option<&str>, mappings| {
        Arc::new(MappedDomain {
            domain: CustomDomain {
                name: name.into(),
                id: None,
                endpoint_type,
                status: Some(status.into()),
                status_message: why.map(str::to_owned),
                security_policy: Some("TLS_1_2".into()),
                certificate_arn: Some(format!("arn:aws:acm:eu-west-1:123456789012:certificate/{name}")),
                target: Some("d-a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com".into()),
                mutual_tls: name.starts_with("partner"),
                tags: BTreeMap::from([("team".into(), "platform".into())]),
            },
            mappings,
        })
    };
    let why = "The certificate has expired: import it again";
    let items = vec![
        domain(
            "api.shop.example.com",
            EndpointType::Regional,
            "AVAILABLE",
            None,
            vec![
                mapping("", "router-api", Some("$default")),
                mapping("orders", "orders-api", Some("prod")),
                mapping("payments/v2", "payments-api", Some("prod")),
            ],
        ),
        domain(
            "partner.shop.example.com",
            EndpointType::Regional,
            "PENDING_CERTIFICATE_REIMPORT",
            Some(why),
            vec![mapping("", "gone", None)],
        ),
        domain("old.shop.example.com", EndpointType::Edge, "AVAILABLE", None, vec![]),
    ];
    News::Domains(Listed { items, failures: vec![] })
}

/// One of each version, of which one leads nowhere any more.
pub fn vpc_links() -> News {
    let link = |id: &str, name: &str, version, status: &str, why: Option<&str>| VpcLink {
        id: id.into(),
        name: name.into(),
        version,
        description: None,
        status: Some(status.into()),
        status_message: why.map(str::to_owned),
        created: None,
        load_balancers: vec![],
        subnets: vec![],
        security_groups: vec![],
        tags: BTreeMap::new(),
    };
    let balancer = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/warehouse/50dc6c49";
    let items = vec![
        Arc::new(VpcLink {
            created: Some(estate::now() - SignedDuration::from_hours(24 * 200)),
            subnets: vec!["subnet-0a1b2c3d4e5f60718".into(), "subnet-1a2b3c4d5e6f70819".into()],
            security_groups: vec!["sg-0123456789abcdef0".into()],
            ..link("st0ckv", "stock", VpcLinkVersion::V2, "AVAILABLE", None)
        }),
        Arc::new(VpcLink {
            load_balancers: vec![balancer.into()],
            ..link("wh4r3h", "warehouse", VpcLinkVersion::V1, "FAILED", Some("NLB ARN is malformed"))
        }),
    ];
    News::VpcLinks(Listed { items, failures: vec![] })
}
