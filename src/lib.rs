//! cellgate: an operations console for Amazon API Gateway in a cell-based architecture.
//!
//! One core, three faces. A live console for whoever is on call, commands for scripts and
//! runbooks, read-only sessions for audits; all of them call [`ops`], and nothing else sends
//! anything.
//!
//! # Architecture
//!
//! ```text
//! keys, mouse, resize ─► keymap ─► action ─┐
//! timers, signals ─────────────────────────┼► Event ─► update(&mut Model) ─► Effects
//! Reply{slot, ticket, result} ─────────────┘              │ drain, then at most one draw
//!         ▲                                               ▼
//!         └───────────── tasks ◄───────── ops ◄──── Session<Read> | Session<Operate>
//! command line ─────────────────────────► ops         │
//!                                          │          └► guard ─► limits ─► SDK ─► AWS
//!                                          └► journal (intent on the disk before the request)
//! ```
//!
//! | Module | Owns | Knows |
//! |---|---|---|
//! | [`domain`] | types and rules of the field | nothing: no AWS, terminal, clock or I/O |
//! | `aws` | credentials, guard, limits, one file a service; alone names an `aws_*` crate | `domain` |
//! | [`ops`] | use cases: inventory, signals, changes, journal | `domain`, `aws` |
//! | `config` | settings and where each came from | `domain` |
//! | `cli`, `tui` | the faces | `ops`, `config`, `domain` |
//!
//! The demo region is a crate of its own; `cli::demo` starts it and hands the console an endpoint,
//! like any other. A test (`tests/it/boundaries.rs`) keeps these borders.

pub mod aws;
pub mod cli;
pub mod config;
pub mod domain;
pub mod log;
pub mod ops;
pub mod tui;
