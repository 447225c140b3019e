//! Custom domain names, and which stage answers on which of their paths.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::api::EndpointType;
use super::id::{ApiId, StageName};

/// A custom domain name. Both control planes tell of the regional ones, and v1 alone of the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomDomain {
    pub name: String,
    /// AWS gives one to private names alone, of which there may be several with one name.
    pub id: Option<String>,
    pub endpoint_type: EndpointType,
    /// AWS: such as `AVAILABLE` or `PENDING_CERTIFICATE_REIMPORT`.
    pub status: Option<String>,
    pub status_message: Option<String>,
    /// The least version of TLS, as AWS names it.
    pub security_policy: Option<String>,
    pub certificate_arn: Option<String>,
    /// The name of API Gateway's that the domain's own DNS has to lead to.
    pub target: Option<String>,
    /// Clients show a certificate, too.
    pub mutual_tls: bool,
    pub tags: BTreeMap<String, String>,
}

/// A path of a domain, and the stage behind it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PathMapping {
    /// Without slashes at its ends; empty for whatever no other path fits.
    pub path: String,
    pub api: ApiId,
    /// None where the stage is the first part of the path that is left.
    pub stage: Option<StageName>,
}

/// A domain with all its paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedDomain {
    pub domain: CustomDomain,
    /// By path.
    pub mappings: Vec<PathMapping>,
}

impl PathMapping {
    /// The path as AWS's v1 writes the empty one, and as people do.
    pub fn shown(&self) -> String {
        format!("/{}", self.path)
    }
}

/// AWS: v1 writes `(none)` for the path that is empty.
pub fn path_of(text: &str) -> String {
    let path = text.trim_matches('/');
    if path == "(none)" { String::new() } else { path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_control_planes_write_the_empty_path_their_own_way() {
        for (written, path, shown) in
            [("(none)", "", "/"), ("", "", "/"), ("orders/v2", "orders/v2", "/orders/v2")]
        {
            let mapping = PathMapping { path: path_of(written), api: "a1".into(), stage: None };
            assert_eq!((mapping.path.as_str(), mapping.shown().as_str()), (path, shown));
        }
    }
}
