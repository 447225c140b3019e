//! The integration tests: one binary, because each would link the AWS crates anew.

mod boundaries;
mod harness;
mod moto;
mod referees;
mod support;
