//! Reading what stands before and behind the APIs: custom domain names with their paths, and VPC links.

use std::collections::BTreeSet;

use futures_util::stream::{self, StreamExt as _};

use super::found::Found;
use crate::aws::{Mode, Session};
use crate::domain::api::EndpointType;
use crate::domain::custom_domain::{CustomDomain, MappedDomain};
use crate::domain::failure::Failure;
use crate::domain::vpc_link::VpcLink;

/// Requests under way at once; the limiter sets the pace.
const AT_ONCE: usize = 4;

/// Reads all custom domain names of the region without their paths, by name: what either control plane knows.
pub async fn read_domain_names<M: Mode>(session: &Session<M>) -> Found<CustomDomain> {
    let (v1, v2) = tokio::join!(session.rest_domain_names(), session.v2_domain_names());
    let mut failures: Vec<Failure> = Vec::new();
    let mut rows = Vec::new();
    for outcome in [v1, v2] {
        match outcome {
            Ok(mut domains) => rows.append(&mut domains),
            Err(failure) => failures.push(failure),
        }
    }
    // The first of both is v1's, which knows more of each.
    let mut seen = BTreeSet::new();
    rows.retain(|domain: &CustomDomain| seen.insert((domain.name.clone(), domain.id.clone())));
    rows.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    Found { rows, failures }
}

/// Reads all custom domain names with their paths: a request a domain beside the lists.
pub async fn read_mapped_domains<M: Mode>(session: &Session<M>) -> Found<MappedDomain> {
    let listed = read_domain_names(session).await;
    let answers: Vec<_> = stream::iter(listed.rows)
        .map(|domain| async move {
            // AWS: paths of several levels, and those of HTTP and WebSocket APIs, are v2's, which has no
            // edge-optimised and no private names.
            let mut mappings = match domain.endpoint_type {
                EndpointType::Edge | EndpointType::Private => session.base_path_mappings(&domain).await?,
                EndpointType::Regional | EndpointType::Unknown => session.api_mappings(&domain).await?,
            };
            mappings.sort();
            Ok(MappedDomain { domain, mappings })
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut found = Found::of(answers);
    found.failures.splice(0..0, listed.failures);
    found
}

/// Reads all VPC links of the region, of both versions, by name.
pub async fn read_vpc_links<M: Mode>(session: &Session<M>) -> Found<VpcLink> {
    let (v1, v2) = tokio::join!(session.rest_vpc_links(), session.v2_vpc_links());
    let found = Found::of([v1, v2]);
    let mut rows: Vec<VpcLink> = found.rows.into_iter().flatten().collect();
    rows.sort_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    Found { rows, failures: found.failures }
}
