//! The region over its own port, by scenario.

mod caller;
mod claims;
mod control_plane;
mod dynamodb;
mod flush;
mod lifecycle;
mod malformed;
mod mishaps;
mod paging;
mod refusals;
mod update_stage;
