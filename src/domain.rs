//! Types and rules of the field: no AWS, no terminal, no clock, no I/O.
//!
//! Time enters as a [`jiff::Timestamp`] argument; text from AWS enters through
//! [`text::sanitise`]. Everything here can be tested by value.

pub mod api;
pub mod api_key;
pub mod cell;
pub mod change;
pub mod condition;
pub mod course;
pub mod deployment;
pub mod endpoint;
pub mod estate;
pub mod failure;
pub mod figures;
pub mod filter;
pub mod fleet;
pub mod history;
pub mod id;
pub mod identity;
pub mod inventory;
pub mod ip_set;
pub mod journal;
pub mod levers;
pub mod mapping;
pub mod method;
pub mod moves;
pub mod part;
pub mod production;
pub mod signal;
pub mod stage;
pub mod suggest;
pub mod target;
pub mod team;
pub mod text;
pub mod token_bucket;
pub mod usage_plan;
pub mod web_acl;
pub mod what_if;
