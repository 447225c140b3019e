//! Types and rules of the field: no AWS, no terminal, no clock, no I/O.
//!
//! Time enters as a [`jiff::Timestamp`] argument; text from AWS enters through
//! [`text::sanitise`]. Everything here can be tested by value.

pub mod access_log;
pub mod alarm;
pub mod api;
pub mod api_key;
pub mod bulk;
pub mod cell;
pub mod cell_findings;
pub mod change;
pub mod condition;
pub mod connection;
pub mod count;
pub mod course;
pub mod custom_domain;
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
pub mod lookup;
pub mod mapping;
pub mod method;
pub mod moves;
pub mod page_key;
pub mod part;
pub mod placement;
pub mod production;
pub mod signal;
pub mod stage;
pub mod suggest;
pub mod target;
pub mod team;
pub mod text;
pub mod token_bucket;
pub mod usage_plan;
pub mod vpc_link;
pub mod web_acl;
pub mod what_if;
