//! The integration tests: one binary, because each would link the AWS crates anew.

mod boundaries;
mod faults;
mod harness;
mod moto;
mod referees;
mod support;
