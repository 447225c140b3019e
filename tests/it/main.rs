//! The integration tests: one binary, because each would link the AWS crates anew.

mod boundaries;
mod changes;
mod faults;
mod figures;
mod guard;
mod harness;
mod limits;
mod moto;
mod paging;
mod referees;
mod support;
