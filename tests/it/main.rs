//! The integration tests: one binary, because each would link the AWS crates anew.

#![cfg(test)]

mod agreement;
mod api_keys;
mod at_once;
mod bad_input;
mod boundaries;
mod bulk;
mod cells;
mod changes;
mod commands;
mod config;
mod console;
mod faults;
mod figures;
mod guard;
mod harness;
mod killed;
mod leaving;
mod levers;
mod limits;
mod lookup;
mod moto;
mod moves;
mod operations_list;
mod paging;
mod pictures;
mod readme;
mod referees;
mod region_clock;
mod regions;
mod scenarios;
mod screens;
mod solved;
mod support;
mod team;
mod unrecordable;
mod v2_stages;
mod waf;
mod waf_levers;
mod watched;
mod what_if;
