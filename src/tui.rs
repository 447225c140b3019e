//! The console: one loop, one state, screens drawn from it.
//!
//! ```text
//! keys, mouse, ticks, replies -> Event -> update(&mut Model) -> Effects -> runtime -> ops
//!                                              |                              |
//!                                  settle, at most one draw          Reply{slot, ticket}
//! ```
//! `model`, `update` and `view` know the domain (and the one pure use case that judges the fleet), and
//! can be driven by a test with keys and values; `runtime` alone knows sessions, tasks and the terminal.

pub mod action;
pub mod colour;
pub mod effect;
pub mod event;
pub mod key;
pub mod keymap;
pub mod model;
mod options;
pub mod rows;
mod runtime;
pub mod symbols;
mod terminal;
pub mod theme;
pub mod update;
pub mod view;

pub use keymap::keys_markdown;
pub use options::{ConsoleError, ConsoleOptions, CustomerOptions, RegionOptions};
pub use runtime::run;
