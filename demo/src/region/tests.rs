//! The region over its own port, by scenario.

mod accounts;
mod caller;
mod canary;
mod claims;
mod connections;
mod control_plane;
mod deployments;
mod dynamodb;
mod flush;
mod lifecycle;
mod malformed;
mod mishaps;
mod paging;
mod refusals;
mod rest_api_parts;
mod state;
mod update_stage;
mod usage_plans;
mod v2_routes;
mod v2_stages;
