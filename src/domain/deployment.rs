//! A deployment: an immutable snapshot of an API that a stage can point at.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id::{ApiId, DeploymentId};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    pub api: ApiId,
    pub id: DeploymentId,
    pub created: Option<Timestamp>,
    pub description: Option<String>,
    /// v2 only: `PENDING`, `FAILED` or `DEPLOYED`. REST deployments have no state.
    pub status: Option<String>,
    /// v2 only: made by auto-deploy.
    pub auto_deployed: bool,
}
