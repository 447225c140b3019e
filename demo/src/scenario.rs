//! Scenarios: something goes wrong in the region, somebody finds out what and mends it, and is told how well.
//!
//! ```text
//! file ─► load ─► cast (who is hit, by seed) ─► steps, after the onset ─► signals, from the ledger ─► cured?
//!                                     requests at the front door ─► witness ─► score
//! ```
//!
//! A cure is judged by what the traffic does and never by which request was sent, so every lever that works counts.

pub mod action;
mod agent;
mod cast;
mod catalogue;
mod client;
pub mod condition;
mod engine;
mod error;
pub mod file;
mod harm;
mod performer;
pub mod report;
mod signal;
mod witness;
mod world;

#[cfg(test)]
mod tests;

pub use catalogue::{Summary, list, load};
pub use engine::Engine;
pub use error::ScenarioError;
pub use file::Scenario;
pub use report::{Phase, ScenarioReport};
pub use witness::Seen;
pub use world::{World, WorldAccount};
