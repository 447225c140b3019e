//! The VPC links and the client certificate that the estate starts with. No API of the shop uses them any more.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::super::{ClientCertificate, REGION, Reaches, VpcLink};

/// Self-signed, as API Gateway makes them, and good for a year; its key is nobody's.
const CERTIFICATE: &str = include_str!("client_certificate.pem");
/// The certificate's own dates, in seconds since the epoch: the first of March 2026 and of 2027.
const CERTIFICATE_DATES: (i64, i64) = (1_772_323_200, 1_803_859_200);

/// One of each version.
pub fn vpc_links(account_id: &str, now: Timestamp) -> Vec<VpcLink> {
    let tags = BTreeMap::from([("team".to_owned(), "warehouse".to_owned())]);
    let balancer = format!(
        "arn:aws:elasticloadbalancing:{REGION}:{account_id}:loadbalancer/net/warehouse/50dc6c495c0c9188"
    );
    vec![
        VpcLink {
            id: "wh4r3h".to_owned(),
            name: "warehouse".to_owned(),
            description: "The warehouse's old stock service".to_owned(),
            created: now - SignedDuration::from_hours(24 * 900),
            reaches: Reaches::LoadBalancers { arns: vec![balancer] },
            tags: tags.clone(),
        },
        VpcLink {
            id: "st0ckv".to_owned(),
            name: "stock".to_owned(),
            description: String::new(),
            created: now - SignedDuration::from_hours(24 * 200),
            reaches: Reaches::Subnets {
                subnet_ids: vec![
                    "subnet-0a1b2c3d4e5f60718".to_owned(),
                    "subnet-1a2b3c4d5e6f70819".to_owned(),
                ],
                security_group_ids: vec!["sg-0123456789abcdef0".to_owned()],
            },
            tags,
        },
    ]
}

/// One that no stage shows.
pub fn client_certificates() -> Vec<ClientCertificate> {
    let time = |seconds| Timestamp::from_second(seconds).unwrap_or_default();
    vec![ClientCertificate {
        id: "c1i3nt".to_owned(),
        description: "Shown to the warehouse's old stock service".to_owned(),
        pem: CERTIFICATE.to_owned(),
        created: time(CERTIFICATE_DATES.0),
        expires: time(CERTIFICATE_DATES.1),
        tags: BTreeMap::new(),
    }]
}
